//! Records from files.

use crate::commands::Context;
use crate::problem::{Problem, plain};
use base::Timestamp;
use std::path::{Path, PathBuf};
use trail::{Dedupe, Filter, Follow, RecordView, Sources, search};

/// Records shown lately, remembered so that each is shown once.
const WINDOW: usize = 10_000;

/// Makes sure that the folder is one.
pub(super) fn check(folder: &Path) -> Result<PathBuf, Problem> {
    match folder.read_dir() {
        Ok(_) => Ok(folder.to_owned()),
        Err(error) => Err(Problem::unavailable(format!(
            "the folder `{}` cannot be read: {}",
            folder.display(),
            plain(&error)
        ))
        .help("give the folder that holds `AWSLogs`, or any folder of CloudTrail files")),
    }
}

/// The newest records in the folder, newest first.
pub(super) fn newest(
    context: &Context<'_>,
    folder: &Path,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<RecordView>, Problem> {
    let sources = Sources { archive: Some(folder.to_owned()), ..Sources::default() };
    let page = search(&sources, filter, limit, None)
        .map_err(|error| Problem::unavailable(format!("the folder cannot be searched: {error}")))?;
    for damaged in &page.damaged {
        context.output.note(&crate::terminal::escape(&format!("warning: {damaged}")));
    }
    Ok(page.records)
}

/// Yields at each call the records that are new.
pub(super) fn follow(
    folder: PathBuf,
    filter: Filter,
    start: Timestamp,
    shown: &[RecordView],
) -> Box<dyn FnMut() -> Result<Vec<RecordView>, Problem>> {
    let mut seen = Dedupe::new(WINDOW);
    for record in shown {
        seen.is_new(record);
    }
    let mut follow = Follow::new(Some(&folder), None, filter, start);
    Box::new(move || {
        let found = follow.poll().map_err(|error| {
            Problem::unavailable(format!(
                "the folder `{}` cannot be read: {}",
                folder.display(),
                plain(&error)
            ))
        })?;
        Ok(found.into_iter().filter(|record| seen.is_new(record)).collect())
    })
}
