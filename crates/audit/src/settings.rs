//! What counts as old, long or privileged: the numbers that an organization chooses for itself.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which standard the password policy is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordProfile {
    /// Twelve characters, no reuse of the last five, new ones at least every year; the house's own.
    #[default]
    Seed,
    /// CIS AWS Foundations since 1.4: fourteen characters, no reuse of 24; nothing else is asked any more.
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
    /// After how many days without use a password or key is unused.
    pub credential_days: u64,
    /// After how many days without use a user, role or permission is unused; what is younger is not judged.
    pub unused_days: u64,
    /// After how many days of the root user's last sign-in it counts as out of use.
    pub root_days: u64,
    /// Which standard the password policy is held against.
    pub password_profile: PasswordProfile,
    /// How many days before its end a certificate is told of.
    pub certificate_days: u64,
    /// How many hours the session of a powerful permission set may last.
    pub session_hours: u64,
    /// How many times the same inline policy may stand before a managed policy is proposed.
    pub same_inline: usize,
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
            credential_days: 45,
            unused_days: 90,
            root_days: 90,
            password_profile: PasswordProfile::Seed,
            certificate_days: 30,
            session_hours: 4,
            same_inline: 3,
            owner_tags: names(&["owner", "team", "contact", "technical-owner", "business-owner"]),
            justification_tags: names(&["justification", "purpose", "reason", "ticket"]),
            trusted_accounts: Vec::new(),
            known_accounts: BTreeMap::new(),
        }
    }
}
