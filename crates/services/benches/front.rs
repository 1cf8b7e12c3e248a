//! What one request costs inside the process, sockets apart: signature, gate, handler, record, answer.
//!
//! `cargo bench -p bailiwick-services`. Compare with `cargo xtask bench`, which measures whole servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

#[path = "../tests/harness/mod.rs"]
mod harness;

use bailiwick_services::Incoming;
use harness::{World, allow};
use std::time::Instant;

/// Calls measured per line; `cargo bench -p bailiwick-services -- 500 GetUser` for a run under callgrind.
const ROUNDS: u32 = 30_000;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let rounds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(ROUNDS);
    // A name of an operation measures that one alone.
    let only = words.iter().find(|word| word.parse::<u32>().is_err());
    let world = World::new();
    for number in 0..1000 {
        world.iam("CreateUser", &[("UserName", &format!("user{number}"))]);
    }
    let bob = world.user("bob", &allow(&["iam:Get*", "iam:List*"]));
    let session = world.login(harness::ACCOUNT);
    let user = [("UserName", "user500")];
    for (line, who, service, action, params) in [
        ("GetCallerIdentity", &bob, "sts", "GetCallerIdentity", &[][..]),
        ("GetUser", &bob, "iam", "GetUser", &user[..]),
        ("ListUsers, 100 of 1,000", &bob, "iam", "ListUsers", &[]),
        ("GetUser by a role session", &session, "iam", "GetUser", &user),
    ] {
        if only.is_none_or(|only| line == only || (line.contains(',') && action == only)) {
            measure(line, &world, &world.prepare(who, service, action, params), rounds);
        }
    }
}

#[inline(never)]
fn measure(line: &str, world: &World, prepared: &Incoming, rounds: u32) {
    for _ in 0..rounds / 10 {
        world.send_unread(prepared.clone());
    }
    let start = Instant::now();
    for round in 0..rounds {
        world.send_unread(prepared.clone());
        // As the server does every second or sooner.
        if round % 10_000 == 0 {
            world.flush_records();
        }
    }
    let each = start.elapsed() / rounds;
    println!("{line:30} {:8.2} µs", each.as_secs_f64() * 1e6);
}
