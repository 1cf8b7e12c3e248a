//! An older report beside a new audit: what is new, what is gone, what is as it was, by fingerprint.

use crate::finding::{Finding, Since, Status};
use base::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;

/// A finding of the older report that this audit does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The id of its check.
    pub check: String,
    /// How bad it was.
    pub severity: String,
    /// The account.
    pub account: AccountId,
    /// The ARN of what it was about.
    pub resource: String,
    /// What was the matter.
    pub message: String,
}

#[derive(Deserialize)]
struct Old {
    status: Status,
    #[serde(flatten)]
    finding: Gone,
}

#[derive(Deserialize)]
struct OldReport {
    findings: Vec<Old>,
}

/// What failed in an older audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    accounts: BTreeMap<AccountId, BTreeMap<String, Gone>>,
}

/// How an account stands to the older audit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Progress {
    /// How many findings are new.
    pub new: usize,
    /// How many were found then, too.
    pub unchanged: usize,
    /// What was found then and is no more.
    pub fixed: Vec<Gone>,
    /// What was found then and cannot be judged now: its check was not run, lacked an input, or the account is not here.
    pub unknown: Vec<Gone>,
}

impl Progress {
    /// Takes in that of another account.
    pub fn merge(&mut self, other: Self) {
        self.new += other.new;
        self.unchanged += other.unchanged;
        self.fixed.extend(other.fixed);
        self.unknown.extend(other.unknown);
    }
}

impl Baseline {
    /// Reads a report that `bailiwick audit --format json` has written.
    ///
    /// # Errors
    /// If it is no such report, with line and column.
    pub fn read(from: impl Read) -> Result<Self, serde_json::Error> {
        let report: OldReport = serde_json::from_reader(from)?;
        let mut accounts: BTreeMap<AccountId, BTreeMap<String, Gone>> = BTreeMap::new();
        for old in report.findings.into_iter().filter(|old| old.status == Status::Fail) {
            let finding = old.finding;
            accounts.entry(finding.account).or_default().insert(finding.fingerprint.clone(), finding);
        }
        Ok(Self { accounts })
    }

    /// Marks the findings of an account as new or unchanged, and tells what is gone. `run` are the checks that were run.
    pub fn compare(&self, account: AccountId, findings: &mut [Finding], run: &HashSet<&str>) -> Progress {
        let empty = BTreeMap::new();
        let old = self.accounts.get(&account).unwrap_or(&empty);
        let mut progress = Progress::default();
        let mut unjudged: BTreeSet<&str> = BTreeSet::new();
        let mut still: HashSet<&str> = HashSet::new();
        for finding in findings.iter_mut() {
            match finding.status {
                Status::Fail if old.contains_key(&finding.fingerprint) => {
                    finding.since = Some(Since::Unchanged);
                    progress.unchanged += 1;
                    still.insert(finding.fingerprint.as_str());
                }
                Status::Fail => {
                    finding.since = Some(Since::New);
                    progress.new += 1;
                }
                Status::NotAssessable | Status::Error => drop(unjudged.insert(finding.check)),
                Status::Pass => {}
            }
        }
        for (fingerprint, gone) in old.iter().filter(|(fingerprint, _)| !still.contains(fingerprint.as_str()))
        {
            debug_assert_eq!(*fingerprint, gone.fingerprint);
            let judged = run.contains(gone.check.as_str()) && !unjudged.contains(gone.check.as_str());
            if judged { progress.fixed.push(gone.clone()) } else { progress.unknown.push(gone.clone()) }
        }
        progress
    }

    /// What was found in accounts that are not looked at now.
    pub fn elsewhere(&self, seen: &BTreeSet<AccountId>) -> Progress {
        let others = self.accounts.iter().filter(|(account, _)| !seen.contains(*account));
        let unknown = others.flat_map(|(_, findings)| findings.values().cloned()).collect();
        Progress { unknown, ..Progress::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"tool": "x", "findings": [
        {"fingerprint": "aa", "check": "key-age", "status": "fail", "severity": "high", "account": "111122223333",
         "resource": "r", "message": "m", "principals": []},
        {"fingerprint": "bb", "check": "key-age", "status": "fail", "severity": "low", "account": "111122223333",
         "resource": "r", "message": "m"},
        {"fingerprint": "cc", "check": "root-access-key", "status": "fail", "severity": "low",
         "account": "111122223333", "resource": "r", "message": "m"},
        {"fingerprint": "dd", "check": "key-age", "status": "pass", "severity": "info", "account": "111122223333",
         "resource": "r", "message": "m"},
        {"fingerprint": "ee", "check": "key-age", "status": "fail", "severity": "low", "account": "222222222222",
         "resource": "r", "message": "m"}], "more": 1}"#;

    #[test]
    fn findings_are_new_unchanged_fixed_or_unknown() {
        let account: AccountId = "111122223333".parse().unwrap();
        let finding =
            |check, status, print: &str| Finding::plain(check, status, account, "r", print.to_owned());
        let mut findings = vec![
            finding("key-age", Status::Fail, "aa"),
            finding("key-age", Status::Fail, "ff"),
            finding("root-access-key", Status::NotAssessable, "gg"),
        ];
        let baseline = Baseline::read(OLD.as_bytes()).unwrap();
        let run = HashSet::from(["key-age", "root-access-key"]);
        let progress = baseline.compare(account, &mut findings, &run);
        assert_eq!((progress.new, progress.unchanged), (1, 1));
        let prints = |gone: &[Gone]| gone.iter().map(|it| it.fingerprint.clone()).collect::<Vec<_>>();
        assert_eq!(
            (prints(&progress.fixed), prints(&progress.unknown)),
            (vec!["bb".into()], vec!["cc".into()])
        );
        assert_eq!(findings[0].since, Some(Since::Unchanged));
        assert_eq!(findings[1].since, Some(Since::New));
        assert_eq!(findings[2].since, None);
        assert_eq!(prints(&baseline.elsewhere(&BTreeSet::from([account])).unknown), ["ee"]);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for text in ["", "{}", "[]", r#"{"findings": [{"check": 1}]}"#] {
            assert!(Baseline::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
