//! `cargo xtask test`: every test, with the clients that some of them drive.

use crate::clients;
use crate::run::{cargo, run, target, works};
use anyhow::Result;
use std::process::Command;

/// Finds the clients, builds the program once, runs documentation tests and then all others, so that the
/// runner's own summary closes the output. `arguments` go to the runner of the latter.
pub fn run_tests(arguments: &[String]) -> Result<()> {
    let clients = clients::find()?;
    run(cargo().args(["build", "--package", "bailiwick"]))?;
    let with_clients = |mut command: Command| {
        command.envs(clients.iter().map(|(name, path)| (*name, path.as_os_str())));
        command.env("BAILIWICK_BIN", target().join("debug/bailiwick"));
        command
    };
    let mut documentation = with_clients(cargo());
    run(documentation.args(["test", "--workspace", "--doc", "--quiet"]))?;
    let mut tests = with_clients(cargo());
    if works(cargo().args(["nextest", "--version"])) {
        tests.args(["nextest", "run", "--workspace"]);
    } else {
        println!("`cargo nextest` is not installed: running `cargo test`");
        tests.args(["test", "--workspace", "--lib", "--bins", "--tests"]);
    }
    run(tests.args(arguments))
}
