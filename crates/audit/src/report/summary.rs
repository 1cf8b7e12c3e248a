//! What is told of all accounts together; it grows with their number by a few lines each.

use super::{AccountReport, TOOL, VERSION};
use crate::baseline::{Baseline, Progress};
use crate::compliance::Assessment;
use crate::exceptions::{Exceptions, Told};
use crate::finding::{Finding, Severity};
use crate::ranking::{Action, Actions, Grade, Letter, Tallies, Tally};
use base::{AccountId, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many actions of all accounts are told.
const ACTIONS: usize = 50;

/// One account in the summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountSummary {
    /// The account.
    pub account: AccountId,
    /// Its alias, or its name in the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The worst of its grades.
    pub grade: Letter,
    /// Its grade by area.
    pub grades: Vec<Grade>,
    /// What was counted.
    pub counts: Tally,
    /// What to do first, in words.
    pub first: Option<String>,
}

/// What is to be said of the exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ExceptionsTold {
    /// Those whose last day is over.
    pub expired: Vec<Told>,
    /// Those that cover nothing.
    pub unused: Vec<Told>,
}

/// What is said of all accounts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The program.
    pub tool: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The time that ages are counted to, `2026-11-22T00:00:00Z`.
    pub generated: String,
    /// The accounts.
    pub accounts: Vec<AccountSummary>,
    /// The worst of all grades.
    pub grade: Letter,
    /// The grade of all accounts by area.
    pub grades: Vec<Grade>,
    /// What was counted.
    pub counts: Tally,
    /// By severity, what failed and counts.
    pub severities: BTreeMap<&'static str, usize>,
    /// What to do first.
    pub actions: Vec<Action>,
    /// How many things there are to do altogether.
    pub all_actions: usize,
    /// What is to be said of the exceptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<ExceptionsTold>,
    /// How it stands to the older audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Progress>,
    /// What is shown of standards.
    pub compliance: Vec<Assessment>,
    /// What was read: the names of files with what they hold.
    pub inputs: Vec<String>,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// Gathers the summary while account after account is audited.
#[derive(Debug, Default)]
pub struct Gathering {
    accounts: Vec<AccountSummary>,
    tallies: Tallies,
    actions: Actions,
    progress: Option<Progress>,
    used: BTreeSet<usize>,
    compliance: Vec<Assessment>,
    worst_new: Option<Severity>,
    worst: Option<Severity>,
}

impl Gathering {
    /// Takes in an account.
    pub fn add(&mut self, report: &AccountReport) {
        let counts = report.tallies.whole();
        self.accounts.push(AccountSummary {
            account: report.account,
            name: report.name.clone(),
            grade: counts.letter(),
            grades: report.tallies.grades(),
            counts,
            first: report.actions.first().map(|action| action.action.clone()),
        });
        self.tallies.merge(&report.tallies);
        self.actions.merge(&report.actions);
        if let Some(progress) = &report.progress {
            self.progress.get_or_insert_default().merge(progress.clone());
        }
        self.used.extend(&report.used);
        if self.compliance.is_empty() {
            self.compliance.clone_from(&report.compliance);
        } else {
            self.compliance.iter_mut().zip(&report.compliance).for_each(|(known, more)| known.merge(more));
        }
        let counting = || report.findings.iter().filter(|finding| finding.counts());
        let is_new = |finding: &&Finding| finding.since == Some(crate::finding::Since::New);
        self.worst = self.worst.max(counting().map(|finding| finding.severity).max());
        self.worst_new = self.worst_new.max(counting().filter(is_new).map(|finding| finding.severity).max());
    }

    /// The worst severity of what counts; of new findings only if wanted.
    pub fn worst(&self, only_new: bool) -> Option<Severity> {
        if only_new { self.worst_new } else { self.worst }
    }

    /// The summary.
    pub fn finish(
        mut self,
        now: Timestamp,
        exceptions: Option<&Exceptions>,
        baseline: Option<&Baseline>,
        (inputs, notes): (Vec<String>, Vec<String>),
    ) -> Summary {
        self.accounts.sort_by_key(|account| account.account);
        let seen = self.accounts.iter().map(|account| account.account).collect();
        let counts = self.tallies.whole();
        let severities = Severity::ALL.iter().zip(counts.failed).map(|(it, count)| (it.as_str(), count));
        let mut actions = self.actions.ranked();
        let all_actions = actions.len();
        actions.truncate(ACTIONS);
        Summary {
            tool: TOOL,
            version: VERSION,
            generated: now.iso(),
            accounts: self.accounts,
            grade: counts.letter(),
            grades: self.tallies.grades(),
            counts,
            severities: severities.collect(),
            actions,
            all_actions,
            exceptions: exceptions.map(|exceptions| told(exceptions, &self.used, now)),
            baseline: baseline.map(|baseline| {
                let mut progress = self.progress.unwrap_or_default();
                progress.merge(baseline.elsewhere(&seen));
                progress
            }),
            compliance: self.compliance,
            inputs,
            notes,
        }
    }
}

fn told(exceptions: &Exceptions, used: &BTreeSet<usize>, now: Timestamp) -> ExceptionsTold {
    let all = || exceptions.all().iter().enumerate();
    ExceptionsTold {
        expired: all().filter(|(_, it)| it.is_over(now)).map(|(_, it)| it.told()).collect(),
        unused: all().filter(|(number, _)| !used.contains(number)).map(|(_, it)| it.told()).collect(),
    }
}
