//! What counts as old, long or privileged: the numbers that an organization chooses for itself.

use crate::yaml::{self, Tags};
use base::Span;
use base::json::{Style, quote};
use base::span::position;
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

/// What is wrong with a file of settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SettingsError {
    /// The line, from one.
    pub line: u32,
    /// The column, from one.
    pub column: u32,
    /// What is wrong there.
    pub message: String,
}

impl Settings {
    /// Reads settings from YAML or JSON; what is not said keeps its default.
    ///
    /// # Errors
    /// At the first member that is unknown or of another kind, with its place.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let error = |span: Span, message: String| {
            let place = position(text, span.start);
            SettingsError { line: place.line, column: place.column, message }
        };
        let nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if text.lines().all(nothing) {
            return Ok(Self::default());
        }
        let tree = yaml::parse(text, Tags::Refused).map_err(|found| error(found.span, found.message))?;
        let Some(members) = tree.root.as_object() else {
            return Err(error(tree.root.span, "settings are a mapping of names and values".to_owned()));
        };
        // One by one, so that an error has a place.
        for member in members {
            let alone = format!("{{{}:{}}}", quote(&member.key), member.value.print(Style::Compact));
            if let Err(found) = serde_json::from_str::<Self>(&alone) {
                let message = found.to_string();
                let message = message.split(" at line ").next().unwrap_or_default();
                return Err(error(member.key_span, format!("`{}`: {message}", member.key)));
            }
        }
        serde_json::from_str(&tree.print(Style::Compact))
            .map_err(|found| error(tree.root.span, found.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_yaml_and_json() {
        let yaml =
            Settings::parse("# ours\nkey-days: 30\npassword-profile: nist\nowner-tags: [wer]\n").unwrap();
        let json = Settings::parse(r#"{"key-days": 30, "password-profile": "nist", "owner-tags": ["wer"]}"#)
            .unwrap();
        assert_eq!(yaml, json);
        assert_eq!((yaml.key_days, yaml.unused_days), (30, 90));
        assert_eq!(Settings::parse("# nothing\n").unwrap(), Settings::default());
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        for (text, expected) in [
            ("key-days: 30\nkey_days: 4\n", "line 2, column 1: `key_days`: unknown field"),
            ("unused-days: soon\n", "line 1, column 1: `unused-days`: invalid type"),
            ("- a\n", "line 1, column 1: settings are a mapping"),
        ] {
            let told = Settings::parse(text).unwrap_err().to_string();
            assert!(told.starts_with(expected), "{told}");
        }
    }
}
