//! A running `bailiwick serve`: the real binary on a free port, gone with the fixture.
//!
//! A fixture fails by panicking: there is nothing a test could do about it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a fixture that fails ends its test"
)]

use serde_json::Value;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use tempfile::TempDir;

/// The key pair of [`ServerBuilder::dev`].
pub const DEV_ACCESS_KEY_ID: &str = "test-key-id";
/// Its secret.
pub const DEV_SECRET_ACCESS_KEY: &str = "test/secret+key";
/// The account of [`ServerBuilder::dev`].
pub const DEV_ACCOUNT: &str = "123456789012";

/// What a server of a test is to be.
#[derive(Debug)]
pub struct ServerBuilder {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    dev: bool,
}

/// The `bailiwick` binary beside the test that runs: `target/PROFILE/bailiwick`. Tests of the `cli` crate name
/// theirs with `env!("CARGO_BIN_EXE_bailiwick")`; others find one only if it has been built.
pub fn built_program() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let folder = test.ancestors().find(|folder| folder.ends_with("debug") || folder.ends_with("release"))?;
    Some(folder.join("bailiwick")).filter(|program| program.is_file())
}

/// A server of this binary, to be started.
pub fn server(program: impl Into<PathBuf>) -> ServerBuilder {
    ServerBuilder { program: program.into(), arguments: Vec::new(), variables: Vec::new(), dev: false }
}

impl ServerBuilder {
    /// In memory, with the key pair [`DEV_ACCESS_KEY_ID`].
    #[must_use]
    pub fn dev(mut self) -> Self {
        self.dev = true;
        self.argument("--dev")
            .variable("BAILIWICK_DEV_ACCESS_KEY_ID", DEV_ACCESS_KEY_ID)
            .variable("BAILIWICK_DEV_SECRET_ACCESS_KEY", DEV_SECRET_ACCESS_KEY)
    }

    /// Adds an argument of `serve`.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable of its environment, which is otherwise empty but for `PATH`.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Starts it and waits until it answers.
    pub fn start(self) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let (child, stdout, record) = self.spawn(folder.path());
        Server { builder: self, folder, child, record, _stdout: stdout }
    }

    fn spawn(&self, folder: &Path) -> (Child, BufReader<ChildStdout>, Value) {
        let log = folder.join("stderr");
        let mut command = self.command(folder);
        command.args(["serve", "--format", "json", "--listen", "127.0.0.1:0"]).args(&self.arguments);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        match serde_json::from_str(&line) {
            Ok(record) => (child, stdout, record),
            Err(_) => {
                let _ = child.kill();
                let status = child.wait().unwrap();
                let log = std::fs::read_to_string(log).unwrap_or_default();
                panic!("the server did not start ({status}): {line}{log}");
            }
        }
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().envs(self.variables.iter().cloned());
        #[allow(clippy::disallowed_methods, reason = "programs that the server starts are found by it")]
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env("PATH", path).env("HOME", folder).env("TMPDIR", folder);
        if !self.dev {
            command.env("BAILIWICK_DATA", folder.join("data"));
        }
        command
    }
}

/// A running server. Dropping it kills it and removes its data.
#[derive(Debug)]
pub struct Server {
    builder: ServerBuilder,
    folder: TempDir,
    child: Child,
    record: Value,
    // Kept open: a closed pipe would be an error to a server that prints.
    _stdout: BufReader<ChildStdout>,
}

/// What clients sign with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// The session token of a temporary session.
    pub session_token: Option<String>,
}

impl Server {
    /// The base address, as in `http://127.0.0.1:34567`.
    pub fn endpoint(&self) -> &str {
        self.text("Endpoint")
    }

    /// The first account.
    pub fn account_id(&self) -> &str {
        self.text("AccountId")
    }

    /// The data directory; of a development server, the one that holds its socket.
    pub fn data(&self) -> PathBuf {
        self.text("Data").into()
    }

    /// The local socket.
    pub fn socket(&self) -> PathBuf {
        self.text("Socket").into()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the server printed when it had started.
    pub fn record(&self) -> &Value {
        &self.record
    }

    fn text(&self, name: &str) -> &str {
        self.record
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{name} is not in {}", self.record))
    }

    /// The administrator's credentials: of a development server its key pair, else a session made by `login`.
    pub fn credentials(&self) -> Credentials {
        if self.builder.dev {
            return Credentials {
                access_key_id: DEV_ACCESS_KEY_ID.into(),
                secret_access_key: DEV_SECRET_ACCESS_KEY.into(),
                session_token: None,
            };
        }
        let output = self.command(&["login", "--credential-process"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let session: Value = serde_json::from_slice(&output.stdout).unwrap();
        let member = |name: &str| session.get(name).and_then(Value::as_str).unwrap().to_owned();
        Credentials {
            access_key_id: member("AccessKeyId"),
            secret_access_key: member("SecretAccessKey"),
            session_token: Some(member("SessionToken")),
        }
    }

    /// The variables that make AWS's own clients call this server as its administrator.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let credentials = self.credentials();
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", self.endpoint().to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        variables.extend(credentials.session_token.map(|token| ("AWS_SESSION_TOKEN", token)));
        variables
    }

    /// The `bailiwick` command as its owner, over the local socket.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.builder.command(self.folder.path());
        command.args(arguments).arg("--data").arg(self.data());
        command
    }

    /// A folder for a test's own files, gone with the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the server has written to standard error.
    pub fn log(&self) -> String {
        let mut text = String::new();
        File::open(self.folder.path().join("stderr")).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Ends it in an orderly way.
    pub fn stop(&mut self) -> ExitStatus {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same data, after [`Self::stop`] or [`Self::kill`]; on another port.
    pub fn restart(&mut self) {
        let (child, stdout, record) = self.builder.spawn(self.folder.path());
        self.child = child;
        self._stdout = stdout;
        self.record = record;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
