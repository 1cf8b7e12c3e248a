//! SAML identity providers.

use crate::{Named, Tags};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// Whose assertions an account believes.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// The unique id: `SAMLProviderUUID`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–128 characters, unique in the account ignoring case.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The metadata document as it was uploaded.
    pub metadata: String,
    /// What follows from it: the provider's name for itself.
    pub entity_id: String,
    /// Until when it holds.
    pub valid_until: Timestamp,
    /// The keys that verify its signatures, each as `SubjectPublicKeyInfo` in DER.
    pub signing_keys: Vec<Vec<u8>>,
    /// Whether assertions must be encrypted or may be; `None` if that was never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<AssertionEncryption>,
    /// The keys that open encrypted assertions; two at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private_keys: Vec<SamlPrivateKey>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// `AssertionEncryptionMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionEncryption {
    /// Assertions that are not encrypted are refused.
    Required,
    /// Both are taken.
    Allowed,
}

impl AssertionEncryption {
    /// The mode of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Required, Self::Allowed].into_iter().find(|mode| mode.as_str() == name)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Allowed => "Allowed",
        }
    }
}

/// A private key of a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlPrivateKey {
    /// Its id.
    pub id: UniqueId,
    /// When it was uploaded.
    pub created: Timestamp,
    /// The sealed key.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for SamlPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SamlPrivateKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SamlProvider {
    /// `arn:PARTITION:iam::ACCOUNT:saml-provider/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        Arn::global(partition.id(), "iam", self.account.as_str(), ["saml-provider/", &self.name])
    }

    /// Whether assertions that are not encrypted are refused.
    pub fn must_encrypt(&self) -> bool {
        self.encryption == Some(AssertionEncryption::Required)
    }
}

impl Named for SamlProvider {
    fn id(&self) -> &UniqueId {
        &self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn path(&self) -> &str {
        "/"
    }
}
