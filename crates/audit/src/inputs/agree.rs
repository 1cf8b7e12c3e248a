//! Whether files of one account tell of the same account at the same time.

use super::assemble::Files;
use super::error::{InputError, Reason};
use super::exports::Exported;
use super::note::{InputNote, InputNoteKind};
use crate::estate::{Estate, Facts};
use base::{AccountId, Timestamp};
use model::{AccountState, CredentialReport};
use std::collections::{BTreeMap, BTreeSet};

/// What a credential report tells.
pub(super) const REPORT: &str = "the credential report";
/// What the account summary tells.
pub(super) const SUMMARY: &str = "the account summary";

const DAY: i64 = 86_400;
/// Days after which files are called old.
const OLD: i64 = 30;

/// Holds the files of every account against each other.
///
/// # Errors
/// If a report shares no user with the export, or the export was made with a filter.
pub(super) fn check(
    estate: &Estate,
    (exported, files): (&BTreeMap<AccountId, Exported>, &Files),
    now: Timestamp,
    notes: &mut Vec<InputNote>,
) -> Result<(), InputError> {
    let any = estate.accounts.values().any(|facts| facts.entities);
    for (account, facts) in &estate.accounts {
        let file = |what| files.get(&(*account, what)).map(String::as_str);
        let (Some(export), Some(state)) = (exported.get(account), estate.snapshot.account(*account)) else {
            if let Some(file) = file(REPORT).or_else(|| file(SUMMARY)).filter(|_| any) {
                let message = format!(
                    "is of account {account}, whose users and roles are not given: it is not audited"
                );
                notes.push(InputNote::new(InputNoteKind::NotAudited, Some(file), message));
            }
            continue;
        };
        if let (Some(report), Some(file)) = (&facts.credential_report, file(REPORT)) {
            users(report, state, (file, export), notes)?;
            dates(report, state, (file, export), notes);
            if let Some(made) = report.made.filter(|made| now.seconds() - made.seconds() > OLD * DAY) {
                let days = (now.seconds() - made.seconds()) / DAY;
                let message = format!("was made on {}, {days} days before this audit", day(made));
                notes.push(InputNote::new(InputNoteKind::Differs, Some(file), message));
            }
        }
        if let Some(file) = file(SUMMARY) {
            counts(facts, state, (file, export), notes)?;
        }
    }
    Ok(())
}

/// The users of the report and of the export should be the same.
fn users(
    report: &CredentialReport,
    state: &AccountState,
    (file, export): (&str, &Exported),
    notes: &mut Vec<InputNote>,
) -> Result<(), InputError> {
    let reported: BTreeSet<&str> =
        report.rows.iter().filter(|row| !row.is_root()).map(|row| row.user.as_str()).collect();
    let known: BTreeSet<&str> = state.users.iter().map(|user| user.name.as_str()).collect();
    if !reported.is_empty() && !known.is_empty() && reported.is_disjoint(&known) {
        let reason = Reason::OtherUsers { export: export.file.clone(), report: reported.len() };
        return Err(InputError::of(file, reason));
    }
    let mut differ = |some: Vec<&&str>, message: &str| {
        if !some.is_empty() {
            let names: Vec<&str> = some.iter().take(5).map(|name| **name).collect();
            let more = if some.len() > names.len() {
                format!(" and {} more", some.len() - names.len())
            } else {
                String::new()
            };
            let message = format!("{message}: {}{more}; they were made at different times", names.join(", "));
            notes.push(InputNote::new(InputNoteKind::Differs, Some(file), message));
        }
    };
    differ(
        reported.difference(&known).collect(),
        &format!("has users that the export `{}` does not have", export.file),
    );
    differ(
        known.difference(&reported).collect(),
        &format!("lacks users that the export `{}` has", export.file),
    );
    Ok(())
}

/// A report that was made a day before something in the export happened is of another date.
fn dates(
    report: &CredentialReport,
    state: &AccountState,
    (file, export): (&str, &Exported),
    notes: &mut Vec<InputNote>,
) {
    let signed_in = state.users.iter().find_map(|user| {
        let row = report.rows.iter().find(|row| row.user == user.name)?;
        let (there, here) = (user.password_last_used?, row.password_last_used.at()?);
        ((there.seconds() - here.seconds()).abs() > DAY).then_some((there, here, &user.name))
    });
    let message = match (report.made, export.latest, signed_in) {
        (Some(made), Some(latest), _) if made.seconds() + DAY < latest.seconds() => {
            format!("was made on {}, but the export `{}` not before {}", day(made), export.file, day(latest))
        }
        (_, _, Some((there, here, user))) => format!(
            "is of another date than the export `{}`: {user} last signed in on {} here, on {} there",
            export.file,
            day(here),
            day(there)
        ),
        _ => return,
    };
    notes.push(InputNote::new(InputNoteKind::Differs, Some(file), message));
}

/// The summary counts what the export should have.
fn counts(
    facts: &Facts,
    state: &AccountState,
    (file, export): (&str, &Exported),
    notes: &mut Vec<InputNote>,
) -> Result<(), InputError> {
    let counts = [
        ("users", "Users", state.users.iter().count()),
        ("groups", "Groups", state.groups.iter().count()),
        ("roles", "Roles", state.roles.iter().count()),
        ("customer managed policies", "Policies", state.policies.iter().count()),
    ];
    for (what, name, here) in counts {
        let Some(summary) = facts.summary.as_ref().and_then(|summary| summary.get(name)).copied() else {
            continue;
        };
        if summary > 0 && here == 0 && what != "customer managed policies" {
            let reason = Reason::Filtered { what, summary, export: export.file.clone() };
            return Err(InputError::of(file, reason));
        }
        if i64::try_from(here).is_ok_and(|here| here != summary) {
            let message = format!("counts {summary} {what}, the export `{}` has {here}", export.file);
            notes.push(InputNote::new(InputNoteKind::Differs, Some(file), message));
        }
    }
    Ok(())
}

/// A date as people write it.
fn day(at: Timestamp) -> String {
    at.iso().chars().take(10).collect()
}
