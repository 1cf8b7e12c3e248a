//! A policy document as an entity carries it.

use policy::{CompiledPolicy, Document, PolicyLabel};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A document's text, read and compiled once on first use.
///
/// The compiled form lives and dies with the entity's record: a change of the record is a change of the text,
/// so there is nothing to invalidate.
#[derive(Clone)]
pub struct PolicyText {
    text: Arc<str>,
    read: Arc<OnceLock<Option<Arc<Document>>>>,
    compiled: Arc<OnceLock<Option<Arc<CompiledPolicy>>>>,
}

/// The inline policies of an entity by name.
pub type InlinePolicies = BTreeMap<String, PolicyText>;

impl PolicyText {
    /// Takes a text in; it is not judged here.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), read: Arc::default(), compiled: Arc::default() }
    }

    /// The text of a document that was read already.
    pub fn of(document: Arc<Document>) -> Self {
        let text = document.shared_text();
        Self { text, read: Arc::new(OnceLock::from(Some(document))), compiled: Arc::default() }
    }

    /// The same text in another place: it is kept and read once for both, and compiled for each under its own label.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { text: Arc::clone(&self.text), read: Arc::clone(&self.read), compiled: Arc::default() }
    }

    /// The document. `None` if the text is no policy at all.
    pub fn document(&self) -> Option<&Arc<Document>> {
        self.read.get_or_init(|| Document::parse_tolerant(&self.text).0.map(Arc::new)).as_ref()
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
                let document = Arc::clone(self.document()?);
                Some(Arc::new(CompiledPolicy::compile(document, label())))
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
