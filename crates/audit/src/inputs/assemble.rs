//! From what the files tell to an estate.

use super::agree;
use super::error::{InputError, Reason};
use super::exports;
use super::fact::{Fact, OrganizationPart, Reading, SignOnPart};
use super::note::{InputNote, InputNoteKind};
use super::resources::Collected;
use super::{Inputs, Source, organization, owner};
use crate::estate::{Estate, Facts, Input};
use base::{AccountId, Timestamp};
use std::collections::BTreeMap;

/// Joins what was read.
pub(super) fn inputs(mut readings: Vec<Reading>, now: Timestamp) -> Result<Inputs, InputError> {
    nothing(&readings)?;
    let accounts = owner::resolve(&readings)?;
    let mut estate = Estate::default();
    let mut notes: Vec<InputNote> =
        readings.iter_mut().flat_map(|it| std::mem::take(&mut it.notes)).collect();
    let exported = exports::import(&mut readings, &accounts, (&mut estate, &mut notes), now)?;
    let sources =
        readings.iter().zip(&accounts).map(|(reading, account)| source(reading, *account)).collect();
    let mut joint = Joint { estate, notes, ..Joint::default() };
    for (reading, account) in readings.into_iter().zip(accounts) {
        for fact in reading.facts {
            joint.take(fact, account, &reading.file)?;
        }
    }
    let (mut inputs, files) = joint.finish(sources)?;
    agree::check(&inputs.estate, (&exported, &files), now, &mut inputs.notes)?;
    inputs.notes.sort_by_key(|note| note.kind);
    Ok(inputs)
}

/// Files that tell nothing at all are no audit.
fn nothing(readings: &[Reading]) -> Result<(), InputError> {
    if readings.iter().any(|reading| !reading.facts.is_empty()) {
        return Ok(());
    }
    Err(match readings {
        [] => {
            InputError { place: None, reason: Box::new(Reason::Nothing("there is no file to audit".into())) }
        }
        [one] => {
            let message = one.notes.first().map(|note| note.message.clone());
            InputError::of(
                &one.file,
                Reason::Nothing(message.map_or("it holds nothing".into(), |it| format!("it {it}"))),
            )
        }
        many => {
            let message = format!("none of the {} files holds anything of an account", many.len());
            InputError { place: None, reason: Box::new(Reason::Nothing(message)) }
        }
    })
}

pub(super) fn source(reading: &Reading, account: Option<AccountId>) -> Source {
    let account = account.filter(|_| reading.traits.of_accounts && reading.told.len() < 2);
    Source { file: reading.file.clone(), kinds: reading.kinds.clone(), account, made: reading.made }
}

/// Which file told what of which account.
pub(super) type Files = BTreeMap<(AccountId, &'static str), String>;

#[derive(Default)]
struct Joint {
    estate: Estate,
    notes: Vec<InputNote>,
    files: Files,
    collected: Collected,
    organization: Vec<(String, OrganizationPart)>,
    sign_on: Vec<(String, SignOnPart)>,
    central_root_access: Option<bool>,
}

impl Joint {
    /// Takes a fact of a file of this account.
    fn take(&mut self, fact: Fact, account: Option<AccountId>, file: &str) -> Result<(), InputError> {
        match fact {
            Fact::Organization(part) => self.organization.push((file.to_owned(), *part)),
            Fact::SignOn(part) => self.sign_on.push((file.to_owned(), part)),
            Fact::CentralRootAccess(managed) => self.central_root_access = Some(managed),
            Fact::Resource(part) => self.collected.resource(*part, account, file)?,
            Fact::Workload(part) => self.collected.workload(part, account, file)?,
            Fact::Export(_) | Fact::Contents => {}
            other => {
                let account = account.ok_or_else(|| InputError::of(file, Reason::AccountUnknown));
                match (other, account) {
                    // A list says no more than its elements, if nobody knows whose it is.
                    (Fact::ResourcesListed | Fact::WorkloadsListed, Err(_)) => {}
                    (other, account) => self.of_account(other, account?, file)?,
                }
            }
        }
        Ok(())
    }

    fn of_account(&mut self, fact: Fact, account: AccountId, file: &str) -> Result<(), InputError> {
        let Self { estate, files, notes, .. } = self;
        let facts: &mut Facts = estate.accounts.entry(account).or_default();
        let mut once = Once { account, file, files };
        match fact {
            Fact::Report(report) => once.set(&mut facts.credential_report, report, agree::REPORT)?,
            Fact::Summary(summary) => once.set(&mut facts.summary, summary, agree::SUMMARY)?,
            Fact::PasswordPolicy(policy) => {
                once.set(&mut facts.password_policy, policy, "the password policy")?
            }
            Fact::AccountBlock(block) => {
                once.set(&mut facts.public_access_block, block, "the public access block")?;
            }
            Fact::VirtualMfa(devices) => {
                let known = facts.virtual_mfa.get_or_insert_default();
                for (serial, holder) in devices {
                    facts.virtual_mfa_holders.extend(holder.map(|holder| (serial.clone(), holder)));
                    if !known.contains(&serial) {
                        known.push(serial);
                    }
                }
            }
            Fact::Aliases(aliases) => extend(&mut facts.aliases, aliases),
            Fact::Providers(arns) => extend(&mut facts.providers, arns),
            Fact::Certificates(certificates) => extend(&mut facts.certificates, certificates),
            Fact::LastAccessed(report) => drop(facts.last_accessed.insert(report.arn.clone(), report)),
            Fact::ResourcesListed => drop(facts.resources.get_or_insert_default()),
            Fact::WorkloadsListed => drop(facts.workloads.get_or_insert_default()),
            Fact::Analyzer(active) => *facts.access_analyzer.get_or_insert_default() |= active,
            Fact::NotCollected(input, reason) => {
                let message = format!("tells that something is missing: {reason}");
                notes.push(InputNote::new(InputNoteKind::NotCollected, Some(file), message));
                facts.not_collected.entry(input).or_insert(reason);
            }
            // These are told above.
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self, sources: Vec<Source>) -> Result<(Inputs, Files), InputError> {
        self.collected.finish(&mut self.estate, &mut self.notes);
        self.estate.organization = organization::join(self.organization, &mut self.notes)?;
        self.estate.sign_on = organization::join_sign_on(self.sign_on, &mut self.notes);
        if let Some(managed) = self.central_root_access {
            let organization = self.estate.organization.as_ref();
            let accounts = self.estate.accounts.iter_mut();
            for (_, facts) in accounts.filter(|(id, _)| organization.is_none_or(|it| it.has(**id))) {
                facts.central_root_access = Some(managed);
            }
        }
        if let Some(missing) = lists_missing(&self.estate) {
            self.notes.push(missing);
        }
        let Self { estate, notes, central_root_access, .. } = self;
        Ok((Inputs { estate, notes, sources, central_root_access }, self.files))
    }
}

/// An estate without any export can hardly be audited.
fn lists_missing(estate: &Estate) -> Option<InputNote> {
    let known = estate.accounts.values().any(|facts| facts.entities);
    (!known).then(|| {
        let message = format!("nothing given has the {}", Input::Entities.missing());
        InputNote::new(InputNoteKind::NotAudited, None, message)
    })
}

fn extend<T: PartialEq>(known: &mut Option<Vec<T>>, more: Vec<T>) {
    let known = known.get_or_insert_default();
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

/// Sets what an account has only once.
struct Once<'a> {
    account: AccountId,
    file: &'a str,
    files: &'a mut Files,
}

impl Once<'_> {
    fn set<T: PartialEq>(
        &mut self,
        slot: &mut Option<T>,
        value: T,
        what: &'static str,
    ) -> Result<(), InputError> {
        if slot.as_ref().is_some_and(|known| *known != value) {
            let other = self.files.get(&(self.account, what)).cloned().unwrap_or_default();
            return Err(InputError::of(self.file, Reason::Twice { what, account: self.account, other }));
        }
        *slot = Some(value);
        self.files.insert((self.account, what), self.file.to_owned());
        Ok(())
    }
}
