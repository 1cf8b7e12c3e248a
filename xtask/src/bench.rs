//! `cargo xtask bench`: the benchmarks of every crate that has some.

use crate::run::{cargo, run};
use crate::tidy::metadata::Metadata;
use anyhow::Result;

/// Runs `cargo bench` for each; `arguments` go to the benchmarks.
pub fn run_benches(arguments: &[String]) -> Result<()> {
    let metadata = Metadata::of_workspace()?;
    let crates: Vec<_> = metadata.packages.iter().filter(|package| package.has_benches()).collect();
    if crates.is_empty() {
        println!("no crate has benchmarks yet");
    }
    for package in crates {
        println!("benchmarks of {}", package.name);
        run(cargo().args(["bench", "--package", &package.name, "--benches", "--"]).args(arguments))?;
    }
    Ok(())
}
