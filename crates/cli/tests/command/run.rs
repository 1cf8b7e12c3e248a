//! Running the command and looking at what came of it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");

/// What came of a command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// Makes sure that it went well, and gives what it printed.
    #[track_caller]
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }

    /// Makes sure that it failed with this code and said this.
    #[track_caller]
    pub(crate) fn bad(self, code: i32, said: &str) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.contains(said), "`{said}` is not in: {}", self.err);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The command in an empty environment, with a home of its own.
pub(crate) fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).env("TMPDIR", home).args(arguments);
    command
}

pub(crate) fn run(home: &Path, arguments: &[&str]) -> Ran {
    command(home, arguments).output().unwrap().into()
}

/// Runs a command of the server's owner.
pub(crate) fn ask(server: &testkit::Server, arguments: &[&str]) -> Ran {
    server.command(arguments).output().unwrap().into()
}

/// Sends a request signed as the server's administrator and gives status and body.
pub(crate) fn signed(server: &testkit::Server, service: &str, path: &str, form: &str) -> (u16, String) {
    send(server.endpoint(), &server.credentials(), service, path, form).unwrap()
}

/// Sends a signed request and gives status and body, or the failure of a server that is killed meanwhile.
pub(crate) fn send(
    endpoint: &str,
    credentials: &testkit::server::Credentials,
    service: &str,
    path: &str,
    form: &str,
) -> io::Result<(u16, String)> {
    let credentials = wire::sigv4::Credentials {
        access_key: credentials.access_key_id.clone(),
        secret: base::Secret::new(credentials.secret_access_key.as_bytes()),
        token: credentials.session_token.clone().map(base::SecretString::new),
    };
    let uri: http::Uri = format!("{endpoint}{path}").parse().unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    let now = base::Clock::now(&server::SystemClock);
    let scope = (service, "us-east-1");
    wire::sigv4::sign(&credentials, scope, &http::Method::POST, &uri, &mut headers, form.as_bytes(), now)
        .unwrap();
    let mut text = format!("POST {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", form.len());
    for (name, value) in &headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut stream = TcpStream::connect(uri.authority().unwrap().as_str())?;
    stream.write_all(format!("{text}\r\n{form}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok((status, body.to_owned()))
}

pub(crate) fn dev() -> testkit::Server {
    testkit::server(PROGRAM).dev().start()
}

/// A server with more arguments, its data in a folder of its own.
pub(crate) fn serving(arguments: &[&str]) -> testkit::Server {
    let server = testkit::server(PROGRAM);
    arguments.iter().fold(server, |server, argument| server.argument(*argument)).start()
}

pub(crate) fn kept() -> testkit::Server {
    testkit::server(PROGRAM).start()
}
