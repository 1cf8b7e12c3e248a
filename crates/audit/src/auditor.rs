//! One audit: what is asked of the checks, what they share, and what comes out.

use crate::checks::{ALL, Check, Judged};
use crate::estate::Estate;
use crate::external::{Externals, externals};
use crate::finding::{Finding, Status};
use crate::settings::Settings;
use base::{AccountId, Arn, Timestamp};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// An audit of an estate: the checks ask it for what several of them need, which is made once.
#[derive(Debug)]
pub struct Auditor<'a> {
    /// What is audited.
    pub estate: &'a Estate,
    /// What counts as old, long or privileged.
    pub settings: &'a Settings,
    /// The time that ages are counted to.
    pub now: Timestamp,
    externals: OnceLock<BTreeMap<AccountId, Externals>>,
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings of every status, in the order of the checks.
    pub findings: Vec<Finding>,
    /// How many things each check found to be as they should.
    pub passed: BTreeMap<(AccountId, &'static str), usize>,
}

impl<'a> Auditor<'a> {
    /// An audit as of `now`.
    pub fn new(estate: &'a Estate, settings: &'a Settings, now: Timestamp) -> Self {
        Self { estate, settings, now, externals: OnceLock::new() }
    }

    /// Runs every check on every account.
    pub fn run(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for account in self.estate.audited() {
            for check in ALL {
                self.check(check, account, &mut outcome);
            }
        }
        outcome
    }

    /// Runs a check on an account.
    pub fn check(&self, check: &'static Check, account: AccountId, outcome: &mut Outcome) {
        let root = Arn::global(self.estate.partition.id(), "iam", account.as_str(), ["root"]);
        let mut judged = Judged::new(check, account, root.as_str().to_owned(), &mut outcome.findings);
        let missing = check.needs.iter().find(|input| !self.estate.has(account, **input));
        match missing {
            Some(input) => judged.not_assessable(root.as_str(), format!("needs {}", input.missing())),
            None => (check.run)(self, account, &mut judged),
        }
        outcome.passed.insert((account, check.id), judged.finish());
    }

    /// Access from outside to what is known of an account.
    pub fn externals(&self, account: AccountId) -> Option<&Externals> {
        let all = || {
            let accounts = self.estate.audited();
            accounts.map(|account| (account, externals(self.estate, self.settings, account))).collect()
        };
        self.externals.get_or_init(all).get(&account)
    }

    /// Whether what belongs to no account, or to all of them, is told of with this one: the organization's management
    /// account, or the first account where that is not audited.
    pub fn speaks_for_all(&self, account: AccountId) -> bool {
        let management = self.estate.organization.as_ref().and_then(|known| known.management_account);
        let speaker = management.filter(|id| self.estate.audited().any(|audited| audited == *id));
        speaker.or_else(|| self.estate.audited().next()) == Some(account)
    }

    /// Whole days between a time and now; none for times to come.
    pub fn days_since(&self, then: Timestamp) -> u64 {
        self.now.since(then).as_secs() / 86_400
    }
}

impl Outcome {
    /// The findings that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.status == Status::Fail)
    }
}
