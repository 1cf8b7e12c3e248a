//! Roles.

use crate::{InlinePolicies, Named, PolicyRef, PolicyText, Tags};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// An IAM role. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// `AROA…`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–64 characters, unique in the account ignoring case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// At most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The trust policy; users and roles of this realm stand in it by unique id, as AWS stores them, so that
    /// a re-created namesake is not trusted.
    pub trust: PolicyText,
    /// Seconds that a session may last at most: 3,600–43,200.
    pub max_session_seconds: u32,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// The permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<PolicyRef>,
    /// Inline policies.
    #[serde(default, skip_serializing_if = "InlinePolicies::is_empty")]
    pub inline: InlinePolicies,
    /// Attached managed policies, in the order of attachment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<PolicyRef>,
}

/// The default of `MaxSessionDuration`: one hour.
pub const DEFAULT_MAX_SESSION_SECONDS: u32 = 3_600;

impl Role {
    /// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        Arn::global(partition.id(), "iam", self.account.as_str(), ["role", &self.path, &self.name])
    }

    /// `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`: without the path.
    pub fn session_arn(&self, partition: Partition, session: &str) -> Arn {
        let resource = ["assumed-role/", &self.name, "/", session];
        Arn::global(partition.id(), "sts", self.account.as_str(), resource)
    }

    /// Whether a service made it for itself: such a role is changed only through that service.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }

    /// Whether it lies under the path that AWS keeps for itself.
    pub fn is_reserved(&self) -> bool {
        self.path.starts_with("/aws-reserved/")
    }
}

impl Named for Role {
    fn id(&self) -> &UniqueId {
        &self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn path(&self) -> &str {
        &self.path
    }
}
