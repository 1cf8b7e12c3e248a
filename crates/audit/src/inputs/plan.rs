//! Organizations account by account: one pass tells which file is of which account, then each account is read,
//! audited and dropped, so that memory does not grow with their number.

use super::error::InputError;
use super::fact::Reading;
use super::note::InputNote;
use super::{InputFile, Inputs, Source, assemble, owner, recognize};
use crate::estate::Facts;
use base::{AccountId, Timestamp};
use std::collections::BTreeMap;

/// Reads file after file and keeps only whose each is.
#[derive(Debug, Default)]
pub struct Planner {
    readings: Vec<Reading>,
}

/// Which files are of which account; files are numbered in the order in which the planner got them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The accounts that have an export (all of which anything is known, if none has), by id.
    pub accounts: Vec<AccountFiles>,
    /// Files of the organization and of Identity Center, for [`Plan::common`].
    pub shared: Vec<usize>,
    /// What to know about files that tell nothing.
    pub notes: Vec<InputNote>,
    /// What each file is.
    pub sources: Vec<Source>,
    of: Vec<Option<AccountId>>,
    known: Vec<AccountId>,
}

/// The files of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFiles {
    /// The account.
    pub account: AccountId,
    /// The numbers of its files.
    pub files: Vec<usize>,
}

impl Planner {
    /// Takes the next file.
    ///
    /// # Errors
    /// If it is broken; see [`InputError`].
    pub fn add(&mut self, file: InputFile) -> Result<(), InputError> {
        let mut reading = recognize::file(file)?;
        reading.facts = Vec::new();
        self.readings.push(reading);
        Ok(())
    }

    /// Gives every file to its accounts.
    ///
    /// # Errors
    /// If nothing tells whose a file is, or a report lies beside the export of another account.
    pub fn plan(mut self) -> Result<Plan, InputError> {
        let of = owner::resolve(&self.readings)?;
        let mut accounts: BTreeMap<AccountId, Vec<usize>> = BTreeMap::new();
        let mut exported: Vec<AccountId> = Vec::new();
        for (number, (reading, account)) in self.readings.iter().zip(&of).enumerate() {
            if !reading.traits.of_accounts {
                continue;
            }
            let several = reading.told.iter().filter(|id| Some(**id) != *account);
            for account in account.iter().chain(several) {
                accounts.entry(*account).or_default().push(number);
                if reading.traits.export {
                    exported.push(*account);
                }
            }
        }
        let known = accounts.keys().copied().collect();
        let is_whole = |account: &AccountId| exported.is_empty() || exported.contains(account);
        let accounts = accounts.into_iter().filter(|(account, _)| is_whole(account));
        let numbered = self.readings.iter().enumerate();
        Ok(Plan {
            accounts: accounts.map(|(account, files)| AccountFiles { account, files }).collect(),
            shared: numbered.filter(|(_, it)| it.traits.shared).map(|(number, _)| number).collect(),
            sources: self
                .readings
                .iter()
                .zip(&of)
                .map(|(it, account)| assemble::source(it, *account))
                .collect(),
            notes: self.readings.iter_mut().flat_map(|it| std::mem::take(&mut it.notes)).collect(),
            of,
            known,
        })
    }
}

impl Plan {
    /// The account of a file, to be set on its [`InputFile`] when it is read again.
    pub fn account_of(&self, number: usize) -> Option<AccountId> {
        self.of.get(number).copied().flatten()
    }

    /// Reads the files of [`Plan::shared`]; `None` if there are none.
    ///
    /// # Errors
    /// As [`super::read`].
    pub fn common(
        &self,
        files: impl IntoIterator<Item = InputFile>,
        now: Timestamp,
    ) -> Result<Option<Inputs>, InputError> {
        if self.shared.is_empty() { Ok(None) } else { super::read(files, now).map(Some) }
    }

    /// Reads the files of one account into an estate that knows of the others only that they are there.
    ///
    /// # Errors
    /// As [`super::read`].
    pub fn read(
        &self,
        account: AccountId,
        common: Option<&Inputs>,
        files: impl IntoIterator<Item = InputFile>,
        now: Timestamp,
    ) -> Result<Inputs, InputError> {
        let mut inputs = super::read(files, now)?;
        let estate = &mut inputs.estate;
        let others: Vec<AccountId> =
            estate.snapshot.accounts().map(|state| state.id()).filter(|id| *id != account).collect();
        for other in others {
            estate.snapshot.remove(&model::snapshot::EntityKey::Account(other));
        }
        estate.accounts.retain(|id, _| *id == account);
        for known in self.known.iter().filter(|id| **id != account) {
            estate.accounts.insert(*known, Facts::default());
        }
        if let Some(common) = common {
            estate.organization.clone_from(&common.estate.organization);
            estate.sign_on.clone_from(&common.estate.sign_on);
            if let Some(facts) = estate.accounts.get_mut(&account) {
                facts.central_root_access = facts.central_root_access.or(common.central_root_access);
            }
        }
        Ok(inputs)
    }
}
