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
