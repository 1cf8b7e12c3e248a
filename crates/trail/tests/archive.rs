#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod records;

use bailiwick_trail as trail;
use records::{files, ids, record, record_in};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use trail::{Archive, DeliverError, Delivered, RecordView, Spool, SpoolError, SpoolOptions, read_path};

const MORNING: &str = "2026-11-22T06:54:57Z";

fn spool(folder: &Path) -> Spool {
    Spool::open(&folder.join("spool"), SpoolOptions::default()).unwrap()
}

fn all(folder: &Path) -> Vec<RecordView> {
    read_path(folder).collect::<Result<_, _>>().unwrap()
}

#[test]
fn records_travel_from_the_spool_to_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, archive) = (spool(folder.path()), Archive::new(folder.path().join("trail")));
    for number in 0..10 {
        spool.push(&record(MORNING, "alice", "ListUsers", &format!("e{number}"))).unwrap();
    }
    assert!(spool.backlog() > 0);
    let delivered = archive.deliver_spool(&spool).unwrap();
    assert_eq!(delivered, Delivered { files: 1, records: 10, unreadable: 0 });
    let found = files(archive.root());
    let (place, name) = (found[0].parent().unwrap(), found[0].file_name().unwrap().to_str().unwrap());
    assert!(place.ends_with("AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/22"));
    assert!(
        name.starts_with("123456789012_CloudTrail_us-east-1_20261122T0654Z_") && name.ends_with(".json.gz")
    );
    assert_eq!(name.len(), "123456789012_CloudTrail_us-east-1_20261122T0654Z_0123456789abcdef.json.gz".len());
    assert_eq!(found[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert!(files(spool.directory()).is_empty() && spool.backlog() == 0);
    assert_eq!(ids(&all(archive.root())).len(), 10);
}

#[test]
fn accounts_regions_and_days_have_their_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::new(folder.path());
    let records = [
        record(MORNING, "alice", "ListUsers", "a"),
        record_in("210987654321", "us-east-1", MORNING, "alice", "ListUsers", "b"),
        record_in("123456789012", "eu-west-1", MORNING, "alice", "ListUsers", "c"),
        record("2026-11-23T00:00:00Z", "alice", "ListUsers", "d"),
        record_in("123456789012", "../../etc", MORNING, "alice", "ListUsers", "e"),
    ];
    let delivered = archive.deliver(records.iter().map(Vec::as_slice)).unwrap();
    assert_eq!((delivered.files, delivered.records), (5, 5));
    assert!(folder.path().join("AWSLogs/123456789012/CloudTrail/unknown/2026/11/22").is_dir());
}

#[test]
fn what_is_no_record_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::new(folder.path());
    let records = [b"{}".to_vec(), record(MORNING, "alice", "ListUsers", "a"), b"oops".to_vec()];
    let delivered = archive.deliver(records.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(delivered, Delivered { files: 1, records: 1, unreadable: 2 });
    let found = files(folder.path());
    let kept: Vec<_> =
        found.iter().filter(|path| path.extension().is_some_and(|end| end == "unreadable")).collect();
    assert_eq!(std::fs::read(kept[0]).unwrap(), b"{}\noops");
}

#[test]
fn delivering_again_after_a_crash_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::new(folder.path().join("trail"));
    let first = spool(folder.path());
    first.push(&record(MORNING, "alice", "ListUsers", "a")).unwrap();
    first.push(&record(MORNING, "alice", "ListUsers", "b")).unwrap();
    first.rotate().unwrap();
    let segment = first.closed().unwrap().remove(0);
    let content = std::fs::read(&segment).unwrap();
    archive.deliver_spool(&first).unwrap();
    let before = files(archive.root());
    // The crash came after the file and before the removal.
    std::fs::write(&segment, content).unwrap();
    drop(first);
    assert_eq!(archive.deliver_spool(&spool(folder.path())).unwrap().records, 2);
    assert_eq!(files(archive.root()), before);
    assert_eq!(all(archive.root()).len(), 2);
}

#[test]
fn a_torn_line_is_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::new(folder.path().join("trail"));
    std::fs::create_dir(folder.path().join("spool")).unwrap();
    let whole = record(MORNING, "alice", "ListUsers", "a");
    let torn = &whole[..100];
    let content = [&whole[..], b"\n{\"not\":\"a record\"}\n", torn].concat();
    std::fs::write(folder.path().join("spool/000000000007.jsonl"), content).unwrap();
    let spool = spool(folder.path());
    let delivered = archive.deliver_spool(&spool).unwrap();
    assert_eq!(delivered, Delivered { files: 1, records: 1, unreadable: 2 });
    let kept = files(spool.directory());
    assert_eq!(kept.len(), 1);
    assert_eq!(std::fs::read(&kept[0]).unwrap(), [b"{\"not\":\"a record\"}\n", torn].concat());
    spool.push(&whole).unwrap();
    spool.rotate().unwrap();
    assert!(spool.closed().unwrap()[0].ends_with("000000000008.jsonl"));
}

#[test]
fn case_093_a_full_disk_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    symlink("/dev/full", spool.directory().join("000000000001.jsonl")).unwrap();
    spool.push(&record(MORNING, "alice", "ListUsers", "a")).unwrap();
    assert!(matches!(spool.flush(), Err(SpoolError::Full(_))));
    assert!(!spool.healthy());
    spool.push(&record(MORNING, "alice", "ListUsers", "b")).unwrap();
    // The damaged segment is left alone; there is room in the next.
    spool.flush().unwrap();
    assert!(spool.healthy() && spool.backlog() == 0);
    let written = std::fs::read_to_string(spool.directory().join("000000000002.jsonl")).unwrap();
    assert_eq!(written.lines().count(), 2);
}

#[test]
fn memory_is_bounded_and_lines_are_lines() {
    let folder = tempfile::tempdir().unwrap();
    let options = SpoolOptions { buffer_bytes: 2000, ..SpoolOptions::default() };
    let spool = Spool::open(folder.path(), options).unwrap();
    assert!(matches!(spool.push(b"{\n}"), Err(SpoolError::LineBreak)));
    let one = record(MORNING, "alice", "ListUsers", "a");
    let refused = (0..10).find_map(|_| spool.push(&one).err()).unwrap();
    assert!(matches!(refused, SpoolError::Backlog(held) if held <= 2000));
    assert!(!spool.healthy());
    spool.flush().unwrap();
    assert!(spool.healthy());
    spool.push(&one).unwrap();
}

#[test]
fn segments_are_closed_when_they_have_grown() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(
        folder.path(),
        SpoolOptions { segment_bytes: 1000, sync: false, ..SpoolOptions::default() },
    );
    let spool = spool.unwrap();
    for number in 0..6 {
        spool.push(&record(MORNING, "alice", "ListUsers", &number.to_string())).unwrap();
        spool.flush().unwrap();
    }
    assert_eq!(spool.closed().unwrap().len(), 3);
    spool.push(&record(MORNING, "alice", "ListUsers", "last")).unwrap();
    drop(spool);
    assert_eq!(all(folder.path()).len(), 7);
}

#[test]
fn what_cannot_be_delivered_stays_in_the_spool() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    spool.push(&record(MORNING, "alice", "ListUsers", "a")).unwrap();
    // A file stands where the archive's folder should be.
    std::fs::write(folder.path().join("trail"), b"").unwrap();
    let archive = Archive::new(folder.path().join("trail"));
    assert!(matches!(archive.deliver_spool(&spool), Err(DeliverError::Io { .. })));
    std::fs::remove_file(folder.path().join("trail")).unwrap();
    assert_eq!(archive.deliver_spool(&spool).unwrap().records, 1);
}
