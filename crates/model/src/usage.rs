//! When credentials and roles were last used: hot counters, kept apart from the entities.

use base::{Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// The key.
    pub key: UniqueId,
    /// When.
    pub at: Timestamp,
    /// The service's namespace, as in `iam`.
    pub service: String,
    /// The region called.
    pub region: String,
}

/// The last use of a role: of any of its sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleUsage {
    /// The role.
    pub role: UniqueId,
    /// When.
    pub at: Timestamp,
    /// The region called.
    pub region: String,
}
