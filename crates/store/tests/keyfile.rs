#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod rows;

use bailiwick_store as store;
use rows::Seeded;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use store::keyfile::{KeyFileError, create, load, load_or_create};

fn write(path: &Path, content: &[u8], mode: u32) {
    std::fs::write(path, content).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn the_first_start_makes_a_key_and_later_ones_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let made = load_or_create(&path, &Seeded::new(1)).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(load_or_create(&path, &Seeded::new(2)).unwrap().id(), made.id());
    assert_eq!(load(&path).unwrap().id(), made.id());
    assert!(matches!(create(&path, &Seeded::new(3)), Err(KeyFileError::Io { .. })));
}

#[test]
fn raw_bytes_are_a_key_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let raw: Vec<u8> = (0..32).collect();
    write(&path, &raw, 0o400);
    let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    assert_eq!(load(&path).unwrap().id(), store::SealingKey::from_text(text).unwrap().id());
}

#[test]
fn a_file_open_to_others_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    for mode in [0o640, 0o604, 0o620, 0o666] {
        write(&path, b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", mode);
        let error = load_or_create(&path, &Seeded::new(1)).unwrap_err();
        assert!(matches!(error, KeyFileError::Exposed { mode: found, .. } if found == mode), "{error}");
    }
}

#[test]
fn links_and_folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    create(&real, &Seeded::new(1)).unwrap();
    symlink(&real, &link).unwrap();
    assert!(matches!(load_or_create(&link, &Seeded::new(1)), Err(KeyFileError::NotAFile(_))));
    let dangling = folder.path().join("dangling");
    symlink(folder.path().join("nowhere"), &dangling).unwrap();
    assert!(matches!(load_or_create(&dangling, &Seeded::new(1)), Err(KeyFileError::NotAFile(_))));
    assert!(matches!(load(folder.path()), Err(KeyFileError::NotAFile(_))));
}

#[test]
fn what_is_no_key_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    for content in [&b""[..], b"hunter2", &[7; 31], &[7; 33], &[0; 32], &[b'A'; 5000]] {
        write(&path, content, 0o600);
        assert!(matches!(load_or_create(&path, &Seeded::new(1)), Err(KeyFileError::NoKey { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}
