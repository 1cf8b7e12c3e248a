//! Instructions that one request takes, counted by callgrind: a figure that the load on the machine leaves alone.

use crate::run::{cargo, read, target, works};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Calls counted; a tenth more runs before, to warm up, and is counted too.
const ROUNDS: u64 = 200;
const CALLS: [&str; 3] = ["GetCallerIdentity", "GetUser", "ListUsers"];

/// Counts, if valgrind is there.
pub fn count() -> Result<()> {
    if !works(Command::new("valgrind").arg("--version")) {
        println!("\nskipped: instruction counts, which need valgrind");
        return Ok(());
    }
    let program = front()?;
    println!("\n| request, sockets apart | instructions |\n|---|---:|");
    for call in CALLS {
        println!("| {call} | {} |", counted(&program, call)? * 10 / (ROUNDS * 11));
    }
    Ok(())
}

/// The benchmark's program, built.
fn front() -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["bench", "--quiet", "--package", "bailiwick-services", "--bench", "front", "--no-run"]);
    let messages = read(build.arg("--message-format=json"))?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .context("cargo names no benchmark that it built")
}

fn counted(program: &PathBuf, call: &str) -> Result<u64> {
    let folder = target().join("xtask");
    std::fs::create_dir_all(&folder)?;
    let out = folder.join("callgrind.out");
    let mut run = Command::new("valgrind");
    run.args(["--tool=callgrind", "--toggle-collect=front::measure"]);
    run.arg(format!("--callgrind-out-file={}", out.display()));
    read(run.arg(program).args([&ROUNDS.to_string(), call]))?;
    let text = std::fs::read_to_string(&out)?;
    let total =
        text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    total.and_then(|number| number.trim().parse().ok()).context("callgrind counted nothing")
}
