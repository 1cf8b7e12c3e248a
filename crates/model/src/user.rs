//! Users and their access keys.

use crate::{InlinePolicies, LoginProfile, Named, PolicyRef, Tags, UserCredentials};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An IAM user. See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `AIDA…`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–64 characters, unique in the account ignoring case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// When the password was last used; `None` if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_last_used: Option<Timestamp>,
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
    /// The groups it is in, by unique id.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<UniqueId>,
    /// Its access keys, oldest first; two at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_keys: Vec<AccessKey>,
    /// Its password, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_profile: Option<LoginProfile>,
    /// SSH keys, service-specific credentials, signing certificates.
    #[serde(default, skip_serializing_if = "UserCredentials::is_empty")]
    pub credentials: UserCredentials,
}

impl User {
    /// `arn:PARTITION:iam::ACCOUNT:user/PATH/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        Arn::global(partition.id(), "iam", self.account.as_str(), ["user", &self.path, &self.name])
    }
}

impl Named for User {
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

/// Whether a credential may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// It may not, until it is made active again.
    Inactive,
}

impl KeyStatus {
    /// `Active` or `Inactive`.
    pub const fn as_str(self) -> &'static str {
        match self {
            KeyStatus::Active => "Active",
            KeyStatus::Inactive => "Inactive",
        }
    }
}

/// A long-term access key. Its secret is sealed: SigV4 needs it back, so it cannot be hashed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`, or any form that a developer brought along.
    pub id: UniqueId,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// The sealed secret.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
