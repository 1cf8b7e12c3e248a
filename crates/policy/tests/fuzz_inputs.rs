//! The inputs of the fuzz targets, committed under `fuzz/corpus/`, run without libFuzzer: `cargo xtask fuzz` finds new
//! ones, and what once broke stays here.
#![allow(clippy::print_stdout, reason = "a test that fails or passes over says of what")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
#[path = "../../../fuzz/src/policy.rs"]
mod targets;

use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 5, "there are no inputs in `{}`", folder.display());
    for file in files {
        println!("{}", file.display());
        run(&std::fs::read(file).unwrap());
    }
}

#[test]
fn json() {
    replay("json", targets::json);
}

#[test]
fn documents() {
    replay("document", targets::document);
}

#[test]
fn arns() {
    replay("arn", targets::arn);
}

#[test]
fn patterns() {
    replay("pattern", targets::pattern);
}

#[test]
fn conditions() {
    replay("condition", targets::condition);
}

#[test]
fn checks() {
    replay("validate", targets::validate);
}
