//! A server around a stand-in for the services, and bare clients.

use bailiwick_server::{Answer, Limits, Listen, MetricsListen, Port, TlsFiles};
use http::Method;
use services::{Incoming, Outgoing, Respond};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Answers with what it was asked, and remembers the last request.
#[derive(Default)]
pub(crate) struct Echo {
    pub(crate) last: Mutex<Option<Incoming>>,
    pub(crate) seen: AtomicUsize,
    pub(crate) closed: AtomicUsize,
    pub(crate) unready: AtomicBool,
}

impl Answer for Echo {
    fn answer(&self, incoming: Incoming, respond: Respond) {
        self.seen.fetch_add(1, Ordering::SeqCst);
        let body = format!("{} {} {}", incoming.method, incoming.uri.path(), incoming.body.len());
        let path = incoming.uri.path().to_owned();
        *self.last.lock().unwrap() = Some(incoming);
        match path.as_str() {
            "/panic" => panic!("as asked"),
            "/drop" => drop(respond),
            "/late" => {
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(300));
                    respond(answer(body));
                });
            }
            _ => respond(answer(body)),
        }
    }

    fn is_ready(&self) -> bool {
        !self.unready.load(Ordering::SeqCst)
    }

    fn close(&self) {
        self.closed.fetch_add(1, Ordering::SeqCst);
    }
}

fn answer(body: String) -> Outgoing {
    Outgoing { status: 200, headers: vec![("content-type", "text/plain".into())], body: body.into_bytes() }
}

/// A running server.
pub(crate) struct House {
    pub(crate) echo: Arc<Echo>,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) endpoint: String,
    pub(crate) socket: PathBuf,
    pub(crate) metrics: Option<std::net::SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<()>,
    _directory: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open(limits: Limits, tls: Option<TlsFiles>) -> Self {
        Self::furnished(limits, tls, None).await
    }

    pub(crate) async fn furnished(
        limits: Limits,
        tls: Option<TlsFiles>,
        metrics: Option<MetricsListen>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listen =
            Listen { address: "127.0.0.1:0".parse().unwrap(), tls, insecure_http: false, advertise: None };
        let mut port = Port::take(&listen).await.unwrap();
        if let Some(metrics) = metrics {
            port = port.with_metrics(&metrics).await.unwrap();
        }
        let bound = port.with_local(directory.path()).unwrap();
        let metrics = bound.metrics();
        let (address, endpoint) = (bound.address(), bound.endpoint().to_owned());
        let socket = bound.socket().to_owned();
        let echo = Arc::new(Echo::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let until = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(bound.run(echo.clone(), limits, until));
        Self { echo, address, endpoint, socket, metrics, stop: Some(stop), task, _directory: directory }
    }

    pub(crate) async fn plain() -> Self {
        Self::open(Limits::default(), None).await
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        raw(&mut stream, bytes).await
    }

    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn stopped(mut self) -> Arc<Echo> {
        self.stop();
        (&mut self.task).await.unwrap();
        self.echo.clone()
    }
}

pub(crate) async fn raw(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &[u8]) -> String {
    // The server may close while bytes are still being sent: what counts is what it said.
    let _ = stream.write_all(bytes).await;
    read_all(stream).await
}

pub(crate) async fn read_all(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

/// A request that ends its connection.
pub(crate) fn request(method: &Method, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777
}
