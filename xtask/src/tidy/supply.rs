//! What we depend on: licences, banned crates, sources, and an argument for each in `docs/dependencies.md`.

use super::licence;
use super::metadata::{Metadata, Package};
use crate::run::root;
use anyhow::{Context, Result};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;

/// Crates that nothing of ours may need outside tests, and why. The same list stands in `deny.toml`.
const BANNED: &[(&str, &str)] = &[
    ("bincode", "unmaintained (RUSTSEC-2025-0141)"),
    ("fxhash", "unmaintained (RUSTSEC-2025-0057)"),
    ("native-tls", "there is one TLS: rustls over aws-lc-rs"),
    ("openssl", "there is one TLS: rustls over aws-lc-rs"),
    ("openssl-sys", "there is one TLS: rustls over aws-lc-rs"),
    ("rsa", "private-key operations leak by timing (RUSTSEC-2023-0071)"),
    ("rustls-pemfile", "unmaintained (RUSTSEC-2025-0134)"),
    ("serde_yml", "unsound and unmaintained (RUSTSEC-2025-0068)"),
];

const ORIGIN: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub fn problems() -> Result<Vec<String>> {
    let metadata = Metadata::with_dependencies()?;
    let shipped = shipped(&metadata)?;
    let mut problems = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        problems.extend(licence_problem(package));
        problems.extend(origin_problem(package));
        problems.extend(ban_problem(package).filter(|_| shipped.contains(package.id.as_str())));
    }
    problems.extend(unargued_or_unused(&metadata)?);
    Ok(problems)
}

fn licence_problem(package: &Package) -> Option<String> {
    let Package { name, version, license, .. } = package;
    let Some(text) = license else { return Some(format!("`{name}` {version} names no licence")) };
    match licence::is_allowed(text) {
        Ok(true) => None,
        Ok(false) => Some(format!("`{name}` {version} is under `{text}`, which is not on the list")),
        Err(error) => Some(format!("`{name}` {version}: {error}")),
    }
}

fn origin_problem(package: &Package) -> Option<String> {
    let source = package.source.as_deref().filter(|source| *source != ORIGIN)?;
    Some(format!("`{}` does not come from crates.io but from `{source}`", package.name))
}

fn ban_problem(package: &Package) -> Option<String> {
    let (name, why) = BANNED.iter().find(|(name, _)| *name == package.name)?;
    Some(format!("`{name}` is banned: {why}"))
}

/// The packages that our crates need to be built and run: all but what only tests need.
fn shipped(metadata: &Metadata) -> Result<HashSet<&str>> {
    let resolve = metadata.resolve.as_ref().context("`cargo metadata` tells no graph")?;
    let nodes: HashMap<_, _> = resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut reached = HashSet::new();
    let mut rest: Vec<&str> = metadata.workspace_members.iter().map(String::as_str).collect();
    while let Some(id) = rest.pop() {
        if !reached.insert(id) {
            continue;
        }
        let edges = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let needed =
            edges.filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")));
        rest.extend(needed.map(|edge| edge.pkg.as_str()));
    }
    Ok(reached)
}

/// Entries of the root manifest without a row in `docs/dependencies.md`, rows without an entry, and entries that
/// no crate uses.
fn unargued_or_unused(metadata: &Metadata) -> Result<Vec<String>> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let text = fs::read_to_string(root().join("docs/dependencies.md"))
        .context("cannot read `docs/dependencies.md`")?;
    let (declared, argued, used) = (declared(&manifest), argued(&text), used(metadata));
    let missing =
        declared.difference(&argued).map(|name| format!("`{name}` has no row in `docs/dependencies.md`"));
    let stale = argued
        .difference(&declared)
        .map(|name| format!("`docs/dependencies.md` argues for `{name}`, which is gone"));
    let unused = declared
        .difference(&used)
        .map(|name| format!("`{name}` is declared in `Cargo.toml`, but no crate uses it"));
    Ok(missing.chain(stale).chain(unused).collect())
}

/// The names of what our own crates depend on.
fn used(metadata: &Metadata) -> BTreeSet<&str> {
    let ours = metadata.packages.iter().filter(|package| package.source.is_none());
    ours.flat_map(|package| &package.dependencies).map(|dependency| dependency.name.as_str()).collect()
}

/// The names in `[workspace.dependencies]`, our own crates aside.
fn declared(manifest: &str) -> BTreeSet<&str> {
    let table = manifest.split_once("[workspace.dependencies]").map_or("", |(_, table)| table);
    let lines = table.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter(|line| !line.trim_start().starts_with('#') && !line.contains("path ="))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().trim_end_matches(".workspace")))
        .collect()
}

/// The names in backticks at the start of table rows.
fn argued(text: &str) -> BTreeSet<&str> {
    text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_both_sides() {
        let manifest = "[workspace.dependencies]\n# note = x\nbase = { path = \"crates/base\" }\nserde = \"1\"\n\n[x]\ny = 1\n";
        assert_eq!(declared(manifest), BTreeSet::from(["serde"]));
        assert_eq!(argued("| Crate |\n|---|\n| `serde` | uses `syn` |\n"), BTreeSet::from(["serde"]));
    }
}
