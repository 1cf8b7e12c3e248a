//! How much of everything one client may take.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Bounds on size, number and time.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of the request line and headers together.
    pub head_bytes: usize,
    /// Number of headers.
    pub headers: usize,
    /// Bytes of the body of a call.
    pub body_bytes: usize,
    /// Bytes of the body of an import, the one call that carries a whole account.
    pub import_bytes: usize,
    /// Bytes of bodies that are being read at the same time, of all connections together.
    pub bodies_in_memory: usize,
    /// Time for the head of a request, from its first byte.
    pub head_time: Duration,
    /// Time for the body of a request.
    pub body_time: Duration,
    /// Time for which a connection may stand still: between two requests, or while an answer is not taken.
    pub idle_time: Duration,
    /// Time for the TLS handshake.
    pub handshake_time: Duration,
    /// Time for the answers under way when the server stops.
    pub stop_time: Duration,
    /// Connections open at the same time; more wait in the kernel's queue.
    pub connections: usize,
    /// Connections of one address, so that none keeps the others out; this machine's own are not counted.
    pub connections_per_address: usize,
    /// Requests under way on one HTTP/2 connection.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 * KIB,
            headers: 100,
            body_bytes: MIB,
            import_bytes: 64 * MIB,
            bodies_in_memory: 256 * MIB,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(75),
            handshake_time: Duration::from_secs(10),
            stop_time: Duration::from_secs(10),
            connections: 1024,
            connections_per_address: 256,
            streams: 128,
        }
    }
}
