//! What counts as old, long or privileged: the numbers that an organization chooses for itself.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which standard the password policy is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordProfile {
    /// Twelve characters, no reuse of the last ones; the house's own.
    #[default]
    Seed,
    /// CIS AWS Foundations: fourteen characters, no reuse of 24.
    Cis,
    /// PCI DSS 4.0.1: twelve characters, letters and digits, no reuse of four, ninety days where it is the only factor.
    Pci,
    /// NIST SP 800-63B-4: fifteen characters, neither kinds of characters nor expiry.
    Nist,
}

/// The settings of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// After how many days a key is to be rotated.
    pub key_days: u64,
    /// After how many days without use a credential, user or role is unused.
    pub unused_days: u64,
    /// After how many days of the root user's last sign-in it counts as out of use.
    pub root_days: u64,
    /// Which standard the password policy is held against.
    pub password_profile: PasswordProfile,
    /// Names of tags that name the owner of an identity.
    pub owner_tags: Vec<String>,
    /// Names of tags that say why a powerful identity is needed.
    pub justification_tags: Vec<String>,
    /// Accounts that are trusted though they are not of the organization.
    pub trusted_accounts: Vec<String>,
    /// Names of foreign accounts by their ids: of vendors and partners. They are told, and stay external.
    pub known_accounts: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            key_days: 90,
            unused_days: 90,
            root_days: 90,
            password_profile: PasswordProfile::Seed,
            owner_tags: names(&["owner", "team", "contact", "technical-owner", "business-owner"]),
            justification_tags: names(&["justification", "purpose", "reason", "ticket"]),
            trusted_accounts: Vec::new(),
            known_accounts: BTreeMap::new(),
        }
    }
}
