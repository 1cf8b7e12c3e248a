//! Instructions that one request takes, counted by callgrind: a figure that the load on the machine leaves alone.

use crate::run::{cargo, read, target, works};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
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
    let program = benchmark("bailiwick-services", "front")?;
    println!("\n| request, sockets apart | instructions |\n|---|---:|");
    for call in CALLS {
        println!(
            "| {call} | {} |",
            counted(&program, "front::measure", &[ROUNDS.to_string(), call.to_owned()])? * 10 / (ROUNDS * 11)
        );
    }
    super::engine::count()
}

/// A benchmark's program, built.
pub fn benchmark(package: &str, name: &str) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["bench", "--quiet", "--package", package, "--bench", name, "--no-run"]);
    let messages = read(build.arg("--message-format=json"))?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .context("cargo names no benchmark that it built")
}

/// The instructions of a function and all that it calls, while the program runs with these arguments.
pub fn counted(program: &Path, function: &str, arguments: &[String]) -> Result<u64> {
    let folder = target().join("xtask");
    std::fs::create_dir_all(&folder)?;
    let out = folder.join("callgrind.out");
    let mut run = Command::new("valgrind");
    run.args(["--tool=callgrind", &format!("--toggle-collect={function}")]);
    run.arg(format!("--callgrind-out-file={}", out.display()));
    read(run.arg(program).args(arguments))?;
    let text = std::fs::read_to_string(&out)?;
    let total =
        text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    total.and_then(|number| number.trim().parse().ok()).context("callgrind counted nothing")
}
