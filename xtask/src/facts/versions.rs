//! Versions of the policies that AWS manages, as releases of moto came upon them: what AWS changed in its own policies,
//! for tests that compare each with the next (`crates/analysis/tests/versions/documents.bin`).
//!
//! Three parts, each a little-endian `u32` length and that many bytes of raw DEFLATE: the lines of all documents, each
//! once; a table of documents with name, release, and number of lines; and the numbers of the lines of each document, of
//! three bytes, little-endian. Only policies that changed are there, a policy's versions one after the other.

use super::managed;
use crate::output::Output;
use anyhow::Result;
use flate2::Compression;
use flate2::read::DeflateEncoder;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Read;

/// Releases of moto, in order (Apache-2.0).
pub const RELEASES: [&str; 9] =
    ["3.1.18", "5.0.0", "5.0.12", "5.0.24", "5.0.28", "5.1.8", "5.1.20", "5.2.3", managed::MOTO];

const FILE: &str = "crates/analysis/tests/versions/documents.bin";

/// Reads the packages and writes the file.
pub fn generate() -> Result<Output> {
    let mut versions: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for release in RELEASES {
        for (name, document) in managed::documents(release)? {
            let known = versions.entry(name).or_default();
            if known.last().is_none_or(|(_, last)| *last != document) {
                known.push((release, document));
            }
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    let (lines, table, numbers) = parts(&versions)?;
    let mut bytes = Vec::new();
    for part in [lines.as_bytes(), table.as_bytes(), &numbers] {
        let mut packed = Vec::new();
        DeflateEncoder::new(part, Compression::best()).read_to_end(&mut packed)?;
        bytes.extend(u32::try_from(packed.len())?.to_le_bytes());
        bytes.extend(packed);
    }
    Ok(Output { path: FILE, bytes, canonical: managed::inflate_all })
}

fn parts(versions: &BTreeMap<String, Vec<(&str, String)>>) -> Result<(String, String, Vec<u8>)> {
    let (mut lines, mut table, mut numbers) = (String::new(), String::new(), Vec::new());
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (name, versions) in versions {
        for (release, document) in versions {
            writeln!(table, "{name}\t{release}\t{}", document.lines().count())?;
            for line in document.lines() {
                let next = known.len();
                let number = *known.entry(line).or_insert(next);
                if number == next {
                    writeln!(lines, "{line}")?;
                }
                numbers.extend(number.to_le_bytes().into_iter().take(3));
            }
        }
    }
    Ok((lines, table, numbers))
}
