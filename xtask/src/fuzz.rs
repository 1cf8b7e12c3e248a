//! `cargo xtask fuzz`: every fuzz target for a while, on one core.
//!
//! The targets are the package `fuzz/`, outside the workspace. What they do with an input is in `fuzz/src/`, and the
//! committed inputs under `fuzz/corpus/` run in `cargo test` too.

use crate::run::{read, root, run, target, works};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is to be run.
#[derive(clap::Args)]
pub struct Options {
    /// Minutes for each target
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// Copy new inputs that reach new code, made as few as can be, to the committed ones
    #[arg(long)]
    keep: bool,
    /// Only these targets [default: all]
    targets: Vec<String>,
}

/// Runs the targets one after the other; a finding ends its target, and is told at the end.
pub fn run_targets(options: &Options) -> Result<()> {
    ensure!(
        works(Command::new("cargo-fuzz").arg("--version"))
            || works(Command::new("cargo").args(["fuzz", "--version"])),
        "there is no `cargo fuzz`; install it with `cargo install cargo-fuzz`"
    );
    let all = targets()?;
    if let Some(unknown) = options.targets.iter().find(|name| !all.contains(name)) {
        bail!("there is no target `{unknown}`; there are {}", all.join(", "));
    }
    let chosen = all.iter().filter(|name| options.targets.is_empty() || options.targets.contains(name));
    let mut found = Vec::new();
    for name in chosen {
        println!("== {name}");
        if let Err(error) = fuzz(name, options) {
            println!("{error:#}");
            found.push(name.as_str());
        }
    }
    ensure!(found.is_empty(), "inputs that break {} lie under `fuzz/artifacts/`", found.join(", "));
    Ok(())
}

/// One `fuzz_targets/NAME.rs` each.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).context("cannot list the targets")? {
        let path = entry?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// New inputs gather under the target folder; the committed ones are read only.
fn fuzz(name: &str, options: &Options) -> Result<()> {
    let gathered = target().join("fuzz/corpus").join(name);
    fs::create_dir_all(&gathered)?;
    let committed = root().join("fuzz/corpus").join(name);
    let mut command = cargo_fuzz("run", name);
    command.args([&gathered, &committed]).arg("--");
    command.arg(format!("-max_total_time={}", options.minutes * 60));
    // A megabyte of text finds nothing that four kilobytes do not, and takes longer.
    command.args([
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=4096",
        "-print_final_stats=1",
        "-verbosity=1",
    ]);
    run(&mut command)?;
    if options.keep {
        keep(name, &gathered, &committed)?;
    }
    Ok(())
}

/// Adds to the committed inputs the smallest set of new ones that reaches as much.
fn keep(name: &str, gathered: &Path, committed: &Path) -> Result<()> {
    let mut command = cargo_fuzz("run", name);
    command.args([committed, gathered]).args(["--", "-merge=1", "-max_len=512", "-verbosity=0"]);
    run(&mut command)
}

/// With nightly's address sanitizer where there is a nightly, else with the stable compiler and without.
fn cargo_fuzz(verb: &str, name: &str) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).env_remove("CARGO").env("CARGO_TARGET_DIR", build());
    let nightly = read(Command::new("rustup").args(["toolchain", "list"]))
        .is_ok_and(|list| list.lines().any(|line| line.starts_with("nightly")));
    if nightly {
        command.env("RUSTUP_TOOLCHAIN", "nightly").args(["fuzz", verb, name]);
    } else {
        command.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", verb, "--sanitizer", "none", name]);
    }
    command
}

fn build() -> PathBuf {
    target().join("fuzz/build")
}
