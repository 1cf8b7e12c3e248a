//! Which of our crates imports which: the crates' manifests beside `crates/edges.txt`.

use super::metadata::{Metadata, short};
use crate::run::root;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// From a crate and the kind of edge to the crates that it imports.
type Edges = BTreeMap<(String, &'static str), BTreeSet<String>>;

const NORMAL: &str = "->";
const IN_TESTS: &str = "in tests ->";

pub fn problems() -> Result<Vec<String>> {
    let text =
        fs::read_to_string(root().join("crates/edges.txt")).context("cannot read `crates/edges.txt`")?;
    Ok(compare(&written(&text)?, &actual()?))
}

fn actual() -> Result<Edges> {
    let metadata = Metadata::of_workspace()?;
    let mut edges = Edges::new();
    for package in &metadata.packages {
        // A crate without imports has its line too.
        edges.entry((package.short_name().to_owned(), NORMAL)).or_default();
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
            let kind = if dependency.kind.as_deref() == Some("dev") { IN_TESTS } else { NORMAL };
            let from = (package.short_name().to_owned(), kind);
            edges.entry(from).or_default().insert(short(&dependency.name).to_owned());
        }
    }
    Ok(edges)
}

/// Lines `services -> base policy` and `services in tests -> testkit`; `#` starts a comment.
fn written(text: &str) -> Result<Edges> {
    let mut edges = Edges::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (from, to) = line.split_once("->").with_context(|| format!("no `->` in `{line}`"))?;
        let from = from.trim();
        let from = match from.strip_suffix(" in tests") {
            Some(from) => (from.to_owned(), IN_TESTS),
            None => (from.to_owned(), NORMAL),
        };
        edges.entry(from).or_default().extend(to.split_whitespace().map(str::to_owned));
    }
    Ok(edges)
}

fn compare(written: &Edges, actual: &Edges) -> Vec<String> {
    let mut problems = Vec::new();
    let all: BTreeSet<_> = written.keys().chain(actual.keys()).collect();
    for from in all {
        let (name, arrow) = from;
        match (written.get(from), actual.get(from)) {
            (Some(allowed), Some(present)) => {
                problems.extend(present.difference(allowed).map(|to| {
                    format!("`{name}` imports `{to}`, which `crates/edges.txt` does not allow ({name} {arrow} {to})")
                }));
                problems.extend(allowed.difference(present).map(|to| {
                    format!("`crates/edges.txt` allows {name} {arrow} {to}, but `{name}` does not import it")
                }));
            }
            (None, Some(present)) => {
                let to: Vec<_> = present.iter().map(String::as_str).collect();
                problems.push(format!("`crates/edges.txt` has no line {name} {arrow} {}", to.join(" ")));
            }
            _ => problems
                .push(format!("`crates/edges.txt` has a line {name} {arrow}, but nothing like it exists")),
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_both_ways() {
        let check = |allowed: &str, present: &str| {
            compare(&written(allowed).unwrap(), &written(present).unwrap()).len()
        };
        assert_eq!(check("a -> b c\nb ->\n# note", "a -> c b\nb ->"), 0);
        assert_eq!(check("a -> b", "a -> b c"), 1);
        assert_eq!(check("a -> b c", "a -> b"), 1);
        assert_eq!(check("a -> b", "a -> b\na in tests -> k"), 1);
        assert_eq!(check("a -> b\nx ->", "a -> b"), 1);
    }
}
