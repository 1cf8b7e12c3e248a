//! Calls over the network: http or https, signed with Signature Version 4.

use super::PATIENCE;
use super::credentials::Credentials;
use super::http1::{self, Reply};
use crate::problem::{Problem, plain};
use base::Clock;
use http::{HeaderMap, HeaderValue, Method, Uri};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use server::SystemClock;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The service name in our signatures.
const SERVICE: &str = "bailiwick";
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Where systems keep the certificates that they trust.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The address of a server.
#[derive(Debug, Clone)]
pub(super) struct Url {
    pub(super) text: String,
    pub(super) uri: Uri,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) secure: bool,
}

impl Url {
    /// Reads `http://host:port` or `https://host:port`.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let bad = || {
            Problem::usage(format!("`{text}` is not the address of a server"))
                .help("an address looks like `http://127.0.0.1:7373`")
        };
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(bad()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(bad)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let authority = uri.authority().ok_or_else(bad)?;
        if authority.as_str().contains('@') || uri.query().is_some() || !matches!(uri.path(), "" | "/") {
            return Err(bad());
        }
        let root = format!("{}://{authority}/", if secure { "https" } else { "http" });
        Ok(Self { text: text.to_owned(), uri: root.parse().map_err(|_| bad())?, host, port, secure })
    }
}

/// A server over the network.
pub(crate) struct Network {
    url: Url,
    credentials: wire::sigv4::Credentials,
    region: String,
    tls: Option<Arc<ClientConfig>>,
}

impl Network {
    pub(super) fn new(url: Url, credentials: Credentials, ca_bundle: Option<&Path>) -> Result<Self, Problem> {
        let tls = if url.secure { Some(Arc::new(trust(ca_bundle)?)) } else { None };
        let credentials = wire::sigv4::Credentials {
            access_key: credentials.key,
            secret: base::Secret::new(credentials.secret.expose()),
            token: credentials.token,
        };
        let region = crate::environment::aws_region().unwrap_or_else(|| "us-east-1".to_owned());
        Ok(Self { url, credentials, region, tls })
    }

    /// The server's address.
    pub(super) fn name(&self) -> &str {
        &self.url.text
    }

    /// Sends a signed request.
    pub(super) fn post(&self, target: &str, body: &[u8]) -> Result<Reply, Problem> {
        let headers = self.signed(target, body)?;
        let mut pairs = Vec::with_capacity(headers.len());
        for (name, value) in &headers {
            let value =
                value.to_str().map_err(|_| Problem::usage(format!("the header `{name}` cannot be sent")))?;
            if name != http::header::HOST {
                pairs.push((name.as_str(), value.to_owned()));
            }
        }
        let host = self.url.uri.authority().map_or("", |authority| authority.as_str());
        self.exchange(host, &pairs, body).map_err(|error| self.failed(&error))
    }

    fn signed(&self, target: &str, body: &[u8]) -> Result<HeaderMap, Problem> {
        let mut headers = HeaderMap::new();
        let target =
            HeaderValue::from_str(target).map_err(|_| Problem::usage("the operation has no such name"))?;
        headers.insert("x-amz-target", target);
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(http1::JSON));
        let scope = (SERVICE, self.region.as_str());
        let now = SystemClock.now();
        wire::sigv4::sign(&self.credentials, scope, &Method::POST, &self.url.uri, &mut headers, body, now)
            .map_err(|fault| Problem::usage(format!("the request cannot be signed: {}", fault.message)))?;
        Ok(headers)
    }

    fn exchange(&self, host: &str, headers: &[(&str, String)], body: &[u8]) -> io::Result<Reply> {
        let place = (self.url.host.as_str(), self.url.port);
        exchange(place, self.tls.as_ref(), ("POST", "/", host), headers, body)
    }

    fn failed(&self, error: &io::Error) -> Problem {
        failed(&self.url, error)
    }
}

/// A server over the network, called without a signature.
pub(crate) struct Unsigned {
    url: Url,
    tls: Option<Arc<ClientConfig>>,
}

impl Unsigned {
    /// A password goes to other machines encrypted or not at all.
    pub(super) fn new(url: Url, ca_bundle: Option<&Path>) -> Result<Self, Problem> {
        let is_here = matches!(url.host.as_str(), "127.0.0.1" | "::1" | "localhost");
        if !url.secure && !is_here {
            return Err(Problem::usage(format!(
                "`{}` is another machine, and without https everybody on the way reads the password",
                url.text
            ))
            .help("name an address that begins with `https://`"));
        }
        let tls = if url.secure { Some(Arc::new(trust(ca_bundle)?)) } else { None };
        Ok(Self { url, tls })
    }

    /// The server's address.
    pub(super) fn name(&self) -> &str {
        &self.url.text
    }

    /// Sends a request.
    pub(super) fn post(&self, target: &str, body: &[u8]) -> Result<Reply, Problem> {
        let headers = [("x-amz-target", target.to_owned()), ("content-type", http1::JSON.to_owned())];
        let host = self.url.uri.authority().map_or("", |authority| authority.as_str());
        let place = (self.url.host.as_str(), self.url.port);
        exchange(place, self.tls.as_ref(), ("POST", "/", host), &headers, body)
            .map_err(|error| failed(&self.url, &error))
    }
}

fn failed(address: &Url, error: &io::Error) -> Problem {
    let url = &address.text;
    let problem = Problem::unavailable(format!("no server answers at `{url}`: {}", plain(error)));
    match error.kind() {
        io::ErrorKind::InvalidData if address.secure => {
            problem.help("name the certificates to trust with `--ca-bundle FILE`")
        }
        _ => problem.help("start it with `bailiwick serve`, or check the address"),
    }
}

/// One request and one answer.
pub(super) fn exchange(
    (host, port): (&str, u16),
    tls: Option<&Arc<ClientConfig>>,
    (method, target, name): (&str, &str, &str),
    headers: &[(&str, String)],
    body: &[u8],
) -> io::Result<Reply> {
    let stream = connect(host, port)?;
    let Some(tls) = tls else {
        return http1::exchange(stream, method, target, name, headers, body);
    };
    let server = ServerName::try_from(host.to_owned())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the host's name is not one"))?;
    let session = ClientConnection::new(tls.clone(), server).map_err(io::Error::other)?;
    http1::exchange(StreamOwned::new(session, stream), method, target, name, headers, body)
}

fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIME) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

pub(super) fn trust(named: Option<&Path>) -> Result<ClientConfig, Problem> {
    let file = match named {
        Some(file) => file.to_owned(),
        None => SYSTEM_BUNDLES.iter().map(PathBuf::from).find(|file| file.is_file()).ok_or_else(|| {
            Problem::unavailable("the system's trusted certificates are not where they are looked for")
                .help("name them with `--ca-bundle FILE`")
        })?,
    };
    let unusable = |reason: String| {
        Problem::usage(format!("the certificates in `{}` cannot be used: {reason}", file.display()))
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(&file).map_err(|error| unusable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        let added = roots.add(certificate);
        // Of the system's own, those of a kind unknown here are passed over; a file that was named must be good.
        if let Err(error) = added
            && named.is_some()
        {
            return Err(unusable(error.to_string()));
        }
    }
    if roots.is_empty() {
        return Err(unusable("it holds none".into()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_servers() {
        let url = Url::parse("http://127.0.0.1:7373").unwrap();
        assert_eq!((url.host.as_str(), url.port, url.secure), ("127.0.0.1", 7373, false));
        let url = Url::parse("https://[::1]/").unwrap();
        assert_eq!((url.host.as_str(), url.port, url.secure), ("::1", 443, true));
        for bad in
            ["", "127.0.0.1:7373", "ftp://x", "http://", "http://u:p@x", "http://x/path", "http://x/?a=b"]
        {
            assert!(Url::parse(bad).is_err(), "{bad}");
        }
    }
}
