//! The spool: records of reads and refusals on their way to the archive, as JSON lines in numbered segments.
//!
//! Pushing appends to memory; [`Spool::flush`], called at least every second, writes and syncs. When much has gathered
//! before, the thread that flushes is woken ([`Spool::wake`]): so little memory is in use that it stays in the
//! processor's cache. A failed flush keeps everything and marks the spool unhealthy, so that the server can refuse requests rather than serve them
//! unrecorded. One process at a time uses a spool: the lock of the data directory sees to it.

use crate::split::has_line_break;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

/// How the spool works.
#[derive(Debug, Clone)]
pub struct SpoolOptions {
    /// Whether a flush waits until the disk has the records; otherwise a power cut may lose the last ones.
    pub sync: bool,
    /// A segment is closed when it has grown to this many bytes.
    pub segment_bytes: u64,
    /// So many bytes waiting in memory wake the thread that flushes.
    pub gathered_bytes: usize,
    /// The most bytes that may wait in memory.
    pub buffer_bytes: usize,
}

impl Default for SpoolOptions {
    fn default() -> Self {
        Self { sync: true, segment_bytes: 4 << 20, gathered_bytes: 512 << 10, buffer_bytes: 64 << 20 }
    }
}

/// Why a record did not reach the spool.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Too many records wait in memory, since flushing fails or is too slow.
    #[error("the spool holds {0} bytes that are not on disk yet, more than it may")]
    Backlog(usize),
    /// The records are not one line of text.
    #[error("a record with a line break was refused")]
    LineBreak,
    /// No space is left; nothing was lost.
    #[error("no space is left for `{}`", .0.display())]
    Full(PathBuf),
    /// The file cannot be written; nothing was lost.
    #[error("`{}` cannot be written: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl SpoolError {
    pub(crate) fn system(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// Records on their way to the archive.
pub struct Spool {
    directory: PathBuf,
    options: SpoolOptions,
    waiting: Mutex<Vec<u8>>,
    flusher: OnceLock<Thread>,
    segment: Mutex<Open>,
    healthy: AtomicBool,
}

/// The segment that is being written.
struct Open {
    number: u64,
    file: Option<File>,
    /// The bytes known to be good; what a failed write left behind is cut off.
    length: u64,
    /// An empty buffer for what comes next, so that it need not grow again with every flush.
    spare: Vec<u8>,
}

/// A buffer that has grown beyond this is given back.
const SPARE_BYTES: usize = 4 << 20;

impl Spool {
    /// Opens the spool in `directory`, which is created if it is missing. Segments of an earlier process are
    /// closed.
    pub fn open(directory: &Path, options: SpoolOptions) -> Result<Self, SpoolError> {
        let failed = |source| SpoolError::system(directory, source);
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let last = segments(directory).map_err(failed)?.last().map_or(0, |(number, _)| *number);
        Ok(Self {
            directory: directory.to_owned(),
            options,
            waiting: Mutex::default(),
            flusher: OnceLock::new(),
            segment: Mutex::new(Open { number: last + 1, file: None, length: 0, spare: Vec::new() }),
            healthy: AtomicBool::new(true),
        })
    }

    /// The folder of the segments.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Names the thread that flushes, to be unparked when [`SpoolOptions::gathered_bytes`] wait. Only the first one
    /// named is woken.
    pub fn wake(&self, flusher: Thread) {
        let _ = self.flusher.set(flusher);
    }

    /// Takes a record in, one line of JSON. It is durable after the next [`Self::flush`].
    pub fn push(&self, record: &[u8]) -> Result<(), SpoolError> {
        if has_line_break(record) {
            return Err(SpoolError::LineBreak);
        }
        let mut waiting = lock(&self.waiting);
        if waiting.len() + record.len() >= self.options.buffer_bytes {
            self.healthy.store(false, Ordering::Relaxed);
            return Err(SpoolError::Backlog(waiting.len()));
        }
        let before = waiting.len();
        waiting.extend_from_slice(record);
        waiting.push(b'\n');
        let gathered = self.options.gathered_bytes;
        if before < gathered && waiting.len() >= gathered {
            drop(waiting);
            self.flusher.get().inspect(|flusher| flusher.unpark());
        }
        Ok(())
    }

    /// Whether the last flush succeeded and there is room: if not, what is pushed may never reach the disk.
    pub fn healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Bytes that wait for a flush.
    pub fn backlog(&self) -> usize {
        lock(&self.waiting).len()
    }

    /// Writes what waits to the open segment, and to disk if so configured; yields the bytes written. After an
    /// error nothing is lost and the next call tries again.
    pub fn flush(&self) -> Result<usize, SpoolError> {
        let mut open = lock(&self.segment);
        self.flush_into(&mut open)
    }

    /// Flushes, and closes the open segment so that it can be delivered.
    pub fn rotate(&self) -> Result<(), SpoolError> {
        let mut open = lock(&self.segment);
        self.flush_into(&mut open)?;
        open.close();
        Ok(())
    }

    /// The closed segments, oldest first.
    pub fn closed(&self) -> Result<Vec<PathBuf>, SpoolError> {
        let open = lock(&self.segment).number;
        let all = segments(&self.directory).map_err(|source| SpoolError::system(&self.directory, source))?;
        Ok(all.into_iter().filter(|(number, _)| *number < open).map(|(_, path)| path).collect())
    }

    fn flush_into(&self, open: &mut Open) -> Result<usize, SpoolError> {
        let spare = std::mem::take(&mut open.spare);
        let mut bytes = std::mem::replace(&mut *lock(&self.waiting), spare);
        let written =
            if bytes.is_empty() { Ok(()) } else { open.append(&self.directory, &bytes, self.options.sync) };
        self.healthy.store(written.is_ok(), Ordering::Relaxed);
        if let Err(error) = written {
            // What came in the meantime goes behind what could not be written.
            let mut waiting = lock(&self.waiting);
            let later = std::mem::replace(&mut *waiting, bytes);
            waiting.extend_from_slice(&later);
            return Err(error);
        }
        if open.length >= self.options.segment_bytes {
            open.close();
        }
        let written = bytes.len();
        if bytes.capacity() <= SPARE_BYTES {
            bytes.clear();
            open.spare = bytes;
        }
        Ok(written)
    }
}

impl Open {
    fn append(&mut self, directory: &Path, bytes: &[u8], sync: bool) -> Result<(), SpoolError> {
        let path = directory.join(segment_name(self.number));
        self.try_append(directory, &path, bytes, sync).map_err(|source| SpoolError::system(&path, source))
    }

    fn try_append(&mut self, directory: &Path, path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
                if sync {
                    File::open(directory)?.sync_all()?;
                }
                file
            }
        };
        let written = file.write_all(bytes).and_then(|()| if sync { file.sync_data() } else { Ok(()) });
        let repaired = if written.is_err() { file.set_len(self.length) } else { Ok(()) };
        if repaired.is_ok() {
            self.file = Some(file);
        } else {
            // Its end is of no use: what is written again goes to a new segment.
            self.leave();
        }
        written?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn close(&mut self) {
        if self.file.is_some() {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.file = None;
        self.number += 1;
        self.length = 0;
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // The last chance; whoever must know calls `flush` before.
        let _ = self.flush();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn segment_name(number: u64) -> String {
    format!("{number:012}.jsonl")
}

/// The segments in a spool's folder, oldest first.
pub(crate) fn segments(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in directory.read_dir()? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(number) = name.strip_suffix(".jsonl").and_then(|digits| digits.parse().ok()) {
            found.push((number, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}
