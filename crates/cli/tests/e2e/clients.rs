//! The clients that tests drive, and how they are run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use testkit::Server;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");

/// The folder of this test's files.
pub(crate) fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e")
}

/// A client, or `None` where there is none: then the test has nothing to do.
///
/// # Panics
/// If there is none in continuous integration, where every client must be.
pub(crate) fn needed<T>(client: Option<T>, name: &str) -> Option<T> {
    if client.is_none() {
        println!("skipped: no {name}");
        assert!(!in_ci(), "continuous integration needs {name}");
    }
    client
}

/// A client that continuous integration may lack, too.
pub(crate) fn wanted<T>(client: Option<T>, name: &str) -> Option<T> {
    if client.is_none() {
        println!("skipped: no {name}");
    }
    client
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// What came of a program.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Self {
            code: status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&stdout).into_owned(),
            err: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// Makes sure that it went well, and gives what it printed.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out.trim().to_owned()
    }

    /// Makes sure that it failed and said this.
    #[track_caller]
    pub(crate) fn bad(self, said: &str) -> String {
        assert_ne!(self.code, 0, "{}{}", self.out, self.err);
        assert!(self.err.contains(said), "`{said}` is not in: {}{}", self.out, self.err);
        self.err.trim().to_owned()
    }
}

/// A program with no environment but its path and the home of the server's test.
pub(crate) fn command(program: impl AsRef<Path>, server: &Server) -> Command {
    let mut command = Command::new(program.as_ref());
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", server.folder()).env("TMPDIR", server.folder());
    command
}

/// The path of programs with these folders before it.
pub(crate) fn path_with(folders: &[&Path]) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().map(|folder| folder.to_path_buf());
    std::env::join_paths(folders.chain(std::env::split_paths(&path))).unwrap()
}
