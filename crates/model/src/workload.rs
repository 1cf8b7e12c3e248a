//! What runs as a role.

use base::AccountId;
use serde::{Deserialize, Serialize};

/// A resource that runs with a role's permissions: whoever changes its code or configuration acts as the role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Its ARN.
    pub arn: String,
    /// Its type, as CloudFormation names it: `AWS::Lambda::Function`.
    pub kind: String,
    /// The account that it is in.
    pub account: AccountId,
    /// The ARN of the role.
    pub role: String,
    /// Whether it can be reached from the internet, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// Its tags, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<(String, String)>,
}
