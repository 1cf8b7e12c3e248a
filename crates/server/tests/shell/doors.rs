//! The local socket, TLS, and the addresses that are refused.

use crate::house::{House, mode, raw, request};
use bailiwick_server::{Bound, Limits, Listen, Port, StartError, TlsError, TlsFiles};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore};
use std::os::unix::fs::FileTypeExt;
use std::sync::Arc;
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

fn listen(address: &str) -> Listen {
    Listen { address: address.parse().unwrap(), tls: None, insecure_http: false, advertise: None }
}

async fn bound(listen: &Listen, directory: &std::path::Path) -> Result<Bound, StartError> {
    Port::take(listen).await?.with_local(directory)
}

async fn refused(listen: Listen, directory: &std::path::Path) -> StartError {
    match bound(&listen, directory).await {
        Ok(_) => panic!("`{}` was taken", listen.address),
        Err(error) => error,
    }
}

#[tokio::test]
async fn the_local_socket_is_private_and_tells_the_owner() {
    let house = House::plain().await;
    assert!(house.socket.metadata().unwrap().file_type().is_socket());
    assert_eq!(mode(&house.socket), 0o600);
    let mut stream = UnixStream::connect(&house.socket).await.unwrap();
    let answer = raw(&mut stream, &request(&Method::POST, "/", "", "hi")).await;
    assert!(answer.ends_with("POST / 2"), "{answer}");
    let last = house.echo.last.lock().unwrap().take().unwrap();
    assert!(last.from_owner && last.origin.address.is_none());
    let mut stream = UnixStream::connect(&house.socket).await.unwrap();
    let answer = raw(&mut stream, &request(&Method::GET, "/_bailiwick/endpoint", "", "")).await;
    assert!(answer.ends_with(&format!("{{\"Endpoint\":\"{}\"}}", house.endpoint)), "{answer}");
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_another_file_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bailiwick.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(bound(&listen("127.0.0.1:0"), directory.path()).await.unwrap());
    assert!(!path.exists());
    std::fs::write(&path, "mine").unwrap();
    let error = refused(listen("127.0.0.1:0"), directory.path()).await;
    assert!(error.to_string().contains("something else has that name"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[tokio::test]
async fn a_public_address_without_tls_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let error = refused(listen("0.0.0.0:0"), directory.path()).await;
    assert!(error.to_string().contains("without TLS"), "{error}");
    assert!(error.help().unwrap().contains("--insecure-http"));
    let asked = Listen { insecure_http: true, ..listen("0.0.0.0:0") };
    let bound = bound(&asked, directory.path()).await.unwrap();
    assert!(bound.endpoint().starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn a_port_in_use_is_said_to_be() {
    let house = House::plain().await;
    let directory = tempfile::tempdir().unwrap();
    let error = refused(listen(&house.address.to_string()), directory.path()).await;
    assert_eq!(error.to_string(), format!("cannot listen on `{}`: address already in use", house.address));
    assert!(error.help().unwrap().contains("--listen"));
    assert!(!directory.path().join("bailiwick.sock").exists());
}

struct Certificate {
    directory: tempfile::TempDir,
    files: TlsFiles,
    pem: String,
}

fn certificate() -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let files =
        TlsFiles { certificate: directory.path().join("cert.pem"), key: directory.path().join("key.pem") };
    let pem = made.cert.pem();
    std::fs::write(&files.certificate, &pem).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    Certificate { directory, files, pem }
}

async fn connect(house: &House, pem: &str, protocol: &[u8]) -> tokio_rustls::client::TlsStream<TcpStream> {
    use rustls_pki_types::pem::PemObject;
    let mut roots = RootCertStore::empty();
    roots.add(rustls_pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let mut config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(house.address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

#[tokio::test]
async fn tls_is_spoken_and_told() {
    let certificate = certificate();
    let house = House::open(Limits::default(), Some(certificate.files.clone())).await;
    assert!(house.endpoint.starts_with("https://127.0.0.1:"));
    let mut stream = connect(&house, &certificate.pem, b"http/1.1").await;
    let answer = raw(&mut stream, &request(&Method::POST, "/", "", "hi")).await;
    assert!(answer.ends_with("POST / 2"), "{answer}");
    let last = house.echo.last.lock().unwrap().take().unwrap();
    let (version, suite) = &*last.origin.tls.unwrap();
    assert!(last.origin.secure);
    assert_eq!(version, "TLSv1.3");
    assert!(suite.starts_with("TLS_AES_"), "{suite}");
}

#[tokio::test]
async fn http_2_is_spoken_over_tls() {
    let certificate = certificate();
    let house = House::open(Limits::default(), Some(certificate.files.clone())).await;
    let stream = TokioIo::new(connect(&house, &certificate.pem, b"h2").await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post("https://localhost:1/x?a=b").body(Full::new(Bytes::from("hi"))).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "POST /x 2");
    let last = house.echo.last.lock().unwrap().take().unwrap();
    assert_eq!(last.headers["host"], "localhost:1");
    assert_eq!(last.uri.query(), Some("a=b"));
}

#[tokio::test]
async fn plain_http_on_a_tls_port_gets_no_answer() {
    let certificate = certificate();
    let house = House::open(Limits::default(), Some(certificate.files.clone())).await;
    let answer = house.raw(&request(&Method::POST, "/", "", "hi")).await;
    assert!(!answer.contains("200"), "{answer}");
    assert!(house.echo.last.lock().unwrap().is_none());
}

#[tokio::test]
async fn unusable_certificates_are_named() {
    let good = certificate();
    let other = certificate();
    let missing = TlsFiles { certificate: good.directory.path().join("none"), ..good.files.clone() };
    let swapped = TlsFiles { certificate: good.files.key.clone(), key: good.files.certificate.clone() };
    let mixed = TlsFiles { key: other.files.key.clone(), ..good.files.clone() };
    assert!(missing.load().unwrap_err().to_string().contains("no such file"));
    let error = swapped.load().unwrap_err();
    assert!(matches!(error, TlsError::File { what: "certificate", .. }), "{error}");
    assert!(matches!(mixed.load().unwrap_err(), TlsError::Pair(_)));
    assert!(good.files.load().is_ok());
}

/// The certificate that a new connection gets, in DER.
async fn shown(house: &House, pem: &str) -> Vec<u8> {
    let stream = connect(house, pem, b"http/1.1").await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let (first, second) = (certificate(), certificate());
    let mut tls = first.files.load().unwrap();
    assert!(!tls.renew(false).unwrap());
    // Only half of the pair is there yet: it cannot be used, and the first one stays.
    std::fs::copy(&second.files.certificate, &first.files.certificate).unwrap();
    assert!(matches!(tls.renew(true).unwrap_err(), TlsError::Pair(_)));
    std::fs::copy(&second.files.key, &first.files.key).unwrap();
    assert!(tls.renew(true).unwrap());
    assert!(!tls.renew(false).unwrap());
}

#[tokio::test]
async fn connections_see_a_certificate_that_was_renewed_under_way() {
    let (first, second) = (certificate(), certificate());
    let house = House::open(Limits::default(), Some(first.files.clone())).await;
    let before = shown(&house, &first.pem).await;
    std::fs::copy(&second.files.certificate, &first.files.certificate).unwrap();
    std::fs::copy(&second.files.key, &first.files.key).unwrap();
    // Its owner asks for it, as `systemctl reload` does.
    let this = std::process::id().to_string();
    assert!(std::process::Command::new("kill").args(["-HUP", &this]).status().unwrap().success());
    let mut after = None;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        // Until it is renewed, a client that trusts the second one alone is not served.
        after = tokio::spawn(try_shown(house.address, second.pem.clone())).await.unwrap();
        if after.is_some() {
            break;
        }
    }
    assert_ne!(after.expect("the renewed certificate is shown"), before);
}

async fn try_shown(address: std::net::SocketAddr, pem: String) -> Option<Vec<u8>> {
    use rustls_pki_types::pem::PemObject;
    let mut roots = RootCertStore::empty();
    roots.add(rustls_pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect("localhost".try_into().unwrap(), stream).await.ok()?;
    Some(stream.get_ref().1.peer_certificates().unwrap()[0].to_vec())
}

/// A frame of HTTP/2: <https://www.rfc-editor.org/rfc/rfc9113#section-4.1>.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:method GET`, `:scheme https`, `:path /`, `:authority x` as HPACK's static table and a literal have them.
const GET: &[u8] = &[0x82, 0x87, 0x84, 0x41, 0x01, b'x'];

/// Sends frames until the server has had enough; tells how many bytes it took.
async fn flood(house: &House, pem: &str, mut next: impl FnMut(u32) -> Vec<u8>) -> usize {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut read, mut write) = tokio::io::split(connect(house, pem, b"h2").await);
    let ended = tokio::spawn(async move {
        let mut all = Vec::new();
        let _ = read.read_to_end(&mut all).await;
    });
    let mut sent = 0;
    let start = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(SETTINGS, 0, 0, &[])].concat();
    write.write_all(&start).await.unwrap();
    for number in 0..20_000 {
        let bytes = next(number);
        if ended.is_finished() || write.write_all(&bytes).await.is_err() {
            break;
        }
        sent += bytes.len();
        tokio::task::yield_now().await;
    }
    drop(write);
    ended.abort();
    sent
}

#[tokio::test]
async fn case_096_floods_of_http_2_frames_end_their_connection_and_no_other() {
    let certificate = certificate();
    let house = House::open(Limits::default(), Some(certificate.files.clone())).await;
    let whole = |number: u32| 2 * number + 1;
    // Requests that are taken back at once.
    let resets = flood(&house, &certificate.pem, |number| {
        let stream = whole(number);
        let mut bytes = frame(HEADERS, END_HEADERS | END_STREAM, stream, GET);
        bytes.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
        bytes
    });
    assert!(resets.await < 20_000 * 30, "a flood of resets was read to its end");
    // A head that never ends.
    let endless = flood(&house, &certificate.pem, |number| match number {
        0 => frame(HEADERS, END_STREAM, 1, GET),
        _ => frame(CONTINUATION, 0, 1, &[0x00, 0x01, b'a', 0x01, b'b'].repeat(100)),
    });
    assert!(endless.await < 5_000_000, "a head without end was read to its end");
    // Data frames without data.
    let empty = flood(&house, &certificate.pem, |number| match number {
        0 => frame(HEADERS, END_HEADERS, 1, GET),
        _ => frame(DATA, 0, 1, &[]),
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), empty).await.expect("empty frames end");
    // Everybody else is served.
    let stream = TokioIo::new(connect(&house, &certificate.pem, b"h2").await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post("https://localhost:1/x").body(Full::new(Bytes::from("hi"))).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
}
