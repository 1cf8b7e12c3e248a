//! Instance profiles.

use crate::{Named, Tags};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// The envelope in which EC2 takes a role.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// `AIPA…`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–128 characters, unique in the account ignoring case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its role, by unique id; one at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<UniqueId>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl InstanceProfile {
    /// `arn:PARTITION:iam::ACCOUNT:instance-profile/PATH/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        let resource = ["instance-profile", &self.path, &self.name];
        Arn::global(partition.id(), "iam", self.account.as_str(), resource)
    }
}

impl Named for InstanceProfile {
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
