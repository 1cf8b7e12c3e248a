//! Following the trail: new records of the spool and the archive, each once.

use crate::query::{self, Filter, Folders};
use crate::reader::{self, Dedupe};
use crate::split::complete_lines;
use crate::spool;
use crate::view::RecordView;
use base::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Event ids remembered, so that a record seen in the spool is not shown again from its file.
const WINDOW: usize = 100_000;
/// What is read of a segment at once.
const CHUNK: u64 = 4 << 20;
/// Folders of days older than this before the start are not looked at.
const LATENESS: Duration = Duration::from_secs(86_400);

/// Follows the trail from a point in time on.
pub struct Follow {
    archive: Option<PathBuf>,
    spool: Option<PathBuf>,
    filter: Filter,
    from: Timestamp,
    seen: Dedupe,
    files: BTreeSet<PathBuf>,
    offsets: BTreeMap<PathBuf, u64>,
}

impl Follow {
    /// Follows records of `from` and later that match `filter`. The first poll yields those already there.
    pub fn new(archive: Option<&Path>, spool: Option<&Path>, filter: Filter, from: Timestamp) -> Self {
        Self {
            archive: archive.map(Path::to_owned),
            spool: spool.map(Path::to_owned),
            filter,
            from,
            seen: Dedupe::new(WINDOW),
            files: BTreeSet::new(),
            offsets: BTreeMap::new(),
        }
    }

    /// What is new since the last poll, oldest first. Lines and files that cannot be read are passed over.
    pub fn poll(&mut self) -> io::Result<Vec<RecordView>> {
        let mut found = Vec::new();
        // The spool first: a record that moves to the archive meanwhile is then met at least once.
        self.poll_spool(&mut found)?;
        self.poll_archive(&mut found)?;
        found.sort_by(|a, b| (a.event_time, &a.event_id).cmp(&(b.event_time, &b.event_id)));
        Ok(found)
    }

    fn poll_spool(&mut self, found: &mut Vec<RecordView>) -> io::Result<()> {
        let Some(directory) = self.spool.clone() else {
            return Ok(());
        };
        let segments = match spool::segments(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        self.offsets.retain(|path, _| segments.iter().any(|(_, present)| present == path));
        for (_, path) in segments {
            let offset = self.offsets.get(&path).copied().unwrap_or(0);
            let offset = match self.read_segment(&path, offset, found) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            self.offsets.insert(path, offset);
        }
        Ok(())
    }

    /// Reads on from `offset`; yields where to read on next time.
    fn read_segment(&mut self, path: &Path, offset: u64, found: &mut Vec<RecordView>) -> io::Result<u64> {
        let mut file = File::open(path)?;
        // A shorter file is another one under the same name.
        let offset = if offset > file.metadata()?.len() { 0 } else { offset };
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(CHUNK).read_to_end(&mut bytes)?;
        let (lines, complete) = complete_lines(&bytes);
        lines.for_each(|line| self.consider(line, found));
        Ok(offset + complete as u64)
    }

    fn poll_archive(&mut self, found: &mut Vec<RecordView>) -> io::Result<()> {
        let Some(root) = self.archive.clone() else {
            return Ok(());
        };
        let mut folders = Folders::default();
        folders.walk(&root, 0)?;
        let earliest = (self.from - LATENESS).day();
        for (_, path) in
            folders.days.range(earliest..).flat_map(|(day, paths)| paths.iter().map(move |p| (day, p)))
        {
            for (until, file) in query::list_files(path)? {
                let old = until.is_some_and(|until| until <= self.from);
                if !old && self.files.insert(file.clone()) {
                    self.read_file(&file, found);
                }
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path, found: &mut Vec<RecordView>) {
        let Ok(mut splitter) = reader::open(path) else {
            return;
        };
        while let Some((_, record)) = splitter.next_record() {
            if let Ok(json) = record {
                self.consider(json, found);
            }
        }
    }

    fn consider(&mut self, json: &[u8], found: &mut Vec<RecordView>) {
        if !self.filter.may_match(json) {
            return;
        }
        if let Ok(record) = reader::parse(json)
            && record.event_time >= self.from
            && self.filter.matches(&record)
            && self.seen.is_new(&record)
        {
            found.push(record);
        }
    }
}
