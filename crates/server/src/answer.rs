//! What stands behind the sockets.

use crate::metrics::Exposition;
use base::Timestamp;
use services::{Incoming, Outgoing, Respond};

/// Answers whole requests: the services, or a stand-in for them in tests.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request by calling `respond` once, from this thread or another. A `respond` that is
    /// dropped uncalled makes an answer of status 500.
    fn answer(&self, incoming: Incoming, respond: Respond);

    /// A page that anybody may read, at a path of our own; `None` if there is none.
    fn page(&self, _path: &str) -> Option<Outgoing> {
        None
    }

    /// Work that comes due with time, called about twice a second from a thread of its own; it may block.
    fn tick(&self, _now: Timestamp) {}

    /// Whether calls can be answered now, as load balancers ask.
    fn is_ready(&self) -> bool {
        true
    }

    /// Adds its measurements for monitoring.
    fn measure(&self, _out: &mut Exposition) {}

    /// The last call: puts on disk what is still in memory.
    fn close(&self) {}
}
