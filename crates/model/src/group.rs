//! Groups of users.

use crate::{InlinePolicies, Named, PolicyRef};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// An IAM group; who is in it stands on the users.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `AGPA…`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–128 characters, unique in the account ignoring case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Inline policies.
    #[serde(default, skip_serializing_if = "InlinePolicies::is_empty")]
    pub inline: InlinePolicies,
    /// Attached managed policies, in the order of attachment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<PolicyRef>,
}

impl Group {
    /// `arn:PARTITION:iam::ACCOUNT:group/PATH/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        Arn::global(partition.id(), "iam", self.account.as_str(), ["group", &self.path, &self.name])
    }
}

impl Named for Group {
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
