//! An operator's file of passwords that are known to the world.
//!
//! Either passwords, one a line, or their SHA-1 as Have I Been Pwned hands them out (`HASH:COUNT`). A file of hashes in
//! order is searched where it lies, however large it is; any other is read into memory, eight bytes a password, and may
//! have `MOST` of them. See <https://haveibeenpwned.com/Passwords>.

use services::password::{Breached, sha1};
use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Passwords that are kept in memory at most: 80 MB.
const MOST: usize = 10_000_000;
/// Bytes of a file from which on it is searched where it lies.
const LARGE: u64 = 512 * 1024 * 1024;
/// Hexadecimal digits of a hash.
const DIGITS: usize = 40;
/// The longest line of a file of hashes that is looked for.
const LINE: usize = 128;
/// Places at which a large file is looked at, to see that it is in order.
const SAMPLES: u64 = 1_000;

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum BreachedError {
    /// It cannot be read.
    #[error("cannot read the breached passwords in `{}`: {}", .path.display(), crate::plain(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is too large for memory and not in order.
    #[error(
        "the breached passwords in `{}` are more than fit into memory, and not hashes in order", .0.display()
    )]
    TooMany(PathBuf),
}

impl BreachedError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => None,
            Self::TooMany(_) => {
                Some("take the list that is ordered by hash, which is searched on disk".into())
            }
        }
    }
}

/// Opens a file.
///
/// # Errors
/// If it cannot be read, or is too large and not in order.
pub(crate) fn open(path: &Path) -> Result<Arc<dyn Breached>, BreachedError> {
    let unreadable = |source| BreachedError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size > LARGE {
        let sorted = Sorted { file, size };
        return match sorted.is_in_order().map_err(unreadable)? {
            true => Ok(Arc::new(sorted)),
            false => Err(BreachedError::TooMany(path.to_owned())),
        };
    }
    match kept(BufReader::new(file)).map_err(unreadable)? {
        Some(kept) => Ok(Arc::new(kept)),
        None => Err(BreachedError::TooMany(path.to_owned())),
    }
}

/// The first eight bytes of each hash, in order.
struct Kept(Vec<u64>);

fn kept(mut lines: impl BufRead) -> io::Result<Option<Kept>> {
    let (mut all, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        if all.len() == MOST {
            return Ok(None);
        }
        // Lists have lines that are not UTF-8; nobody can have such a password.
        let Ok(text) = std::str::from_utf8(text) else { continue };
        all.push(hash_of(text).map_or_else(|| start(&sha1(text)), |hash| start(&hash)));
    }
    all.sort_unstable();
    all.dedup();
    Ok(Some(Kept(all)))
}

impl Breached for Kept {
    fn holds(&self, sha1: &[u8; 20]) -> bool {
        self.0.binary_search(&start(sha1)).is_ok()
    }
}

fn start(hash: &[u8; 20]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The hash in a line of a list of hashes.
fn hash_of(line: &str) -> Option<[u8; 20]> {
    let (digits, rest) = line.split_at_checked(DIGITS)?;
    let is_line = rest.is_empty() || rest.starts_with(':');
    let mut hash = [0; 20];
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    is_line.then_some(hash)
}

/// A file of hashes in order.
struct Sorted {
    file: File,
    size: u64,
}

impl Sorted {
    /// The first whole line at or after a place, and where it begins; `None` at the end of the file.
    fn line(&self, from: u64) -> io::Result<Option<(u64, [u8; 20])>> {
        // From the byte before, so that a line that begins just there is found.
        let place = from.saturating_sub(1);
        let mut bytes = [0; LINE * 2];
        let read = self.file.read_at(&mut bytes, place)?;
        let bytes = bytes.get(..read).unwrap_or_default();
        let skip = match from {
            0 => 0,
            _ => match bytes.iter().position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None => return Ok(None),
            },
        };
        let rest = bytes.get(skip..).unwrap_or_default();
        let line = rest.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let hash = std::str::from_utf8(line).ok().and_then(hash_of);
        Ok(hash.map(|hash| (place + skip as u64, hash)))
    }

    /// Looks at places all over the file.
    fn is_in_order(&self) -> io::Result<bool> {
        let mut last = None;
        for sample in 0..SAMPLES {
            match self.line(self.size / SAMPLES * sample)? {
                Some((_, hash)) if last.is_none_or(|last| last <= hash) => last = Some(hash),
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn search(&self, wanted: &[u8; 20]) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.size);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line(middle)? {
                None => high = middle,
                Some((place, hash)) => match hash.cmp(wanted) {
                    Ordering::Equal => return Ok(true),
                    Ordering::Less => low = place.max(middle) + 1,
                    Ordering::Greater => high = middle,
                },
            }
        }
        Ok(false)
    }
}

impl Breached for Sorted {
    fn holds(&self, sha1: &[u8; 20]) -> bool {
        self.search(sha1).unwrap_or_else(|error| {
            tracing::error!(%error, "the list of breached passwords cannot be read; passwords are not held against it");
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn hex(password: &str) -> String {
        sha1(password).iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn passwords_and_hashes_are_read() {
        let lines = format!("hunter2\r\n\n{}:37\n{}\nlast", hex("hashed"), hex("other").to_lowercase());
        let list = open(file(&lines).path()).unwrap();
        for known in ["hunter2", "hashed", "other", "last"] {
            assert!(list.holds(&sha1(known)), "{known}");
        }
        for unknown in ["", "hunter", "Last", &hex("hashed")] {
            assert!(!list.holds(&sha1(unknown)), "{unknown}");
        }
        assert!(matches!(open(Path::new("/no/such/file")), Err(BreachedError::Unreadable { .. })));
    }

    #[test]
    fn a_file_in_order_is_searched_where_it_lies() {
        let mut hashes: Vec<String> = (0..2_000).map(|number| hex(&format!("word{number}"))).collect();
        hashes.sort();
        for (end, count) in [("\r\n", ":1"), ("\n", ":123456"), ("\n", "")] {
            let text: String = hashes.iter().map(|hash| format!("{hash}{count}{end}")).collect();
            let file = file(&text);
            let size = text.len() as u64;
            let sorted = Sorted { file: File::open(file.path()).unwrap(), size };
            assert!(sorted.is_in_order().unwrap());
            for number in 0..2_000 {
                assert!(sorted.holds(&sha1(&format!("word{number}"))), "{number}");
                assert!(!sorted.holds(&sha1(&format!("ward{number}"))), "{number}");
            }
            assert!(!sorted.holds(&[0; 20]) && !sorted.holds(&[255; 20]));
        }
        hashes.reverse();
        let text = hashes.join("\n");
        let file = file(&text);
        let sorted = Sorted { file: File::open(file.path()).unwrap(), size: text.len() as u64 };
        assert!(!sorted.is_in_order().unwrap());
    }
}
