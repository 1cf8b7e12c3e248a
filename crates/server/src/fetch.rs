//! Fetches what identity providers publish: the only requests that the server makes to others.
//!
//! The addresses come from who administers an account, so a request must not reach what only this machine or its
//! network reaches. The name is resolved once, every address that it has is judged, and the connection is made to one
//! that was judged: a name that points elsewhere a moment later gains nothing.

use authn::oidc::{Fetch, FetchError};
use http::Uri;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use crate::public_address::is_public;
use crate::thumbprint::{self, Pinned};

/// What the operator allows beyond the public network.
#[derive(Debug, Clone, Default)]
pub struct IssuerSettings {
    /// Hosts of providers that may have private addresses, or addresses of this machine.
    pub private_hosts: Vec<String>,
    /// Whether every host may.
    pub all_private: bool,
    /// Whether allowed hosts on this machine may be asked without TLS: for development.
    pub plain_loopback: bool,
    /// Certificates of authorities that vouch for providers, besides the system's.
    pub authorities: Option<PathBuf>,
}

/// Why certificates to trust could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the certificates in `{}` cannot be used: {reason}", .path.display())]
pub struct AuthoritiesError {
    path: PathBuf,
    reason: String,
}

/// The time that connecting takes at most, to one address.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// The time that a whole request takes at most.
const WHOLE_TIME: Duration = Duration::from_secs(6);
/// The time that resolving a name takes at most.
const NAME_TIME: Duration = Duration::from_secs(3);
/// Bytes of the head of an answer.
const HEAD_BYTES: usize = 16 * 1024;
/// Ways to another page of the same host that are followed.
const REDIRECTS: usize = 3;
/// Where systems keep the certificates that they trust.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Fetches documents over the network.
pub struct IssuerFetch {
    settings: IssuerSettings,
    roots: Arc<RootCertStore>,
}

/// An address taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    secure: bool,
    host: String,
    port: u16,
    /// As the `host` header has it.
    authority: String,
    path: String,
}

/// An answer.
struct Reply {
    status: u16,
    location: Option<String>,
    body: Vec<u8>,
}

impl IssuerFetch {
    /// With the system's authorities, and those of the settings.
    ///
    /// # Errors
    /// If the authorities that the settings name cannot be read. The system's are passed over where there are none.
    pub fn new(settings: IssuerSettings) -> Result<Self, AuthoritiesError> {
        let mut roots = RootCertStore::empty();
        if let Some(bundle) = SYSTEM_BUNDLES.iter().map(Path::new).find(|path| path.is_file()) {
            // Those of a kind that is not known here are passed over.
            let all = CertificateDer::pem_file_iter(bundle).into_iter().flatten().flatten();
            roots.add_parsable_certificates(all);
        }
        if let Some(path) = &settings.authorities {
            let failed = |reason: String| AuthoritiesError { path: path.clone(), reason };
            let all = CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))?;
            let mut any = false;
            for certificate in all {
                let certificate = certificate.map_err(|error| failed(error.to_string()))?;
                roots.add(certificate).map_err(|error| failed(error.to_string()))?;
                any = true;
            }
            if !any {
                return Err(failed("it holds none".into()));
            }
        }
        Ok(Self { settings, roots: Arc::new(roots) })
    }

    fn allows_private(&self, host: &str) -> bool {
        self.settings.all_private
            || self.settings.private_hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// The addresses of a host, each of which may be connected to.
    fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, FetchError> {
        let all = resolved(&target.host, target.port)?;
        let may_be_private = self.allows_private(&target.host);
        let allowed = |address: &SocketAddr| {
            let ip = address.ip().to_canonical();
            let is_plain = target.secure || (self.settings.plain_loopback && ip.is_loopback());
            is_plain && (is_public(ip) || may_be_private)
        };
        // One bad address is enough: a name has no business to point into both worlds.
        if all.iter().all(allowed) { Ok(all) } else { Err(FetchError::NotAllowed) }
    }

    fn connect(&self, target: &Target) -> Result<TcpStream, FetchError> {
        let addresses = self.addresses(target)?;
        let stream =
            addresses.iter().find_map(|address| TcpStream::connect_timeout(address, CONNECT_TIME).ok());
        stream.ok_or(FetchError::Unreachable)
    }

    /// A request for a page, with all its limits.
    fn ask(&self, target: &Target, limit: usize, pins: &[String]) -> Result<Reply, FetchError> {
        let by = Instant::now() + WHOLE_TIME;
        let stream = Timed { stream: self.connect(target)?, by };
        if !target.secure {
            return exchange(stream, target, limit).map_err(|error| of_io(&error));
        }
        let session = self.session(target, pins)?;
        exchange(StreamOwned::new(session, stream), target, limit).map_err(|error| of_io(&error))
    }

    fn session(&self, target: &Target, pins: &[String]) -> Result<ClientConnection, FetchError> {
        let name = ServerName::try_from(target.host.clone()).map_err(|_| FetchError::Unreachable)?;
        let config = self.config(pins).ok_or(FetchError::Untrusted)?;
        ClientConnection::new(Arc::new(config), name).map_err(|_| FetchError::Unreachable)
    }

    fn config(&self, pins: &[String]) -> Option<ClientConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Arc::new(Pinned::new(Arc::clone(&self.roots), Arc::clone(&provider), pins.to_vec()));
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        Some(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
    }
}

impl Fetch for IssuerFetch {
    fn get(&self, url: &str, limit: usize, thumbprints: &[String]) -> Result<Vec<u8>, FetchError> {
        let mut target = Target::parse(url).ok_or(FetchError::NoDocument)?;
        for _ in 0..=REDIRECTS {
            let reply = self.ask(&target, limit, thumbprints)?;
            match reply.status {
                200 => return Ok(reply.body),
                301 | 302 | 303 | 307 | 308 => {
                    let way = reply.location.as_deref().and_then(|way| target.follow(way));
                    target = way.ok_or(FetchError::NoDocument)?;
                }
                500..=599 | 429 => return Err(FetchError::Unreachable),
                _ => return Err(FetchError::NoDocument),
            }
        }
        Err(FetchError::NoDocument)
    }

    fn thumbprint(&self, url: &str) -> Result<Option<String>, FetchError> {
        let target = Target::parse(url).ok_or(FetchError::NoDocument)?;
        let stream = self.connect(&target)?;
        if !target.secure {
            return Ok(None);
        }
        let mut stream = Timed { stream, by: Instant::now() + WHOLE_TIME };
        let mut session = self.session(&target, &[])?;
        while session.is_handshaking() {
            session.complete_io(&mut stream).map_err(|error| of_io(&error))?;
        }
        let shown = session.peer_certificates().and_then(|all| all.last());
        Ok(Some(shown.map(thumbprint::of).ok_or(FetchError::Untrusted)?))
    }

    fn may_be_plain(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = bare.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
        self.settings.plain_loopback && is_loopback && self.allows_private(bare)
    }
}

impl Target {
    fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority().filter(|it| !it.as_str().contains('@'))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if secure => 443,
            None => 80,
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        (!host.is_empty() && port != 0).then(|| Self {
            secure,
            host,
            port,
            authority: authority.as_str().to_owned(),
            path,
        })
    }

    /// Another page of the same host, over the same protocol; nobody is followed to another.
    fn follow(&self, way: &str) -> Option<Self> {
        let next = match way.starts_with('/') && !way.starts_with("//") {
            true => {
                Self { path: Uri::try_from(way).ok()?.path_and_query()?.as_str().to_owned(), ..self.clone() }
            }
            false => Self::parse(way)?,
        };
        let same = (next.secure, next.port) == (self.secure, self.port);
        (same && next.host.eq_ignore_ascii_case(&self.host)).then_some(next)
    }
}

/// The addresses of a name. The system's resolver has no time limit, so it is asked on a thread of its own.
fn resolved(host: &str, port: u16) -> Result<Vec<SocketAddr>, FetchError> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let (answer, answered) = sync_channel(1);
    let name = host.to_owned();
    std::thread::Builder::new()
        .name("names".into())
        .spawn(move || {
            let all: Vec<_> = (name.as_str(), port).to_socket_addrs().into_iter().flatten().collect();
            // Who asked may have gone.
            let _ = answer.send(all);
        })
        .map_err(|_| FetchError::Unreachable)?;
    let all = answered.recv_timeout(NAME_TIME).map_err(|_| FetchError::Unreachable)?;
    if all.is_empty() { Err(FetchError::Unreachable) } else { Ok(all) }
}

/// A stream whose reads and writes end when the time is up.
struct Timed {
    stream: TcpStream,
    by: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.by.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn of_io(error: &io::Error) -> FetchError {
    let is_tls = error
        .get_ref()
        .is_some_and(|inner| matches!(inner.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))));
    match error.kind() {
        _ if is_tls => FetchError::Untrusted,
        io::ErrorKind::InvalidData => FetchError::NoDocument,
        _ => FetchError::Unreachable,
    }
}

/// One request and one answer. HTTP/1.0 is spoken, so that the connection ends with the answer.
fn exchange(mut stream: impl Read + Write, target: &Target, limit: usize) -> io::Result<Reply> {
    let agent = concat!("bailiwick/", env!("CARGO_PKG_VERSION"));
    let head = format!(
        "GET {} HTTP/1.0\r\nhost: {}\r\naccept: application/json\r\nuser-agent: {agent}\r\nconnection: close\r\n\r\n",
        target.path, target.authority
    );
    stream.write_all(head.as_bytes())?;
    stream.flush()?;
    let mut answer = Vec::new();
    let most = limit + HEAD_BYTES;
    match stream.take(most as u64 + 1).read_to_end(&mut answer) {
        Ok(_) => {}
        // Some servers close without saying so; the length tells whether anything is missing.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Err(error) => return Err(error),
    }
    parse(&answer, limit).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse(answer: &[u8], limit: usize) -> Option<Reply> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").filter(|end| *end <= HEAD_BYTES)?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut body = answer.get(end + 4..)?.to_vec();
    let mut lines = head.split("\r\n");
    let mut status = lines.next()?.splitn(3, ' ');
    status.next().filter(|version| version.starts_with("HTTP/1."))?;
    let status = status.next()?.parse().ok()?;
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |wanted: &str| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    match (header("transfer-encoding"), header("content-length")) {
        (Some(how), _) if how.eq_ignore_ascii_case("chunked") => body = chunks(&body)?,
        (Some(_), _) => return None,
        (None, Some(length)) => {
            let length: usize = length.parse().ok()?;
            body = body.get(..length)?.to_vec();
        }
        (None, None) => {}
    }
    (body.len() <= limit).then(|| Reply { status, location: header("location").map(str::to_owned), body })
}

/// Joins the chunks of a body, which some servers send unasked. `None` if the last one is missing.
fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_followed_to_another_host() {
        let target = Target::parse("https://example.com/a").unwrap();
        let follow = |way: &str| target.follow(way).map(|it| (it.host, it.path));
        assert_eq!(follow("/b?c=d"), Some(("example.com".into(), "/b?c=d".into())));
        assert_eq!(follow("https://EXAMPLE.com/b").map(|it| it.1).as_deref(), Some("/b"));
        for bad in [
            "http://example.com/b",
            "https://example.com:8443/b",
            "https://example.com.evil.test/b",
            "//evil.test/b",
            "https://example.com@evil.test/",
            "file:///etc/passwd",
            "b",
            "",
        ] {
            assert_eq!(follow(bad), None, "{bad}");
        }
    }

    #[test]
    fn answers_are_whole_and_within_the_limit() {
        let read = |text: &str| parse(text.as_bytes(), 10).map(|reply| (reply.status, reply.body));
        let ok = |body: &str| Some((200, body.as_bytes().to_vec()));
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi, and more"), ok("hi"));
        assert_eq!(read("HTTP/1.0 200 OK\r\n\r\nhi"), ok("hi"));
        assert_eq!(
            read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            ok("hi")
        );
        for bad in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhi",
            "HTTP/1.1 200 OK\r\n\r\nmore than ten bytes",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn private_addresses_are_refused_before_anything_is_sent() {
        let fetch = IssuerFetch::new(IssuerSettings::default()).unwrap();
        for url in [
            "https://127.0.0.1:1/",
            "https://localhost:1/",
            "https://[::1]:1/",
            "https://[::ffff:127.0.0.1]:1/",
            "https://10.0.0.1:1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[fd00:ec2::254]/",
            "https://0.0.0.0:1/",
            "http://203.0.113.1/",
            "http://127.0.0.1:1/",
        ] {
            assert_eq!(fetch.get(url, 10, &[]), Err(FetchError::NotAllowed), "{url}");
            assert_eq!(fetch.thumbprint(url), Err(FetchError::NotAllowed), "{url}");
        }
        assert!(!fetch.may_be_plain("127.0.0.1"));
    }
}
