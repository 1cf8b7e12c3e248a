#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod rows;

use bailiwick_store as store;
use rows::{Rows, Seeded, Ticks, create};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use store::sqlite::OpenError;
use store::{Engine, LoadError, Log, LogError, Rev, Sqlite, SqliteOptions};

fn load(folder: &Path) -> Result<Engine<Rows>, LoadError> {
    let log = Box::new(Sqlite::open(folder).unwrap());
    Engine::load(log, Rows::default(), Arc::new(Ticks::default()), Arc::new(Seeded::new(3)))
}

fn fill(folder: &Path, names: &[&str]) -> Engine<Rows> {
    let mut engine = load(folder).unwrap();
    for name in names {
        let (one, _answer) = create(name);
        assert!(engine.run(&mut [one])[0].is_ok());
    }
    engine
}

fn tamper(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("bailiwick.db")).unwrap().execute_batch(sql).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn what_was_stored_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    drop(fill(folder.path(), &["a", "b"]));
    let mut engine = fill(folder.path(), &["c"]);
    engine.save_image().unwrap();
    engine.mark_shipped(Rev(2)).unwrap();
    engine.save_image().unwrap();
    drop(engine);
    let engine = load(folder.path()).unwrap();
    assert_eq!((engine.rev(), engine.state().0.len()), (Rev(3), 3));
}

#[test]
fn files_belong_to_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let _engine = fill(&data, &["a"]);
    assert_eq!(mode(&data), 0o700);
    for entry in data.read_dir().unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn one_server_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Sqlite::open(folder.path()).unwrap();
    let error = Sqlite::open(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::Locked(_)));
    assert!(error.to_string().starts_with("another server runs on "));
}

#[test]
fn an_exposed_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(fill(folder.path(), &["a"]));
    let file = folder.path().join("bailiwick.db");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(Sqlite::open(folder.path()), Err(OpenError::Exposed { mode: 0o640, .. })));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bailiwick.db");
    std::fs::write(&file, vec![b'x'; 8192]).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(Sqlite::open(folder.path()), Err(OpenError::Corrupt { .. })));
    assert_eq!(std::fs::read(&file).unwrap(), vec![b'x'; 8192]);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    tamper(folder.path(), "CREATE TABLE theirs (a)");
    std::fs::set_permissions(folder.path().join("bailiwick.db"), PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(Sqlite::open(folder.path()), Err(OpenError::Corrupt { .. })));
}

#[test]
fn a_later_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(fill(folder.path(), &["a"]));
    tamper(folder.path(), "PRAGMA user_version = 2");
    assert!(matches!(Sqlite::open(folder.path()), Err(OpenError::Schema { found: 2, .. })));
}

#[test]
fn a_changed_history_is_noticed() {
    for (sql, expected) in [
        ("DELETE FROM log WHERE rev = 2", "broken at revision 3"),
        ("DELETE FROM log WHERE rev = 1", "broken at revision 2"),
        ("UPDATE log SET batch = CAST(batch || x'00' AS BLOB) WHERE rev = 2", "revision 2 cannot be read"),
        (
            "UPDATE log SET batch = (SELECT batch FROM log WHERE rev = 1) WHERE rev = 2",
            "broken at revision 2",
        ),
        ("UPDATE log SET batch = x'07' WHERE rev = 3", "revision 3 cannot be read: the batch has format 7"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        drop(fill(folder.path(), &["a", "b", "c"]));
        tamper(folder.path(), sql);
        let error = load(folder.path()).err().unwrap().to_string();
        assert!(error.contains(expected), "{sql}: {error}");
    }
}

#[test]
fn a_tail_lost_behind_the_image_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path(), &["a", "b", "c"]).save_image().unwrap();
    tamper(folder.path(), "DELETE FROM log WHERE rev > 1");
    assert!(load(folder.path()).err().unwrap().to_string().contains("broken at revision 3"));
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { max_bytes: Some(200_000) };
    let mut log = Sqlite::open_with(folder.path(), &options).unwrap();
    let batch = |size: usize| store::Batch {
        id: [1; 16],
        prev_hash: [0; 32],
        at: base::Timestamp::default(),
        writes: vec![store::Write::put(*b"a", vec![7; size])],
        events: Vec::new(),
    };
    assert_eq!(log.append(Rev::ZERO, &batch(400_000)), Err(LogError::Full));
    assert_eq!(log.head(), Ok(Rev::ZERO));
    assert_eq!(log.append(Rev::ZERO, &batch(4_000)), Ok(store::Appended::Committed));
    assert_eq!(log.head(), Ok(Rev(1)));
}

#[test]
fn a_copy_is_a_whole_store() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = elsewhere.path().join("bailiwick.db");
    let mut running = fill(folder.path(), &["a", "b"]);
    Sqlite::copy(folder.path(), &copy).unwrap();
    assert!(Sqlite::copy(folder.path(), &copy).is_err(), "a copy never overwrites");
    assert_eq!(mode(&copy), 0o600);
    let (one, _answer) = create("later");
    assert!(running.run(&mut [one])[0].is_ok());
    running.save_image().unwrap();
    assert_eq!(load(elsewhere.path()).unwrap().state().0.len(), 2);
}
