//! The data directory: made private, locked against a second server.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The file that a running server holds locked.
const LOCK_NAME: &str = "server.lock";

/// Why a data directory is not used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another server runs on it.
    #[error("another server is running on `{}`", .0.display())]
    InUse(PathBuf),
    /// The directory belongs to somebody else.
    #[error("the data directory `{}` belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// The path names something else.
    #[error("the data directory `{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The system refused.
    #[error("the data directory `{}` cannot be used: {}", .path.display(), crate::plain(source))]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl DataError {
    /// What the user can do.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            DataError::InUse(_) => "stop the other one, or give this one its own `--data DIR`".into(),
            DataError::Foreign(_) => "run the server as that user, or give it another `--data DIR`".into(),
            DataError::NotADirectory(_) => "give a directory with `--data DIR`".into(),
            DataError::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "give a directory that you may write to with `--data DIR`".into()
                }
                _ => return None,
            },
        })
    }
}

/// A data directory that this process holds.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
    /// Whether the directory is of this process alone and goes with it.
    passing: bool,
}

impl DataDirectory {
    /// Makes the directory if it is missing, closes it to others, and locks it.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        Self::hold(path, false)
    }

    /// Makes a private directory under `parent` that goes when the server stops; `name` makes it unique.
    pub fn passing(parent: &Path, name: &str) -> Result<Self, DataError> {
        let path = parent.join(format!("bailiwick-{name}"));
        let failed = |source| DataError::Io { path: path.clone(), source };
        DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
        Self::hold(&path, true)
    }

    fn hold(path: &Path, passing: bool) -> Result<Self, DataError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                DataError::NotADirectory(path.to_owned())
            }
            _ => DataError::Io { path: path.to_owned(), source },
        };
        DirBuilder::new().mode(0o700).recursive(true).create(path).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let lock = lock(&path)?;
        close(&path, &lock)?;
        Ok(Self { path, _lock: lock, passing })
    }

    /// The directory's absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        if self.passing {
            // It is in the temporary directory: what cannot be removed here goes with that.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn lock(directory: &Path) -> Result<File, DataError> {
    let failed = |source| DataError::Io { path: directory.to_owned(), source };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(directory.join(LOCK_NAME))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DataError::InUse(directory.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Takes the directory from everyone but its owner, who must be the user of this process: the owner of the
/// lock file that it has just made or opened for writing.
fn close(directory: &Path, lock: &File) -> Result<(), DataError> {
    let failed = |source| DataError::Io { path: directory.to_owned(), source };
    let found = directory.metadata().map_err(failed)?;
    if found.uid() != lock.metadata().map_err(failed)?.uid() {
        return Err(DataError::Foreign(directory.to_owned()));
    }
    if found.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(directory, PermissionsExt::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_private_and_held_once() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let held = DataDirectory::open(&path).unwrap();
        assert_eq!(held.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(matches!(DataDirectory::open(&path), Err(DataError::InUse(_))));
        drop(held);
        assert!(DataDirectory::open(&path).is_ok());
    }

    #[test]
    fn an_open_directory_is_closed_and_a_file_refused() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("open");
        std::fs::create_dir(&path).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        let held = DataDirectory::open(&path).unwrap();
        assert_eq!(held.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let file = parent.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(matches!(DataDirectory::open(&file), Err(DataError::NotADirectory(_))));
        assert!(matches!(DataDirectory::open(&file.join("below")), Err(DataError::NotADirectory(_))));
    }

    #[test]
    fn a_passing_directory_goes() {
        let parent = tempfile::tempdir().unwrap();
        let held = DataDirectory::passing(parent.path(), "x").unwrap();
        let path = held.path().to_owned();
        assert!(path.exists());
        drop(held);
        assert!(!path.exists());
    }
}
