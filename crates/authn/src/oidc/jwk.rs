//! Keys that a provider publishes, and the algorithms that they verify.
//!
//! What a key verifies is decided by the key: its type, its curve, and what it says of its use. A token names an
//! algorithm only to choose among those; a public key is never taken for a shared secret.

use super::jwt::Jwt;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use base::json::{Json, JsonNode, Limits};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How a token is signed: only with a key pair, of which the provider publishes one half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    Rs512,
    /// RSA PSS with SHA-256.
    Ps256,
    /// RSA PSS with SHA-384.
    Ps384,
    /// RSA PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm that is taken, with its name.
    pub const ALL: [(Algorithm, &'static str); 10] = [
        (Algorithm::Rs256, "RS256"),
        (Algorithm::Rs384, "RS384"),
        (Algorithm::Rs512, "RS512"),
        (Algorithm::Ps256, "PS256"),
        (Algorithm::Ps384, "PS384"),
        (Algorithm::Ps512, "PS512"),
        (Algorithm::Es256, "ES256"),
        (Algorithm::Es384, "ES384"),
        (Algorithm::Es512, "ES512"),
        (Algorithm::EdDsa, "EdDSA"),
    ];

    /// The algorithm of exactly this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(algorithm, _)| algorithm)
    }

    /// Its name in headers.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(known, _)| *known == self).map_or("", |(_, name)| name)
    }

    /// The parameters, if the keys are RSA's.
    fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::EdDsa => None,
        }
    }

    /// The curve, if the keys are points of one, and how signatures are verified.
    fn curve(self) -> Option<(&'static str, &'static dyn VerificationAlgorithm)> {
        match self {
            Algorithm::Es256 => Some(("P-256", &ECDSA_P256_SHA256_FIXED)),
            Algorithm::Es384 => Some(("P-384", &ECDSA_P384_SHA384_FIXED)),
            Algorithm::Es512 => Some(("P-521", &ECDSA_P521_SHA512_FIXED)),
            Algorithm::EdDsa => Some(("Ed25519", &ED25519)),
            _ => None,
        }
    }
}

/// A provider's public keys.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// A public key.
#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    /// The only algorithm that it is for, if it says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// A point, in the form in which it is verified with.
    Point {
        curve: &'static str,
        bytes: Vec<u8>,
    },
}

/// Bytes of a key set.
pub const KEY_SET_BYTES: usize = 512 * 1024;
/// Keys in a set that are looked at.
const KEY_LIMIT: usize = 100;
/// Keys that are tried for a token that names none.
const TRIES: usize = 8;

/// The document is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the document is not a JSON web key set")]
pub struct BadKeySet;

impl KeySet {
    /// Reads a document; keys that are not for verifying signatures, or of a kind that is not known, are left out.
    pub fn parse(document: &[u8]) -> Result<Self, BadKeySet> {
        let text = std::str::from_utf8(document).map_err(|_| BadKeySet)?;
        let json = Json::parse(text, Limits { size: KEY_SET_BYTES, depth: 8 }).map_err(|_| BadKeySet)?;
        if !json.duplicates.is_empty() {
            return Err(BadKeySet);
        }
        let keys = json.root.get("keys").and_then(JsonNode::as_array).ok_or(BadKeySet)?;
        if keys.len() > KEY_LIMIT {
            return Err(BadKeySet);
        }
        Ok(Self { keys: keys.iter().filter_map(Key::read).collect() })
    }

    /// How many keys there are that verify signatures.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether one of the keys could have signed the token, by its name and kind.
    pub fn knows(&self, jwt: &Jwt<'_>) -> bool {
        self.keys.iter().any(|key| key.fits(jwt))
    }

    /// Whether one of the keys has signed the token. A token that names no key is tried with a few that fit.
    pub fn have_signed(&self, jwt: &Jwt<'_>) -> bool {
        self.keys.iter().filter(|key| key.fits(jwt)).take(TRIES).any(|key| key.has_signed(jwt))
    }
}

impl Key {
    fn read(node: &JsonNode) -> Option<Self> {
        let text = |name: &str| node.get(name).and_then(JsonNode::as_str);
        if text("use").is_some_and(|it| it != "sig") {
            return None;
        }
        let operations = node.get("key_ops").and_then(JsonNode::as_array);
        if operations.is_some_and(|all| all.iter().all(|it| it.as_str() != Some("verify"))) {
            return None;
        }
        let algorithm = match text("alg") {
            Some(name) => Some(Algorithm::parse(name)?),
            None => None,
        };
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let material = match text("kty")? {
            "RSA" => Material::Rsa { modulus: trimmed(bytes("n")?), exponent: trimmed(bytes("e")?) },
            "EC" => point(text("crv")?, &bytes("x")?, &bytes("y")?)?,
            "OKP" if text("crv")? == "Ed25519" => {
                Material::Point { curve: "Ed25519", bytes: bytes("x").filter(|it| it.len() == 32)? }
            }
            _ => return None,
        };
        Some(Self { id: text("kid").map(str::to_owned), algorithm, material })
    }

    fn fits(&self, jwt: &Jwt<'_>) -> bool {
        let is_named = match (&jwt.key_id, &self.id) {
            (Some(wanted), Some(id)) => wanted == id,
            // A provider with one key need not name it; a token need not say which.
            (Some(_), None) | (None, _) => true,
        };
        let is_kind = match &self.material {
            Material::Rsa { .. } => jwt.algorithm.rsa().is_some(),
            Material::Point { curve, .. } => {
                jwt.algorithm.curve().is_some_and(|(wanted, _)| wanted == *curve)
            }
        };
        is_named && is_kind && self.algorithm.is_none_or(|only| only == jwt.algorithm)
    }

    /// Whether the signature is this key's. The library refuses moduli below 2,048 bits, points off the curve, and
    /// `r` or `s` of zero or beyond the group's order.
    fn has_signed(&self, jwt: &Jwt<'_>) -> bool {
        let signed = jwt.signed.as_bytes();
        match &self.material {
            Material::Rsa { modulus, exponent } => jwt.algorithm.rsa().is_some_and(|parameters| {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(parameters, signed, &jwt.signature).is_ok()
            }),
            Material::Point { bytes, .. } => jwt.algorithm.curve().is_some_and(|(_, how)| {
                UnparsedPublicKey::new(how, bytes).verify(signed, &jwt.signature).is_ok()
            }),
        }
    }
}

/// A number without the zero bytes that some write before it.
fn trimmed(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// An uncompressed point: 4, x, y.
fn point(curve: &str, x: &[u8], y: &[u8]) -> Option<Material> {
    let (curve, size) = [("P-256", 32), ("P-384", 48), ("P-521", 66)].into_iter().find(|it| it.0 == curve)?;
    let bytes = [&[4], x, y].concat();
    (x.len() == size && y.len() == size).then_some(Material::Point { curve, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::sign::{self, Kind};
    use serde_json::json;

    fn claims() -> serde_json::Value {
        json!({"iss": "https://i", "sub": "s", "aud": "a", "exp": 2, "iat": 1})
    }

    fn set(keys: &[serde_json::Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn made(kind: Kind) -> (sign::Made, serde_json::Value) {
        let made = sign::make(kind).unwrap();
        let mut public: serde_json::Value = serde_json::from_str(&made.public).unwrap();
        public["kid"] = "one".into();
        (made, public)
    }

    #[test]
    fn a_signature_is_of_its_key_and_of_its_text() {
        for kind in [Kind::Rs256, Kind::Es384] {
            let (key, public) = made(kind);
            let (_, other) = made(kind);
            let token = sign::sign(kind, &key.private, "one", &claims()).unwrap();
            let jwt = Jwt::parse(&token).unwrap();
            assert!(set(&[other.clone(), public.clone()]).have_signed(&jwt));
            assert!(!set(&[other]).have_signed(&jwt));
            assert!(!set(&[]).have_signed(&jwt));
            for at in 0..jwt.signature.len() {
                let mut changed = jwt.clone();
                changed.signature[at] ^= 1;
                assert!(!set(std::slice::from_ref(&public)).have_signed(&changed), "byte {at}");
            }
            for signature in [vec![], jwt.signature[1..].to_vec(), [&jwt.signature[..], &[0]].concat()] {
                let changed = Jwt { signature, ..jwt.clone() };
                assert!(!set(std::slice::from_ref(&public)).have_signed(&changed));
            }
        }
    }

    #[test]
    fn what_a_key_says_of_itself_counts() {
        let (key, public) = made(Kind::Rs256);
        let token = sign::sign(Kind::Rs256, &key.private, "one", &claims()).unwrap();
        let jwt = Jwt::parse(&token).unwrap();
        let with = |name: &str, value: serde_json::Value| {
            let mut changed = public.clone();
            changed[name] = value;
            set(&[changed]).have_signed(&jwt)
        };
        assert!(
            with("use", "sig".into()) && with("alg", "RS256".into()) && with("key_ops", json!(["verify"]))
        );
        for (name, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["encrypt"])),
            ("alg", json!("RS512")),
            ("alg", json!("HS256")),
            ("kid", json!("two")),
            ("kid", json!("../one")),
            ("kty", json!("oct")),
            ("kty", json!("EC")),
        ] {
            assert!(!with(name, value.clone()), "{name} {value}");
        }
    }

    #[test]
    fn other_documents_are_no_key_sets() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, "\u{fffd}"] {
            assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
        }
        let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; KEY_LIMIT + 1].join(","));
        assert!(KeySet::parse(many.as_bytes()).is_err());
        assert!(KeySet::parse(br#"{"keys":[{},5,{"kty":"RSA"}]}"#).unwrap().is_empty());
    }
}
