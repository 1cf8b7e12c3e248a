//! `cargo xtask bench`: whole servers side by side, the policy engine beside others, the benchmarks of every crate,
//! and instruction counts.
//!
//! `docs/benchmarks.md` tells what is measured and what came out.

mod audit;
mod engine;
mod instructions;
mod plot;
mod process;
mod servers;
mod who_can;

use crate::run::{cargo, run};
use crate::tidy::metadata::Metadata;
use anyhow::Result;
use clap::{Args, ValueEnum};

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// Seconds of load for each line
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections that send at the same time
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Measure only this; may be repeated
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Draw growth for the documentation: that of the engine, and of questions about all principals
    #[arg(long)]
    draw: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// This server beside moto's and a bare one
    Servers,
    /// The policy engine beside its oracle and cedar-policy
    Engine,
    /// Who of a million principals can do something
    WhoCan,
    /// A whole audit beside cloudsplaining and parliament
    Audit,
    /// The benchmarks of the crates
    Crates,
    /// Instructions of a request, counted by callgrind
    Instructions,
}

/// Runs what is asked for, everything by default.
pub fn run_benches(options: &Options) -> Result<()> {
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    if wanted(Part::Servers) {
        servers::compare(options.seconds, options.connections)?;
    }
    if wanted(Part::Engine) {
        engine::compare(options.draw)?;
    }
    if wanted(Part::WhoCan) {
        who_can::measure(options.draw)?;
    }
    if wanted(Part::Audit) {
        audit::measure()?;
    }
    if wanted(Part::Crates) {
        crates()?;
    }
    if wanted(Part::Instructions) {
        instructions::count()?;
    }
    Ok(())
}

fn crates() -> Result<()> {
    let metadata = Metadata::of_workspace()?;
    for package in metadata.packages.iter().filter(|package| package.has_benches()) {
        println!("\nbenchmarks of {}", package.name);
        run(cargo().args(["bench", "--quiet", "--package", &package.name, "--benches"]))?;
    }
    Ok(())
}
