//! The listener for monitoring: `GET /metrics`, `GET /health`, and nothing else.

use crate::error::StartError;
use crate::metrics::CONTENT_TYPE;
use crate::request::House;
use crate::stop::Stop;
use base::Secret;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Scrapers that are served at the same time.
const CONNECTIONS: usize = 16;
/// Time for the head of a scraper's request, and for a whole connection.
const HEAD_TIME: Duration = Duration::from_secs(5);
const WHOLE_TIME: Duration = Duration::from_secs(60);

/// Where measurements are told.
#[derive(Debug, Clone)]
pub struct MetricsListen {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// What a scraper must send as `Authorization: Bearer …`; needed beyond this machine.
    pub token: Option<Secret>,
}

/// The address taken.
pub(crate) struct MetricsPort {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    token: Option<Secret>,
}

impl MetricsListen {
    /// Takes the address.
    pub(crate) async fn take(&self) -> Result<MetricsPort, StartError> {
        let open = !self.address.ip().to_canonical().is_loopback();
        if open && self.token.is_none() {
            return Err(StartError::OpenMetrics(self.address));
        }
        let failed = |source| StartError::Bind { address: self.address, source };
        let listener = TcpListener::bind(self.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(MetricsPort { listener, address, token: self.token.clone() })
    }
}

impl MetricsPort {
    /// Answers scrapers until the server stops.
    pub(crate) async fn serve(self, house: Arc<House>, mut stop: Stop) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let token = Arc::new(self.token);
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.wait() => return,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (house, token, mut stop) = (Arc::clone(&house), Arc::clone(&token), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::time::timeout(WHOLE_TIME, connection(house, token, stream)) => {}
                    () = stop.wait() => {}
                }
                drop(permit);
            });
        }
    }
}

async fn connection(house: Arc<House>, token: Arc<Option<Secret>>, stream: TcpStream) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(&house, token.as_ref().as_ref(), &request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a scraper's connection ended early");
    }
}

fn answer(house: &House, token: Option<&Secret>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if !matches!(request.method(), &Method::GET | &Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n".into());
    }
    match request.uri().path() {
        "/health" if house.answer.is_ready() => plain(StatusCode::OK, "ok\n".into()),
        "/health" => plain(StatusCode::SERVICE_UNAVAILABLE, "unavailable\n".into()),
        "/metrics" if token.is_none_or(|token| is_sent(token, request.headers())) => {
            plain(StatusCode::OK, house.exposition())
        }
        "/metrics" => {
            let mut refusal =
                plain(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong\n".into());
            let challenge = header::HeaderValue::from_static("Bearer");
            refusal.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            refusal
        }
        _ => plain(StatusCode::NOT_FOUND, "there is /metrics and /health\n".into()),
    }
}

fn is_sent(token: &Secret, headers: &HeaderMap) -> bool {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let first = sent.next().and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    sent.next().is_none() && first.is_some_and(|given| token.equals(given))
}

fn plain(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(CONTENT_TYPE));
    response
}
