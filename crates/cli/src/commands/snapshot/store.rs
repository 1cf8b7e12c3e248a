//! The files of a snapshot: each written whole or not at all, for its owner alone, and not fetched twice.

use crate::client::Failure;
use crate::problem::{Problem, plain};
use crate::terminal::escape;
use base::{AccountId, Clock, Partition};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::SystemClock;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The list of contents.
const CONTENTS: &str = "snapshot.json";

/// The folder of a snapshot.
pub(super) struct Store {
    folder: PathBuf,
    pub(super) account: AccountId,
    pub(super) partition: Partition,
    missing: Vec<Missing>,
    fetched: usize,
    kept: usize,
    shows_progress: bool,
}

/// Something that could not be collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Missing {
    /// The input that is missing, as the audit names it; empty if nothing is judged by it alone.
    #[serde(skip_serializing_if = "is_empty")]
    input: &'static str,
    operation: String,
    reason: String,
}

fn is_empty(text: &&str) -> bool {
    text.is_empty()
}

/// A snapshot that is done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Finished {
    account: AccountId,
    fetched: usize,
    kept: usize,
    not_collected: Vec<Missing>,
}

#[derive(Deserialize)]
struct Earlier {
    #[serde(rename = "BailiwickSnapshot")]
    contents: EarlierContents,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EarlierContents {
    account: AccountId,
    #[serde(default)]
    complete: bool,
}

impl Store {
    /// Opens the folder: a new one, or one with a snapshot of the same account that was broken off.
    pub(super) fn open(folder: &Path, account: AccountId, partition: Partition) -> Result<Self, Problem> {
        let mut store = Self {
            folder: folder.to_owned(),
            account,
            partition,
            missing: Vec::new(),
            fetched: 0,
            kept: 0,
            shows_progress: io::stderr().is_terminal(),
        };
        store.make(folder)?;
        match fs::read(folder.join(CONTENTS)) {
            Ok(bytes) => store.resume(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_empty =
                    fs::read_dir(folder).map_err(|error| unusable(folder, &error))?.next().is_none();
                if !is_empty {
                    return Err(Problem::usage(format!("the folder `{}` is not empty", folder.display()))
                        .help("give a new folder with `--out DIR`"));
                }
            }
            Err(error) => return Err(unusable(folder, &error)),
        }
        store.contents(false)?;
        Ok(store)
    }

    fn resume(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let shown = self.folder.display();
        let earlier: Earlier = serde_json::from_slice(bytes)
            .map_err(|_| Problem::usage(format!("the folder `{shown}` holds no snapshot")))?;
        let earlier = earlier.contents;
        if earlier.account != self.account {
            return Err(Problem::usage(format!(
                "the folder `{shown}` holds a snapshot of account {}, the credentials are of {}",
                earlier.account, self.account
            ))
            .help("give each account a folder of its own"));
        }
        if earlier.complete {
            return Err(Problem::usage(format!("the snapshot in `{shown}` is whole"))
                .help("give a new folder with `--out DIR`"));
        }
        Ok(())
    }

    /// Fetches a file unless it is there. What is refused is recorded, and the snapshot goes on.
    pub(super) fn file(
        &mut self,
        name: &str,
        (input, operation): (&'static str, &str),
        fetch: impl FnOnce(&mut Self) -> Result<Value, Failure>,
    ) -> Result<(), Problem> {
        if self.read(name).is_some() {
            self.kept += 1;
            return Ok(());
        }
        self.progress(name);
        match fetch(self) {
            Ok(value) => {
                self.write(name, &value)?;
                self.fetched += 1;
            }
            Err(failure) => self.missing(input, operation, &failure),
        }
        Ok(())
    }

    /// A file that is there and whole.
    pub(super) fn read(&self, name: &str) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.folder.join(name)).ok()?).ok()
    }

    /// Records that something could not be collected.
    pub(super) fn missing(&mut self, input: &'static str, operation: &str, failure: &Failure) {
        let missing = Missing { input, operation: operation.to_owned(), reason: failure.reason().to_owned() };
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }

    /// Tells a person at a terminal what is being fetched.
    pub(super) fn progress(&self, what: &str) {
        if self.shows_progress {
            let line = format!(
                "\r\x1b[K{} answers, {} missing · {}",
                self.fetched,
                self.missing.len(),
                escape(what)
            );
            let mut stream = io::stderr().lock();
            let _ = stream.write_all(line.as_bytes()).and_then(|()| stream.flush());
        }
    }

    /// Writes the list of contents as that of a whole snapshot.
    pub(super) fn finish(self) -> Result<Finished, Problem> {
        self.contents(true)?;
        if self.shows_progress {
            let _ = io::stderr().lock().write_all(b"\r\x1b[K");
        }
        let Self { account, fetched, kept, missing, .. } = self;
        Ok(Finished { account, fetched, kept, not_collected: missing })
    }

    fn contents(&self, complete: bool) -> Result<(), Problem> {
        let contents = json!({"BailiwickSnapshot": {
            "Account": self.account,
            "Partition": self.partition,
            "Made": SystemClock.now().iso(),
            "Complete": complete,
            "NotCollected": self.missing,
        }});
        self.write(CONTENTS, &contents)
    }

    /// Writes a file beside its place and moves it there when it is on disk.
    fn write(&self, name: &str, value: &Value) -> Result<(), Problem> {
        let path = self.folder.join(name);
        let parent = path.parent().unwrap_or(&self.folder);
        self.make(parent)?;
        let part = path.with_extension("part");
        let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
        text.push('\n');
        let written =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).and_then(
                |mut file| {
                    file.write_all(text.as_bytes())?;
                    file.sync_data()
                },
            );
        written.and_then(|()| fs::rename(&part, &path)).map_err(|error| unusable(&path, &error))
    }

    fn make(&self, folder: &Path) -> Result<(), Problem> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| unusable(folder, &error))
    }
}

fn unusable(path: &Path, error: &io::Error) -> Problem {
    Problem::unavailable(format!("`{}` cannot be written: {}", path.display(), plain(error)))
}

impl Finished {
    /// What a person reads.
    pub(super) fn text(&self, out: &Path) -> String {
        let mut text = format!("account {} is in {}: {} answers", self.account, out.display(), self.fetched);
        if self.kept > 0 {
            text.push_str(&format!(", {} from before", self.kept));
        }
        text.push('\n');
        if !self.not_collected.is_empty() {
            text.push_str("\nnot collected, so not assessable:\n");
        }
        for missing in &self.not_collected {
            text.push_str(&format!("  {}: {}\n", escape(&missing.operation), escape(&missing.reason)));
        }
        text.push_str(&format!("\nnow: bailiwick audit {}\n", out.display()));
        text
    }
}
