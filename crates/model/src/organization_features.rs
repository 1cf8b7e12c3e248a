//! What the realm's accounts share, as an organization's do: which root features are enabled.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>.

use serde::{Deserialize, Serialize};

/// The features of centralized root access; none at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrganizationFeatures {
    /// `RootCredentialsManagement`.
    pub root_credentials_management: bool,
    /// `RootSessions`.
    pub root_sessions: bool,
}

impl OrganizationFeatures {
    /// The names of those that are enabled, as the API writes them.
    pub fn enabled(&self) -> Vec<&'static str> {
        let all = [
            (self.root_credentials_management, "RootCredentialsManagement"),
            (self.root_sessions, "RootSessions"),
        ];
        all.into_iter().filter(|(enabled, _)| *enabled).map(|(_, name)| name).collect()
    }
}
