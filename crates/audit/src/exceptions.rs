//! Exceptions that somebody answers for: a YAML file of findings that are accepted for a while.
//!
//! An exception names a fingerprint, or a pattern of check, account and resource (`*` and `?` stand for anything); why it
//! is accepted, who answers for it, who has agreed, and the last day that it holds. A finding that it covers is shown as
//! excepted and does not count; after the last day it counts again, and the report says so.
//!
//! ```
//! let text = "- check: key-age\n  resource: arn:aws:iam::*:user/robot-*\n  reason: moves to roles in March\n  \
//!             owner: ann@example.com\n  approver: bo@example.com\n  expires: 2027-03-31\n";
//! let exceptions = bailiwick_audit::exceptions::Exceptions::parse(text).unwrap();
//! assert_eq!(exceptions.all()[0].line, 1);
//! ```

mod pattern;
mod read;

use crate::finding::{Exception, Finding, Status};
use base::Timestamp;
use pattern::Pattern;
use serde::Serialize;

/// What an exception covers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Covers {
    /// One finding.
    Fingerprint(String),
    /// All of these.
    Pattern { check: Option<Pattern>, account: Option<Pattern>, resource: Option<Pattern> },
}

/// One exception of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    covers: Covers,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who has agreed.
    pub approver: String,
    /// The last day that it holds: year, month, day.
    pub expires: (i16, i8, i8),
    /// The line in the file.
    pub line: u32,
}

/// What is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ExceptionsError {
    /// The line, from one.
    pub line: u32,
    /// The column, from one.
    pub column: u32,
    /// What is wrong there.
    pub message: String,
}

/// The exceptions of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    entries: Vec<Entry>,
}

/// An exception that the report has something to say about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The line in the file.
    pub line: u32,
    /// What it covers, in words.
    pub covers: String,
    /// Why it was accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day that it held.
    pub expires: String,
}

impl Exceptions {
    /// Reads a file of exceptions: a list, or a mapping with the list as `exceptions`.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<ExceptionsError>> {
        Ok(Self { entries: read::entries(text)? })
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// Marks a finding that is covered; yields the number of the exception. One that holds wins over one that is over.
    pub fn apply(&self, finding: &mut Finding, now: Timestamp) -> Option<usize> {
        if finding.status != Status::Fail {
            return None;
        }
        let covering = || self.entries.iter().enumerate().filter(|(_, entry)| entry.covers(finding));
        let (number, entry) =
            covering().find(|(_, entry)| !entry.is_over(now)).or_else(|| covering().next())?;
        finding.exception = Some(Exception {
            reason: entry.reason.clone(),
            owner: entry.owner.clone(),
            approver: entry.approver.clone(),
            expires: entry.last_day(),
            expired: entry.is_over(now),
        });
        Some(number)
    }
}

impl Entry {
    fn covers(&self, finding: &Finding) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|it| it.fits(text));
        match &self.covers {
            Covers::Fingerprint(fingerprint) => *fingerprint == finding.fingerprint,
            Covers::Pattern { check, account, resource } => {
                fits(check, finding.check)
                    && fits(account, finding.account.as_str())
                    && fits(resource, &finding.resource)
            }
        }
    }

    /// Whether its last day is over, counted in UTC.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.day() > self.expires
    }

    /// The last day, `2027-03-31`.
    pub fn last_day(&self) -> String {
        let (year, month, day) = self.expires;
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// For the report.
    pub fn told(&self) -> Told {
        let part = |name: &str, pattern: &Option<Pattern>| {
            pattern.as_ref().map(|pattern| format!("{name} {}", pattern.text()))
        };
        let covers = match &self.covers {
            Covers::Fingerprint(fingerprint) => format!("fingerprint {fingerprint}"),
            Covers::Pattern { check, account, resource } => {
                let parts = [part("check", check), part("account", account), part("resource", resource)];
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
        };
        Told {
            line: self.line,
            covers,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            expires: self.last_day(),
        }
    }
}

#[cfg(test)]
mod tests;
