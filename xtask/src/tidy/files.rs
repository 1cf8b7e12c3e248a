//! Files: how long they are, what they are called, what they must and must not say.

use crate::run::{read, root};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Lines from which on a source file is too long, and from which on it is no longer accepted.
const LONG: usize = 800;
const TOO_LONG: usize = 1_200;

/// Names that say nothing of what is in the file.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// Words of one machine or one network, which mean nothing to a reader elsewhere. Split, so that this file passes.
const MACHINE_WORDS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp", "/dl"),
    concat!("index.crat", "es.io"),
    concat!("static.crat", "es.io"),
    concat!("pypi.o", "rg/simple"),
    concat!("files.pythonho", "sted"),
    concat!("registry.npm", "js"),
    concat!("registry.terra", "form.io"),
    concat!("proxy.go", "lang"),
];

/// Generated tables hold others' words.
const GENERATED: &[&str] =
    &["/gen/", "crates/policy/src/catalogue/facts.txt", "crates/model/src/managed/", "Cargo.lock"];

/// Source files that are no longer accepted for their length.
pub fn lengths() -> Result<Vec<String>> {
    Ok(longer_than(TOO_LONG)?.into_iter().map(|line| format!("{line}; {TOO_LONG} is the limit")).collect())
}

/// Source files that ought to be divided.
pub fn long() -> Result<Vec<String>> {
    longer_than(LONG)
}

fn longer_than(limit: usize) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for path in files()?.into_iter().filter(|path| path.ends_with(".rs") && !is_generated(path)) {
        let lines = text(&path)?.map_or(0, |text| text.lines().count());
        if lines > limit {
            found.push(format!("`{path}` has {lines} lines"));
        }
    }
    Ok(found)
}

/// Files and folders whose names say nothing.
pub fn names() -> Result<Vec<String>> {
    let empty = |path: &String| {
        let mut parts = Path::new(path).iter().filter_map(|part| part.to_str());
        parts.any(|part| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or_default()))
    };
    Ok(files()?
        .into_iter()
        .filter(empty)
        .map(|path| format!("`{path}` has a name that says nothing"))
        .collect())
}

/// Words that belong to one machine.
pub fn words() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in files()?.into_iter().filter(|path| !is_generated(path)) {
        let Some(text) = text(&path)? else { continue };
        for (number, line) in text.lines().enumerate() {
            let words = MACHINE_WORDS.iter().filter(|word| line.contains(*word));
            problems.extend(words.map(|word| format!("`{path}` line {} says `{word}`", number + 1)));
        }
    }
    Ok(problems)
}

/// Every crate forbids unsafe code and takes the workspace's lints.
pub fn manifests() -> Result<Vec<String>> {
    let all = files()?;
    let mut problems = Vec::new();
    for path in all.iter().filter(|path| path.ends_with("/Cargo.toml")) {
        if !text(path)?.unwrap_or_default().contains("[lints]\nworkspace = true") {
            problems.push(format!("`{path}` lacks `[lints] workspace = true`"));
        }
    }
    let is_root = |path: &&String| path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs");
    for path in all.iter().filter(is_root) {
        if !text(path)?.unwrap_or_default().contains("#![forbid(unsafe_code)]") {
            problems.push(format!("`{path}` lacks `#![forbid(unsafe_code)]`"));
        }
    }
    Ok(problems)
}

fn is_generated(path: &str) -> bool {
    GENERATED.iter().any(|part| path.contains(part))
}

/// Every file that is tracked or would be, from the root.
pub(super) fn files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = read(&mut git).context("cannot list files")?;
    Ok(list.split_terminator('\0').map(str::to_owned).collect())
}

/// A file's text; `None` if it is not text or has just gone.
pub(super) fn text(path: &str) -> Result<Option<String>> {
    let path = root().join(path);
    if !path.is_file() {
        return Ok(None);
    }
    Ok(String::from_utf8(fs::read(path)?).ok())
}
