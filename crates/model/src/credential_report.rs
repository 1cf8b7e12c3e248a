//! The credential report: what an account knows of its users' passwords, keys, certificates and MFA.

use base::Timestamp;
use serde::{Deserialize, Serialize};

/// The report of an account.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CredentialReport {
    /// When it was made, where the input tells (the answer of `get-credential-report` does, its CSV alone does not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Timestamp>,
    /// The root user first, if it is in the report.
    pub rows: Vec<CredentialRow>,
}

/// One user of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// The user's name, `<root_account>` of the root user.
    pub user: String,
    /// The user's ARN.
    pub arn: String,
    /// When the user was made.
    pub created: Option<Timestamp>,
    /// Whether there is a password; `None` where the report does not know (`not_supported` of root users).
    pub password_enabled: Option<bool>,
    /// When the password was last used.
    pub password_last_used: LastUse,
    /// When it was last changed.
    pub password_last_changed: Option<Timestamp>,
    /// Whether an MFA device is active.
    pub mfa_active: bool,
    /// The access keys, active or not; those that do not exist are left out.
    pub keys: Vec<CredentialKey>,
    /// The signing certificates that are active.
    pub active_certificates: u8,
}

impl CredentialRow {
    /// Whether this is the root user.
    pub fn is_root(&self) -> bool {
        self.user == ROOT
    }
}

/// How the report names the root user.
pub const ROOT: &str = "<root_account>";

/// When something was last used, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LastUse {
    /// At this time.
    At(Timestamp),
    /// Never since AWS counts (October 2014 for passwords, April 2015 for keys).
    Never,
    /// It does not exist, or the report does not tell.
    Unknown,
}

impl LastUse {
    /// The time, if there is one.
    pub const fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Never | Self::Unknown => None,
        }
    }
}

/// An access key in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialKey {
    /// 1 or 2: the report does not tell ids.
    pub slot: u8,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made or last made active.
    pub rotated: Option<Timestamp>,
    /// When it was last used.
    pub last_used: LastUse,
    /// With which service, as in `s3`.
    pub last_service: Option<String>,
    /// In which region.
    pub last_region: Option<String>,
}
