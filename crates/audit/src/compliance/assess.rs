//! From the findings of an audit to the requirements of a standard.

use super::demand::Met;
use super::{Framework, Requirement};
use crate::auditor::{Auditor, Outcome};
use crate::finding::{Finding, Status};
use base::AccountId;
use serde::Serialize;
use std::collections::HashMap;

/// Whether a requirement is met, as far as the audit shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementStatus {
    /// It is not.
    Failed,
    /// It cannot be told.
    NotAssessable,
    /// It is.
    Passed,
}

/// What an audit shows of a standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// The standard's id.
    pub framework: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is not in here.
    pub scope: &'static str,
    /// Every requirement, in the standard's order.
    pub requirements: Vec<RequirementResult>,
}

/// What an audit shows of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequirementResult {
    /// The standard's own id.
    pub id: &'static str,
    /// What is asked, in short.
    pub title: &'static str,
    /// Whether it is met.
    pub status: RequirementStatus,
    /// The checks that show it.
    pub checks: Vec<&'static str>,
    /// Fingerprints of the findings that fail it.
    pub findings: Vec<String>,
    /// How many things were judged to be as they should.
    pub passed: usize,
    /// Why it failed or cannot be told, where findings do not say it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// How many findings of a requirement are named where several accounts are told of together.
const NAMED: usize = 50;

impl Assessment {
    /// Takes in that of another account: a requirement is met if it is in both.
    pub fn merge(&mut self, other: &Self) {
        for (known, more) in self.requirements.iter_mut().zip(&other.requirements) {
            known.status = known.status.min(more.status);
            known.passed += more.passed;
            let left = NAMED.saturating_sub(known.findings.len());
            known.findings.extend(more.findings.iter().take(left).cloned());
            let fresh: Vec<String> =
                more.reasons.iter().filter(|reason| !known.reasons.contains(reason)).cloned().collect();
            known.reasons.extend(fresh);
        }
    }

    /// How many requirements have a status.
    pub fn count(&self, status: RequirementStatus) -> usize {
        self.requirements.iter().filter(|requirement| requirement.status == status).count()
    }
}

/// Says of every requirement of a standard what an audit shows.
///
/// A requirement fails by any finding of its checks that counts; it passes only if every check of it was judged in every
/// account.
pub fn assess(framework: &Framework, auditor: &Auditor<'_>, outcome: &Outcome) -> Assessment {
    let accounts: Vec<AccountId> = auditor.estate.audited().collect();
    assess_accounts(framework, auditor, outcome, &accounts)
}

/// The same of some of the accounts, whose findings these are.
pub fn assess_accounts(
    framework: &Framework,
    auditor: &Auditor<'_>,
    outcome: &Outcome,
    accounts: &[AccountId],
) -> Assessment {
    let mut findings: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in &outcome.findings {
        findings.entry(finding.check).or_default().push(finding);
    }
    let one =
        |requirement: &Requirement| Weighing::new(requirement).judge(auditor, outcome, accounts, &findings);
    Assessment {
        framework: framework.id,
        name: framework.name,
        scope: super::SCOPE,
        requirements: framework.requirements.iter().map(one).collect(),
    }
}

/// A requirement under judgement.
struct Weighing<'a> {
    requirement: &'a Requirement,
    failing: Vec<String>,
    failed: Vec<String>,
    unknown: Vec<String>,
    passed: usize,
}

impl<'a> Weighing<'a> {
    fn new(requirement: &'a Requirement) -> Self {
        Self { requirement, failing: Vec::new(), failed: Vec::new(), unknown: Vec::new(), passed: 0 }
    }

    fn judge(
        mut self,
        auditor: &Auditor<'_>,
        outcome: &Outcome,
        accounts: &[AccountId],
        findings: &HashMap<&str, Vec<&Finding>>,
    ) -> RequirementResult {
        if accounts.is_empty() || self.requirement.checks.is_empty() {
            self.unknown.push("nothing that is audited shows it".to_owned());
        }
        self.checks(outcome, accounts, findings);
        self.demands(auditor, accounts);
        self.finish()
    }

    fn checks(&mut self, outcome: &Outcome, accounts: &[AccountId], findings: &HashMap<&str, Vec<&Finding>>) {
        // The password policy is judged against the standard's own numbers.
        let by_demands = self.requirement.demands.iter().any(|demand| demand.is_of_passwords());
        for check in self.requirement.checks.iter().filter(|id| !by_demands || !id.starts_with("password-")) {
            let told = findings.get(check).map_or(&[][..], Vec::as_slice);
            let failing = told.iter().filter(|finding| finding.counts());
            self.failing.extend(failing.map(|finding| finding.fingerprint.clone()));
            let open = told.iter().filter(|it| matches!(it.status, Status::NotAssessable | Status::Error));
            self.unknown.extend(open.map(|finding| finding.message.clone()));
            for account in accounts {
                match outcome.passed.get(&(*account, *check)) {
                    Some(passed) => self.passed += passed,
                    None => self.unknown.push(format!("check `{check}` was not run in {account}")),
                }
            }
        }
    }

    fn demands(&mut self, auditor: &Auditor<'_>, accounts: &[AccountId]) {
        for demand in &self.requirement.demands {
            for account in accounts {
                match demand.met(auditor, *account) {
                    Met::Yes => self.passed += 1,
                    Met::No(reason) => self.failed.push(reason),
                    Met::Unknown(reason) => self.unknown.push(reason),
                    Met::AsChecked => {}
                    Met::OnlyFailures(reason) => self.unknown.push(reason),
                    Met::OnlyPasses(reason) if !self.failing.is_empty() => {
                        self.failing.clear();
                        self.unknown.push(reason);
                    }
                    Met::OnlyPasses(_) => {}
                }
            }
        }
    }

    fn finish(mut self) -> RequirementResult {
        let is_failed = !self.failing.is_empty() || !self.failed.is_empty();
        let status = match (is_failed, self.unknown.is_empty()) {
            (true, _) => RequirementStatus::Failed,
            (false, false) => RequirementStatus::NotAssessable,
            (false, true) => RequirementStatus::Passed,
        };
        self.unknown.sort();
        self.unknown.dedup();
        let reasons = self.failed.into_iter().chain(self.unknown).collect();
        RequirementResult {
            id: self.requirement.id,
            title: self.requirement.title,
            status,
            checks: self.requirement.checks.clone(),
            findings: self.failing,
            passed: self.passed,
            reasons,
        }
    }
}
