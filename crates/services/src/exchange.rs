//! A request as the server hands it in, and the answer as it takes it back. Neither knows sockets.

use crate::call::Origin;
use http::{HeaderMap, Method, Uri};

/// A whole HTTP request.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The target as it came, still percent-encoded; in HTTP/2 with the authority.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body; the server has bounded its size.
    pub body: Vec<u8>,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it came over the local socket from the user who runs the server: such a request needs no
    /// signature and acts as the realm's operator.
    pub from_owner: bool,
}

impl Incoming {
    /// The head as routing and signatures read it.
    pub fn head(&self) -> wire::Head<'_> {
        wire::Head { method: &self.method, uri: &self.uri, headers: &self.headers }
    }
}

/// A whole HTTP answer.
pub use wire::Reply as Outgoing;

/// Takes the answer back: called exactly once, from the calling thread for reads and refusals, from the
/// store's thread for writes.
pub type Respond = Box<dyn FnOnce(Outgoing) + Send>;
