//! Ways to more permissions, as published: `crates/audit/src/graph/published.tsv`.
//!
//! One line a way: the id of pathfinding.cloud, and the actions that it needs. A test compares our table with it.

use crate::output::Output;
use crate::pypi;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;

/// BSD-3-Clause; Copyright (c) 2020 salesforce.com.
pub const CLOUDSPLAINING: &str = "0.9.1";

const PATH: &str = "crates/audit/src/graph/published.tsv";

/// The table.
pub fn generate() -> Result<Output> {
    let folder = pypi::fetch("cloudsplaining", CLOUDSPLAINING)?;
    let text = fs::read_to_string(folder.join("cloudsplaining/shared/constants.py"))?;
    let methods = section(&text, "PRIVILEGE_ESCALATION_METHODS = {")?;
    let paths = section(&text, "PRIVILEGE_ESCALATION_PATHFINDING_PATHS = {")?;
    let mut actions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for word in quoted(methods) {
        match word.contains(':') {
            true => actions.entry(name.clone()).or_default().push(word),
            false => name = word,
        }
    }
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for word in quoted(paths) {
        match word.rsplit_once("/paths/") {
            Some((_, id)) => {
                let mut needs = actions.get(&name).context("a path without a method")?.clone();
                needs.sort();
                // Where two methods have one id, the one that needs less.
                let known = lines.entry(id.to_owned()).or_insert_with(|| needs.clone());
                if needs.len() < known.len() {
                    *known = needs;
                }
            }
            None => name = word,
        }
    }
    let mut table = format!("# Made by `cargo xtask facts` from cloudsplaining {CLOUDSPLAINING}.\n");
    for (id, needs) in lines {
        table.push_str(&format!("{id}\t{}\n", needs.join(" ")));
    }
    Ok(Output::text(PATH, table))
}

/// What stands between a line that begins a dictionary and the brace that ends it.
fn section<'a>(text: &'a str, begin: &str) -> Result<&'a str> {
    let (_, rest) = text.split_once(begin).with_context(|| format!("no `{begin}`"))?;
    rest.split_once("\n}").map(|(section, _)| section).context("a dictionary without an end")
}

/// The strings of a Python literal, comments left out.
fn quoted(text: &str) -> impl Iterator<Item = String> + '_ {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned))
}
