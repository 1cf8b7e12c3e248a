//! What a request consists of, while it is looked for.

use policy::ContextMap;

/// What a condition key has in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyValue {
    /// The request does not have the key.
    Absent,
    /// One value.
    One(String),
    /// Several values.
    Many(Vec<String>),
}

impl KeyValue {
    /// Puts it into a context.
    pub(crate) fn insert(&self, key: &str, context: &mut ContextMap) {
        match self {
            KeyValue::Absent => {}
            KeyValue::One(value) => context.insert(key, value.as_str()),
            KeyValue::Many(values) => context.insert_many(key, values.iter().cloned()),
        }
    }
}

/// What a dimension of a request is: who, what, on what, or one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// What is done.
    Action(ActionName),
    /// An ARN, or `*`.
    Resource(String),
    /// The place of a candidate.
    Principal(usize),
    /// What the condition key has.
    Key(KeyValue),
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActionName {
    /// In lower case.
    pub(crate) name: String,
    /// Its place among the documented ones, if it is one.
    pub(crate) place: Option<usize>,
}
