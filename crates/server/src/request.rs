//! One request: from hyper's hands into the services and back.

use crate::answer::Answer;
use crate::limits::Limits;
use crate::metrics::{CONTENT_TYPE, Counts, Exposition};
use crate::pace::Underway;
use crate::refusal::Refusal;
use crate::system::SystemEntropy;
use base::Uuid;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming as Stream};
use services::call::Origin;
use services::{Incoming, Outgoing};
use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

/// Bodies are counted against the memory for bodies in pieces of this size; smaller ones are not counted.
const PIECE: usize = 64 * 1024;
/// How much of a refused body is read and thrown away, so that the sender gets to read the answer.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// How long a large body waits for memory.
const MEMORY_WAIT: Duration = Duration::from_secs(5);

/// What all connections share.
pub(crate) struct House {
    pub(crate) answer: Arc<dyn Answer>,
    pub(crate) limits: Limits,
    pub(crate) entropy: SystemEntropy,
    /// The base address that clients are told.
    pub(crate) endpoint: String,
    pub(crate) counts: Counts,
    memory: Semaphore,
}

impl House {
    pub(crate) fn new(answer: Arc<dyn Answer>, limits: Limits, endpoint: String) -> Self {
        let memory = Semaphore::new((limits.bodies_in_memory / PIECE).max(1));
        let (entropy, counts) = (SystemEntropy::default(), Counts::default());
        Self { answer, limits, entropy, endpoint, counts, memory }
    }

    /// All measurements.
    pub(crate) fn exposition(&self) -> String {
        let mut out = Exposition::default();
        out.begin("bailiwick_build_info", "gauge", "The version that runs.");
        out.value("bailiwick_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.counts.write(&mut out);
        self.answer.measure(&mut out);
        out.finish()
    }
}

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its address; `None` on the local socket.
    pub(crate) address: Option<IpAddr>,
    /// The address as records show it.
    pub(crate) source: Arc<str>,
    /// Version and cipher suite if the connection is encrypted.
    pub(crate) tls: Option<Arc<(String, String)>>,
    /// Whether it is the user who runs the server, on the local socket.
    pub(crate) owner: bool,
}

/// One connection: the house and who is at the other end.
pub(crate) struct Door {
    pub(crate) house: Arc<House>,
    pub(crate) peer: Peer,
    pub(crate) underway: Underway,
    /// The `User-Agent` of the last request: that of the next one as well, as a rule.
    agent: Mutex<Arc<str>>,
}

impl Door {
    pub(crate) fn new(house: Arc<House>, peer: Peer, underway: Underway) -> Self {
        Self { house, peer, underway, agent: Mutex::default() }
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: Request<Stream>) -> Response<Full<Bytes>> {
        let _mark = self.underway.begin();
        let (mut parts, body) = request.into_parts();
        if let Some(answer) = self.own_page(parts.uri.path(), &parts.method) {
            return encode(answer, false);
        }
        // A framing that an intermediary may see otherwise is the last on its connection.
        let last = parts.headers.contains_key(header::TRANSFER_ENCODING);
        let body = match self.read(&parts.headers, body).await {
            Ok(body) => body,
            Err(refusal) => return encode(self.refuse(refusal, &parts.headers), true),
        };
        name_host(&mut parts);
        let _begun = self.house.counts.begin();
        let begun = Instant::now();
        let incoming = Incoming {
            origin: self.origin(&parts.headers),
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
            from_owner: self.peer.owner,
        };
        let outgoing = self.hand_on(incoming).await;
        self.house.counts.answered(outgoing.status, begun.elapsed());
        encode(outgoing, last)
    }

    /// Liveness and readiness for load balancers, and on the local socket endpoint and measurements: nothing
    /// that an unknown caller could learn from.
    fn own_page(&self, path: &str, method: &http::Method) -> Option<Outgoing> {
        let page = path.strip_prefix("/_bailiwick/")?;
        let (status, body) = match (page, method) {
            ("health" | "ready", &http::Method::GET | &http::Method::HEAD) => {
                match self.house.answer.is_ready() {
                    true => (200, "{\"Status\":\"ok\"}\n".to_owned()),
                    false => (503, "{\"Status\":\"unavailable\"}\n".to_owned()),
                }
            }
            ("live", &http::Method::GET | &http::Method::HEAD) => (200, "{\"Status\":\"ok\"}\n".to_owned()),
            ("metrics", &http::Method::GET) if self.peer.owner => {
                let kind = ("content-type", CONTENT_TYPE.into());
                let body = self.house.exposition().into_bytes();
                return Some(Outgoing { status: 200, headers: vec![kind], body });
            }
            ("endpoint", &http::Method::GET) if self.peer.owner => {
                (200, serde_json::json!({ "Endpoint": self.house.endpoint }).to_string())
            }
            (_, &http::Method::GET | &http::Method::HEAD) => return self.house.answer.page(path),
            _ => return None,
        };
        let kind = ("content-type", "application/json".into());
        Some(Outgoing { status, headers: vec![kind], body: body.into_bytes() })
    }

    async fn read(&self, headers: &HeaderMap, mut body: Stream) -> Result<Vec<u8>, Refusal> {
        if body.is_end_stream() {
            return Ok(Vec::new());
        }
        let limit = self.limit(headers);
        let hint = body.size_hint();
        if hint.lower() > limit as u64 {
            drain(&mut body).await;
            return Err(Refusal::TooLarge { limit });
        }
        let expected = hint.upper().map_or(limit, |upper| usize::try_from(upper).unwrap_or(limit).min(limit));
        let _permit = self.reserve(expected).await?;
        let outcome = {
            let mut collecting = pin!(collect(&mut body, limit));
            // Most bodies have come with their heads, and need no clock.
            match poll_fn(|cx| Poll::Ready(collecting.as_mut().poll(cx))).await {
                Poll::Ready(outcome) => Ok(outcome),
                Poll::Pending => tokio::time::timeout(self.house.limits.body_time, collecting).await,
            }
        };
        match outcome {
            Ok(Err(refusal @ Refusal::TooLarge { .. })) => {
                drain(&mut body).await;
                Err(refusal)
            }
            Ok(outcome) => outcome,
            Err(_) => Err(Refusal::BodyTimeout),
        }
    }

    fn limit(&self, headers: &HeaderMap) -> usize {
        let limits = &self.house.limits;
        match headers.get("x-amz-target") {
            Some(target) if target == "Bailiwick.Import" => limits.import_bytes,
            _ => limits.body_bytes,
        }
    }

    async fn reserve(&self, bytes: usize) -> Result<Option<SemaphorePermit<'_>>, Refusal> {
        if bytes <= PIECE {
            return Ok(None);
        }
        let all = self.house.limits.bodies_in_memory / PIECE;
        let pieces = u32::try_from(bytes.div_ceil(PIECE).min(all.max(1))).unwrap_or(u32::MAX);
        match tokio::time::timeout(MEMORY_WAIT, self.house.memory.acquire_many(pieces)).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(Refusal::Busy),
        }
    }

    fn origin(&self, headers: &HeaderMap) -> Origin {
        Origin {
            address: self.peer.address,
            source: Arc::clone(&self.peer.source),
            user_agent: headers
                .get(header::USER_AGENT)
                .map_or_else(Default::default, |agent| self.agent(agent)),
            secure: self.peer.tls.is_some(),
            tls: self.peer.tls.clone(),
        }
    }

    /// The text of a `User-Agent`, kept from the last request if it is the same.
    fn agent(&self, value: &HeaderValue) -> Arc<str> {
        let mut last = self.agent.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_bytes() != value.as_bytes() {
            *last = String::from_utf8_lossy(value.as_bytes()).into();
        }
        Arc::clone(&last)
    }

    async fn hand_on(&self, incoming: Incoming) -> Outgoing {
        let (send, receive) = oneshot::channel();
        let respond = Box::new(move |outgoing| {
            // A caller who has hung up gets no answer; what was done stays done.
            let _ = send.send(outgoing);
        });
        let json = incoming.headers.contains_key("x-amz-target");
        // A defect in one request must not take the connection's other requests with it.
        let inline = catch_unwind(AssertUnwindSafe(|| self.house.answer.answer(incoming, respond)));
        if inline.is_err() {
            tracing::error!("answering a request panicked; this is a defect");
        }
        match receive.await {
            Ok(outgoing) => outgoing,
            Err(_) => {
                let mut headers = HeaderMap::new();
                if json {
                    headers.insert("x-amz-target", HeaderValue::from_static(""));
                }
                self.refuse(Refusal::Internal, &headers)
            }
        }
    }

    fn refuse(&self, refusal: Refusal, headers: &HeaderMap) -> Outgoing {
        refusal.answer(headers, Uuid::random(&self.house.entropy))
    }
}

/// HTTP/2 names the host in `:authority`; signatures are over `host`.
fn name_host(parts: &mut http::request::Parts) {
    if parts.version == http::Version::HTTP_2
        && !parts.headers.contains_key(header::HOST)
        && let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(header::HOST, host);
    }
}

async fn collect(body: &mut Stream, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::BrokenBody)?.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Err(Refusal::TooLarge { limit });
        }
        if whole.is_empty() && body.is_end_stream() {
            return Ok(data.into());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

/// Reads on for a while without keeping anything: an unread body would reset the connection under the answer.
async fn drain(body: &mut Stream) {
    let mut left = DRAIN_BYTES;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                Some(left) => left,
                None => return,
            };
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, reading).await;
}

/// The name of an answer's header; those of every answer need not be read.
fn header_name(name: &'static str) -> HeaderName {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
    match name {
        "content-type" => header::CONTENT_TYPE,
        "x-amzn-requestid" => REQUEST_ID,
        other => HeaderName::from_static(other),
    }
}

fn encode(outgoing: Outgoing, last: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(outgoing.body)));
    *response.status_mut() =
        StatusCode::from_u16(outgoing.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(outgoing.headers.len() + 1);
    for (name, value) in outgoing.headers {
        // A value with a control character would split the answer; it is left out.
        let value = match value {
            Cow::Borrowed(value) => HeaderValue::from_maybe_shared(Bytes::from_static(value.as_bytes())),
            Cow::Owned(value) => HeaderValue::from_maybe_shared(Bytes::from(value)),
        };
        match value {
            Ok(value) => drop(headers.append(header_name(name), value)),
            Err(_) => tracing::error!(header = name, "a header's value cannot be sent; this is a defect"),
        }
    }
    if last {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
