//! Paths to estates: files and folders with what is known of accounts, or the data directory of a server.

use super::parallel::in_order;
use crate::problem::{Problem, plain};
use audit::estate::Estate;
use audit::inputs::{InputError, InputFile, InputNote, Inputs, Plan, Planner, Source, of_directory, read};
use base::{AccountId, Entropy, Partition, Timestamp, Uuid};
use server::SystemEntropy;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How deep folders are searched.
const DEEPEST: usize = 32;
/// Up to so many bytes of files are audited together; more than that account by account, which takes no more memory
/// than the largest account.
const TOGETHER: u64 = 64 << 20;
/// A packed file counts so many times its size.
const PACKED: u64 = 12;
/// Up to so many files are named one by one in a report.
const NAMED: usize = 12;

/// What was read, for the report.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    /// What was read of which file.
    pub(crate) inputs: Vec<String>,
    /// What to know about it.
    pub(crate) notes: Vec<String>,
}

/// The estate of these paths, with everything in it at once.
pub(crate) fn estate(paths: &[PathBuf], now: Timestamp) -> Result<(Estate, Told), Problem> {
    let given = Given::find(paths)?;
    let inputs = given.read(&given.all(), None, now)?;
    let told = told(&inputs.sources, &inputs.notes);
    Ok((inputs.estate, told))
}

/// Judges an estate and those of its accounts that are wanted: once with all of them, or, if the files are large, once
/// for each account, some at a time. Takes what comes of it in order.
pub(super) fn each<T: Send>(
    paths: &[PathBuf],
    only: &[AccountId],
    now: Timestamp,
    judge: &(dyn Fn(&Estate, &[AccountId]) -> Vec<T> + Sync),
    take: &mut dyn FnMut(T) -> Result<(), Problem>,
) -> Result<Told, Problem> {
    let given = Given::find(paths)?;
    if given.store.is_some() || given.size() <= TOGETHER {
        let inputs = given.read(&given.all(), None, now)?;
        let accounts = wanted(inputs.estate.audited(), only)?;
        judge(&inputs.estate, &accounts).into_iter().try_for_each(take)?;
        return Ok(told(&inputs.sources, &inputs.notes));
    }
    let plan = given.plan()?;
    let common = match plan.shared.is_empty() {
        true => None,
        false => Some(given.read(&plan.shared, Some(&plan), now)?),
    };
    let mut notes = plan.notes.clone();
    notes.extend(common.iter().flat_map(|common| common.notes.clone()));
    let accounts = wanted(plan.accounts.iter().map(|it| it.account), only)?;
    let one = |number: usize| {
        let Some(account) = accounts.get(number) else { return Ok((Vec::new(), Vec::new())) };
        let files = plan.accounts.iter().find(|it| it.account == *account).map_or(&[][..], |it| &it.files);
        let inputs = given.account(&plan, *account, files, common.as_ref(), now)?;
        Ok((judge(&inputs.estate, &[*account]), inputs.notes))
    };
    in_order(accounts.len(), &one, &mut |(made, told): (Vec<T>, Vec<InputNote>)| {
        notes.extend(told);
        made.into_iter().try_for_each(&mut *take)
    })?;
    let mut told = told(&plan.sources, &notes);
    if plan.accounts.len() > 1 {
        told.notes.push(
            "the files are large, so the accounts were audited one by one: ways from one of them into another \
             are not followed"
                .to_owned(),
        );
    }
    Ok(told)
}

/// The accounts to judge: those that are wanted, if some are.
fn wanted(all: impl Iterator<Item = AccountId>, only: &[AccountId]) -> Result<Vec<AccountId>, Problem> {
    let all: Vec<AccountId> = all.collect();
    if let Some(strange) = only.iter().find(|account| !all.contains(account)) {
        return Err(Problem::usage(format!("nothing of account {strange} was given")));
    }
    Ok(all.into_iter().filter(|account| only.is_empty() || only.contains(account)).collect())
}

/// What the paths name.
struct Given {
    files: Vec<Found>,
    /// The data directory of a server.
    store: Option<PathBuf>,
}

/// A file that was named, or that lay in a folder that was.
struct Found {
    path: PathBuf,
    name: String,
    /// Its bytes, unpacked so far as can be told beforehand.
    size: u64,
}

impl Given {
    fn find(paths: &[PathBuf]) -> Result<Self, Problem> {
        let mut given = Self { files: Vec::new(), store: None };
        for path in paths {
            if path.is_dir() && server::is_data_directory(path) {
                given.store = Some(path.clone());
            } else if path.is_dir() {
                walk(path, DEEPEST, &mut given.files)?;
            } else {
                given.files.push(found(path)?);
            }
        }
        match (&given.store, given.files.is_empty() && paths.len() == 1) {
            (Some(store), false) => Err(Problem::usage(format!(
                "the data directory `{}` of a server is not audited together with anything else",
                store.display()
            ))
            .help("audit it by itself")),
            _ => Ok(given),
        }
    }

    fn all(&self) -> Vec<usize> {
        (0..self.files.len()).collect()
    }

    fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Reads these files together.
    fn read(&self, numbers: &[usize], plan: Option<&Plan>, now: Timestamp) -> Result<Inputs, Problem> {
        if let Some(store) = &self.store {
            return stored(store, now);
        }
        self.with_files(numbers, plan, |files| read(files, now))
    }

    fn account(
        &self,
        plan: &Plan,
        account: AccountId,
        files: &[usize],
        common: Option<&Inputs>,
        now: Timestamp,
    ) -> Result<Inputs, Problem> {
        self.with_files(files, Some(plan), |files| plan.read(account, common, files, now))
    }

    /// Reads file after file while something is made of them; a file that cannot be read is what is told.
    fn with_files<T>(
        &self,
        numbers: &[usize],
        plan: Option<&Plan>,
        make: impl FnOnce(&mut dyn Iterator<Item = InputFile>) -> Result<T, InputError>,
    ) -> Result<T, Problem> {
        let mut failed = None;
        let mut files = numbers.iter().map_while(|number| {
            let file = self.files.get(*number)?;
            match file.load() {
                Ok(loaded) => {
                    let account = plan.and_then(|plan| plan.account_of(*number));
                    Some(InputFile { account, ..loaded })
                }
                Err(problem) => {
                    failed = Some(problem);
                    None
                }
            }
        });
        let made = make(&mut files);
        match failed {
            Some(problem) => Err(problem),
            None => made.map_err(|error| unusable(&error)),
        }
    }

    fn plan(&self) -> Result<Plan, Problem> {
        let mut planner = Planner::default();
        for file in &self.files {
            planner.add(file.load()?).map_err(|error| unusable(&error))?;
        }
        planner.plan().map_err(|error| unusable(&error))
    }
}

fn unusable(error: &InputError) -> Problem {
    Problem::usage(error.to_string()).help(error.help())
}

impl Found {
    fn load(&self) -> Result<InputFile, Problem> {
        // One byte more than is read tells that a file is too large.
        let limit = audit::import::MAX_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        if self.path.as_os_str() == "-" {
            let read = io::stdin().lock().take(limit).read_to_end(&mut bytes);
            read.map_err(|error| unreadable(&self.path, &error))?;
        } else {
            let read = File::open(&self.path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
            read.map_err(|error| unreadable(&self.path, &error))?;
        }
        Ok(InputFile::new(self.name.clone(), bytes))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::unavailable(format!("`{}` cannot be read: {}", path.display(), plain(error)))
}

/// The files below a folder, in order. Links to folders and hidden files are not followed.
fn walk(folder: &Path, depth: usize, files: &mut Vec<Found>) -> Result<(), Problem> {
    let failed = |error: io::Error| unreadable(folder, &error);
    let mut entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() && depth > 0 {
            walk(&path, depth - 1, files)?;
        } else if !kind.is_dir() && path.is_file() {
            files.push(found(&path)?);
        }
    }
    Ok(())
}

fn found(path: &Path) -> Result<Found, Problem> {
    let name = path.display().to_string().replace('\\', "/");
    if name == "-" {
        return Ok(Found { path: path.to_owned(), name: "standard input".to_owned(), size: 0 });
    }
    let length = fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
    let is_packed = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let size = if is_packed { length * PACKED } else { length };
    Ok(Found { path: path.to_owned(), name, size })
}

/// The directory of a server, read from a copy of its store.
fn stored(store: &Path, now: Timestamp) -> Result<Inputs, Problem> {
    let entropy: &dyn Entropy = &SystemEntropy::default();
    let name = Uuid::random(entropy);
    let realm = server::stored(store, &crate::environment::scratch(), name.as_str());
    let realm = realm.map_err(|error| Problem::unavailable(error.to_string()).help_if(error.help()))?;
    Ok(of_directory(realm.snapshot, Partition::aws(), now))
}

/// What was read, in words.
fn told(sources: &[Source], notes: &[InputNote]) -> Told {
    let read: Vec<&Source> = sources.iter().filter(|source| !source.kinds.is_empty()).collect();
    let inputs = if read.len() <= NAMED {
        read.iter().map(|source| format!("{}: {}", source.file, source.kinds.join(", "))).collect()
    } else {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        read.iter().flat_map(|source| &source.kinds).for_each(|kind| *counts.entry(kind).or_default() += 1);
        counts.into_iter().map(|(kind, count)| format!("{count} × {kind}")).collect()
    };
    Told { inputs, notes: sentences(notes) }
}

/// Notes in words; files of which the same is told are counted.
fn sentences(notes: &[InputNote]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for note in notes {
        let file = note.file.as_deref().unwrap_or_default();
        match groups.iter_mut().find(|(message, _)| *message == note.message) {
            Some((_, files)) => files.push(file),
            None => groups.push((&note.message, vec![file])),
        }
    }
    let sentence = |(message, files): (&str, Vec<&str>)| match files.as_slice() {
        [""] => message.to_owned(),
        [one] => format!("`{one}` {message}"),
        [first, ..] => format!("`{first}` and {} more files: each {message}", files.len() - 1),
        [] => message.to_owned(),
    };
    groups.into_iter().map(sentence).collect()
}
