//! Why a server does not start, each with what to do about it.

use crate::data::DataError;
use crate::tls::TlsError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Plain HTTP on an address that other machines reach.
    #[error("`{0}` can be reached from other machines, and without TLS anyone on the way reads every answer")]
    Unencrypted(SocketAddr),
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
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataError),
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
            StartError::Socket { .. } | StartError::Tls(_) | StartError::System(_) => None,
        }
    }
}
