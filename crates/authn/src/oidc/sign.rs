//! Keys of our own that sign tokens for others, and the tokens.
//!
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>.

use super::jwk::Algorithm;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The kinds of keys that sign tokens: those that `GetWebIdentityToken` offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// RSA of 2,048 bits with SHA-256.
    Rs256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Rs256, Kind::Es384];

    /// The algorithm's name in headers and inputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Rs256 => Algorithm::Rs256.as_str(),
            Kind::Es384 => Algorithm::Es384.as_str(),
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A key pair just made.
pub struct Made {
    /// The public key as a JSON web key, without its name.
    pub public: String,
    /// The private key, to be sealed at once.
    pub private: Secret,
}

/// A key could not be made, read or used: the library refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key cannot be used")]
pub struct KeyError;

/// Makes a key pair, of the library's own randomness: the system's. Takes long for RSA.
pub fn make(kind: Kind) -> Result<Made, KeyError> {
    match kind {
        Kind::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
            let (modulus, exponent) = rsa_numbers(pair.public_key().as_ref()).ok_or(KeyError)?;
            let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| KeyError)?;
            let public = json!({
                "kty": "RSA", "use": "sig", "alg": kind.as_str(), "n": base64(modulus), "e": base64(exponent),
            });
            Ok(Made { public: public.to_string(), private: Secret::new(der.as_ref()) })
        }
        Kind::Es384 => {
            let algorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
            let der = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).map_err(|_| KeyError)?;
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref()).map_err(|_| KeyError)?;
            let point = pair.public_key().as_ref();
            let (x, y) = point.get(1..).and_then(|both| both.split_at_checked(48)).ok_or(KeyError)?;
            let public = json!({
                "kty": "EC", "use": "sig", "alg": kind.as_str(), "crv": "P-384", "x": base64(x), "y": base64(y),
            });
            Ok(Made { public: public.to_string(), private: Secret::new(der.as_ref()) })
        }
    }
}

/// A token with these claims, signed with a private key that [`make`] made; `key_id` names it to who verifies.
pub fn sign(kind: Kind, private: &Secret, key_id: &str, claims: &Value) -> Result<String, KeyError> {
    let header = json!({ "alg": kind.as_str(), "kid": key_id, "typ": "JWT" });
    let signed = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let signature = match kind {
        Kind::Rs256 => {
            let pair = RsaKeyPair::from_pkcs8(private.expose()).map_err(|_| KeyError)?;
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
                .map_err(|_| KeyError)?;
            signature
        }
        Kind::Es384 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, private.expose())
                .map_err(|_| KeyError)?;
            let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| KeyError)?;
            signature.as_ref().to_vec()
        }
    };
    Ok(format!("{signed}.{}", base64(signature)))
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Modulus and exponent of `RSAPublicKey`: a sequence of two integers (RFC 8017, appendix A.1.1).
fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent))
}

/// The contents of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        short @ 0..=0x7f => (usize::from(*short), rest),
        _ => return None,
    };
    if *first == tag { rest.split_at_checked(length) } else { None }
}
