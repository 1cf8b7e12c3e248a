//! Starts that cannot go well: each ends with an error that says why, and harms nothing.

use crate::clients::{PROGRAM, Ran};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testkit::Server;

/// How a start went.
enum Start {
    /// It answered, and was ended again.
    Well,
    /// It ended by itself.
    Ended(Ran),
}

fn serve(data: &Path) -> Command {
    serve_at("127.0.0.1:0", data)
}

fn serve_at(address: &str, data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", data).args(["serve", "--listen", address]);
    command.arg("--data").arg(data);
    command
}

fn start(command: &mut Command) -> Start {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        child.kill().unwrap();
        child.wait().unwrap();
        return Start::Well;
    }
    let output = child.wait_with_output().unwrap();
    Start::Ended(Ran {
        code: output.status.code().unwrap_or(-1),
        out: line,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// It failed as a start should: exit code 4, one error, no trace of the program's insides.
#[track_caller]
fn refused(start: Start, said: &str) {
    let Start::Ended(ran) = start else { panic!("it started") };
    assert_eq!(ran.code, 4, "{}", ran.err);
    let error = ran.bad(said);
    assert!(error.starts_with("error: ") && !error.contains("panicked"), "{error}");
}

/// A store that has something in it, and is not running.
fn stopped() -> (Server, PathBuf) {
    let mut server = testkit::server(PROGRAM).start();
    for number in 0..5 {
        let name = format!("account-{number}");
        Ran::of(&mut server.command(&["account", "create", &name])).good();
    }
    assert!(server.stop().success());
    let database = server.data().join("bailiwick.db");
    (server, database)
}

#[test]
fn a_file_that_is_no_database_is_refused_and_kept() {
    let (server, database) = stopped();
    let garbage = b"this is not a database, and was never one".repeat(1000);
    for name in ["bailiwick.db-wal", "bailiwick.db-shm"] {
        let _ = std::fs::remove_file(server.data().join(name));
    }
    std::fs::write(&database, &garbage).unwrap();
    refused(start(&mut serve(&server.data())), &database.display().to_string());
    assert_eq!(std::fs::read(&database).unwrap(), garbage);
}

#[test]
fn a_database_that_was_cut_is_refused() {
    let (server, database) = stopped();
    let whole = std::fs::read(&database).unwrap();
    for share in [4, 2] {
        std::fs::write(&database, &whole[..whole.len() / share]).unwrap();
        refused(start(&mut serve(&server.data())), "error: ");
    }
    std::fs::write(&database, &whole).unwrap();
    assert!(matches!(start(&mut serve(&server.data())), Start::Well));
}

/// Damage is found, or it is where nothing is kept; nobody is served half a store.
#[test]
fn damage_anywhere_is_found_or_harmless() {
    let (server, database) = stopped();
    let whole = std::fs::read(&database).unwrap();
    let mut found = 0;
    let places: Vec<_> = (1..16).map(|part| whole.len() * part / 16).collect();
    for place in &places {
        let mut damaged = whole.clone();
        for byte in &mut damaged[*place..*place + 32] {
            *byte ^= 0x55;
        }
        std::fs::write(&database, &damaged).unwrap();
        match start(&mut serve(&server.data())) {
            Start::Well => {}
            ended => {
                found += 1;
                refused(ended, "error: ");
            }
        }
    }
    println!("{found} of {} damages were found", places.len());
    assert!(found > 0);
}

#[test]
fn a_directory_for_reading_only_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o555)).unwrap();
    let mut command = serve(&folder.path().join("data"));
    // The superuser may write anywhere, so somebody else has to try.
    let is_root = Ran::of(Command::new("id").arg("-u")).good() == "0";
    if is_root {
        command.uid(65534).gid(65534);
        let visible = Command::new(PROGRAM).arg("--version").uid(65534).gid(65534).output();
        if !visible.is_ok_and(|output| output.status.success()) {
            println!("skipped: only the superuser can run the program where it is");
            return;
        }
    }
    refused(start(&mut command), "ermission denied");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_port_in_use_and_a_second_server_are_refused() {
    let server = testkit::server(PROGRAM).start();
    let address = server.endpoint().trim_start_matches("http://");
    let other = tempfile::tempdir().unwrap();
    refused(start(&mut serve_at(address, &other.path().join("data"))), "in use");
    refused(start(&mut serve(&server.data())), "another server is running on");
    assert!(!server.credentials().access_key_id.is_empty());
}

#[test]
fn a_store_and_another_stores_key_are_refused() {
    let (server, _) = stopped();
    let (other, _) = stopped();
    let key = other.data().join("sealing.key");
    let mut command = serve(&server.data());
    refused(start(command.arg("--key-file").arg(key)), "do not open under this key");
    assert!(matches!(start(&mut serve(&server.data())), Start::Well));
}
