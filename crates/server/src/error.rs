//! Why a server does not start, each with what to do about it.

use crate::data::DataError;
use crate::tls::TlsError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use store::keyfile::KeyFileError;
use store::seal::KeyTextError;
use store::sqlite::OpenError;
use trail::SpoolError;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Plain HTTP on an address that other machines reach.
    #[error("`{0}` can be reached from other machines, and without TLS anyone on the way reads every answer")]
    Unencrypted(SocketAddr),
    /// Measurements on an address that other machines reach, without a token.
    #[error("`{0}` can be reached from other machines, and measurements are not for everybody")]
    OpenMetrics(SocketAddr),
    /// The address cannot be taken.
    #[error("cannot listen on `{address}`: {}", crate::plain(source))]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The local socket cannot be made.
    #[error("cannot open the local socket `{}`: {}", .path.display(), crate::plain(source))]
    Socket {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Certificates of authorities that vouch for identity providers.
    #[error(transparent)]
    Authorities(#[from] crate::fetch::AuthoritiesError),
    /// The file of breached passwords.
    #[error(transparent)]
    Breached(#[from] crate::breached::BreachedError),
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The sealing key.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The sealing key that was given as text.
    #[error("the sealing key is not one: {0}")]
    KeyText(#[from] KeyTextError),
    /// There is a store, and the key file that belongs to it is gone.
    #[error("the store in `{}` is there, but its key file `{}` is not", .store.display(), .key.display())]
    KeyMissing {
        /// The data directory.
        store: PathBuf,
        /// Where the key should be.
        key: PathBuf,
    },
    /// The key is not the one that the store was sealed with.
    #[error("the store's secrets do not open under this key")]
    KeyWrong,
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The store cannot be loaded.
    #[error("the store cannot be loaded: {0}")]
    Load(#[from] store::StartError),
    /// The folder for audit records.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The first start's writes.
    #[error("the first account cannot be made: {0}")]
    First(String),
    /// Threads, timers or signals.
    #[error("the system does not let the server run: {}", crate::plain(.0))]
    System(#[source] io::Error),
}

impl StartError {
    /// What the user can do.
    pub fn help(&self) -> Option<String> {
        match self {
            StartError::Unencrypted(_) => Some(
                "give `--tls-cert FILE --tls-key FILE`, or `--insecure-http` if the network itself is private"
                    .into(),
            ),
            StartError::OpenMetrics(_) => Some("give `--metrics-token-file FILE`, or listen on 127.0.0.1".into()),
            StartError::Bind { source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => Some(
                    "another program has the port; choose one with `--listen 127.0.0.1:PORT`, or 0 for any \
                     free one"
                        .into(),
                ),
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 are the system's; choose a higher one".into())
                }
                io::ErrorKind::AddrNotAvailable => Some("no interface of this machine has that address".into()),
                _ => None,
            },
            StartError::Socket { source, .. } if source.kind() == io::ErrorKind::InvalidInput => {
                Some("the path of a socket has at most 107 bytes; choose a shorter `--data`".into())
            }
            StartError::Data(error) => error.help(),
            StartError::Breached(error) => error.help(),
            StartError::KeyMissing { .. } => Some(
                "put the key file back, or name it with `--key-file FILE`; without it the store's secrets are lost"
                    .into(),
            ),
            StartError::KeyWrong => Some(
                "give the key that the store was made with, by `--key-file FILE` or in BAILIWICK_KEY".into(),
            ),
            StartError::KeyText(_) => {
                Some("make one with `head -c 32 /dev/urandom | base64`, and keep it safe".into())
            }
            StartError::Store(OpenError::Full(_)) | StartError::Spool(SpoolError::Full(_)) => {
                Some("make room, or choose another `--data DIR`".into())
            }
            StartError::Store(OpenError::Corrupt { .. }) => {
                Some("nothing was changed; put a copy of the file back, or choose another `--data DIR`".into())
            }
            StartError::Authorities(_)
            | StartError::KeyFile(_)
            | StartError::Store(_)
            | StartError::Load(_)
            | StartError::Spool(_)
            | StartError::First(_)
            | StartError::Socket { .. }
            | StartError::Tls(_)
            | StartError::System(_) => None,
        }
    }
}
