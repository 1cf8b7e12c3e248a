//! What cases are asked of: the exports that a file names, or nothing but what a test brings along.

use super::Case;
use crate::explain::{Answer, ExplainError, Setting, ask_with};
use crate::import::Import;
use base::{AccountId, Partition, Timestamp};
use model::Snapshot;

/// The accounts of a file's exports.
#[derive(Debug, Clone)]
pub struct World {
    snapshot: Option<Snapshot>,
    setting: Setting,
}

/// Two exports hold the same account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account {0} is in two exports")]
pub struct AccountTwice(pub AccountId);

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
        let mut snapshot = Snapshot::default();
        for import in imports {
            let known = import.report.accounts.iter().find(|id| snapshot.account(**id).is_some());
            if let Some(known) = known {
                return Err(AccountTwice(*known));
            }
            for entity in &import.entities {
                // Accounts come first, so no entity lacks its account.
                let _ = snapshot.put(entity.clone());
            }
        }
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
