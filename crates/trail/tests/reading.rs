#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod records;

use bailiwick_trail as trail;
use flate2::{Compression, write::GzEncoder};
use records::{ids, record};
use std::io::Write;
use std::path::Path;
use trail::{Dedupe, RecordView, read_path};

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn bundle(records: &[Vec<u8>]) -> Vec<u8> {
    [b"{\"Records\":[", &records.join(&b',')[..], b"]}"].concat()
}

fn one(id: &str) -> Vec<u8> {
    record("2026-11-22T06:54:57Z", "alice", "GetUser", id)
}

fn read(path: &Path) -> (Vec<String>, Vec<String>) {
    let (mut found, mut damaged) = (Vec::new(), Vec::new());
    for item in read_path(path) {
        match item {
            Ok(record) => found.push(record.event_id),
            Err(error) => damaged.push(error.to_string().replace(path.to_str().unwrap(), "")),
        }
    }
    (found, damaged)
}

#[test]
fn a_folder_of_everything() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    write("a/2026/11/21/1.json.gz", &gzip(&bundle(&[one("1"), one("2")])));
    write("a/2026/11/21/2.json", &bundle(&[one("3")]));
    write("a/2026/11/22/3.jsonl", &[one("4"), one("5")].join(&b'\n'));
    write("a/2026/11/22/4.ndjson.gz", &[gzip(&one("6")), gzip(&one("7"))].concat());
    write("b/lookup.json", &serde_json::to_vec(&serde_json::json!({
        "Events": [{"EventId": "8", "EventTime": 1_700_000_000, "CloudTrailEvent": String::from_utf8(one("8")).unwrap()}]
    })).unwrap());
    write("b/empty.json", b"");
    write("b/none.json", b"{\"Records\":[]}");
    write("CloudTrail-Digest/x.json.gz", &gzip(b"{\"digest\":true}"));
    write(".hidden.json", b"x");
    write("README.md", b"not records");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    let (found, damaged) = read(folder.path());
    assert_eq!(found, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert!(damaged.is_empty(), "{damaged:?}");
    // A file named outright is read whatever its name.
    write("odd.name", &one("9"));
    assert_eq!(read(&folder.path().join("odd.name")).0, ["9"]);
}

#[test]
fn damage_is_told_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).unwrap();
    let whole = bundle(&[one("a"), b"{\"eventTime\":}".to_vec(), one("b")]);
    write("1.json", &whole);
    write("2.json", &whole[..whole.len() - 50]);
    let packed = gzip(&bundle(&[one("c")]));
    write("3.json.gz", &packed[..packed.len() / 2]);
    write("4.json", b"<html>");
    write("5.json", &one("d"));
    let (found, damaged) = read(folder.path());
    assert_eq!(found, ["a", "b", "a", "d"]);
    assert_eq!(damaged.len(), 5, "{damaged:?}");
    let second =
        format!("`/1.json` at byte {}: expected value", b"{\"Records\":[".len() + one("a").len() + 1);
    assert!(damaged[0].starts_with(&second), "{}", damaged[0]);
    assert!(damaged[2].ends_with("the file ends in the middle"), "{}", damaged[2]);
    assert!(damaged[4].ends_with("a record was expected"), "{}", damaged[4]);
    let (found, damaged) = read(&folder.path().join("absent"));
    assert_eq!((found.len(), damaged.len()), (0, 1));
}

#[test]
fn a_record_keeps_its_text() {
    let json = one("a");
    let view = RecordView::parse(&json).unwrap();
    assert_eq!(&*view.raw, &json[..]);
    assert_eq!(view.user_identity.display_name(), "alice");
    assert_eq!((view.service(), view.read_only), ("iam", Some(true)));
    assert_eq!(view.request_parameters.unwrap().get(), r#"{"userName":"x"}"#);
}

#[test]
fn duplicates_are_told_within_the_window() {
    let view = |id: &str| RecordView::parse(&one(id)).unwrap();
    let mut dedupe = Dedupe::new(2);
    assert!(dedupe.is_new(&view("a")) && !dedupe.is_new(&view("a")) && dedupe.is_new(&view("b")));
    assert!(dedupe.is_new(&view("c")));
    assert!(dedupe.is_new(&view("a")), "a has left the window");
    assert!(dedupe.is_new(&view("")) && dedupe.is_new(&view("")));
    assert_eq!(ids(&[view("x")]), ["x"]);
}
