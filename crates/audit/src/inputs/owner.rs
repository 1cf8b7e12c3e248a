//! Which account each file is of: told by its content, by the caller, by its folder, by its siblings.

use super::error::{InputError, Reason};
use super::fact::Reading;
use base::AccountId;
use std::collections::{BTreeMap, BTreeSet};

/// The accounts that lie in a folder or below it.
#[derive(Debug, Clone, Copy)]
enum Below {
    One(AccountId),
    Many,
}

/// The account of each file; `None` where it is of none, or of several that it tells itself.
///
/// # Errors
/// If a file needs an account and nothing tells it, or if a file about an account lies beside the export of another.
pub(super) fn resolve(readings: &[Reading]) -> Result<Vec<Option<AccountId>>, InputError> {
    let told: Vec<Option<AccountId>> = readings.iter().map(told).collect();
    let known: BTreeSet<AccountId> = told.iter().flatten().copied().collect();
    let below = below(readings, &told);
    let mut accounts = Vec::with_capacity(readings.len());
    for (reading, told) in readings.iter().zip(&told) {
        let account = told.or_else(|| by_place(&reading.file, &known, &below));
        if account.is_none() && reading.traits.needs_account {
            return Err(InputError::of(&reading.file, Reason::AccountUnknown));
        }
        accounts.push(account);
    }
    beside(readings, &accounts)?;
    Ok(accounts)
}

fn told(reading: &Reading) -> Option<AccountId> {
    let mut told = reading.told.iter();
    match (told.next(), told.next()) {
        (Some(one), None) => Some(*one),
        _ => reading.account,
    }
}

/// The folders above a file, innermost first; the last one is above all.
pub(super) fn folders(file: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(file);
    std::iter::from_fn(move || {
        let path = rest?;
        rest = path.rsplit_once('/').map(|(folder, _)| folder);
        Some(rest.unwrap_or_default())
    })
}

fn below<'a>(readings: &'a [Reading], told: &[Option<AccountId>]) -> BTreeMap<&'a str, Below> {
    let mut below: BTreeMap<&str, Below> = BTreeMap::new();
    for (reading, account) in readings.iter().zip(told) {
        let Some(account) = *account else { continue };
        for folder in folders(&reading.file) {
            let entry = below.entry(folder).or_insert(Below::One(account));
            if !matches!(entry, Below::One(known) if *known == account) {
                *entry = Below::Many;
            }
        }
    }
    below
}

/// By a part of the path that is an id (of an account that is known, if any is), else by the innermost folder that
/// holds files of one account only.
fn by_place(file: &str, known: &BTreeSet<AccountId>, below: &BTreeMap<&str, Below>) -> Option<AccountId> {
    let parts = file.rsplit(['/', '_', '-', '.', ' ']);
    let named = parts
        .filter_map(|part| AccountId::parse(part).ok())
        .find(|id| known.is_empty() || known.contains(id));
    named.or_else(|| {
        let found = folders(file).find_map(|folder| below.get(folder))?;
        match found {
            Below::One(account) => Some(*account),
            Below::Many => None,
        }
    })
}

/// A report beside the export of another account is a mistake: of the one nothing else is known, and the other would
/// go without.
fn beside(readings: &[Reading], accounts: &[Option<AccountId>]) -> Result<(), InputError> {
    let exported: BTreeSet<AccountId> =
        readings.iter().zip(accounts).filter(|(it, _)| it.traits.export).filter_map(|(_, id)| *id).collect();
    for (reading, account) in readings.iter().zip(accounts) {
        let Some(found) = account.filter(|id| reading.traits.of_the_account && !exported.contains(id)) else {
            continue;
        };
        let folder = folders(&reading.file).next();
        let export = readings
            .iter()
            .zip(accounts)
            .find(|(other, _)| other.traits.export && folders(&other.file).next() == folder);
        if let Some((export, Some(expected))) = export {
            let reason = Reason::OtherAccount { found, expected: *expected, export: export.file.clone() };
            return Err(InputError::of(&reading.file, reason));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_up() {
        assert_eq!(folders("a/b/c.json").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(folders("c.json").collect::<Vec<_>>(), [""]);
    }
}
