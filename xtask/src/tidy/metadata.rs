//! What `cargo metadata` tells, as far as the checks need it.

use crate::run::{cargo, read};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::process::Command;

#[derive(Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
    pub workspace_members: Vec<String>,
    /// Only with dependencies.
    pub resolve: Option<Resolve>,
}

#[derive(Deserialize)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub source: Option<String>,
    pub dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub kind: Option<String>,
    /// Set for our own crates.
    pub path: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
pub struct Resolve {
    pub nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub struct Node {
    pub id: String,
    pub deps: Vec<Edge>,
}

#[derive(Deserialize)]
pub struct Edge {
    pub pkg: String,
    pub dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
pub struct EdgeKind {
    pub kind: Option<String>,
}

impl Metadata {
    /// Our own crates alone.
    pub fn of_workspace() -> Result<Self> {
        Self::read(&["--no-deps"])
    }

    /// Our crates and all that they need on this platform.
    pub fn with_dependencies() -> Result<Self> {
        let about = read(Command::new("rustc").arg("-vV"))?;
        let host =
            about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc tells no host")?;
        Self::read(&["--locked", "--filter-platform", host])
    }

    fn read(arguments: &[&str]) -> Result<Self> {
        let text = read(cargo().args(["metadata", "--format-version", "1"]).args(arguments))?;
        serde_json::from_str(&text).context("cannot read what `cargo metadata` prints")
    }
}

impl Package {
    /// Our name for one of our crates: without the prefix.
    pub fn short_name(&self) -> &str {
        short(&self.name)
    }

    pub fn has_benches(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "bench"))
    }
}

/// `bailiwick-policy` is `policy`; the program itself is `cli`.
pub fn short(name: &str) -> &str {
    if name == "bailiwick" { "cli" } else { name.strip_prefix("bailiwick-").unwrap_or(name) }
}
