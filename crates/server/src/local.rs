//! The local socket: a door only for the user who runs the server.

use crate::error::StartError;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// The socket's name in the data directory.
pub const SOCKET_NAME: &str = "bailiwick.sock";

/// A bound local socket; its file goes when this is dropped.
pub(crate) struct LocalSocket {
    pub(crate) listener: UnixListener,
    path: PathBuf,
    /// The file's identity, so that a later server's socket is not removed.
    file: Option<(u64, u64)>,
    owner: u32,
}

impl LocalSocket {
    /// Binds the socket in `directory`, which only its owner may enter and which this process has locked:
    /// a socket file found there is left over from a server that was killed.
    pub(crate) fn bind(directory: &Path) -> Result<Self, StartError> {
        let path = directory.join(SOCKET_NAME);
        let failed = |source| StartError::Socket { path: path.clone(), source };
        let owner = std::fs::metadata(directory).map_err(failed)?.uid();
        remove_stale(&path).map_err(failed)?;
        let listener = UnixListener::bind(&path).map_err(failed)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).map_err(failed)?;
        let file = identity(&path);
        Ok(Self { listener, path, file, owner })
    }

    /// The path of the socket.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the peer runs as the user who owns the directory, which is the user who runs the server.
    pub(crate) fn is_owner(&self, stream: &UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == self.owner)
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        if self.file.is_some() && identity(&self.path) == self.file {
            // Left behind, it is removed at the next start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let file = std::fs::symlink_metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

fn remove_stale(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(file) if file.file_type().is_socket() => std::fs::remove_file(path),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else has that name")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_owner_of_the_directory_is_the_owner() {
        let directory = tempfile::tempdir().unwrap();
        let mut socket = LocalSocket::bind(directory.path()).unwrap();
        let _client = UnixStream::connect(socket.path()).await.unwrap();
        let (stream, _) = socket.listener.accept().await.unwrap();
        assert!(socket.is_owner(&stream));
        socket.owner += 1;
        assert!(!socket.is_owner(&stream));
    }
}
