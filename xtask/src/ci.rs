//! `cargo xtask ci`: what a change must pass, each step timed.

use crate::run::{cargo, run};
use crate::{codegen, facts, pypi, test, tidy};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// Runs all steps; the first failure ends it. Tests come last, so that the runner's summary closes the output.
pub fn run_steps() -> Result<()> {
    let mut times = Times::default();
    times.step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    times.step("lints", || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
    })?;
    times.step("tidy", tidy::run)?;
    times.step("drift of generated files", drift)?;
    times.step("documentation", || {
        run(cargo().args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    times.print();
    println!("== tests");
    test::run_tests(&[])
}

/// Generates again and compares; skipped, and said so, where the sources cannot be had.
fn drift() -> Result<()> {
    let sources = facts::SOURCES.iter().chain(codegen::SOURCES).copied().chain(facts::releases());
    for (package, version) in sources {
        if let Err(error) = pypi::fetch(package, version) {
            println!("skipped: generated files are not compared, as a source cannot be fetched: {error:#}");
            return Ok(());
        }
    }
    codegen::run(true)?;
    facts::run(true)
}

#[derive(Default)]
struct Times(Vec<(&'static str, Duration)>);

impl Times {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("== {name}");
        let start = Instant::now();
        let outcome = work().with_context(|| format!("step `{name}`"));
        self.0.push((name, start.elapsed()));
        if outcome.is_err() {
            self.print();
        }
        outcome
    }

    fn print(&self) {
        println!("== seconds");
        for (name, time) in &self.0 {
            println!("{:>8.1}  {name}", time.as_secs_f64());
        }
    }
}
