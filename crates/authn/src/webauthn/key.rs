//! Public keys of credentials, in COSE's form (RFC 9053), and the signatures that they verify.

use super::Refusal;
use super::cbor::{self, Value};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// The algorithms that we offer, the preferred one first: ES256, EdDSA, RS256.
/// See <https://www.iana.org/assignments/cose/cose.xhtml#algorithms>.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// A point of P-256, uncompressed.
    Es256([u8; 65]),
    /// A point of Ed25519.
    EdDsa([u8; 32]),
    /// Modulus and exponent.
    Rs256(Vec<u8>, Vec<u8>),
}

/// Labels of COSE keys.
const KIND: i64 = 1;
const ALGORITHM: i64 = 3;

impl PublicKey {
    /// Reads a key that must be all of `bytes`.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::of(&cbor::read_whole(bytes)?)
    }

    /// The key that a map holds.
    pub fn of(map: &Value<'_>) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed("the public key is no COSE key of its algorithm");
        let number = |label| map.at(label).and_then(Value::integer);
        let bytes = |label| map.at(label).and_then(Value::bytes);
        match (number(KIND), number(ALGORITHM)) {
            // Two coordinates on curve 1.
            (Some(2), Some(ES256)) if number(-1) == Some(1) => {
                let (x, y) = bytes(-2).zip(bytes(-3)).ok_or(malformed.clone())?;
                if x.len() != 32 || y.len() != 32 {
                    return Err(malformed);
                }
                let point = [&[4], x, y].concat();
                point.try_into().map(PublicKey::Es256).map_err(|_| malformed)
            }
            // One coordinate on curve 6.
            (Some(1), Some(EDDSA)) if number(-1) == Some(6) => {
                let x = bytes(-2).and_then(|x| x.try_into().ok());
                x.map(PublicKey::EdDsa).ok_or(malformed)
            }
            (Some(3), Some(RS256)) => {
                let (modulus, exponent) = bytes(-1).zip(bytes(-2)).ok_or(malformed.clone())?;
                // From 2048 to 4096 bits; more would only cost time.
                if !(256..=512).contains(&modulus.len()) || exponent.len() > 4 {
                    return Err(malformed);
                }
                Ok(PublicKey::Rs256(modulus.to_vec(), exponent.to_vec()))
            }
            (_, Some(ES256 | EDDSA | RS256)) => Err(malformed),
            _ => Err(Refusal::Algorithm),
        }
    }

    /// The key's algorithm, by its number.
    pub fn algorithm(&self) -> i64 {
        match self {
            PublicKey::Es256(_) => ES256,
            PublicKey::EdDsa(_) => EDDSA,
            PublicKey::Rs256(..) => RS256,
        }
    }

    /// Verifies a signature over a message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let verified = match self {
            PublicKey::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            PublicKey::EdDsa(point) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature),
            PublicKey::Rs256(n, e) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        verified.map_err(|_| Refusal::Signature)
    }
}
