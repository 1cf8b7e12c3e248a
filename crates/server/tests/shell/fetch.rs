//! Fetching what identity providers publish: who is trusted, who is followed, how much and how long is read.

use authn::oidc::{Fetch, FetchError};
use bailiwick_server::{IssuerFetch, IssuerSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const LIMIT: usize = 1_000;

/// An authority of a test, and a server that it vouches for.
struct Certified {
    authority: String,
    shown: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn certified(host: &str) -> Certified {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "authority of a test");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let end = CertificateParams::new([host.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    Certified {
        authority: authority.pem(),
        shown: vec![end.der().clone(), authority.der().clone()],
        key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
    }
}

/// A provider on this machine that answers every request with what `answer` makes of its path.
struct Provider {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    fn plain(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        Self::start(None, answer)
    }

    fn secure(certified: &Certified, answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(certified.shown.clone(), certified.key.clone_key())
            .unwrap();
        Self::start(Some(Arc::new(config)), answer)
    }

    fn start(tls: Option<Arc<ServerConfig>>, answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                match &tls {
                    None => reply(stream, &answer),
                    Some(config) => {
                        let session = ServerConnection::new(Arc::clone(config)).unwrap();
                        reply(StreamOwned::new(session, stream), &answer);
                    }
                }
            }
        });
        Self { port, asked }
    }

    fn url(&self, scheme: &str, host: &str, path: &str) -> String {
        format!("{scheme}://{host}:{}{path}", self.port)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn reply(mut stream: impl Read + Write, answer: &impl Fn(&str) -> String) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let _ = stream.write_all(answer(head.split(' ').nth(1).unwrap_or("/")).as_bytes());
    let _ = stream.flush();
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

fn fetch(settings: IssuerSettings) -> IssuerFetch {
    IssuerFetch::new(settings).unwrap()
}

/// Hosts of this machine, also without TLS.
fn local() -> IssuerSettings {
    IssuerSettings {
        private_hosts: vec!["127.0.0.1".into(), "localhost".into()],
        plain_loopback: true,
        ..IssuerSettings::default()
    }
}

#[test]
fn case_044_private_addresses_are_refused_at_connect() {
    let provider = Provider::plain(|_| ok("secret"));
    let closed = fetch(IssuerSettings::default());
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        for scheme in ["http", "https"] {
            let url = provider.url(scheme, host, "/");
            assert_eq!(closed.get(&url, LIMIT, &[]), Err(FetchError::NotAllowed), "{url}");
            assert_eq!(closed.thumbprint(&url), Err(FetchError::NotAllowed), "{url}");
        }
    }
    // One host that is allowed opens no other, and TLS is waived for nobody but development.
    let one = fetch(IssuerSettings { private_hosts: vec!["localhost".into()], ..IssuerSettings::default() });
    let other = provider.url("https", "127.0.0.1", "/");
    assert_eq!(one.get(&other, LIMIT, &[]), Err(FetchError::NotAllowed));
    let plain = provider.url("http", "localhost", "/");
    assert_eq!(one.get(&plain, LIMIT, &[]), Err(FetchError::NotAllowed));
    let all = fetch(IssuerSettings { all_private: true, ..IssuerSettings::default() });
    assert_eq!(all.get(&plain, LIMIT, &[]), Err(FetchError::NotAllowed));
    assert!(!all.may_be_plain("localhost") && !one.may_be_plain("localhost"));
    assert_eq!(provider.asked(), 0, "nothing was sent");
    let open = fetch(local());
    assert_eq!(open.get(&provider.url("http", "127.0.0.1", "/"), LIMIT, &[]).unwrap(), b"secret");
    assert!(
        open.may_be_plain("127.0.0.1") && !open.may_be_plain("example.com") && !open.may_be_plain("[::1]")
    );
}

#[test]
fn case_044_nobody_is_led_to_another_host() {
    let inside = Provider::plain(|_| ok("inside"));
    let target = inside.url("http", "localhost", "/secret");
    let provider = Provider::plain(move |path| match path {
        "/away" => moved(&target),
        "/here" => moved("/there"),
        "/there" => ok("there"),
        "/round" => moved("/round"),
        "/file" => moved("file:///etc/passwd"),
        "/slashes" => moved("//localhost/"),
        _ => "HTTP/1.1 404 Not Found\r\n\r\n".to_owned(),
    });
    let fetch = fetch(local());
    let get = |path: &str| fetch.get(&provider.url("http", "127.0.0.1", path), LIMIT, &[]);
    assert_eq!(get("/here").unwrap(), b"there");
    for path in ["/away", "/round", "/file", "/slashes", "/nothing"] {
        assert_eq!(get(path), Err(FetchError::NoDocument), "{path}");
    }
    assert_eq!(inside.asked(), 0);
}

#[test]
fn answers_are_bounded() {
    let provider = Provider::plain(|path| match path {
        "/large" => ok(&"x".repeat(LIMIT + 1)),
        "/endless" => format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(10_000_000)),
        "/headers" => format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\nok", "x".repeat(100_000)),
        "/broken" => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok".to_owned(),
        "/busy" => "HTTP/1.1 503 Service Unavailable\r\n\r\n".to_owned(),
        _ => ok(&"x".repeat(LIMIT)),
    });
    let fetch = fetch(local());
    let get = |path: &str| fetch.get(&provider.url("http", "127.0.0.1", path), LIMIT, &[]);
    assert_eq!(get("/").unwrap().len(), LIMIT);
    for path in ["/large", "/endless", "/headers", "/broken"] {
        assert_eq!(get(path), Err(FetchError::NoDocument), "{path}");
    }
    assert_eq!(get("/busy"), Err(FetchError::Unreachable));
}

#[test]
fn who_answers_slowly_is_not_waited_for() {
    let provider = Provider::plain(|_| {
        std::thread::sleep(Duration::from_secs(60));
        String::new()
    });
    let started = Instant::now();
    let answer = fetch(local()).get(&provider.url("http", "127.0.0.1", "/"), LIMIT, &[]);
    assert_eq!(answer, Err(FetchError::Unreachable));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn servers_are_known_by_an_authority_or_by_a_thumbprint() {
    let certified = certified("localhost");
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, &certified.authority).unwrap();
    let provider = Provider::secure(&certified, |_| ok("keys"));
    let url = provider.url("https", "localhost", "/");
    let unknown = fetch(local());
    assert_eq!(unknown.get(&url, LIMIT, &[]), Err(FetchError::Untrusted));
    assert_eq!(unknown.thumbprint(&url), Err(FetchError::Untrusted), "nobody is trusted at first sight");
    let known = fetch(IssuerSettings { authorities: Some(authority), ..local() });
    assert_eq!(known.get(&url, LIMIT, &[]).unwrap(), b"keys");
    let thumbprint = known.thumbprint(&url).unwrap().unwrap();
    assert_eq!(thumbprint.len(), 40);
    // The thumbprint of the authority lets the server in where nobody knows the authority; another does not, nor does
    // it for another name.
    assert_eq!(unknown.get(&url, LIMIT, std::slice::from_ref(&thumbprint)).unwrap(), b"keys");
    let other = "0".repeat(40);
    assert_eq!(unknown.get(&url, LIMIT, &[other]), Err(FetchError::Untrusted));
    let elsewhere = provider.url("https", "127.0.0.1", "/");
    assert_eq!(unknown.get(&elsewhere, LIMIT, &[thumbprint]), Err(FetchError::Untrusted));
    let missing = folder.path().join("missing.pem");
    assert!(IssuerFetch::new(IssuerSettings { authorities: Some(missing), ..local() }).is_err());
}
