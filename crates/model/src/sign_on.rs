//! IAM Identity Center: permission sets, and who has them where.

use crate::PolicyText;
use base::AccountId;
use serde::{Deserialize, Serialize};

/// An instance of IAM Identity Center.
/// See <https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html>.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignOn {
    /// The instance's ARN, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The permission sets.
    pub permission_sets: Vec<PermissionSet>,
    /// Who has which, in which account.
    pub assignments: Vec<Assignment>,
}

/// A permission set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionSet {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// How long a session lasts: ISO 8601, `PT1H` if it was never set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_duration: Option<String>,
    /// ARNs of attached AWS managed policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed: Vec<String>,
    /// Names of customer managed policies, to be found in each account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_managed: Vec<String>,
    /// The inline policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<PolicyText>,
    /// The permissions boundary: the ARN or name of a managed policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
}

/// A permission set given to somebody in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The account.
    pub account: AccountId,
    /// The permission set's ARN.
    pub permission_set: String,
    /// `USER` or `GROUP`.
    pub principal_type: String,
    /// The id in the identity store.
    pub principal_id: String,
}
