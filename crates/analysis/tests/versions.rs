//! What AWS changed in its own policies: each version compared with the next.
//!
//! By default one in so many is decided, which takes seconds in a debug build; with `BAILIWICK_ALL_VERSIONS=1` all are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs
)]

use bailiwick_analysis::*;
use flate2::read::DeflateDecoder;
use policy::{Document, DocumentKind};
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Changes that are not decided; may only become fewer.
const UNDETERMINED: &[&str] = &[];
/// One of so many policies is looked at by default.
const ONE_OF: usize = 5;

/// A version of a policy.
struct Version {
    name: String,
    release: String,
    access: Access,
}

/// The three parts of the file: see `cargo xtask facts`.
fn parts() -> Vec<Vec<u8>> {
    let mut rest: &[u8] = include_bytes!("versions/documents.bin");
    let mut parts = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (packed, next) = after.split_at(u32::from_le_bytes(*length) as usize);
        let mut part = Vec::new();
        DeflateDecoder::new(packed).read_to_end(&mut part).unwrap();
        parts.push(part);
        rest = next;
    }
    parts
}

/// Every version of one in `one_of` policies.
fn versions(one_of: usize) -> Vec<Version> {
    let [lines, table, numbers] = &parts()[..] else { panic!("three parts") };
    let lines: Vec<&str> = str::from_utf8(lines).unwrap().lines().collect();
    let mut numbers = numbers.as_chunks::<3>().0.iter().map(|bytes| {
        let [low, middle, high] = bytes.map(usize::from);
        low | middle << 8 | high << 16
    });
    let mut found = Vec::new();
    let (mut names, mut last) = (0, "");
    for row in str::from_utf8(table).unwrap().lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let text: Vec<&str> =
            numbers.by_ref().take(fields[2].parse().unwrap()).map(|number| lines[number]).collect();
        names += usize::from(fields[0] != last);
        last = fields[0];
        if names % one_of == 0 {
            let document = Document::parse_tolerant(&text.join("\n")).0.unwrap();
            let access = Access::of(Arc::new(document), DocumentKind::Identity);
            found.push(Version { name: fields[0].to_owned(), release: fields[1].to_owned(), access });
        }
    }
    found
}

#[test]
fn every_change_of_a_managed_policy_is_decided() {
    let all = std::env::var_os("BAILIWICK_ALL_VERSIONS").is_some();
    let versions = versions(if all { 1 } else { ONE_OF });
    let (mut times, mut open) = (Vec::<(Duration, String)>::new(), Vec::new());
    let (mut proved, mut refuted) = (0, 0);
    let changes = versions.windows(2).filter(|pair| pair[0].name == pair[1].name);
    for pair in changes {
        for (new, old) in [(&pair[1], &pair[0]), (&pair[0], &pair[1])] {
            let start = Instant::now();
            let options = Options { blame_all: false, ..Options::default() };
            let verdict = no_new_access(&new.access, &old.access, &Scope::default(), options);
            let what = format!("{} {} beyond {}", new.name, new.release, old.release);
            times.push((start.elapsed(), what.clone()));
            match verdict {
                Verdict::Proved => proved += 1,
                Verdict::Refuted(_) => refuted += 1,
                Verdict::Undetermined(reasons) => {
                    println!("{what}: {reasons:?}");
                    open.push(what);
                }
            }
        }
    }
    times.sort();
    let at = |part: usize| times[times.len() * part / 1000].0;
    println!(
        "{} decisions, {proved} proved, {refuted} refuted; median {:?}, p99 {:?}, longest {:?}",
        times.len(),
        at(500),
        at(990),
        times.last().unwrap()
    );
    open.retain(|what| !UNDETERMINED.contains(&what.as_str()));
    assert!(open.is_empty(), "undetermined: {open:?}");
    assert!(times.len() > 400 && proved > 200 && refuted > 200);
}
