//! Customer managed policies, and references to managed policies of either kind.

use crate::{Named, PolicyText, Tags, managed};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// A customer managed policy with its versions.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// `ANPA…`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–128 characters, unique in the account ignoring case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// At most 1,000 characters; never changed after creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When a version was last made or the default moved.
    pub updated: Timestamp,
    /// The number of the version in force.
    pub default_version: u32,
    /// The number that the next version gets: numbers are never used again.
    pub next_version: u32,
    /// The versions, oldest first; five at most. One of them has the default number.
    pub versions: Vec<PolicyVersion>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The number in `v3`.
    pub number: u32,
    /// The document.
    pub text: PolicyText,
    /// When it was made.
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// `arn:PARTITION:iam::ACCOUNT:policy/PATH/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        Arn::global(partition.id(), "iam", self.account.as_str(), ["policy", &self.path, &self.name])
    }

    /// The version of this number.
    pub fn version(&self, number: u32) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The version in force.
    pub fn default(&self) -> Option<&PolicyVersion> {
        self.version(self.default_version)
    }
}

impl Named for ManagedPolicy {
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

/// The text in force of an AWS managed policy, as the export of an account has it.
///
/// AWS changes its policies: where an account was looked at, what holds there is what the export says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsPolicyText {
    /// The number of the version in force.
    pub version: u32,
    /// The document.
    pub text: PolicyText,
}

/// What an entity's attachment or boundary points to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PolicyRef {
    /// A customer managed policy of the same account, by unique id.
    Customer(UniqueId),
    /// An AWS managed policy, by the resource part of its ARN (`policy/job-function/Billing`), which is the
    /// same in every partition.
    Aws(String),
}

impl PolicyRef {
    /// The reference to a policy of AWS's.
    pub fn aws(policy: &managed::AwsManagedPolicy) -> Self {
        PolicyRef::Aws(format!("policy{}{}", policy.path(), policy.name()))
    }
}
