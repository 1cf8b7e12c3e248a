//! Keys that verify signatures: taken from the certificates of a provider's metadata, and from nowhere else.

use super::refusal::Refusal;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Bits of the shortest RSA key that is taken. AWS still takes 1024.
const RSA_BITS: usize = 2048;

/// A public key, as `SubjectPublicKeyInfo` in DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    /// The key in DER.
    pub der: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    P521,
}

/// Why a certificate yields no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no certificate.
    #[error("a certificate cannot be parsed")]
    Certificate,
    /// It has no key of a kind that is taken.
    #[error("a certificate's key is neither RSA nor on one of the curves P-256, P-384 and P-521")]
    Kind,
    /// Its key is too short.
    #[error("a certificate's RSA key has {0} bits, and at least {RSA_BITS} are needed")]
    Short(usize),
}

/// How a response may be signed. All else is refused, above all SHA-1, and HMAC, whose key would be the public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS #1 v1.5, SHA-256.
    RsaSha256,
    /// RSA, PKCS #1 v1.5, SHA-384.
    RsaSha384,
    /// RSA, PKCS #1 v1.5, SHA-512.
    RsaSha512,
    /// ECDSA on P-256, SHA-256.
    EcdsaSha256,
    /// ECDSA on P-384, SHA-384.
    EcdsaSha384,
    /// ECDSA on P-521, SHA-512.
    EcdsaSha512,
}

impl Algorithm {
    /// The algorithm of this name.
    ///
    /// # Errors
    /// If it is not one that is taken; the refusal says why.
    pub fn named(uri: &str) -> Result<Self, Refusal> {
        let name = uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#").unwrap_or_default();
        match name {
            "rsa-sha256" => Ok(Self::RsaSha256),
            "rsa-sha384" => Ok(Self::RsaSha384),
            "rsa-sha512" => Ok(Self::RsaSha512),
            "ecdsa-sha256" => Ok(Self::EcdsaSha256),
            "ecdsa-sha384" => Ok(Self::EcdsaSha384),
            "ecdsa-sha512" => Ok(Self::EcdsaSha512),
            _ if uri.ends_with("sha1") => {
                Err(Refusal::invalid("Response signature invalid: SHA-1 is not accepted, sign with SHA-256"))
            }
            _ if uri.contains("hmac") => Err(Refusal::invalid(
                "Response signature invalid: HMAC is not accepted, sign with a private key",
            )),
            _ => Err(Refusal::invalid("Response signature invalid: the signature method is not supported")),
        }
    }

    fn checks(self) -> (Kind, &'static dyn VerificationAlgorithm) {
        match self {
            Self::RsaSha256 => (Kind::Rsa, &RSA_PKCS1_2048_8192_SHA256),
            Self::RsaSha384 => (Kind::Rsa, &RSA_PKCS1_2048_8192_SHA384),
            Self::RsaSha512 => (Kind::Rsa, &RSA_PKCS1_2048_8192_SHA512),
            Self::EcdsaSha256 => (Kind::P256, &ECDSA_P256_SHA256_FIXED),
            Self::EcdsaSha384 => (Kind::P384, &ECDSA_P384_SHA384_FIXED),
            Self::EcdsaSha512 => (Kind::P521, &ECDSA_P521_SHA512_FIXED),
        }
    }
}

impl VerifyingKey {
    /// The key of a certificate in DER. Nothing else in it counts, its dates least of all: that the metadata names it
    /// is the trust, as <https://docs.oasis-open.org/security/saml/Post2.0/sstc-metadata-iop-os.pdf> has it.
    ///
    /// # Errors
    /// If it is no certificate, or its key is not taken.
    pub fn of_certificate(der: &[u8]) -> Result<Self, KeyError> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| KeyError::Certificate)?;
        if !rest.is_empty() {
            return Err(KeyError::Certificate);
        }
        Self::from_der(certificate.public_key().raw)
    }

    /// A key from its `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// If it is not taken.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        use x509_parser::x509::SubjectPublicKeyInfo;
        let (_, info) = SubjectPublicKeyInfo::from_der(der).map_err(|_| KeyError::Certificate)?;
        let kind = match info.parsed().map_err(|_| KeyError::Kind)? {
            PublicKey::RSA(key) if key.key_size() < RSA_BITS => return Err(KeyError::Short(key.key_size())),
            PublicKey::RSA(_) => Kind::Rsa,
            PublicKey::EC(point) => match point.data().len() {
                65 => Kind::P256,
                97 => Kind::P384,
                133 => Kind::P521,
                _ => return Err(KeyError::Kind),
            },
            _ => return Err(KeyError::Kind),
        };
        Ok(Self { der: der.to_vec(), kind })
    }

    /// Whether the key made this signature.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let (kind, check) = algorithm.checks();
        kind == self.kind && UnparsedPublicKey::new(check, &self.der).verify(message, signature).is_ok()
    }
}
