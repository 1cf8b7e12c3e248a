//! A whole audit beside cloudsplaining and parliament on the same made account, and an organization of two hundred.

use crate::accounts::{self, DAY};
use crate::run::{cargo, read, run, target, works};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The peers, at these versions.
const PEERS: [&str; 2] = ["cloudsplaining==0.9.1", "parliament==1.6.4"];
/// Accounts of the organization.
const ACCOUNTS: usize = 200;
/// Ticks of the processor clock in a second.
const TICKS: f64 = 100.0;

/// What a process took.
struct Cost {
    cpu: f64,
    wall: f64,
    megabytes: f64,
}

/// Measures and prints a table.
pub fn measure() -> Result<()> {
    run(cargo().args(["build", "--release", "--quiet", "--package", "bailiwick"]))?;
    let folder = target().join("xtask/audit");
    let (one, all) = (folder.join("one"), folder.join("organization"));
    make(&one, 1, false)?;
    make(&all, ACCOUNTS, true)?;
    println!("| what | CPU s | wall s | peak MB |\n|---|---:|---:|---:|");
    let program = target().join("release/bailiwick");
    let audit = |paths: &Path, out: &str| {
        let mut command = Command::new(&program);
        command.args(["audit", "--format", "json", "--fail-on", "never", "--at", DAY, "--out"]);
        command.arg(folder.join(out)).arg(paths);
        command
    };
    print("bailiwick, one account", &watch(audit(&one, "one.json"))?);
    for peer in peers(&folder, &one)? {
        print(peer.0, &watch(peer.1)?);
    }
    print(&format!("bailiwick, {ACCOUNTS} accounts"), &watch(audit(&all, "organization.json"))?);
    Ok(())
}

fn print(what: &str, cost: &Cost) {
    println!("| {what} | {:.2} | {:.2} | {:.0} |", cost.cpu, cost.wall, cost.megabytes);
}

fn make(out: &Path, accounts: usize, gzip: bool) -> Result<()> {
    if out.exists() {
        return Ok(());
    }
    let half = out.with_extension("part");
    let options =
        accounts::Options { out: half.clone(), accounts, roles: 2_000, users: 500, seed: 2_026, gzip };
    accounts::make(&options)?;
    Ok(fs::rename(half, out)?)
}

/// The peers' commands on the account.
fn peers(folder: &Path, one: &Path) -> Result<Vec<(&'static str, Command)>> {
    let programs = install()?;
    let account = fs::read_dir(one)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.is_dir())
        .context("no account was made")?;
    let details = account.join("authorization-details.json");
    let out = folder.join("cloudsplaining");
    fs::create_dir_all(&out)?;
    let mut splaining = Command::new(programs.join("cloudsplaining"));
    splaining.args(["scan", "--skip-open-report", "--input-file"]).arg(&details).arg("--output").arg(&out);
    let mut parliament = Command::new(programs.join("parliament"));
    parliament.args(["--json", "--auth-details-file"]).arg(&details);
    Ok(vec![("cloudsplaining", splaining), ("parliament", parliament)])
}

/// A virtual environment with the peers; made once.
fn install() -> Result<PathBuf> {
    let folder = target().join("xtask/auditors");
    let programs = folder.join("bin");
    if !works(Command::new(programs.join("cloudsplaining")).arg("--version")) {
        read(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = Command::new(programs.join("python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PEERS);
        read(&mut install).context("cannot install the peers")?;
    }
    Ok(programs)
}

/// Runs to the end and tells what it took: its processor time is read while it is ended and not waited for.
fn watch(mut command: Command) -> Result<Cost> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let mut megabytes = 0_f64;
    loop {
        let stat = fs::read_to_string(process.join("stat"))?;
        megabytes = megabytes.max(peak(&process).unwrap_or(0.0));
        if stat.contains(") Z ") {
            let wall = begin.elapsed().as_secs_f64();
            let cpu = ticks(&stat).context("no times in /proc/PID/stat")? / TICKS;
            let status = child.wait()?;
            // Findings are no failure.
            ensure!(status.code().is_some_and(|code| code <= 1), "{:?}: {status}", command.get_program());
            return Ok(Cost { cpu, wall, megabytes });
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn ticks(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |place: usize| fields.get(place)?.parse::<f64>().ok();
    // User and system, of itself and of what it has waited for.
    Some(field(11)? + field(12)? + field(13)? + field(14)?)
}

fn peak(process: &Path) -> Option<f64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes / 1024.0)
}
