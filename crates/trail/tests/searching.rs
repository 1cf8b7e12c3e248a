#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod records;

use bailiwick_trail as trail;
use base::Timestamp;
use records::{files, ids, record, record_in};
use std::path::PathBuf;
use trail::{Archive, Cursor, ErrorMatch, Filter, Follow, Sources, Spool, SpoolOptions, search};

struct Trail {
    folder: tempfile::TempDir,
    archive: Archive,
    spool: Spool,
}

impl Trail {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("spool"), SpoolOptions::default()).unwrap();
        Self { archive: Archive::new(folder.path()), spool, folder }
    }

    /// Five days of an event every hour by turns of three users, one file a day.
    fn with_days() -> Self {
        let trail = Self::new();
        for day in 1..=5 {
            for hour in 0..24 {
                let user = ["alice", "bob", "mallory"][hour % 3];
                let name = ["ListUsers", "CreateUser"][hour % 2];
                let time = format!("2026-11-{day:02}T{hour:02}:30:00Z");
                trail.spool.push(&record(&time, user, name, &format!("{day}-{hour:02}"))).unwrap();
            }
            trail.archive.deliver_spool(&trail.spool).unwrap();
        }
        trail
    }

    fn sources(&self) -> Sources {
        let spool = Some(self.spool.directory().to_owned());
        Sources { archive: Some(self.folder.path().to_owned()), spool, pending: Vec::new() }
    }

    fn search(&self, filter: &Filter, limit: usize) -> Vec<String> {
        ids(&search(&self.sources(), filter, limit, None).unwrap().records)
    }
}

fn at(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).unwrap())
}

#[test]
fn the_newest_come_first() {
    let trail = Trail::with_days();
    assert_eq!(trail.search(&Filter::default(), 3), ["5-23", "5-22", "5-21"]);
    let by = |name: &str| Filter { user_name: Some(name.to_owned()), ..Filter::default() };
    assert_eq!(trail.search(&by("bob"), 2), ["5-22", "5-19"]);
    assert_eq!(trail.search(&by("bob"), 1000).len(), 40);
    assert!(trail.search(&by("eve"), 10).is_empty());
    let refused = Filter { error: Some(ErrorMatch::Any), read_only: Some(false), ..Filter::default() };
    assert_eq!(trail.search(&refused, 2), ["5-23", "5-17"]);
    let day =
        Filter { from: at("2026-11-03T00:00:00Z"), to: at("2026-11-04T00:00:00Z"), ..Filter::default() };
    assert_eq!(trail.search(&day, 1000).len(), 24);
}

#[test]
fn pages_cover_everything_once() {
    let trail = Trail::with_days();
    let (mut seen, mut cursor): (Vec<String>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = search(&trail.sources(), &Filter::default(), 7, cursor.as_ref()).unwrap();
        seen.extend(ids(&page.records));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let whole = trail.search(&Filter::default(), 1000);
    assert_eq!((seen.len(), &seen), (120, &whole));
}

#[test]
fn older_files_are_not_even_opened() {
    let trail = Trail::with_days();
    // Spoil every file but the newest day's: a search that read them would tell of it.
    for path in files(&trail.folder.path().join("AWSLogs")) {
        if !path.to_str().unwrap().contains("/2026/11/05/") {
            std::fs::write(path, b"spoiled").unwrap();
        }
    }
    let page = search(&trail.sources(), &Filter::default(), 20, None).unwrap();
    assert_eq!((page.records.len(), page.damaged.len()), (20, 0));
    let page = search(&trail.sources(), &Filter::default(), 30, None).unwrap();
    assert_eq!((page.records.len(), page.damaged.len()), (24, 4));
    let late = Filter { from: at("2026-11-05T00:00:00Z"), ..Filter::default() };
    let page = search(&trail.sources(), &late, 30, None).unwrap();
    assert_eq!((page.records.len(), page.damaged.len()), (24, 0));
}

#[test]
fn spool_pending_and_archive_are_one_trail() {
    let trail = Trail::new();
    let one = |time: &str, id: &str| record(time, "alice", "ListUsers", id);
    let archived = one("2026-11-22T10:00:01Z", "a");
    trail.archive.deliver([&archived[..]]).unwrap();
    trail.spool.push(&one("2026-11-22T10:00:03Z", "c")).unwrap();
    // Delivered, but not yet removed from the spool: found once.
    trail.spool.push(&archived).unwrap();
    trail.spool.flush().unwrap();
    let mut sources = trail.sources();
    sources.pending.push(one("2026-11-22T10:00:02Z", "b").into());
    let page = search(&sources, &Filter::default(), 10, None).unwrap();
    assert_eq!(ids(&page.records), ["c", "b", "a"]);
    assert_eq!(page.next, None);
    let nowhere = Sources { archive: Some(PathBuf::from("/nonexistent/trail")), ..Sources::default() };
    assert!(search(&nowhere, &Filter::default(), 10, None).unwrap().records.is_empty());
}

#[test]
fn following_shows_each_record_once() {
    let trail = Trail::new();
    let one =
        |second: u8, id: &str| record(&format!("2026-11-22T10:00:{second:02}Z"), "alice", "ListUsers", id);
    trail.spool.push(&one(0, "before")).unwrap();
    trail.spool.push(&one(10, "a")).unwrap();
    trail.spool.flush().unwrap();
    let from = Timestamp::parse("2026-11-22T10:00:05Z").unwrap();
    let (root, spool) = (trail.folder.path(), trail.spool.directory());
    let mut follow = Follow::new(Some(root), Some(spool), Filter::default(), from);
    let mut poll = || ids(&follow.poll().unwrap());
    assert_eq!(poll(), ["a"]);
    assert!(poll().is_empty());
    trail.spool.push(&one(12, "c")).unwrap();
    trail.spool.push(&one(11, "b")).unwrap();
    trail.spool.flush().unwrap();
    assert_eq!(poll(), ["b", "c"]);
    trail.archive.deliver_spool(&trail.spool).unwrap();
    assert!(poll().is_empty(), "what moved to the archive is not new");
    // A write's record goes to the archive without passing the spool, in another region and of the next day.
    let write = record_in("123456789012", "eu-west-1", "2026-11-23T00:00:00Z", "bob", "CreateUser", "d");
    trail.archive.deliver([&write[..]]).unwrap();
    assert_eq!(poll(), ["d"]);
}
