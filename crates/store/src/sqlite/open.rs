//! Opening the database file: permissions, the lock, the schema, and what is wrong where it fails.

use crate::keyfile::sync_parent;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The database file in the data directory.
const DATABASE: &str = "bailiwick.db";
/// The file whose lock says that a server runs on the directory.
const LOCK: &str = "bailiwick.lock";
/// Marks the file as ours in its header: `BAIL`.
const APPLICATION_ID: i64 = 0x4241_494c;
/// The version of the tables.
const SCHEMA: i64 = 1;

const TABLES: &str = "
    CREATE TABLE log (rev INTEGER PRIMARY KEY, batch BLOB NOT NULL) STRICT;
    CREATE TABLE image (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE mark (name TEXT PRIMARY KEY, rev INTEGER NOT NULL, hash BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// How to open the database.
#[derive(Debug, Clone, Default)]
pub struct SqliteOptions {
    /// The most bytes the file may take; the store reports itself full beyond. `None`: the disk's space.
    pub max_bytes: Option<u64>,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the directory open.
    #[error("another server runs on `{}`", .0.display())]
    Locked(PathBuf),
    /// The directory or the file cannot be written.
    #[error("`{}` cannot be written: {source}", .path.display())]
    ReadOnly {
        /// The directory or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than the owner may read the file.
    #[error("`{}` is open to others (mode {mode:o}); it must belong to its owner alone (mode 600)", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is damaged, or no database of this program.
    #[error("`{}` is damaged or not a Bailiwick database: {what}", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The file was made by another version of this program.
    #[error("`{}` has schema {found}, this program reads schema {SCHEMA}", .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// No space is left to create or recover the file.
    #[error("no space is left for `{}`", .0.display())]
    Full(PathBuf),
    /// Anything else that the system or the database says.
    #[error("`{}` cannot be opened: {what}", .path.display())]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// What was said.
        what: String,
    },
}

pub(super) fn open(directory: &Path, options: &SqliteOptions) -> Result<(Connection, File), OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| system(directory, error))?;
    let lock = lock(directory)?;
    let path = directory.join(DATABASE);
    create_private(&path)?;
    let connection = connect(&path, options).map_err(|error| database(&path, &error))?;
    prepare_schema(&connection, &path)?;
    Ok((connection, lock))
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(|error| system(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(system(&path, error)),
    }
}

/// Makes an empty file that only its owner can read, or checks that an existing one is so. SQLite gives its WAL
/// the same mode.
fn create_private(path: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().create_new(true).write(true).mode(0o600).open(path) {
        Ok(_) => return sync_parent(path).map_err(|error| system(path, error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(system(path, error)),
    }
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(|error| system(path, error))?;
    let mode = file.metadata().map_err(|error| system(path, error))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(OpenError::Exposed { path: path.to_owned(), mode }) }
}

fn connect(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA wal_autocheckpoint = 20000;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;",
    )?;
    if let Some(bytes) = options.max_bytes {
        let page: u64 =
            connection.query_row("PRAGMA page_size", [], |row| row.get::<_, i64>(0))?.unsigned_abs();
        let pages = (bytes / page.max(1)).clamp(1, 0xffff_fffe);
        connection.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?;
    }
    Ok(connection)
}

fn prepare_schema(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let failed = |error: rusqlite::Error| database(path, &error);
    let (application, schema) =
        (pragma("application_id").map_err(failed)?, pragma("user_version").map_err(failed)?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    match (application, schema) {
        (0, 0) if tables == 0 => connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {SCHEMA}; COMMIT;"
            ))
            .map_err(failed),
        (APPLICATION_ID, SCHEMA) => Ok(()),
        (APPLICATION_ID, found) => Err(OpenError::Schema { path: path.to_owned(), found }),
        _ => Err(OpenError::Corrupt {
            path: path.to_owned(),
            what: "it is a database of another program".to_owned(),
        }),
    }
}

pub(super) fn copy(directory: &Path, path: &Path) -> Result<(), OpenError> {
    let source = directory.join(DATABASE);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(&source, flags).map_err(|error| database(&source, &error))?;
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| system(path, error))?;
    let copied = path.to_str().ok_or_else(|| OpenError::Io {
        path: path.to_owned(),
        what: "the name is not valid UTF-8".to_owned(),
    })?;
    connection.execute("VACUUM INTO ?1", [copied]).map(|_| ()).map_err(|error| database(path, &error))
}

fn system(path: &Path, error: io::Error) -> OpenError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::ReadOnly { path, source: error }
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::Full(path),
        _ => OpenError::Io { path, what: error.to_string() },
    }
}

fn database(path: &Path, error: &rusqlite::Error) -> OpenError {
    let (path, what) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Corrupt { path, what },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked(path),
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { path, source: io::Error::other(what) },
        Some(ErrorCode::DiskFull) => OpenError::Full(path),
        _ => OpenError::Io { path, what },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_told_apart() {
        let said = |kind: io::ErrorKind| system(Path::new("data"), kind.into());
        assert!(matches!(said(io::ErrorKind::PermissionDenied), OpenError::ReadOnly { .. }));
        assert!(matches!(said(io::ErrorKind::ReadOnlyFilesystem), OpenError::ReadOnly { .. }));
        assert!(matches!(said(io::ErrorKind::StorageFull), OpenError::Full(_)));
        assert!(matches!(said(io::ErrorKind::NotADirectory), OpenError::Io { .. }));
    }
}
