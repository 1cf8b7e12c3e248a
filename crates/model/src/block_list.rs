//! What passwords of an account may not be made of, beyond what AWS checks.

use serde::{Deserialize, Serialize};

/// Refuses passwords that are easy to guess however long they are.
///
/// AWS has nothing like it, so it is off unless an account turns it on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BlockList {
    /// Words of the organization, as in names of products and places; the names of account and user are always
    /// among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}
