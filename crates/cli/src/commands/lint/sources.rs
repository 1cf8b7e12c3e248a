//! Files, folders and standard input.

use super::Source;
use crate::problem::{Problem, plain};
use policy::validate::ValidateOptions;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file, in bytes: exports of large accounts have tens of megabytes.
const LARGEST: u64 = 64 << 20;
/// How deep folders are searched.
const DEEPEST: usize = 32;

/// Reads everything that is named. Of folders, every `.json` file that holds policies.
pub(super) fn read(files: &[PathBuf], told: &Option<ValidateOptions>) -> Result<Vec<Source>, Problem> {
    let mut sources = Vec::new();
    for path in files {
        if path.as_os_str() == "-" {
            let text = text("standard input", io::stdin().lock())?;
            sources.push(Source::new("standard input".to_owned(), None, text, told, false));
        } else if path.is_dir() {
            let mut found = Vec::new();
            walk(path, DEEPEST, &mut found)?;
            found.sort();
            for path in &found {
                let source = file(path, told, true)?;
                // A folder holds other JSON, too.
                if !source.policies.is_empty() {
                    sources.push(source);
                }
            }
        } else {
            sources.push(file(path, told, false)?);
        }
    }
    Ok(sources)
}

fn file(path: &Path, told: &Option<ValidateOptions>, is_found: bool) -> Result<Source, Problem> {
    let name = path.display().to_string();
    let opened = File::open(path).map_err(|error| unreadable(&format!("the file `{name}`"), &error))?;
    let text = text(&format!("the file `{name}`"), opened)?;
    Ok(Source::new(name, Some(path.to_owned()), text, told, is_found))
}

fn text(name: &str, from: impl Read) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::usage(format!("{name} is larger than {} MiB", LARGEST >> 20)));
    }
    // Windows begins texts with a mark that is no part of them.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes).map_err(|_| Problem::usage(format!("{name} is not text in UTF-8")))
}

/// The `.json` files below a folder. Links and hidden folders are not followed.
fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let shown = format!("the folder `{}`", folder.display());
    for entry in fs::read_dir(folder).map_err(|error| unreadable(&shown, &error))? {
        let entry = entry.map_err(|error| unreadable(&shown, &error))?;
        let kind = entry.file_type().map_err(|error| unreadable(&shown, &error))?;
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_dir() && !is_hidden && depth > 0 {
            walk(&path, depth - 1, found)?;
        } else if kind.is_file() && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    Problem::unavailable(format!("{name} cannot be read: {}", plain(error)))
}
