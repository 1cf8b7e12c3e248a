//! The embedded backend: log, image and marks in one SQLite file, durable at every append.
//!
//! One process writes at a time: a lock file beside the database says so at once and clearly. The database runs
//! in WAL mode with `synchronous = FULL`, so an append costs one fsync and survives a kill or a power cut.

mod open;

pub use open::{OpenError, SqliteOptions};

use crate::batch::{Batch, Hash, Rev, Write, hash};
use crate::log::{Appended, Checkpoint, Head, Log, LogError, Marks};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use std::fs::File;
use std::path::Path;

/// A log in one SQLite file.
pub struct Sqlite {
    connection: Connection,
    /// The head; `None` when an append of unknown fate left it in doubt.
    head: Option<Rev>,
    _lock: File,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sqlite(head {:?})", self.head)
    }
}

impl Sqlite {
    /// Opens or creates `bailiwick.db` in the directory, which is created if it is missing.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        Self::open_with(directory, &SqliteOptions::default())
    }

    /// Like [`Self::open`], with options.
    pub fn open_with(directory: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let (connection, lock) = open::open(directory, options)?;
        Ok(Self { connection, head: None, _lock: lock })
    }

    /// Writes a consistent copy of the store in `directory` to the file `to`, which must not exist, with mode
    /// 0600. May be called while a server runs on the directory, by it or by another process.
    pub fn copy(directory: &Path, to: &Path) -> Result<(), OpenError> {
        open::copy(directory, to)
    }

    fn known_head(&mut self) -> Result<Rev, LogError> {
        if let Some(head) = self.head {
            return Ok(head);
        }
        let last: Option<i64> = self
            .connection
            .query_row("SELECT max(rev) FROM log", [], |row| row.get(0))
            .map_err(|error| failure(&error))?;
        let head = match last {
            Some(rev) => Rev(rev.unsigned_abs()),
            None => marks(&self.connection)?.base.rev,
        };
        self.head = Some(head);
        Ok(head)
    }

    fn insert(&mut self, after: Rev, batch: &Batch) -> rusqlite::Result<usize> {
        let rev = after.next().0.cast_signed();
        self.connection
            .prepare_cached("INSERT INTO log (rev, batch) VALUES (?1, ?2)")?
            .execute(params![rev, batch.encode()])
    }
}

impl Log for Sqlite {
    fn head(&mut self) -> Result<Rev, LogError> {
        self.known_head()
    }

    fn append(&mut self, after: Rev, batch: &Batch) -> Result<Appended, LogError> {
        if self.known_head()? != after {
            return Ok(Appended::Conflict);
        }
        match self.insert(after, batch) {
            Ok(_) => {
                self.head = Some(after.next());
                Ok(Appended::Committed)
            }
            Err(error) => {
                self.head = None;
                Err(append_failure(&error))
            }
        }
    }

    fn read(&mut self, after: Rev, limit: usize) -> Result<Vec<(Rev, Batch)>, LogError> {
        let base = marks(&self.connection)?.base.rev;
        if after < base {
            return Err(LogError::Truncated { base });
        }
        read(&self.connection, after, limit)
            .map_err(|error| failure(&error))?
            .into_iter()
            .map(decode)
            .collect()
    }

    fn checkpoint(&mut self, op: Checkpoint<'_>) -> Result<Marks, LogError> {
        match op {
            Checkpoint::Marks => marks(&self.connection),
            Checkpoint::Load(visit) => {
                load(&self.connection, visit).map_err(|error| failure(&error))?;
                marks(&self.connection)
            }
            Checkpoint::Shipped(rev) => {
                let mut marks = marks(&self.connection)?;
                if rev > marks.shipped {
                    marks.shipped = rev;
                    set_mark(&self.connection, "shipped", &Head { rev, hash: [0; 32] })
                        .map_err(|error| failure(&error))?;
                }
                Ok(marks)
            }
            Checkpoint::Save { head, changes } => {
                let marks = marks(&self.connection)?;
                if head.rev < marks.image.rev {
                    return Ok(marks);
                }
                let saved = save(&mut self.connection, marks, head, changes)?;
                // The effects are in the image now; the WAL may start anew. Failing costs only space.
                let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
                Ok(saved)
            }
        }
    }
}

fn read(connection: &Connection, after: Rev, limit: usize) -> rusqlite::Result<Vec<(Rev, Vec<u8>)>> {
    let mut rows =
        connection.prepare_cached("SELECT rev, batch FROM log WHERE rev > ?1 ORDER BY rev LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = rows.query_map(params![after.0.cast_signed(), limit], |row| {
        Ok((Rev(row.get::<_, i64>(0)?.unsigned_abs()), row.get(1)?))
    })?;
    found.collect()
}

fn decode((rev, bytes): (Rev, Vec<u8>)) -> Result<(Rev, Batch), LogError> {
    match Batch::decode(&bytes) {
        Ok(batch) => Ok((rev, batch)),
        Err(source) => Err(LogError::Undecodable { rev, source }),
    }
}

fn load(connection: &Connection, visit: &mut dyn FnMut(Write)) -> rusqlite::Result<()> {
    let mut rows = connection.prepare("SELECT key, value FROM image ORDER BY key")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        visit(Write::put(row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?));
    }
    Ok(())
}

fn save(
    connection: &mut Connection,
    marks: Marks,
    head: Head,
    changes: &mut dyn Iterator<Item = Write>,
) -> Result<Marks, LogError> {
    let failed = |error: rusqlite::Error| failure(&error);
    let change = connection.transaction().map_err(failed)?;
    for write in changes {
        match &write.value {
            Some(value) => change
                .prepare_cached("INSERT OR REPLACE INTO image (key, value) VALUES (?1, ?2)")
                .and_then(|mut put| put.execute(params![&*write.key, &**value])),
            None => change
                .prepare_cached("DELETE FROM image WHERE key = ?1")
                .and_then(|mut delete| delete.execute(params![&*write.key])),
        }
        .map_err(failed)?;
    }
    set_mark(&change, "image", &head).map_err(failed)?;
    let base = truncate(&change, marks.base, head.rev.min(marks.shipped)).map_err(failed)?;
    change.commit().map_err(failed)?;
    Ok(Marks { base, image: head, shipped: marks.shipped })
}

/// Removes the batches up to `until` and marks where the log now begins.
fn truncate(change: &Connection, base: Head, until: Rev) -> rusqlite::Result<Head> {
    let last: Option<Vec<u8>> = change
        .query_row("SELECT batch FROM log WHERE rev = ?1", params![until.0.cast_signed()], |row| row.get(0))
        .optional()?;
    let Some(batch) = last else {
        return Ok(base);
    };
    let base = Head { rev: until, hash: hash(&batch) };
    change.execute("DELETE FROM log WHERE rev <= ?1", params![until.0.cast_signed()])?;
    set_mark(change, "base", &base)?;
    Ok(base)
}

fn marks(connection: &Connection) -> Result<Marks, LogError> {
    let mut marks = Marks::default();
    let mut read = || -> rusqlite::Result<()> {
        let mut rows = connection.prepare_cached("SELECT name, rev, hash FROM mark")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let head = Head { rev: Rev(row.get::<_, i64>(1)?.unsigned_abs()), hash: row.get::<_, Hash>(2)? };
            match row.get_ref(0)?.as_str()? {
                "base" => marks.base = head,
                "image" => marks.image = head,
                "shipped" => marks.shipped = head.rev,
                _ => {}
            }
        }
        Ok(())
    };
    read().map_err(|error| failure(&error))?;
    Ok(marks)
}

fn set_mark(connection: &Connection, name: &str, head: &Head) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO mark (name, rev, hash) VALUES (?1, ?2, ?3)")?
        .execute(params![name, head.rev.0.cast_signed(), head.hash])
        .map(|_| ())
}

/// A failure outside an append: nothing happened.
fn failure(error: &rusqlite::Error) -> LogError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => LogError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => LogError::Corrupt(error.to_string()),
        None => LogError::Corrupt(error.to_string()),
        Some(_) => LogError::Unavailable(error.to_string()),
    }
}

/// A failure of an append: where the disk failed it is not known what reached it.
fn append_failure(error: &rusqlite::Error) -> LogError {
    match error.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure) => LogError::Unknown(error.to_string()),
        // Another process put a batch there behind the lock's back.
        Some(ErrorCode::ConstraintViolation) => LogError::Unknown(error.to_string()),
        _ => failure(error),
    }
}
