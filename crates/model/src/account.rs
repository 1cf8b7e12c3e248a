//! Accounts, and what belongs to the realm as a whole.

use crate::{BlockList, PasswordPolicy};
use base::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account: the owner of entities, isolated from every other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// A name for people.
    pub name: String,
    /// The account alias: unique in the realm, one at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Tokens that the account's principals get for others; `None` if that was never enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<OutboundFederation>,
    /// What it demands of passwords; `None` if it never said, so that AWS's default policy holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_policy: Option<PasswordPolicy>,
    /// The block list of passwords, if it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_list: Option<BlockList>,
    /// What it has set for itself.
    #[serde(default, skip_serializing_if = "AccountSettings::is_default")]
    pub settings: AccountSettings,
}

impl Account {
    /// An account with nothing but its name.
    pub fn new(id: AccountId, name: impl Into<String>, created: Timestamp) -> Self {
        Self {
            id,
            name: name.into(),
            alias: None,
            created,
            outbound: None,
            password_policy: None,
            block_list: None,
            settings: AccountSettings::default(),
        }
    }
}

/// Outbound web identity federation: the account as an issuer of tokens.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundFederation {
    /// The part of the issuer's address that is the account's own; it stays when the feature is turned off and on.
    pub issuer: String,
    /// Whether tokens are issued.
    pub enabled: bool,
}

/// What an account has set for itself, without a resource that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountSettings {
    /// Whether tokens of the global STS endpoint are of the first version.
    /// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html>.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub v1_tokens: bool,
    /// Account properties, by `Namespace/PropertyName`.
    /// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutAccountProperties.html>.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
}

impl AccountSettings {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A key under which session tokens are sealed; itself sealed under the store's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenKey {
    /// Counts up; the highest seals new tokens.
    pub number: u32,
    /// When it was made.
    pub created: Timestamp,
    /// The sealed key.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey")
            .field("number", &self.number)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}
