//! What cases are asked of: the exports that a file names, or nothing but what a test brings along.

use super::Case;
use crate::explain::{Answer, ExplainError, Setting, ask_with};
use crate::import::{self, AccountTwice, Import};
use base::{AccountId, Partition, Timestamp};
use model::Snapshot;

/// The accounts of a file's exports.
#[derive(Debug, Clone)]
pub struct World {
    snapshot: Option<Snapshot>,
    setting: Setting,
}

impl World {
    /// One without accounts: tests bring their policies along.
    pub fn empty(now: Timestamp) -> Self {
        Self { snapshot: None, setting: Setting::at(now) }
    }

    /// The accounts of several exports; names are looked up in `account`, or in all.
    ///
    /// # Errors
    /// If two exports hold the same account.
    pub fn of(imports: &[Import], account: Option<AccountId>, now: Timestamp) -> Result<Self, AccountTwice> {
        if imports.is_empty() {
            return Ok(Self::empty(now));
        }
        let snapshot = import::join(imports)?;
        let partition = imports.first().map_or(Partition::aws(), |import| import.report.partition);
        Ok(Self { snapshot: Some(snapshot), setting: Setting { partition, account, now } })
    }

    /// Asks a case.
    ///
    /// # Errors
    /// If it names something that is not there or cannot be.
    pub fn ask(&self, case: &Case) -> Result<Answer, ExplainError> {
        ask_with(self.snapshot.as_ref(), &case.question, &case.brought, &self.setting)
    }
}
