//! What to know about the files of an audit.

use serde::Serialize;

/// Something to know about the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputNote {
    /// What is the matter.
    pub kind: InputNoteKind,
    /// The file that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A sentence for people.
    pub message: String,
}

/// What is the matter, most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputNoteKind {
    /// Files are of different times, or disagree.
    Differs,
    /// An account of which only this is known is not audited.
    NotAudited,
    /// Something was denied, or is not built, when it was asked for.
    NotCollected,
    /// A part of an export has no effect, or stays open.
    Export,
    /// A member or a resource was passed over.
    PassedOver,
    /// The file holds nothing that is known.
    Unknown,
    /// The file is known, and everything in it is known from elsewhere.
    NotNeeded,
}

impl InputNote {
    pub(super) fn new(kind: InputNoteKind, file: Option<&str>, message: impl Into<String>) -> Self {
        Self { kind, file: file.map(str::to_owned), message: message.into() }
    }
}
