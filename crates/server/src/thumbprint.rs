//! Certificates of providers: vouched for by known authorities, or known by their thumbprint.
//!
//! AWS trusts a provider's server if a public authority vouches for it, and only else looks for one of the thumbprints
//! of the provider's entry among the certificates that the server shows:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html>. A
//! certificate that is known by its thumbprint stands as the authority: the name, the dates and the signatures below it
//! are checked all the same.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::fmt::Write as _;
use std::sync::Arc;

/// The SHA-1 thumbprint of a certificate, in hexadecimal.
pub(crate) fn of(certificate: &CertificateDer<'_>) -> String {
    let mut text = String::with_capacity(40);
    for byte in digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate).as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Verifies a server by known authorities, else by thumbprints.
#[derive(Debug)]
pub(crate) struct Pinned {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    thumbprints: Vec<String>,
}

impl Pinned {
    pub(crate) fn new(
        roots: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
        thumbprints: Vec<String>,
    ) -> Self {
        Self { roots, provider, thumbprints }
    }

    /// The authority that one of the shown certificates is by its thumbprint.
    fn pinned<'c>(&self, shown: impl Iterator<Item = &'c CertificateDer<'c>>) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for certificate in shown.filter(|it| self.thumbprints.contains(&of(it))) {
            let _ = roots.add(certificate.clone().into_owned());
        }
        (!roots.is_empty()).then_some(roots)
    }

    fn verify(
        &self,
        roots: Arc<RootCertStore>,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|_| Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        verifier.verify_server_cert(end, between, name, &[], now)
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.verify(Arc::clone(&self.roots), end, between, name, now) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
                let roots = self.pinned(between.iter().chain([end])).ok_or_else(unknown)?;
                self.verify(Arc::new(roots), end, between, name, now)
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
