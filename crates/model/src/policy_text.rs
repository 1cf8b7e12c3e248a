//! A policy document as an entity carries it.

use policy::{CompiledPolicy, Document, PolicyLabel};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A document's text, compiled once on first use.
///
/// The compiled form lives and dies with the entity's record: a change of the record is a change of the text,
/// so there is nothing to invalidate.
#[derive(Clone)]
pub struct PolicyText {
    text: Arc<str>,
    compiled: Arc<OnceLock<Option<Arc<CompiledPolicy>>>>,
}

/// The inline policies of an entity by name.
pub type InlinePolicies = BTreeMap<String, PolicyText>;

impl PolicyText {
    /// Takes a text in; it is not judged here.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), compiled: Arc::default() }
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compiled policy under the label that explanations show. `None` if the text is no policy at all:
    /// such a document (it can come from an import) grants and denies nothing.
    pub fn compiled(&self, label: impl FnOnce() -> PolicyLabel) -> Option<&Arc<CompiledPolicy>> {
        self.compiled
            .get_or_init(|| {
                let (document, _) = Document::parse_tolerant(&self.text);
                Some(Arc::new(CompiledPolicy::compile(Arc::new(document?), label())))
            })
            .as_ref()
    }
}

impl PartialEq for PolicyText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PolicyText {}

impl fmt::Debug for PolicyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl Serialize for PolicyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PolicyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(String::deserialize(deserializer)?))
    }
}
