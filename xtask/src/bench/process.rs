//! A server under measurement: started, asked, watched through `/proc`, stopped.

use crate::run::works;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// Ticks of the processor clock in a second: Linux has told programs no other number for decades.
const TICKS: f64 = 100.0;

/// A running server.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From spawning to the first answer.
    pub start: Duration,
}

impl Process {
    /// Starts `command`, which `listen` tells the address, and waits until `path` is answered.
    pub fn start(
        mut command: Command,
        listen: impl FnOnce(&mut Command, SocketAddr),
        path: &str,
    ) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        listen(&mut command, address);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begin = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
        let mut process = Self { child, address, start: Duration::ZERO };
        while !answers(address, path) {
            if let Some(status) = process.child.try_wait()? {
                bail!("{:?} ended at its start: {status}", command.get_program());
            }
            ensure!(begin.elapsed() < PATIENCE, "{:?} does not answer", command.get_program());
            std::thread::sleep(Duration::from_millis(1));
        }
        process.start = begin.elapsed();
        Ok(process)
    }

    /// Processor seconds so far, those in the kernel included.
    pub fn cpu(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in parentheses, may hold blanks.
        let (_, rest) = stat.rsplit_once(')').context("no name in /proc/PID/stat")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = (ticks(11).context("no utime")?, ticks(12).context("no stime")?);
        Ok((user + system) / TICKS)
    }

    /// Resident memory in megabytes.
    pub fn resident(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Asks it to stop, and yields the processor seconds of its whole life: what it finishes before it ends
    /// counts as well.
    pub fn stop(mut self) -> Result<f64> {
        let pid = self.child.id().to_string();
        ensure!(works(Command::new("kill").args(["-TERM", &pid])), "cannot signal process {pid}");
        let begin = Instant::now();
        // Until it is waited for, a process that has ended still tells its times.
        while !fs::read_to_string(format!("/proc/{pid}/stat"))?.contains(") Z ") {
            ensure!(begin.elapsed() < PATIENCE, "process {pid} does not stop");
            std::thread::sleep(Duration::from_millis(5));
        }
        let cpu = self.cpu()?;
        self.child.wait()?;
        Ok(cpu)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Harmless if it was stopped; after a failure nothing must stay behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the server answers, whatever it says of the path.
fn answers(address: SocketAddr, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = [0; 5];
    stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"HTTP/"
}
