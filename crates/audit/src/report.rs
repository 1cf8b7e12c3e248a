//! What is told of an audit: the report of an account, the summary of all, and the forms that both are written in.
//!
//! Reports are pure functions of what was found. Findings are written account by account, so that the report of an
//! organization needs the memory of its largest account and of the summary, which comes last.

mod csv;
mod form;
pub mod html;
mod json;
mod ocsf;
mod sarif;
mod summary;

pub use form::Form;
pub use summary::{AccountSummary, ExceptionsTold, Gathering, Summary};

use crate::auditor::{Auditor, Outcome};
use crate::baseline::{Baseline, Progress};
use crate::checks::Check;
use crate::compliance::{Assessment, Framework, assess_accounts};
use crate::exceptions::Exceptions;
use crate::finding::{Finding, Severity, Status};
use crate::ranking::{Action, Actions, Ranking, Tallies};
use base::{AccountId, Timestamp};
use std::collections::{BTreeSet, HashSet};

/// The name of the program in reports.
pub const TOOL: &str = "bailiwick";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What an audit is asked for beside the inputs.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// The checks to run, in the order of the table.
    pub checks: Vec<&'static Check>,
    /// The least severity to tell of what failed.
    pub severity: Option<Severity>,
    /// What is accepted.
    pub exceptions: Option<&'a Exceptions>,
    /// An older audit.
    pub baseline: Option<&'a Baseline>,
    /// The standards to tell of.
    pub frameworks: Vec<&'static Framework>,
}

/// What there is to say of one account.
#[derive(Debug, Clone)]
pub struct AccountReport {
    /// The account.
    pub account: AccountId,
    /// Its alias, or its name in the organization.
    pub name: Option<String>,
    /// The time that ages are counted to.
    pub generated: Timestamp,
    /// What was found, the greatest risk first, what is in order last.
    pub findings: Vec<Finding>,
    /// What was counted.
    pub tallies: Tallies,
    /// What to do, the greatest risk first.
    pub actions: Vec<Action>,
    /// How it stands to the older audit.
    pub progress: Option<Progress>,
    /// The exceptions that cover something, by number.
    pub used: BTreeSet<usize>,
    /// What it shows of the standards.
    pub compliance: Vec<Assessment>,
}

/// Runs the checks on an account, ranks what they find, and holds exceptions and the older audit against it.
pub fn account(auditor: &Auditor<'_>, account: AccountId, wanted: &Wanted<'_>) -> AccountReport {
    let mut outcome = Outcome::default();
    for check in &wanted.checks {
        auditor.check(check, account, &mut outcome);
    }
    let used = match wanted.exceptions {
        Some(exceptions) => {
            let mut findings = outcome.findings.iter_mut();
            findings.by_ref().filter_map(|finding| exceptions.apply(finding, auditor.now)).collect()
        }
        None => BTreeSet::new(),
    };
    let assess = |framework: &&Framework| assess_accounts(framework, auditor, &outcome, &[account]);
    let compliance = wanted.frameworks.iter().map(assess).collect();
    let Outcome { mut findings, passed } = outcome;
    Ranking::new(auditor, account).rank(&mut findings);
    let run: HashSet<&str> = wanted.checks.iter().map(|check| check.id).collect();
    // Before findings are left out for their severity: those are not gone.
    let progress = wanted.baseline.map(|baseline| baseline.compare(account, &mut findings, &run));
    let passes =
        wanted.checks.iter().map(|check| (*check, passed.get(&(account, check.id)).copied().unwrap_or(0)));
    let tallies = Tallies::of(&findings, passes);
    if let Some(least) = wanted.severity {
        findings.retain(|finding| finding.status != Status::Fail || finding.severity >= least);
    }
    let actions = Actions::of(&findings).ranked();
    let name = name(auditor, account);
    AccountReport {
        account,
        name,
        generated: auditor.now,
        findings,
        tallies,
        actions,
        progress,
        used,
        compliance,
    }
}

fn name(auditor: &Auditor<'_>, account: AccountId) -> Option<String> {
    let facts = auditor.estate.facts(account);
    let alias = facts.and_then(|facts| facts.aliases.as_ref()).and_then(|aliases| aliases.first());
    let member = || auditor.estate.organization.as_ref()?.account(account).map(|member| member.name.clone());
    alias.cloned().or_else(member)
}
