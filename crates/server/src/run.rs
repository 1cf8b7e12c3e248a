//! A server: bound, then run until it is told to stop.

use crate::answer::Answer;
use crate::connection::{self, Version};
use crate::error::StartError;
use crate::guests::Guests;
use crate::housekeeping::Housekeeper;
use crate::limits::Limits;
use crate::listen::Listen;
use crate::local::LocalSocket;
use crate::metrics::Counts;
use crate::metrics_door::{MetricsListen, MetricsPort};
use crate::request::{House, Peer};
use crate::stop::{self, Renewals, Stop};
use crate::tls::{Tls, TlsFiles};
use services::call::Origin;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

/// Connections on the local socket are counted apart, so that the owner always gets in.
const LOCAL_CONNECTIONS: usize = 64;
/// How long to wait after the system had no room for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The network address taken; nothing else touched yet.
pub struct Port {
    listener: TcpListener,
    tls: Option<Tls>,
    endpoint: String,
    address: SocketAddr,
    metrics: Option<MetricsPort>,
}

impl Port {
    /// Takes the address.
    pub async fn take(listen: &Listen) -> Result<Self, StartError> {
        listen.check()?;
        let tls = listen.tls.as_ref().map(TlsFiles::load).transpose()?;
        let (listener, address) = listen.bind().await?;
        Ok(Self { listener, tls, endpoint: listen.endpoint(address), address, metrics: None })
    }

    /// Takes the address for monitoring as well.
    pub async fn with_metrics(mut self, listen: &MetricsListen) -> Result<Self, StartError> {
        self.metrics = Some(listen.take().await?);
        Ok(self)
    }

    /// Opens the local socket in `directory`, which this process has locked.
    pub fn with_local(self, directory: &Path) -> Result<Bound, StartError> {
        Ok(Bound { port: self, local: LocalSocket::bind(directory)? })
    }
}

/// Network address and local socket taken; nothing answered yet.
pub struct Bound {
    port: Port,
    local: LocalSocket,
}

impl Bound {
    /// The base address for clients.
    pub fn endpoint(&self) -> &str {
        &self.port.endpoint
    }

    /// The address listened on.
    pub fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// The address where measurements are told.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.port.metrics.as_ref().map(|port| port.address)
    }

    /// The path of the local socket.
    pub fn socket(&self) -> &Path {
        self.local.path()
    }

    /// Answers until `stop` is done, then finishes what is under way and closes.
    pub async fn run(self, answer: Arc<dyn Answer>, limits: Limits, until: impl Future<Output = ()>) {
        let (stopper, ear) = stop::channel();
        let patience = limits.stop_time;
        let house = Arc::new(House::new(answer.clone(), limits, self.port.endpoint));
        let housekeeper = Housekeeper::start(answer.clone());
        let acceptor = self.port.tls.as_ref().map(|tls| TlsAcceptor::from(tls.config()));
        tokio::spawn(renew(self.port.tls, ear.clone()));
        if let Some(metrics) = self.port.metrics {
            tokio::spawn(metrics.serve(house.clone(), ear.clone()));
        }
        tokio::spawn(accept_network(house.clone(), self.port.listener, acceptor, ear.clone()));
        tokio::spawn(accept_local(house, self.local, ear));
        until.await;
        if !stopper.stop(patience).await {
            tracing::warn!("some connections did not end in time and were cut");
        }
        // Both may block on the disk.
        let closing = tokio::task::spawn_blocking(move || {
            housekeeper.stop();
            answer.close();
        });
        if closing.await.is_err() {
            tracing::error!("closing the store panicked; this is a defect");
        }
    }
}

async fn accept_network(house: Arc<House>, listener: TcpListener, tls: Option<TlsAcceptor>, mut stop: Stop) {
    let room = Arc::new(Semaphore::new(house.limits.connections));
    let guests = Guests::new(house.limits.connections_per_address);
    loop {
        let accepted = tokio::select! {
            accepted = next(&room, listener.accept()) => accepted,
            () = stop.wait() => return,
        };
        let Some((stream, address, permit)) = accepted else { continue };
        let Some(guest) = guests.admit(address.ip()) else {
            house.counts.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let (house, tls, stop) = (house.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            let open = Counts::open(Arc::clone(&house));
            network(house, stream, address, tls, stop).await;
            drop((open, guest, permit));
        });
    }
}

async fn accept_local(house: Arc<House>, socket: LocalSocket, mut stop: Stop) {
    let room = Arc::new(Semaphore::new(LOCAL_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = next(&room, socket.listener.accept()) => accepted,
            () = stop.wait() => return,
        };
        let Some((stream, _, permit)) = accepted else { continue };
        if !socket.is_owner(&stream) {
            tracing::warn!("another user tried the local socket and was turned away");
            continue;
        }
        let (house, stop) = (house.clone(), stop.clone());
        tokio::spawn(async move {
            local(house, stream, stop).await;
            drop(permit);
        });
    }
}

/// How often it is looked whether certificate and key were renewed.
const RENEWAL: Duration = Duration::from_secs(10);

/// Reads certificate and key again when their files change, and at SIGHUP, which must not end a server without TLS.
async fn renew(mut tls: Option<Tls>, mut stop: Stop) {
    let mut asked = match Renewals::listen() {
        Ok(asked) => asked,
        Err(error) => return tracing::error!(%error, "renewed certificates will not be noticed"),
    };
    loop {
        let forced = tokio::select! {
            () = stop.wait() => return,
            () = asked.next() => true,
            () = tokio::time::sleep(RENEWAL) => false,
        };
        let Some(tls) = &mut tls else { continue };
        match tls.renew(forced) {
            Ok(true) => tracing::info!("new connections get the renewed certificate"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "the renewed certificate cannot be used; the old one is kept")
            }
        }
    }
}

/// Waits for room and then for a connection; `None` after a failure that passes.
async fn next<S, A>(
    room: &Arc<Semaphore>,
    accept: impl Future<Output = io::Result<(S, A)>>,
) -> Option<(S, A, OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.ok()?;
    match accept.await {
        Ok((stream, address)) => Some((stream, address, permit)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn network(
    house: Arc<House>,
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    stop: Stop,
) {
    // Answers are small and whole: waiting for more to send only delays them. Failing costs only time.
    let _ = stream.set_nodelay(true);
    let address = Some(address.ip().to_canonical());
    let mut peer = Peer { address, source: Origin::source(address), tls: None, owner: false };
    let Some(tls) = tls else {
        return connection::serve(house, peer, Version::One, stream, stop).await;
    };
    match tokio::time::timeout(house.limits.handshake_time, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let (_, session) = stream.get_ref();
            let version = match session.alpn_protocol() {
                Some(b"h2") => Version::Two,
                _ => Version::One,
            };
            peer.tls = Some(Arc::new(described(session)));
            connection::serve(house, peer, version, stream, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn local(house: Arc<House>, stream: UnixStream, stop: Stop) {
    let peer = Peer { address: None, source: Origin::source(None), tls: None, owner: true };
    connection::serve(house, peer, Version::One, stream, stop).await;
}

/// Version and cipher suite as CloudTrail's `tlsDetails` writes them.
fn described(session: &rustls::ServerConnection) -> (String, String) {
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "unknown",
    };
    let suite = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    (version.to_owned(), suite.unwrap_or("unknown").replacen("TLS13_", "TLS_", 1))
}
