//! The project's own tasks: `cargo xtask --help`.

#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "in a program, `pub` says no more than that another module uses it")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the person who runs it")]
#![allow(clippy::disallowed_methods, reason = "a task reads the environment and the clock")]

mod accounts;
mod bench;
mod ci;
mod clients;
mod codegen;
mod facts;
mod fuzz;
mod output;
mod pypi;
mod run;
mod test;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The project's own tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that a change must pass: format, lints, tidy, drift, documentation, tests
    Ci,
    /// All tests, with the clients that they drive (AWS CLI, boto3, Terraform) found or installed first
    Test {
        /// Passed on to the test runner: a filter, for example
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Generate wire types, schemas and partitions from botocore's models
    Codegen {
        /// Write nothing; fail if a committed file differs
        #[arg(long)]
        check: bool,
    },
    /// Generate the catalogue of actions and the AWS managed policies
    Facts {
        /// Write nothing; fail if a committed file differs
        #[arg(long)]
        check: bool,
    },
    /// Measure the server beside moto's and a bare one, and run the benchmarks of every crate that has some
    Bench(bench::Options),
    /// Make accounts for benchmarks and tries, in the forms of the AWS CLI's answers
    Accounts(accounts::Options),
    /// Run the fuzz targets, each for some minutes
    Fuzz(fuzz::Options),
    /// Check crate edges, dependencies, licences, file lengths and names
    Tidy,
}

fn main() -> ExitCode {
    match start(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Ci => ci::run_steps(),
        Task::Test { arguments } => test::run_tests(&arguments),
        Task::Codegen { check } => codegen::run(check),
        Task::Facts { check } => facts::run(check),
        Task::Bench(options) => bench::run_benches(&options),
        Task::Accounts(options) => accounts::make(&options),
        Task::Fuzz(options) => fuzz::run_targets(&options),
        Task::Tidy => tidy::run(),
    }
}
