//! The servers side by side: ours, moto's, and one that only says hello.

use super::process::Process;
use crate::run::{cargo, read, root, run, target, works};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What the environment of moto's server holds.
const MOTO: &str = "moto[server]==5.2.5";
/// Users that are there while requests are measured.
const USERS: &str = "1000";

/// One line of the table.
struct Line {
    server: &'static str,
    request: &'static str,
    requests: f64,
    seconds: f64,
    /// Processor seconds until every request was answered and, of ours, its record was on disk.
    cpu: f64,
    /// Processor seconds until the records were in their compressed files as well, where there are any.
    delivered: Option<f64>,
}

/// By then the records of the last requests are on disk.
const FLUSHED: Duration = Duration::from_millis(1500);

/// Access key id and secret.
type Keys = Vec<(&'static str, String)>;

struct Bench {
    load: PathBuf,
    seconds: String,
    connections: String,
    lines: Vec<Line>,
}

/// Builds everything, measures, prints a table.
pub fn compare(seconds: u64, connections: usize) -> Result<()> {
    run(cargo().args(["build", "--release", "--quiet", "--package", "bailiwick"]))?;
    run(cargo().args(["build", "--release", "--quiet", "--package", "bailiwick-wire", "--example", "load"]))?;
    let mut bench = Bench {
        load: target().join("release/examples/load"),
        seconds: seconds.to_string(),
        connections: connections.to_string(),
        lines: Vec::new(),
    };
    let facts = bench.ours()?;
    bench.hello()?;
    bench.moto()?;
    print_table(&bench.lines);
    println!("\n{facts}");
    Ok(())
}

impl Bench {
    /// Every measurement has a process of its own. Its processor time is read twice: when the records of all requests
    /// are on disk, and when it has ended, and with that has put them into their compressed files.
    fn ours(&mut self) -> Result<String> {
        let program = target().join("release/bailiwick");
        let data = target().join("xtask/bench-data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let serve = || {
            let mut command = Command::new(&program);
            command.arg("serve").arg("--data").arg(&data);
            let listen = |command: &mut Command, address: std::net::SocketAddr| {
                command.arg("--listen").arg(address.to_string());
            };
            Process::start(command, listen, "/_bailiwick/health")
        };
        let process = serve()?;
        let first = process.start;
        let administrator = self.login(&program, &data)?;
        let keys = self.seed(&process, &administrator)?;
        process.stop()?;
        let mut resident = 0_f64;
        let mut start = Duration::MAX;
        for (request, kind) in [("GetCallerIdentity", "caller"), ("GetUser", "user")] {
            let process = serve()?;
            start = start.min(process.start);
            let before = process.cpu()?;
            let (requests, seconds) = self.load(&process, kind, &keys)?;
            resident = resident.max(process.resident()?);
            std::thread::sleep(FLUSHED);
            let cpu = process.cpu()? - before;
            let delivered = Some(process.stop()? - before);
            self.lines.push(Line { server: "bailiwick", request, requests, seconds, cpu, delivered });
        }
        fs::remove_dir_all(&data)?;
        let size = fs::metadata(&program)?.len() as f64 / (1 << 20) as f64;
        Ok(format!(
            "bailiwick: first start {} ms, start with {USERS} users {} ms, resident memory after the load \
             {resident:.1} MB, program {size:.1} MB",
            first.as_millis(),
            start.as_millis(),
        ))
    }

    fn login(&self, program: &Path, data: &Path) -> Result<Keys> {
        let mut login = Command::new(program);
        login.args(["login", "--credential-process", "--data"]).arg(data);
        let json: serde_json::Value = serde_json::from_str(&read(&mut login)?)?;
        let text =
            |name: &str| json.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Ok(vec![
            ("AWS_ACCESS_KEY_ID", text("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey")),
            ("AWS_SESSION_TOKEN", text("SessionToken")),
        ])
    }

    fn seed(&self, process: &Process, who: &Keys) -> Result<Keys> {
        let mut seed = Command::new(&self.load);
        seed.args(["seed", &process.address.to_string(), USERS]).envs(who.iter().cloned());
        let printed = read(&mut seed)?;
        let (id, secret) = printed.trim().split_once(' ').context("no key was made")?;
        Ok(keys(id, secret))
    }

    /// How many requests were answered in how many seconds.
    fn load(&self, process: &Process, kind: &str, who: &Keys) -> Result<(f64, f64)> {
        let mut load = Command::new(&self.load);
        load.args(["run", &process.address.to_string(), kind, &self.connections, &self.seconds]);
        let printed = read(load.envs(who.iter().cloned()))?;
        let (requests, seconds) = printed.trim().split_once(' ').context("the load was not counted")?;
        Ok((requests.parse()?, seconds.parse()?))
    }

    fn measure(
        &mut self,
        server: &'static str,
        request: &'static str,
        process: &Process,
        kind: &str,
        who: &Keys,
    ) -> Result<()> {
        let before = process.cpu()?;
        let (requests, seconds) = self.load(process, kind, who)?;
        let cpu = process.cpu()? - before;
        self.lines.push(Line { server, request, requests, seconds, cpu, delivered: None });
        Ok(())
    }

    fn hello(&mut self) -> Result<()> {
        let folder = target().join("xtask/axum-hello");
        let manifest = root().join("benches/axum-hello/Cargo.toml");
        let mut build = cargo();
        build.args(["build", "--release", "--quiet", "--locked", "--manifest-path"]).arg(manifest);
        run(build.arg("--target-dir").arg(&folder))?;
        let listen = |command: &mut Command, address: std::net::SocketAddr| {
            command.arg(address.to_string());
        };
        let process = Process::start(Command::new(folder.join("release/axum-hello")), listen, "/")?;
        self.measure("axum", "hello, not signed", &process, "hello", &Vec::new())
    }

    fn moto(&mut self) -> Result<()> {
        let program = moto_server()?;
        let listen = |command: &mut Command, address: std::net::SocketAddr| {
            command.arg("-H").arg(address.ip().to_string()).arg("-p").arg(address.port().to_string());
        };
        let process = Process::start(Command::new(program), listen, "/")?;
        let keys = self.seed(&process, &keys("AKIAIOSFODNN7EXAMPLE", "any"))?;
        self.measure("moto", "GetCallerIdentity", &process, "caller", &keys)?;
        self.measure("moto", "GetUser", &process, "user", &keys)
    }
}

fn keys(id: &str, secret: &str) -> Keys {
    vec![("AWS_ACCESS_KEY_ID", id.to_owned()), ("AWS_SECRET_ACCESS_KEY", secret.to_owned())]
}

/// A virtual environment with moto's server; made once.
fn moto_server() -> Result<PathBuf> {
    let folder = target().join("xtask/moto");
    let program = folder.join("bin/moto_server");
    if !works(Command::new(&program).arg("--help")) {
        read(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = Command::new(folder.join("bin/python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", MOTO]);
        read(&mut install).context("cannot install moto")?;
    }
    Ok(program)
}

fn print_table(lines: &[Line]) {
    println!(
        "| server | request | requests/s | CPU µs a request | requests a CPU second | the same with compressed files | \
         moto = 1 |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|");
    for line in lines {
        let per_cpu = |line: &Line| line.requests / line.cpu.max(0.01);
        let beside = lines.iter().find(|other| other.server == "moto" && other.request == line.request);
        let none = || "–".to_owned();
        println!(
            "| {} | {} | {:.0} | {:.1} | {:.0} | {} | {} |",
            line.server,
            line.request,
            line.requests / line.seconds,
            1e6 / per_cpu(line),
            per_cpu(line),
            line.delivered.map_or_else(none, |cpu| format!("{:.0}", line.requests / cpu.max(0.01))),
            beside.map_or_else(none, |moto| format!("{:.0}", per_cpu(line) / per_cpu(moto))),
        );
    }
}
