//! Exports of accounts: the parts of each are joined and imported, with the texts of AWS's policies that they carry.

use super::error::{InputError, Reason};
use super::fact::{Fact, Reading};
use super::note::{InputNote, InputNoteKind};
use crate::estate::Estate;
use crate::import::{AwsPolicies, Import, ImportOptions, NoteKind, authorization_parts};
use base::{AccountId, Timestamp};
use model::snapshot::Entity;
use std::collections::BTreeMap;

/// What is known of an export besides its entities.
#[derive(Debug, Clone)]
pub(super) struct Exported {
    pub(super) file: String,
    /// The latest date in it: it was not made before that.
    pub(super) latest: Option<Timestamp>,
}

/// Imports all exports into the estate, and gives for each account its file.
pub(super) fn import(
    readings: &mut [Reading],
    accounts: &[Option<AccountId>],
    (estate, notes): (&mut Estate, &mut Vec<InputNote>),
    now: Timestamp,
) -> Result<BTreeMap<AccountId, Exported>, InputError> {
    let mut groups: BTreeMap<Option<AccountId>, Vec<(String, String)>> = BTreeMap::new();
    for (reading, account) in readings.iter_mut().zip(accounts) {
        let file = &reading.file;
        reading.facts.retain_mut(|fact| match fact {
            Fact::Export(text) => {
                groups.entry(*account).or_default().push((file.clone(), std::mem::take(text)));
                false
            }
            _ => true,
        });
    }
    let mut exported: BTreeMap<AccountId, Exported> = BTreeMap::new();
    let mut partition = None;
    for (account, parts) in groups {
        let import = one(account, &parts, now)?;
        let file = parts.first().map(|(file, _)| file.clone()).unwrap_or_default();
        drop(parts);
        let found = import.report.partition;
        let expected = *partition.get_or_insert(found);
        if expected != found {
            let reason = Reason::Partition { found: found.id().into(), expected: expected.id().into() };
            return Err(InputError::of(&file, reason));
        }
        estate.partition = found;
        for account in &import.report.accounts {
            let entry = Exported { file: file.clone(), latest: latest(&import, *account) };
            if let Some(first) = exported.insert(*account, entry) {
                let what = "the users, groups, roles and policies";
                let reason = Reason::Twice { what, account: *account, other: first.file };
                return Err(InputError::of(&file, reason));
            }
            estate.accounts.entry(*account).or_default().entities = true;
        }
        import.put_into(&mut estate.snapshot);
        notes.extend(told(&import, &file));
    }
    Ok(exported)
}

fn one(account: Option<AccountId>, parts: &[(String, String)], now: Timestamp) -> Result<Import, InputError> {
    let mut options = ImportOptions { aws_policies: AwsPolicies::Exported, ..ImportOptions::at(now) };
    let is_untold = parts.iter().all(|(_, text)| !text.contains("\"Arn\""));
    options.account_id = account.filter(|_| is_untold);
    let texts: Vec<&str> = parts.iter().map(|(_, text)| text.as_str()).collect();
    authorization_parts(&texts, &options).map_err(|(part, error)| {
        let file = parts.get(part).map_or("", |(file, _)| file);
        InputError::export(file, error)
    })
}

/// What of an import's notes an audit's reader must know.
fn told(import: &Import, file: &str) -> Vec<InputNote> {
    let kinds = [
        NoteKind::SeveralAccounts,
        NoteKind::ListAbsent,
        NoteKind::InvalidDocument,
        NoteKind::FaultyDocument,
        NoteKind::VersionWithoutDocument,
        NoteKind::TrustedNotFound,
    ];
    let notes = import.report.notes.iter().filter(|note| kinds.contains(&note.kind));
    notes
        .map(|note| {
            let mut message = format!("{}: ", note.kind.message());
            const SHOWN: usize = 3;
            let shown: Vec<&str> = note.subjects.iter().take(SHOWN).map(String::as_str).collect();
            message.push_str(&shown.join("; "));
            if note.subjects.len() > SHOWN {
                message.push_str(&format!(" and {} more", note.subjects.len() - SHOWN));
            }
            InputNote::new(InputNoteKind::Export, Some(file), message)
        })
        .collect()
}

/// The latest date of an account's entities.
fn latest(import: &Import, account: AccountId) -> Option<Timestamp> {
    let dates = import.entities.iter().filter_map(|entity| match entity {
        Entity::User(user) if user.account == account => Some(user.created.max(user.password_last_used?)),
        Entity::Role(role) if role.account == account => Some(role.created),
        Entity::Policy(policy) if policy.account == account => Some(policy.updated),
        Entity::RoleUsage(usage) => Some(usage.at),
        _ => None,
    });
    dates.max()
}
