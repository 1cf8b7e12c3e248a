//! The inputs of the fuzz targets over `analysis`, committed under `fuzz/corpus/`, run without libFuzzer.
#![allow(clippy::print_stdout, reason = "a test that fails or passes over says of what")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(unreachable_pub)]

extern crate policy as bailiwick_policy;

#[path = "../../../fuzz/src/analysis.rs"]
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
fn comparisons() {
    replay("compare", targets::compare);
}

#[test]
fn who_can() {
    replay("who_can", targets::who_can);
}
