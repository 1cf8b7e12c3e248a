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

use harness::{Keys, World, allow};
use std::time::Instant;

/// Calls measured per line; `cargo bench -p bailiwick-services -- 500` for a run under callgrind.
const ROUNDS: u32 = 30_000;

fn main() {
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(ROUNDS);
    let world = World::new();
    for number in 0..1000 {
        world.iam("CreateUser", &[("UserName", &format!("user{number}"))]);
    }
    let bob = world.user("bob", &allow(&["iam:Get*", "iam:List*"]));
    measure("GetCallerIdentity", &world, &bob, "sts", "GetCallerIdentity", &[], rounds);
    measure("GetUser", &world, &bob, "iam", "GetUser", &[("UserName", "user500")], rounds);
    measure("ListUsers, 100 of 1,000", &world, &bob, "iam", "ListUsers", &[], rounds);
    let session = world.login(harness::ACCOUNT);
    measure(
        "GetUser by a role session",
        &world,
        &session,
        "iam",
        "GetUser",
        &[("UserName", "user500")],
        rounds,
    );
}

fn measure(
    name: &str,
    world: &World,
    who: &Keys,
    service: &str,
    action: &str,
    params: &[(&str, &str)],
    rounds: u32,
) {
    let prepared = world.prepare(who, service, action, params);
    for _ in 0..rounds / 10 {
        assert!(world.send_raw(prepared.clone()).is_ok());
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
    println!("{name:30} {:8.2} µs", each.as_secs_f64() * 1e6);
}
