//! The client of a server's own operations: over the local socket as its owner, or over the network with AWS
//! credentials and a signature.

mod aws;
mod credentials;
mod http1;
mod network;
mod profile;

pub(crate) use aws::{Aws, Call, Failure, Reached};

use crate::problem::{Problem, plain};
use credentials::Credentials;
use http1::Reply;
use network::{Network, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may be silent; an import of a large account takes a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the user wants to go.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The data directory, whose local socket is tried.
    pub(crate) data: PathBuf,
    /// Whether the user named it in this command.
    pub(crate) data_was_named: bool,
    /// The address that the user named.
    pub(crate) endpoint: Option<String>,
    /// Certificates to trust.
    pub(crate) ca_bundle: Option<PathBuf>,
}

/// A way to a server.
pub(crate) enum Client {
    /// As the owner, over the local socket.
    Local(Local),
    /// Over the network, signed.
    Network(Box<Network>),
}

impl Client {
    /// Finds the server: the address that was named, else the local server, else the address that AWS's own
    /// tools would use. If those use another server than the local one, that is the one meant.
    pub(crate) fn open(target: &Target) -> Result<Self, Problem> {
        if let Some(endpoint) = &target.endpoint {
            return Self::network(endpoint, target);
        }
        let local = Local::open(&target.data);
        let Some(endpoint) = crate::environment::aws_endpoint().filter(|_| !target.data_was_named) else {
            return local.map(Self::Local);
        };
        match local {
            Ok(local) if local.endpoint().is_ok_and(|own| same_address(&own, &endpoint)) => {
                Ok(Self::Local(local))
            }
            _ => Self::network(&endpoint, target),
        }
    }

    fn network(endpoint: &str, target: &Target) -> Result<Self, Problem> {
        let url = Url::parse(endpoint)?;
        let credentials = Credentials::find()?;
        Ok(Self::Network(Box::new(Network::new(url, credentials, target.ca_bundle.as_deref())?)))
    }

    /// Calls an operation.
    pub(crate) fn call<O: DeserializeOwned>(
        &self,
        operation: &str,
        input: &impl Serialize,
    ) -> Result<O, Problem> {
        match self {
            Client::Local(local) => local.call(operation, input),
            Client::Network(network) => {
                read(network.post(&target_of(operation), &written(input)?)?, network.name())
            }
        }
    }
}

/// A server that is asked before anybody has credentials.
pub(crate) enum Stranger {
    /// Over the local socket.
    Local(Local),
    /// Over the network.
    Network(network::Unsigned),
}

impl Stranger {
    /// Finds the server, as [`Client::open`] does.
    pub(crate) fn open(target: &Target) -> Result<Self, Problem> {
        let there = target.endpoint.clone().map(Ok).or_else(|| match Local::open(&target.data) {
            Ok(_) => None,
            Err(problem) => {
                Some(crate::environment::aws_endpoint().filter(|_| !target.data_was_named).ok_or(problem))
            }
        });
        match there {
            Some(endpoint) => Ok(Self::Network(network::Unsigned::new(
                Url::parse(&endpoint?)?,
                target.ca_bundle.as_deref(),
            )?)),
            None => Local::open(&target.data).map(Self::Local),
        }
    }

    /// Calls an operation that needs no signature.
    pub(crate) fn call<O: DeserializeOwned>(
        &self,
        operation: &str,
        input: &impl Serialize,
    ) -> Result<O, Problem> {
        match self {
            Stranger::Local(local) => local.call(operation, input),
            Stranger::Network(network) => {
                read(network.post(&target_of(operation), &written(input)?)?, network.name())
            }
        }
    }

    /// The address at which the server answers AWS's clients.
    pub(crate) fn endpoint(&self) -> Result<String, Problem> {
        match self {
            Stranger::Local(local) => local.endpoint(),
            Stranger::Network(network) => Ok(network.name().to_owned()),
        }
    }
}

/// The local socket of a running server.
pub(crate) struct Local {
    path: PathBuf,
}

impl Local {
    /// Finds the socket in a data directory and makes sure that a server listens.
    pub(crate) fn open(data: &Path) -> Result<Self, Problem> {
        let local = Self { path: data.join(server::local::SOCKET_NAME) };
        local.connect()?;
        Ok(local)
    }

    /// Calls an operation as the server's owner.
    pub(crate) fn call<O: DeserializeOwned>(
        &self,
        operation: &str,
        input: &impl Serialize,
    ) -> Result<O, Problem> {
        let headers = [("x-amz-target", target_of(operation)), ("content-type", http1::JSON.to_owned())];
        let stream = self.connect()?;
        let reply = http1::exchange(stream, "POST", "/", "localhost", &headers, &written(input)?);
        read(reply.map_err(|error| self.failed(&error))?, &self.path.display().to_string())
    }

    /// The address at which the server answers AWS's clients.
    pub(crate) fn endpoint(&self) -> Result<String, Problem> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Page {
            endpoint: String,
        }
        let stream = self.connect()?;
        let reply = http1::exchange(stream, "GET", "/_bailiwick/endpoint", "localhost", &[], b"");
        let page: Page = read(reply.map_err(|error| self.failed(&error))?, &self.path.display().to_string())?;
        Ok(page.endpoint)
    }

    fn connect(&self) -> Result<UnixStream, Problem> {
        let stream = UnixStream::connect(&self.path).map_err(|error| self.failed(&error))?;
        let waits = stream.set_read_timeout(Some(PATIENCE)).and(stream.set_write_timeout(Some(PATIENCE)));
        waits.map_err(|error| self.failed(&error))?;
        Ok(stream)
    }

    fn failed(&self, error: &io::Error) -> Problem {
        let path = self.path.display();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Problem::unavailable(format!(
                "no server answers at `{path}`"
            ))
            .help(
                "start it with `bailiwick serve`, or say where it is with `--data DIR` or `--endpoint URL`",
            ),
            io::ErrorKind::PermissionDenied => Problem::unavailable(format!(
                "the socket `{path}` belongs to another user"
            ))
            .help(
                "run this as the user who runs the server, or call it with credentials and `--endpoint URL`",
            ),
            _ => Problem::unavailable(format!("the server at `{path}` does not answer: {}", plain(error))),
        }
    }
}

fn same_address(one: &str, other: &str) -> bool {
    let plain =
        |url: &str| url.trim_end_matches('/').replace("//localhost", "//127.0.0.1").to_ascii_lowercase();
    plain(one) == plain(other)
}

fn target_of(operation: &str) -> String {
    format!("Bailiwick.{operation}")
}

fn written(input: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(input)
        .map_err(|error| Problem::usage(format!("the request cannot be written: {error}")))
}

/// Reads an answer, or the error in it.
fn read<O: DeserializeOwned>(reply: Reply, server: &str) -> Result<O, Problem> {
    if reply.status == 200 {
        return serde_json::from_slice(&reply.body).map_err(|error| unreadable(&error));
    }
    Err(refusal(&reply, server))
}

/// An answer that is not what the operation promises.
pub(crate) fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::unavailable(format!("the server's answer cannot be read: {error}"))
        .help("client and server may be of different versions: compare `bailiwick --version`")
}

fn refusal(reply: &Reply, server: &str) -> Problem {
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&reply.body) else {
        return Problem::unavailable(format!(
            "what answers at `{server}` is no Bailiwick server (status {})",
            reply.status
        ))
        .help("check the address");
    };
    let text = |names: [&str; 2]| names.iter().find_map(|name| body.get(name)?.as_str()).unwrap_or_default();
    let code = text(["__type", "code"]);
    let code = code.rsplit(['#', ':']).next().unwrap_or_default();
    let message = match text(["message", "Message"]) {
        "" => format!("the server answers with status {}", reply.status),
        message => message.trim_end_matches('.').to_owned(),
    };
    // Some faults of our own service carry their help in the message, see `services::bailiwick`.
    let (message, help) = match message.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (help: ")) {
        Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
        None => (message, None),
    };
    let problem = match reply.status {
        503 => Problem::unavailable(message),
        _ => Problem::refused(code, message),
    };
    problem.help_if(help.or_else(|| advice(code).map(str::to_owned)))
}

/// What to do about an error of this code.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" => {
            "the session is over: sign in anew with eval \"$(bailiwick login)\""
        }
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => {
            "sign in with eval \"$(bailiwick login)\", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" => {
            "the credentials are not of this server: sign in with eval \"$(bailiwick login)\""
        }
        "AccessDenied" | "AccessDeniedException" => {
            "`bailiwick explain` shows which policy decides, and where"
        }
        "AuthenticationFailedException" => {
            "check account, user and password; after ten wrong ones a user is locked for half an hour"
        }
        "RequestEntityTooLarge" => "an export may have 64 MiB",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Exit;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn errors_are_told_with_their_code_and_advice() {
        let told = refusal(&reply(403, r#"{"__type":"x#ExpiredTokenException","message":"Gone."}"#), "s");
        assert_eq!(
            (told.exit(), told.message(), told.code()),
            (Exit::Refused, "Gone", Some("ExpiredTokenException"))
        );
        assert!(told.help_line().unwrap().contains("bailiwick login"));
        let told = refusal(&reply(503, r#"{"__type":"ServiceUnavailable","Message":"busy"}"#), "s");
        assert_eq!((told.exit(), told.message()), (Exit::Unavailable, "busy"));
        let told = refusal(&reply(404, "<html>"), "http://x");
        assert_eq!(told.message(), "what answers at `http://x` is no Bailiwick server (status 404)");
    }

    #[test]
    fn one_server_has_two_spellings() {
        assert!(same_address("http://127.0.0.1:7373", "http://localhost:7373/"));
        assert!(!same_address("http://127.0.0.1:7373", "http://127.0.0.1:7374"));
    }
}
