//! The file that holds the sealing key: made at the first start, refused when others could read it.

use crate::seal::{KEY_BYTES, KeyTextError, SealingKey};
use base::Entropy;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroize;

/// A key file is never longer: base64 of 32 bytes and a line break or two.
const MAX_BYTES: u64 = 64;

/// Why a key file was not used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The name leads to something other than a plain file, such as a symbolic link.
    #[error("the key file `{}` is not a plain file", .0.display())]
    NotAFile(PathBuf),
    /// Others than the owner may read the file.
    #[error("the key file `{}` is open to others (mode {mode:o}); make it mode 600", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds no key.
    #[error("the key file `{}` holds no key: {source}", .path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with the content.
        source: KeyTextError,
    },
    /// The system refused.
    #[error("the key file `{}` cannot be used: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Reads the key at `path`, or makes a random one there with mode 0600 if nothing is there.
///
/// A missing key beside an existing store must not lead to a new one: the caller checks that and uses [`load`].
pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<SealingKey, KeyFileError> {
    match create(path, entropy) {
        Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => load(path),
        other => other,
    }
}

/// Makes a random key at `path`, where nothing may be yet; durable when it returns.
pub fn create(path: &Path, entropy: &dyn Entropy) -> Result<SealingKey, KeyFileError> {
    let failed = |source| KeyFileError::Io { path: path.to_owned(), source };
    let key = SealingKey::generate(entropy)
        .map_err(|source| KeyFileError::NoKey { path: path.to_owned(), source })?;
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(failed)?;
    let text = key.to_text();
    let written = file
        .write_all(text.expose().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_parent(path));
    if let Err(error) = written {
        // Half a key would stand in the way of the next start; that it cannot be removed is told there.
        let _ = std::fs::remove_file(path);
        return Err(failed(error));
    }
    Ok(key)
}

/// Reads the key at `path`: 32 raw bytes, or their base64 on one line.
pub fn load(path: &Path) -> Result<SealingKey, KeyFileError> {
    let failed = |source| KeyFileError::Io { path: path.to_owned(), source };
    // A link is refused, and so is a file that takes the place of the one looked at.
    let named = path.symlink_metadata().map_err(failed)?;
    if !named.is_file() {
        return Err(KeyFileError::NotAFile(path.to_owned()));
    }
    let file = File::open(path).map_err(failed)?;
    let opened = file.metadata().map_err(failed)?;
    if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
        return Err(KeyFileError::NotAFile(path.to_owned()));
    }
    let mode = opened.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
    }
    let mut content = Vec::with_capacity(MAX_BYTES as usize + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut content).map_err(failed)?;
    let key = parse(&content);
    content.zeroize();
    key.map_err(|source| KeyFileError::NoKey { path: path.to_owned(), source })
}

fn parse(content: &[u8]) -> Result<SealingKey, KeyTextError> {
    if let Ok(raw) = <&[u8; KEY_BYTES]>::try_from(content) {
        return SealingKey::from_bytes(raw);
    }
    if content.len() as u64 > MAX_BYTES {
        return Err(KeyTextError::Form);
    }
    SealingKey::from_text(std::str::from_utf8(content).map_err(|_| KeyTextError::Form)?)
}

/// Makes the name of a new file durable.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
