//! A writer that is killed, again and again: what it acknowledged is there, and nothing is half there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod rows;

use bailiwick_store as store;
use rows::{Rows, Seeded, Ticks, job};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use store::{Committer, Config, Refused, Sqlite};

/// Tells the child where to write; without it the child's part has nothing to do.
const FOLDER: &str = "BAILIWICK_STORE_CRASH_FOLDER";
const KILLS: u64 = 50;

fn open(folder: &Path) -> Committer<Rows> {
    let log = Box::new(Sqlite::open(folder).unwrap());
    // Images are saved all the time, so that kills meet them too.
    let config = Config { image_batches: 7, ..Config::default() };
    Committer::start(log, Rows::default(), config, Arc::new(Ticks::default()), Arc::new(Seeded::new(5)))
        .unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the parent tells the child where to write")]
fn child_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let committer = open(Path::new(&folder));
    let mut out = std::io::stdout();
    for round in 0.. {
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let (one, answer) = job(|tx| {
                    let next = tx.state().number("count") + 1;
                    tx.put(*b"count", next.to_string().into_bytes()).map_err(|_| Refused)?;
                    tx.put(format!("row/{next}").into_bytes(), *b"x").map_err(|_| Refused)?;
                    tx.event(next.to_string().into_bytes());
                    Ok(())
                });
                committer.submit(one).unwrap();
                answer
            })
            .collect();
        assert!(waiting.iter().all(|answer| answer.recv().unwrap().1.is_ok()));
        writeln!(out, "\nacknowledged {}", committer.snapshot().state.number("count")).unwrap();
        if round % 5 == 4 {
            let shipped = committer.unshipped(3).unwrap();
            committer.mark_shipped(shipped.last().unwrap().0).unwrap();
        }
    }
}

#[test]
fn a_killed_writer_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let chance = Seeded::new(11);
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        acknowledged = acknowledged.max(run_and_kill(folder.path(), chance.below(25)));
        let committer = open(folder.path());
        let published = committer.snapshot();
        let count = published.state.number("count");
        assert!(count >= acknowledged, "kill {kill}: {acknowledged} acknowledged, {count} found");
        let rows = published.state.0.keys().filter(|key| key.starts_with(b"row/")).count() as u64;
        assert_eq!(rows, count, "kill {kill}: a batch is there by half");
        let events: Vec<u64> = committer
            .unshipped(usize::MAX)
            .unwrap()
            .iter()
            .flat_map(|(_, events)| events)
            .map(|event| String::from_utf8_lossy(event).parse().unwrap())
            .collect();
        assert!(events.is_sorted() && events.last().is_none_or(|last| *last == count), "kill {kill}");
    }
    assert!(acknowledged > 0);
}

/// Lets a child write for a while after its first acknowledgement; yields the last one heard.
fn run_and_kill(folder: &Path, millis: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (heard, lines) = std::sync::mpsc::channel();
    let out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            // The kill may cut the last line: fewer digits are a smaller number, none are none.
            if let Some(Ok(number)) = line.strip_prefix("acknowledged ").map(str::parse::<u64>) {
                heard.send(number).unwrap();
            }
        }
    });
    let first = lines.recv_timeout(Duration::from_secs(30)).unwrap();
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    lines.try_iter().fold(first, u64::max)
}
