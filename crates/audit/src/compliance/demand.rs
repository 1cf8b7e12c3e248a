//! What a standard asks beyond the checks' own thresholds.

use crate::auditor::Auditor;
use base::AccountId;

/// Something that a standard asks in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Passwords of so many characters.
    Length(u32),
    /// So many passwords that are not used again.
    Reuse(u32),
    /// Passwords that change after so many days where there is no MFA.
    ExpiryOrMfa(u32),
    /// Digits in passwords.
    Numbers,
    /// Symbols in passwords.
    Symbols,
    /// Upper-case letters in passwords.
    Upper,
    /// Lower-case letters in passwords.
    Lower,
    /// Letters in passwords, of either case.
    Letters,
    /// Credentials unused for so many days are taken away.
    CredentialDays(u64),
    /// Keys are rotated after so many days.
    KeyDays(u64),
}

/// What a demand comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Met {
    /// It is judged here, and met.
    Yes,
    /// It is judged here, and not met.
    No(String),
    /// It cannot be told.
    Unknown(String),
    /// What the checks say holds, as far as their threshold is the standard's.
    AsChecked,
    /// The audit's threshold is looser: what passed need not pass.
    OnlyFailures(String),
    /// It is stricter: what failed need not fail.
    OnlyPasses(String),
}

impl Demand {
    /// Reads `length=14`, `numbers`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, number) = text.split_once('=').unwrap_or((text, "0"));
        let number: u32 = number.parse().ok()?;
        Some(match name {
            "length" => Self::Length(number),
            "reuse" => Self::Reuse(number),
            "expiry-or-mfa" => Self::ExpiryOrMfa(number),
            "numbers" => Self::Numbers,
            "symbols" => Self::Symbols,
            "upper" => Self::Upper,
            "lower" => Self::Lower,
            "letters" => Self::Letters,
            "credential-days" => Self::CredentialDays(number.into()),
            "key-days" => Self::KeyDays(number.into()),
            _ => return None,
        })
    }

    /// Whether it is about the password policy, which is judged here and not by the checks.
    pub(super) fn is_of_passwords(self) -> bool {
        !matches!(self, Self::CredentialDays(_) | Self::KeyDays(_))
    }

    /// What it comes to in an account.
    pub(super) fn met(self, auditor: &Auditor<'_>, account: AccountId) -> Met {
        match self {
            Self::CredentialDays(days) => {
                threshold("credential-days", auditor.settings.credential_days, days)
            }
            Self::KeyDays(days) => threshold("key-days", auditor.settings.key_days, days),
            _ => self.of_policy(auditor, account),
        }
    }

    fn of_policy(self, auditor: &Auditor<'_>, account: AccountId) -> Met {
        let facts = auditor.estate.facts(account);
        let Some(policy) = facts.and_then(|facts| facts.password_policy.as_ref()) else {
            return Met::Unknown(format!("needs {}", crate::estate::Input::PasswordPolicy.missing()));
        };
        let policy = policy.clone().unwrap_or_default();
        let (length, reuse) = (policy.minimum_password_length, policy.password_reuse_prevention.unwrap_or(0));
        let (met, has) = match self {
            Self::Length(asked) => (length >= asked, format!("passwords of {length} characters are allowed")),
            Self::Reuse(asked) => (reuse >= asked, format!("the last {reuse} passwords are refused")),
            Self::ExpiryOrMfa(asked) => {
                let age = policy.max_password_age.filter(|_| policy.expire_passwords);
                let report = facts.and_then(|facts| facts.credential_report.as_ref());
                let has_mfa = report.is_some_and(|report| {
                    report.rows.iter().all(|row| row.password_enabled != Some(true) || row.mfa_active)
                });
                let words = age.map_or("passwords never expire".to_owned(), |age| {
                    format!("passwords expire after {age} days")
                });
                (has_mfa || age.is_some_and(|age| age <= asked), words)
            }
            Self::Numbers => (policy.require_numbers, "passwords need no digits".into()),
            Self::Symbols => (policy.require_symbols, "passwords need no symbols".into()),
            Self::Upper => {
                (policy.require_uppercase_characters, "passwords need no upper-case letters".into())
            }
            Self::Lower => {
                (policy.require_lowercase_characters, "passwords need no lower-case letters".into())
            }
            _ => (
                policy.require_lowercase_characters || policy.require_uppercase_characters,
                "passwords need no letters".into(),
            ),
        };
        if met { Met::Yes } else { Met::No(format!("account {account}: {has}")) }
    }
}

fn threshold(name: &str, audited: u64, asked: u64) -> Met {
    let words = || format!("the audit was run with `{name}` {audited}, the standard asks for {asked}");
    match audited.cmp(&asked) {
        std::cmp::Ordering::Equal => Met::AsChecked,
        std::cmp::Ordering::Greater => Met::OnlyFailures(words()),
        std::cmp::Ordering::Less => Met::OnlyPasses(words()),
    }
}
