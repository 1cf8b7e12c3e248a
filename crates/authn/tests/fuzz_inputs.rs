//! The inputs of the fuzz targets, committed under `fuzz/corpus/`, run without libFuzzer: `cargo xtask fuzz` finds new
//! ones, and what once broke stays here.
#![allow(clippy::print_stdout, reason = "a test that fails or passes over says of what")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(unreachable_pub)]

#[path = "../../../fuzz/src/jwt.rs"]
mod targets;

use std::path::Path;

#[test]
fn tokens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/jwt");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 5, "there are no inputs in `{}`", folder.display());
    for file in files {
        println!("{}", file.display());
        targets::jwt(&std::fs::read(file).unwrap());
    }
}
