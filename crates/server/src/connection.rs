//! One connection: HTTP/1.1 or, over TLS, HTTP/2, until it ends or the server stops.

use crate::pace::{Paced, Underway};
use crate::request::{Door, House, Peer};
use crate::stop::Stop;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// The most headers that hyper takes unless told otherwise.
const HYPER_HEADERS: usize = 100;

/// Which HTTP the two sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

/// Serves `stream` to its end.
pub(crate) async fn serve<S>(house: Arc<House>, peer: Peer, version: Version, stream: S, stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let underway = Underway::default();
    let door = Arc::new(Door::new(house, peer, underway.clone()));
    match version {
        Version::One => one(door, underway, stream, stop).await,
        Version::Two => two(door, underway, stream, stop).await,
    }
}

async fn one<S>(door: Arc<Door>, underway: Underway, stream: S, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &door.house.limits;
    let quiet = underway.clone();
    let stream = TokioIo::new(Paced::new(stream, underway, limits));
    let mut protocol = http1::Builder::new();
    protocol
        // `Paced` keeps the time: hyper's own limit would also end idle connections.
        .header_read_timeout(None)
        .max_header_size(limits.head_bytes)
        .max_buf_size((limits.head_bytes * 2).max(64 * 1024));
    // hyper has room for its own number at hand; for any other it makes and clears some for each request.
    if limits.headers != HYPER_HEADERS {
        protocol.max_headers(limits.headers);
    }
    let service = {
        let door = door.clone();
        service_fn(move |request| {
            let door = door.clone();
            async move { Ok::<_, Infallible>(door.handle(request).await) }
        })
    };
    let mut connection = pin!(protocol.serve_connection(stream, service));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.wait() => {
            connection.as_mut().graceful_shutdown();
            finish(connection, &quiet).await
        }
    };
    note(outcome);
}

async fn two<S>(door: Arc<Door>, underway: Underway, stream: S, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &door.house.limits;
    let quiet = underway.clone();
    let stream = TokioIo::new(Paced::multiplexed(stream, underway, limits));
    let mut protocol = http2::Builder::new(TokioExecutor::new());
    protocol
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.idle_time / 2)
        .keep_alive_timeout(limits.head_time);
    let service = {
        let door = door.clone();
        service_fn(move |request| {
            let door = door.clone();
            async move { Ok::<_, Infallible>(door.handle(request).await) }
        })
    };
    let mut connection = pin!(protocol.serve_connection(stream, service));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = stop.wait() => {
            connection.as_mut().graceful_shutdown();
            finish(connection, &quiet).await
        }
    };
    note(outcome);
}

/// Lets what is under way end; a peer that only holds the connection open does not delay the stop.
async fn finish(
    connection: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    underway: &Underway,
) -> hyper::Result<()> {
    tokio::select! {
        outcome = connection => outcome,
        () = underway.quiet() => Ok(()),
    }
}

/// A connection that ends badly is the peer's doing: of interest only to who looks for it.
fn note(outcome: hyper::Result<()>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}
