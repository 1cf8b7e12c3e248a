//! TLS from certificate and key files, which may be renewed while the server runs.

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Where certificate and key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate chain in PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or holds no PEM of its kind.
    #[error("the {what} file `{}` cannot be used: {reason}", .path.display())]
    File {
        /// `certificate` or `key`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Certificate and key do not fit together or to TLS.
    #[error("the certificate and the key cannot be used together: {0}")]
    Pair(#[from] rustls::Error),
}

impl TlsFiles {
    /// Reads the files: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// If a file cannot be read, or the two do not belong together.
    pub fn load(&self) -> Result<Tls, TlsError> {
        let seen = Seen::of(self);
        let shown = Arc::new(Shown(ArcSwap::new(self.certified()?)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls { config: Arc::new(config), files: self.clone(), shown, seen })
    }

    fn certified(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| failed("key", &self.key, pem_reason(error)))?;
        Ok(Arc::new(CertifiedKey::from_der(chain, key, &default_provider())?))
    }
}

/// TLS as it is spoken: new connections get the certificate that the files held when they were last read.
pub struct Tls {
    config: Arc<ServerConfig>,
    files: TlsFiles,
    shown: Arc<Shown>,
    seen: Seen,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Tls {
    /// What rustls needs to accept connections; it sees renewed certificates as well.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Reads the files again if they have changed, or in any case if `forced`; tells whether another certificate is
    /// shown from now on. After an error the one before is still shown, and the files are read again once they
    /// change again: whoever renews them writes one after the other.
    ///
    /// # Errors
    /// If what is there now cannot be used.
    pub fn renew(&mut self, forced: bool) -> Result<bool, TlsError> {
        let now = Seen::of(&self.files);
        if now == self.seen && !forced {
            return Ok(false);
        }
        self.seen = now;
        self.shown.0.store(self.files.certified()?);
        Ok(true)
    }
}

/// Shows the current certificate, whatever name a client asks for.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// When files were last written, and how long they are.
#[derive(Debug, PartialEq, Eq)]
struct Seen([Option<(SystemTime, u64)>; 2]);

impl Seen {
    fn of(files: &TlsFiles) -> Self {
        let look = |path: &Path| {
            let facts = path.metadata().ok()?;
            Some((facts.modified().ok()?, facts.len()))
        };
        Self([look(&files.certificate), look(&files.key)])
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let refuse = |error| failed("certificate", path, pem_reason(error));
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(refuse)?.collect::<Result<_, _>>().map_err(refuse)?;
    if chain.is_empty() {
        return Err(failed("certificate", path, "it holds no certificate in PEM form".into()));
    }
    Ok(chain)
}

fn failed(what: &'static str, path: &Path, reason: String) -> TlsError {
    TlsError::File { what, path: path.to_owned(), reason }
}

fn pem_reason(error: pem::Error) -> String {
    match error {
        pem::Error::Io(error) => crate::plain(&error),
        pem::Error::NoItemsFound => "it holds nothing of that kind in PEM form".into(),
        other => other.to_string(),
    }
}
