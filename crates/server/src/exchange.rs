//! A request as the server hands it in, and the answer as it takes it back.

use http::{HeaderMap, Method};
use std::net::IpAddr;

/// Where a call came from, as the server saw it: never as a header claims.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The peer's address; `None` over the local socket.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Whether the connection was encrypted: `aws:SecureTransport`.
    pub secure: bool,
    /// The protocol version and cipher suite, for the audit record.
    pub tls: Option<(String, String)>,
}

/// A whole HTTP request.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The path as it came, still percent-encoded.
    pub path: String,
    /// The query string as it came, without the `?`; empty if there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body; the server has bounded its size.
    pub body: Vec<u8>,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it came over the local socket from the user who runs the server.
    pub from_owner: bool,
}

/// A whole HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case; `content-length` is left to the server.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Takes the answer back: called exactly once.
pub type Respond = Box<dyn FnOnce(Outgoing) + Send>;
