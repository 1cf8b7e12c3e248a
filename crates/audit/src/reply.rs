//! What a line of questions is answered with.

use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt::Display;

/// The question's `id`, and an answer or an error.
#[derive(Debug, Serialize)]
pub struct Reply<A> {
    id: Box<RawValue>,
    #[serde(flatten)]
    content: Content<A>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content<A> {
    Answer(Box<A>),
    Error { error: String },
}

impl<A> Reply<A> {
    pub(crate) fn new(id: Box<RawValue>, answer: Result<A, impl Display>) -> Self {
        let content = match answer {
            Ok(answer) => Content::Answer(Box::new(answer)),
            Err(error) => Content::Error { error: error.to_string() },
        };
        Self { id, content }
    }

    /// The answer; `None` if the question could not be understood or answered.
    pub fn answer(&self) -> Option<&A> {
        match &self.content {
            Content::Answer(answer) => Some(answer),
            Content::Error { .. } => None,
        }
    }

    /// Why there is no answer.
    pub fn problem(&self) -> Option<&str> {
        match &self.content {
            Content::Answer(_) => None,
            Content::Error { error } => Some(error),
        }
    }
}
