//! Reading record files: one file, or a folder with everything under it, compressed or not.

use crate::split::{SplitError, Splitter};
use crate::view::RecordView;
use flate2::bufread::MultiGzDecoder;
use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// What could not be read, and where. Reading goes on with the next record or file.
#[derive(Debug, thiserror::Error)]
#[error("`{}`{}: {what}", .file.display(), .offset.map(|at| format!(" at byte {at}")).unwrap_or_default())]
pub struct ReadError {
    /// The file or folder.
    pub file: PathBuf,
    /// The byte of the (uncompressed) file at which the record begins.
    pub offset: Option<u64>,
    /// What is wrong.
    pub what: ReadFault,
}

/// What is wrong with a file or record.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The file or folder cannot be opened.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file does not split into records.
    #[error("{0}")]
    Split(#[from] SplitError),
    /// A record is no JSON, or a member has an impossible form.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// A file's records, decompressed on the way.
pub type FileSplitter = Splitter<Box<dyn Read + Send>>;

/// Opens one file, compressed or not, as its first bytes tell.
pub fn open(path: &Path) -> io::Result<FileSplitter> {
    let mut file = BufReader::with_capacity(32 << 10, File::open(path)?);
    let compressed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(Splitter::new(if compressed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) }))
}

/// Reads the file at `path`, or every record file under the folder `path`, in the order of their names. Memory
/// is bounded whatever the size of the files.
///
/// In folders, files ending in `.json`, `.jsonl`, `.ndjson` or these with `.gz` are read; digest folders and
/// hidden files are passed over, and links to folders are not followed.
pub fn read_path(path: &Path) -> Reader {
    Reader { waiting: vec![path.to_owned()], top: true, current: None }
}

/// The records of a file or folder; see [`read_path`].
pub struct Reader {
    /// What is still to be read, the next one last.
    waiting: Vec<PathBuf>,
    top: bool,
    current: Option<(PathBuf, FileSplitter)>,
}

impl Reader {
    /// The file that is being read.
    pub fn file(&self) -> Option<&Path> {
        self.current.as_ref().map(|(path, _)| path.as_path())
    }

    fn open_next(&mut self) -> Option<Result<(), ReadError>> {
        let path = self.waiting.pop()?;
        let top = std::mem::take(&mut self.top);
        let opened = path.metadata().and_then(|about| {
            if about.is_dir() {
                self.waiting.extend(entries(&path)?.into_iter().rev());
            } else if top || is_record_file(&path) {
                self.current = Some((path.clone(), open(&path)?));
            }
            Ok(())
        });
        Some(opened.map_err(|error| ReadError { file: path, offset: None, what: error.into() }))
    }
}

impl Iterator for Reader {
    type Item = Result<RecordView, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((path, splitter)) = &mut self.current else {
                match self.open_next()? {
                    Ok(()) => continue,
                    Err(error) => return Some(Err(error)),
                }
            };
            let Some((offset, record)) = splitter.next_record() else {
                self.current = None;
                continue;
            };
            let parsed = record.map_err(ReadFault::from).and_then(|json| Ok(parse(json)?));
            return Some(parsed.map_err(|what| ReadError { file: path.clone(), offset: Some(offset), what }));
        }
    }
}

/// Reads a record, or an event of `lookup-events`, which holds the record as text.
pub fn parse(json: &[u8]) -> Result<RecordView, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Looked {
        #[serde(rename = "CloudTrailEvent")]
        record: String,
    }
    if memchr::memmem::find(json, b"\"CloudTrailEvent\"").is_some()
        && let Ok(looked) = serde_json::from_slice::<Looked>(json)
    {
        return RecordView::parse(looked.record.as_bytes());
    }
    RecordView::parse(json)
}

/// What lies in a folder and may be read, sorted by name.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        let link_to_folder = entry.file_type()?.is_symlink() && entry.path().is_dir();
        if !link_to_folder && !name.as_encoded_bytes().starts_with(b".") && name != "CloudTrail-Digest" {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Whether a file's name is one of a record file.
pub fn is_record_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(name);
    [".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end)) && !name.starts_with('.')
}

/// Tells records seen before by their event id, within a window of the last ones.
#[derive(Debug)]
pub struct Dedupe {
    seen: HashSet<Box<str>>,
    order: VecDeque<Box<str>>,
    capacity: usize,
}

impl Dedupe {
    /// Remembers the last `capacity` ids.
    pub fn new(capacity: usize) -> Self {
        Self { seen: HashSet::new(), order: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Whether the record has not been seen in the window; remembers it. A record without an id is always new.
    pub fn is_new(&mut self, record: &RecordView) -> bool {
        let id = record.event_id.as_str();
        if id.is_empty() {
            return true;
        }
        if !self.seen.insert(id.into()) {
            return false;
        }
        self.order.push_back(id.into());
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}
