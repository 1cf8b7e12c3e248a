//! The inputs of the fuzz targets `saml` and `xml`, committed under `fuzz/corpus/`, run without libFuzzer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

#[path = "../../../fuzz/src/saml.rs"]
mod targets;

use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 5, "there are no inputs in `{}`", folder.display());
    for file in files {
        run(&std::fs::read(file).unwrap());
    }
}

#[test]
fn xml() {
    replay("xml", targets::xml);
}

#[test]
fn saml() {
    replay("saml", targets::saml);
}
