//! Searching records, newest first, without reading more files than needed.

use crate::layout::{self, Day};
use crate::reader::{self, ReadError, ReadFault};
use crate::spool;
use crate::view::RecordView;
use base::Timestamp;
use memchr::memmem;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Problems with single files that a search tells of.
const MAX_DAMAGED: usize = 16;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// Which records are wanted. Everything that is set must hold; texts may hold `*` for any run of characters.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The user's, role's or session's name.
    pub user_name: Option<String>,
    /// The operation.
    pub event_name: Option<String>,
    /// The service: its host or its namespace, `iam.amazonaws.com` or `iam`.
    pub event_source: Option<String>,
    /// The access key that signed.
    pub access_key_id: Option<String>,
    /// The account that got the record.
    pub account: Option<String>,
    /// The id of the record.
    pub event_id: Option<String>,
    /// The ARN of a resource touched.
    pub resource: Option<String>,
    /// How the request ended.
    pub error: Option<ErrorMatch>,
    /// Whether the operation only reads.
    pub read_only: Option<bool>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Text that stands anywhere in the record, whatever its case (of ASCII letters). No `*` here.
    pub text: Option<String>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorMatch {
    /// With any error.
    Any,
    /// Without one.
    None,
    /// With this code.
    Code(String),
}

impl Filter {
    /// Whether the record is wanted.
    pub fn matches(&self, record: &RecordView) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|w| matches(w, found));
        let who = &record.user_identity;
        is(&self.event_name, &record.event_name)
            && is(&self.access_key_id, &who.access_key_id)
            && is(&self.account, &record.recipient_account_id)
            && is(&self.event_id, &record.event_id)
            && self.from.is_none_or(|from| record.event_time >= from)
            && self.to.is_none_or(|to| record.event_time < to)
            && self.read_only.is_none_or(|wanted| record.read_only == Some(wanted))
            && (is(&self.event_source, &record.event_source) || is(&self.event_source, record.service()))
            && (is(&self.user_name, who.display_name())
                || is(&self.user_name, &who.session_context.session_issuer.user_name))
            && self
                .resource
                .as_ref()
                .is_none_or(|wanted| record.resources.iter().any(|r| matches(wanted, &r.arn)))
            && self.error_matches(record)
            && self.text.as_ref().is_none_or(|text| contains_ignoring_case(&record.raw, text.as_bytes()))
    }

    fn error_matches(&self, record: &RecordView) -> bool {
        match &self.error {
            None => true,
            Some(ErrorMatch::Any) => record.failed(),
            Some(ErrorMatch::None) => !record.failed(),
            Some(ErrorMatch::Code(code)) => matches(code, &record.error_code),
        }
    }

    /// Whether the JSON of a record may match: passes over most others without parsing them.
    pub fn may_match(&self, json: &[u8]) -> bool {
        let code = match &self.error {
            Some(ErrorMatch::Code(code)) => Some(code),
            _ => None,
        };
        // Root's name is not what stands in the record.
        let user_name = self.user_name.as_ref().filter(|name| *name != "root");
        let exact = [user_name, self.event_name.as_ref(), self.access_key_id.as_ref(), self.account.as_ref()];
        let exact = exact.into_iter().chain([self.event_id.as_ref(), self.event_source.as_ref(), code]);
        let text = self.text.as_ref().filter(|text| is_verbatim(text));
        exact
            .flatten()
            .filter(|text| is_verbatim(text))
            .all(|text| memmem::find(json, text.as_bytes()).is_some())
            && text.is_none_or(|text| contains_ignoring_case(json, text.as_bytes()))
    }
}

/// Whether a text stands in JSON as it is, whichever writer escaped what it liked: no `*` either.
fn is_verbatim(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':'))
}

/// Whether `text` is `pattern`, in which `*` stands for any run of characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, mut rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    while let Some((part, later)) = rest.split_once('*') {
        let Some(at) = text.find(part) else {
            return false;
        };
        text = text.get(at + part.len()..).unwrap_or_default();
        rest = later;
    }
    text.ends_with(rest)
}

fn contains_ignoring_case(hay: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || hay.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

/// Where to search.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The folder that holds `AWSLogs`, or any folder of record files.
    pub archive: Option<PathBuf>,
    /// The folder of the spool.
    pub spool: Option<PathBuf>,
    /// Records that are in no file yet.
    pub pending: Vec<Arc<[u8]>>,
}

/// A place in the order of records: where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The time of the last record shown.
    pub time: Timestamp,
    /// Its event id; records of one second are ordered by it.
    pub event_id: String,
}

impl Cursor {
    fn of(record: &RecordView) -> Self {
        let event_id = if record.event_id.is_empty() {
            let mut hasher = DefaultHasher::new();
            record.raw.hash(&mut hasher);
            format!("{:016x}", hasher.finish())
        } else {
            record.event_id.clone()
        };
        Self { time: record.event_time, event_id }
    }
}

/// The newest records that match.
#[derive(Debug, Default)]
pub struct Page {
    /// Newest first, each once.
    pub records: Vec<RecordView>,
    /// Where the next page begins; `None` if there is nothing more.
    pub next: Option<Cursor>,
    /// Files or records that could not be read, a few of them.
    pub damaged: Vec<ReadError>,
}

/// The newest `limit` records that match, older than `before`. Reads day by day backwards and stops when nothing
/// older can be among them. Records are told apart by their event id.
pub fn search(
    sources: &Sources,
    filter: &Filter,
    limit: usize,
    before: Option<&Cursor>,
) -> Result<Page, ReadError> {
    // One more than asked tells whether there is a next page.
    let mut found = Found {
        filter,
        before,
        wanted: limit.saturating_add(1),
        records: BTreeMap::new(),
        damaged: Vec::new(),
    };
    for json in &sources.pending {
        found.consider(json, || (PathBuf::from("(not yet in a file)"), 0));
    }
    if let Some(directory) = &sources.spool {
        let segments = spool::segments(directory).map_err(|error| ReadError {
            file: directory.clone(),
            offset: None,
            what: error.into(),
        })?;
        segments.iter().for_each(|(_, path)| found.read(path));
    }
    if let Some(root) = &sources.archive {
        found.read_archive(root)?;
    }
    Ok(found.into_page(limit))
}

struct Found<'a> {
    filter: &'a Filter,
    before: Option<&'a Cursor>,
    wanted: usize,
    records: BTreeMap<Cursor, RecordView>,
    damaged: Vec<ReadError>,
}

impl Found<'_> {
    fn read_archive(&mut self, root: &Path) -> Result<(), ReadError> {
        let mut folders = Folders::default();
        folders.walk(root, 0).map_err(|error| ReadError {
            file: root.to_owned(),
            offset: None,
            what: error.into(),
        })?;
        folders.loose.iter().for_each(|path| self.read(path));
        for (day, paths) in folders.days.iter().rev() {
            let start = start_of(*day);
            if start.is_some_and(|start| self.is_settled(start + DAY)) {
                break;
            }
            if !start.is_some_and(|start| self.is_outside(start + DAY) || self.is_later(start)) {
                self.read_day(paths);
            }
        }
        Ok(())
    }

    fn read_day(&mut self, folders: &[PathBuf]) {
        let mut files = Vec::new();
        for folder in folders {
            match list_files(folder) {
                Ok(found) => files.extend(found),
                Err(error) => self.damage(folder.clone(), None, error.into()),
            }
        }
        // Newest first; files whose name says nothing are read in any case.
        files.sort_unstable_by(|a, b| b.cmp(a));
        for (until, path) in files {
            if !until.is_some_and(|until| self.is_settled(until) || self.is_outside(until)) {
                self.read(&path);
            }
        }
    }

    /// Whether records before `until` can no longer be among those wanted.
    fn is_settled(&self, until: Timestamp) -> bool {
        let oldest = self.records.first_key_value();
        self.records.len() >= self.wanted && oldest.is_some_and(|(oldest, _)| oldest.time >= until)
    }

    /// Whether records before `until` are older than wanted.
    fn is_outside(&self, until: Timestamp) -> bool {
        self.filter.from.is_some_and(|from| until <= from)
    }

    /// Whether a day that begins at `start` is newer than wanted. Files delivered by AWS may lie in the folder
    /// of the day after that of their records.
    fn is_later(&self, start: Timestamp) -> bool {
        let wanted_until = [self.filter.to, self.before.map(|before| before.time)];
        wanted_until.into_iter().flatten().any(|until| start >= until + DAY)
    }

    fn read(&mut self, path: &Path) {
        let mut splitter = match reader::open(path) {
            Ok(splitter) => splitter,
            // A segment may be delivered, and removed, while the search is on its way.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.damage(path.to_owned(), None, error.into()),
        };
        while let Some((offset, record)) = splitter.next_record() {
            match record {
                Ok(json) => self.consider(json, || (path.to_owned(), offset)),
                Err(error) => self.damage(path.to_owned(), Some(offset), error.into()),
            }
        }
    }

    fn consider(&mut self, json: &[u8], place: impl FnOnce() -> (PathBuf, u64)) {
        if !self.filter.may_match(json) {
            return;
        }
        let record = match reader::parse(json) {
            Ok(record) => record,
            Err(error) => {
                let (path, offset) = place();
                return self.damage(path, Some(offset), error.into());
            }
        };
        let at = Cursor::of(&record);
        if self.before.is_some_and(|before| at >= *before) || !self.filter.matches(&record) {
            return;
        }
        self.records.insert(at, record);
        if self.records.len() > self.wanted {
            self.records.pop_first();
        }
    }

    fn damage(&mut self, file: PathBuf, offset: Option<u64>, what: ReadFault) {
        if self.damaged.len() < MAX_DAMAGED {
            self.damaged.push(ReadError { file, offset, what });
        }
    }

    fn into_page(mut self, limit: usize) -> Page {
        let more = self.records.len() > limit;
        if more {
            self.records.pop_first();
        }
        let next = self.records.first_key_value().filter(|_| more).map(|(cursor, _)| cursor.clone());
        Page { records: self.records.into_values().rev().collect(), next, damaged: self.damaged }
    }
}

/// The folders of days under a root, and record files that lie in none.
#[derive(Default)]
pub(crate) struct Folders {
    pub(crate) days: BTreeMap<Day, Vec<PathBuf>>,
    pub(crate) loose: Vec<PathBuf>,
}

impl Folders {
    pub(crate) fn walk(&mut self, folder: &Path, depth: usize) -> std::io::Result<()> {
        let entries = match folder.read_dir() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let skipped = entry.file_name() == "CloudTrail-Digest" || entry.file_name() == "spool";
            if entry.file_type()?.is_dir() && !skipped && depth < 12 {
                match layout::day_of(&path) {
                    Some(day) => self.days.entry(day).or_default().push(path),
                    None => self.walk(&path, depth + 1)?,
                }
            } else if entry.file_type()?.is_file() && reader::is_record_file(&path) {
                self.loose.push(path);
            }
        }
        Ok(())
    }
}

/// The record files of a folder, each with the time before which all its records are, if its name tells.
pub(crate) fn list_files(folder: &Path) -> std::io::Result<Vec<(Option<Timestamp>, PathBuf)>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if reader::is_record_file(&path) {
            let name = path.file_name().and_then(|name| name.to_str()).and_then(layout::parse_file_name);
            files.push((name.map(|name| name.minute + MINUTE), path));
        }
    }
    Ok(files)
}

pub(crate) fn start_of((year, month, day): Day) -> Option<Timestamp> {
    Timestamp::parse_basic(&format!("{year:04}{month:02}{day:02}T000000Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("Bob", "Bob", true),
            ("Bob", "Bobby", false),
            ("Create*", "CreateUser", true),
            ("*User", "CreateUser", true),
            ("C*e*r", "CreateUser", true),
            ("a*b*b", "ab", false),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn every_criterion_counts() {
        let record = RecordView::parse(
            br#"{"eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser",
            "errorCode":"AccessDenied","readOnly":false,"recipientAccountId":"123456789012","eventID":"e-1",
            "resources":[{"ARN":"arn:aws:iam::123456789012:user/Bob"}],
            "userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","accessKeyId":"ASIA1",
            "sessionContext":{"sessionIssuer":{"userName":"r"}}}}"#,
        )
        .unwrap();
        let set = |text: &str| Some(text.to_owned());
        let at = |text: &str| Some(Timestamp::parse(text).unwrap());
        let yes = [
            Filter::default(),
            Filter { user_name: set("s"), ..Filter::default() },
            Filter { user_name: set("r"), event_source: set("iam"), ..Filter::default() },
            Filter {
                event_name: set("Create*"),
                event_source: set("iam.amazonaws.com"),
                ..Filter::default()
            },
            Filter { error: Some(ErrorMatch::Any), read_only: Some(false), ..Filter::default() },
            Filter { error: Some(ErrorMatch::Code("AccessDenied".to_owned())), ..Filter::default() },
            Filter { from: at("2026-01-02T03:04:05Z"), to: at("2026-01-02T03:04:06Z"), ..Filter::default() },
            Filter { text: set("USER/bob"), access_key_id: set("ASIA1"), ..Filter::default() },
            Filter { resource: set("*user/Bob"), account: set("123456789012"), ..Filter::default() },
        ];
        let no = [
            Filter { user_name: set("t"), ..Filter::default() },
            Filter { event_name: set("DeleteUser"), ..Filter::default() },
            Filter { event_source: set("sts"), ..Filter::default() },
            Filter { error: Some(ErrorMatch::None), ..Filter::default() },
            Filter { read_only: Some(true), ..Filter::default() },
            Filter { to: at("2026-01-02T03:04:05Z"), ..Filter::default() },
            Filter { from: at("2026-01-02T03:04:06Z"), ..Filter::default() },
            Filter { text: set("Mallory"), ..Filter::default() },
            Filter { account: set("210987654321"), ..Filter::default() },
        ];
        assert!(yes.iter().all(|filter| filter.may_match(&record.raw) && filter.matches(&record)));
        assert!(no.iter().all(|filter| !filter.matches(&record)));
    }
}
