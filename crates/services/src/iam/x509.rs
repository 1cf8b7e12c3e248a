//! What is asked of certificates: how long they are valid, which key they are for, who signed them.

use super::pem;
use aws_lc_rs::signature::{
    self as algorithm, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base::Timestamp;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::SubjectPublicKeyInfo;

/// A certificate that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// When its validity begins.
    pub not_before: Timestamp,
    /// When its validity ends.
    pub not_after: Timestamp,
    /// The certificate itself.
    pub der: Vec<u8>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    signature_algorithm: String,
    key: PublicKey,
}

/// A public key in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PublicKey {
    /// Object identifiers of the algorithm and, of elliptic curves, the curve.
    algorithm: String,
    curve: Option<String>,
    /// The key as its algorithm writes it.
    bytes: Vec<u8>,
}

impl Certificate {
    /// Reads DER; nothing may follow.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (rest, parsed) = X509Certificate::from_der(der).ok()?;
        let validity = parsed.validity();
        let instant = |seconds: i64| Timestamp::from_seconds(seconds);
        rest.is_empty().then(|| Self {
            not_before: instant(validity.not_before.timestamp()),
            not_after: instant(validity.not_after.timestamp()),
            der: der.to_vec(),
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            signed: parsed.tbs_certificate.as_ref().to_vec(),
            signature: parsed.signature_value.data.to_vec(),
            signature_algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
            key: PublicKey::of(parsed.public_key()),
        })
    }

    /// The certificates of a PEM text that holds nothing else, in order.
    pub fn read_all(text: &str) -> Option<Vec<Self>> {
        let blocks = pem::blocks(text)?;
        let read = |block: &pem::Block| match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::read(&block.der),
            _ => None,
        };
        blocks.iter().map(read).collect()
    }

    /// The certificate of a PEM text that holds one and nothing else.
    pub fn read_one(text: &str) -> Option<Self> {
        match Self::read_all(text)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// Whether `other`'s key made this certificate's signature.
    pub fn is_signed_by(&self, other: &Self) -> bool {
        if self.issuer != other.subject {
            return false;
        }
        other.key.verifier(&self.signature_algorithm).is_some_and(|verifier| {
            UnparsedPublicKey::new(verifier, &other.key.bytes).verify(&self.signed, &self.signature).is_ok()
        })
    }

    /// Whether the private key belongs to it.
    pub fn is_for(&self, key: &PrivateKey) -> bool {
        self.key.bytes == key.public
    }
}

const RSA: &str = "1.2.840.113549.1.1.1";
const ED25519: &str = "1.3.101.112";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

impl PublicKey {
    fn of(info: &SubjectPublicKeyInfo<'_>) -> Self {
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
        Self {
            algorithm: info.algorithm.algorithm.to_id_string(),
            curve: curve.map(|oid| oid.to_id_string()),
            bytes: info.subject_public_key.data.to_vec(),
        }
    }

    /// How signatures of this key and this algorithm are verified; `None` for what is not or no longer trusted, such
    /// as SHA-1.
    fn verifier(&self, signature: &str) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match (self.algorithm.as_str(), self.curve.as_deref(), signature) {
            (RSA, _, "1.2.840.113549.1.1.11") => &algorithm::RSA_PKCS1_2048_8192_SHA256,
            (RSA, _, "1.2.840.113549.1.1.12") => &algorithm::RSA_PKCS1_2048_8192_SHA384,
            (RSA, _, "1.2.840.113549.1.1.13") => &algorithm::RSA_PKCS1_2048_8192_SHA512,
            (_, Some(P256), "1.2.840.10045.4.3.2") => &algorithm::ECDSA_P256_SHA256_ASN1,
            (_, Some(P256), "1.2.840.10045.4.3.3") => &algorithm::ECDSA_P256_SHA384_ASN1,
            (_, Some(P384), "1.2.840.10045.4.3.2") => &algorithm::ECDSA_P384_SHA256_ASN1,
            (_, Some(P384), "1.2.840.10045.4.3.3") => &algorithm::ECDSA_P384_SHA384_ASN1,
            (_, Some(P521), "1.2.840.10045.4.3.2") => &algorithm::ECDSA_P521_SHA256_ASN1,
            (_, Some(P521), "1.2.840.10045.4.3.3") => &algorithm::ECDSA_P521_SHA384_ASN1,
            (_, Some(P521), "1.2.840.10045.4.3.4") => &algorithm::ECDSA_P521_SHA512_ASN1,
            (ED25519, _, ED25519) => &algorithm::ED25519,
            _ => return None,
        })
    }
}

/// A private key, of which only its public half is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateKey {
    public: Vec<u8>,
}

/// Why a text is no usable private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// It is not PEM, or of a kind that is not known.
    Format,
    /// It is encrypted.
    Encrypted,
    /// It is no key, or its parts do not fit together.
    Invalid,
}

impl PrivateKey {
    /// Reads a key in PEM: PKCS#8, PKCS#1 or SEC 1, not encrypted.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(text: &str) -> Result<Self, NoKey> {
        if text.contains("ENCRYPTED") {
            return Err(NoKey::Encrypted);
        }
        let blocks = pem::blocks(text).ok_or(NoKey::Format)?;
        let key = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY")).ok_or(NoKey::Format)?;
        let public = match key.label.as_str() {
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&key.der).ok().map(|pair| of_rsa(&pair)),
            "EC PRIVATE KEY" => of_curve(&key.der, EcdsaKeyPair::from_private_key_der),
            "PRIVATE KEY" => match RsaKeyPair::from_pkcs8(&key.der) {
                Ok(pair) => Some(of_rsa(&pair)),
                Err(_) => of_curve(&key.der, EcdsaKeyPair::from_pkcs8),
            },
            _ => return Err(NoKey::Format),
        };
        public.map(|public| Self { public }).ok_or(NoKey::Invalid)
    }
}

fn of_rsa(pair: &RsaKeyPair) -> Vec<u8> {
    pair.public_key().as_ref().to_vec()
}

type ReadCurve =
    fn(&'static EcdsaSigningAlgorithm, &[u8]) -> Result<EcdsaKeyPair, aws_lc_rs::error::KeyRejected>;

fn of_curve(der: &[u8], read: ReadCurve) -> Option<Vec<u8>> {
    let curves = [
        &algorithm::ECDSA_P256_SHA256_ASN1_SIGNING,
        &algorithm::ECDSA_P384_SHA384_ASN1_SIGNING,
        &algorithm::ECDSA_P521_SHA512_ASN1_SIGNING,
    ];
    let pair = curves.into_iter().find_map(|curve| read(curve, der).ok())?;
    Some(pair.public_key().as_ref().to_vec())
}
