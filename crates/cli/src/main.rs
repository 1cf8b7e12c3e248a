//! The `bailiwick` command: one binary that serves and is its own client.
//!
//! Invariant: results go to standard output, everything else to standard error; a secret is printed only by the
//! command whose purpose is to hand it out.
#![forbid(unsafe_code)]

mod args;
mod client;
mod commands;
mod confine;
mod environment;
mod output;
mod problem;
mod prompt;
mod render;
mod sources;
mod terminal;

use args::CommandLine;
use clap::Parser;
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let output = Output::new(line.global.format.into());
    let outcome = commands::run(line, &output);
    match outcome {
        Ok(exit) => exit.into(),
        Err(problem) => {
            output.problem(&problem);
            problem.exit().into()
        }
    }
}
