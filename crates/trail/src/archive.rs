//! The archive: delivering records into compressed files in CloudTrail's folder layout.
//!
//! A file's name holds a hash of its content, so that delivering the same records again after a crash replaces
//! the file instead of adding another. Records are copied as they are: of each only the beginning is read.

use crate::address::Address;
use crate::layout;
use crate::split::{MAX_RECORD, complete_lines};
use crate::spool::{Spool, SpoolError};
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, Timestamp};
use flate2::{Compression, write::GzEncoder};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where delivered files lie.
#[derive(Debug, Clone)]
pub struct Archive {
    root: PathBuf,
    level: Compression,
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Files written.
    pub files: usize,
    /// Records in them.
    pub records: usize,
    /// What is no record, such as the end of a segment torn by a crash. It is kept as it was, beside the spool
    /// or at the archive's root, in a file ending in `.unreadable`.
    pub unreadable: usize,
}

/// Why records were not delivered. Nothing is lost: they are where they were.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The spool cannot be read or closed.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// No space is left.
    #[error("no space is left for `{}`", .0.display())]
    Full(PathBuf),
    /// A file or folder cannot be written.
    #[error("`{}` cannot be written: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl DeliverError {
    fn system(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// The file of a record: account, region, day.
type Bundle<'r> = (AccountId, Cow<'r, str>, layout::Day);

/// The folder of records whose account is none.
const NO_ACCOUNT: &str = "000000000000";

/// Records are compressed in pieces of this size: each call of the compressor has its price.
const PIECE: usize = 64 * 1024;

/// Records of one file, and the time of the newest.
#[derive(Default)]
struct Bundled<'r> {
    records: Vec<&'r [u8]>,
    newest: Timestamp,
}

impl Archive {
    /// The archive whose `AWSLogs` folder lies in `root`. Folders are made as they are needed.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), level: Compression::fast() }
    }

    /// The folder that holds `AWSLogs`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Delivers records; they are durable in their files when this returns.
    pub fn deliver<'r>(
        &self,
        records: impl IntoIterator<Item = &'r [u8]>,
    ) -> Result<Delivered, DeliverError> {
        let (mut bundles, mut unreadable) = (BTreeMap::new(), Vec::new());
        for record in records {
            if !bundle(&mut bundles, record) {
                unreadable.push(record);
            }
        }
        self.write_all(&bundles, &unreadable, &self.root)
    }

    /// Closes the spool's open segment and delivers every closed one; a segment is removed when its records are
    /// durable in their files.
    pub fn deliver_spool(&self, spool: &Spool) -> Result<Delivered, DeliverError> {
        spool.rotate()?;
        let mut total = Delivered::default();
        for segment in spool.closed()? {
            let delivered = self.deliver_segment(&segment)?;
            total.files += delivered.files;
            total.records += delivered.records;
            total.unreadable += delivered.unreadable;
        }
        Ok(total)
    }

    fn deliver_segment(&self, segment: &Path) -> Result<Delivered, DeliverError> {
        let failed = |source| DeliverError::system(segment, source);
        let bytes = std::fs::read(segment).map_err(failed)?;
        let (lines, complete) = complete_lines(&bytes);
        let (mut bundles, mut unreadable) = (BTreeMap::new(), Vec::new());
        for line in lines {
            if !bundle(&mut bundles, line) {
                unreadable.push(line);
            }
        }
        unreadable.extend(bytes.get(complete..).filter(|torn| !torn.is_empty()));
        let beside = segment.parent().unwrap_or(&self.root);
        let delivered = self.write_all(&bundles, &unreadable, beside)?;
        std::fs::remove_file(segment).map_err(failed)?;
        Ok(delivered)
    }

    fn write_all(
        &self,
        bundles: &BTreeMap<Bundle<'_>, Bundled<'_>>,
        unreadable: &[&[u8]],
        aside: &Path,
    ) -> Result<Delivered, DeliverError> {
        let mut delivered = Delivered { unreadable: unreadable.len(), ..Delivered::default() };
        if !unreadable.is_empty() {
            make_folder(aside)?;
            let content = unreadable.join(&b'\n');
            write_durably(&aside.join(format!("{}.unreadable", unique(&content))), &content)?;
        }
        for ((account, region, day), bundled) in bundles {
            let folder = self.root.join(layout::folder(account.as_str(), region, *day));
            make_folder(&folder)?;
            let content = self.compress(&bundled.records).map_err(|e| DeliverError::system(&folder, e))?;
            let unique = unique(&content);
            let name = layout::file_name(account.as_str(), region, bundled.newest, &unique);
            write_durably(&folder.join(name), &content)?;
            delivered.files += 1;
            delivered.records += bundled.records.len();
        }
        Ok(delivered)
    }

    fn compress(&self, records: &[&[u8]]) -> io::Result<Vec<u8>> {
        let mut encoder = BufWriter::with_capacity(PIECE, GzEncoder::new(Vec::new(), self.level));
        encoder.write_all(b"{\"Records\":[")?;
        for (place, record) in records.iter().enumerate() {
            if place > 0 {
                encoder.write_all(b",")?;
            }
            encoder.write_all(record)?;
        }
        encoder.write_all(b"]}")?;
        encoder.into_inner()?.finish()
    }
}

/// Puts a record into the bundle of its file; `false` if it is no record.
fn bundle<'r>(bundles: &mut BTreeMap<Bundle<'r>, Bundled<'r>>, record: &'r [u8]) -> bool {
    let address = Some(record).filter(|record| record.len() <= MAX_RECORD).and_then(Address::of);
    let Some((address, time)) = address.and_then(|a| Timestamp::parse(&a.event_time).ok().map(|t| (a, t)))
    else {
        return false;
    };
    let account = AccountId::parse(&address.recipient_account_id).or_else(|_| AccountId::parse(NO_ACCOUNT));
    let Ok(account) = account else { return false };
    let known_region = !address.aws_region.is_empty()
        && address.aws_region.len() <= 32
        && address.aws_region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let region = if known_region { address.aws_region } else { "unknown".into() };
    let bundled = bundles.entry((account, region, time.day())).or_default();
    bundled.records.push(record);
    bundled.newest = bundled.newest.max(time);
    true
}

/// Sixteen letters and digits from the hash of some bytes.
fn unique(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let hash = digest(&SHA256, bytes);
    let letter = |byte: &u8| char::from(*LETTERS.get(usize::from(*byte) % LETTERS.len()).unwrap_or(&b'0'));
    hash.as_ref().iter().take(16).map(letter).collect()
}

/// Makes a folder and those above it, durably.
fn make_folder(folder: &Path) -> Result<(), DeliverError> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_folder(parent)?;
    }
    let made = match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    made.and_then(|()| sync(parent)).map_err(|source| DeliverError::system(folder, source))
}

/// Writes a file under another name first: it is there whole or not at all, and stays through a power cut.
fn write_durably(path: &Path, content: &[u8]) -> Result<(), DeliverError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let unfinished = path.with_file_name(format!(".{name}.unfinished"));
    let write = || -> io::Result<()> {
        let mut file =
            OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        sync(path.parent())
    };
    write().map_err(|source| {
        // Half a file helps nobody; if it cannot be removed, the next try overwrites it.
        let _ = std::fs::remove_file(&unfinished);
        DeliverError::system(path, source)
    })
}

fn sync(folder: Option<&Path>) -> io::Result<()> {
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
