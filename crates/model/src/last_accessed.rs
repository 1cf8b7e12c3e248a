//! Which services a principal has used, as IAM reports it.

use base::Timestamp;
use serde::{Deserialize, Serialize};

/// The report of one user, group, role or policy.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAccessed {
    /// The ARN of the user, group, role or policy.
    pub arn: String,
    /// When the report was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Timestamp>,
    /// The services that its policies allow.
    pub services: Vec<ServiceLastAccessed>,
}

/// One service of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLastAccessed {
    /// As in actions: `s3`.
    pub namespace: String,
    /// When it was last used; `None` if not within the tracking period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// The actions of which a last use is known, with that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<(String, Option<Timestamp>)>,
}
