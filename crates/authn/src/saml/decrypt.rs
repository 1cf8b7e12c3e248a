//! Encrypted assertions, and the private keys that open them.
//!
//! See <https://www.w3.org/TR/xmlenc-core1/>. A content key comes by RSA-OAEP; PKCS #1 v1.5 is refused, since whoever
//! may ask often learns the key from the answers. The content comes by AES-GCM; AES-CBC, which anybody can change
//! unnoticed, only inside of a response whose signature held.

use super::ns;
use super::refusal::Refusal;
use super::signature::base64_of;
use super::xml::Element;
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use base::{Entropy, Secret};
use base64::Engine as _;
use store::seal::{KeyRing, Place, SealError};

/// A provider's private key: RSA, kept as PKCS #8.
#[derive(Debug, Clone)]
pub struct DecryptionKey(Secret);

/// The text is no private key that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private key must be an unencrypted RSA key of 2048 to 8192 bits in PEM")]
pub struct InvalidPrivateKey;

impl DecryptionKey {
    /// Reads `PRIVATE KEY` or `RSA PRIVATE KEY` in PEM.
    ///
    /// # Errors
    /// For anything else.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidPrivateKey> {
        let body = |name: &str| {
            let (_, rest) = pem.split_once(&format!("-----BEGIN {name}-----"))?;
            let (body, _) = rest.split_once(&format!("-----END {name}-----"))?;
            let body: String = body.split_ascii_whitespace().collect();
            base64::engine::general_purpose::STANDARD.decode(body).ok().map(Secret::new)
        };
        let pair = match (body("PRIVATE KEY"), body("RSA PRIVATE KEY")) {
            (Some(der), None) => KeyPair::from_pkcs8(der.expose()),
            (None, Some(der)) => KeyPair::from_der(der.expose()),
            _ => return Err(InvalidPrivateKey),
        };
        let pair = pair.map_err(|_| InvalidPrivateKey)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| InvalidPrivateKey)?;
        Ok(Self(Secret::new(der.as_ref())))
    }

    /// Seals the key under its id.
    ///
    /// # Errors
    /// If there is no key to seal with.
    pub fn seal(&self, keys: &KeyRing, id: &str, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        keys.seal(place(id), self.0.expose(), entropy)
    }

    /// Opens the sealed key of this id.
    ///
    /// # Errors
    /// If it was not sealed for this id, or not under these keys.
    pub fn open(keys: &KeyRing, id: &str, sealed: &[u8]) -> Result<Self, SealError> {
        keys.open(place(id), sealed).map(Self)
    }

    fn unwrap(&self, algorithm: &'static OaepAlgorithm, wrapped: &[u8]) -> Option<Secret> {
        let key = PrivateDecryptingKey::from_pkcs8(self.0.expose()).ok()?;
        let key = OaepPrivateDecryptingKey::new(key).ok()?;
        let mut room = vec![0; key.min_output_size()];
        let secret = key.decrypt(algorithm, wrapped, &mut room, None).ok().map(|plain| Secret::new(&*plain));
        drop(Secret::new(room));
        secret
    }
}

fn place(id: &str) -> Place<'_> {
    Place { table: "saml-private-key", key: id.as_bytes() }
}

fn invalid(what: &str) -> Refusal {
    Refusal::invalid(format!("the assertion cannot be decrypted: {what}"))
}

/// The text of the assertion that `EncryptedAssertion` holds. `vouched` tells that its bytes were signed.
///
/// # Errors
/// If it is encrypted in a way that is not taken, or none of the keys opens it.
pub fn decrypt(encrypted: &Element, keys: &[DecryptionKey], vouched: bool) -> Result<String, Refusal> {
    let data = encrypted.only(ns::XENC, "EncryptedData").ok_or_else(|| invalid("there is no data"))?;
    let cipher = Cipher::named(algorithm_of(data)?)?;
    if cipher.is_malleable() && !vouched {
        return Err(invalid("AES-CBC is accepted only in a signed response, use AES-GCM"));
    }
    let inside = data.only(ns::DS, "KeyInfo").and_then(|info| info.only(ns::XENC, "EncryptedKey"));
    let wrapped = inside.or_else(|| encrypted.only(ns::XENC, "EncryptedKey"));
    let wrapped = wrapped.ok_or_else(|| invalid("there is not one encrypted key"))?;
    let algorithm = transport(wrapped)?;
    let (wrapped, content) = (cipher_value(wrapped)?, cipher_value(data)?);
    let plain = keys.iter().find_map(|key| cipher.open(&key.unwrap(algorithm, &wrapped)?, &content));
    // Which of the steps failed is told to nobody.
    let plain = plain.ok_or_else(|| invalid("no private key of the provider opens it"))?;
    String::from_utf8(plain).map_err(|_| invalid("no private key of the provider opens it"))
}

fn algorithm_of(element: &Element) -> Result<&str, Refusal> {
    let method = element.only(ns::XENC, "EncryptionMethod").and_then(|it| it.attribute("Algorithm"));
    method.ok_or_else(|| invalid("there is no encryption method"))
}

fn cipher_value(element: &Element) -> Result<Vec<u8>, Refusal> {
    let data = element.only(ns::XENC, "CipherData").and_then(|data| data.only(ns::XENC, "CipherValue"));
    base64_of(data.ok_or_else(|| invalid("there is no cipher value"))?)
}

/// RSA-OAEP, with the same hash for both of its parts.
fn transport(key: &Element) -> Result<&'static OaepAlgorithm, Refusal> {
    const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
    let unsupported = || invalid("the key must be wrapped by RSA-OAEP, with one hash for digest and mask");
    let method = key.only(ns::XENC, "EncryptionMethod").ok_or_else(unsupported)?;
    if method.only(ns::XENC, "OAEPparams").is_some() {
        return Err(unsupported());
    }
    let digest = method.only(ns::DS, "DigestMethod").and_then(|it| it.attribute("Algorithm")).unwrap_or(SHA1);
    let mask = match algorithm_of(key)? {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => "mgf1sha1",
        "http://www.w3.org/2009/xmlenc11#rsa-oaep" => {
            let mask = method.only(ns::XENC11, "MGF").and_then(|it| it.attribute("Algorithm"));
            mask.and_then(|mask| mask.strip_prefix(ns::XENC11)).unwrap_or("mgf1sha1")
        }
        _ => return Err(unsupported()),
    };
    match (mask, digest) {
        // The hash inside of OAEP need not resist collisions: here SHA-1 breaks nothing.
        ("mgf1sha1", SHA1) => Ok(&OAEP_SHA1_MGF1SHA1),
        ("mgf1sha256", "http://www.w3.org/2001/04/xmlenc#sha256") => Ok(&OAEP_SHA256_MGF1SHA256),
        ("mgf1sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384") => Ok(&OAEP_SHA384_MGF1SHA384),
        ("mgf1sha512", "http://www.w3.org/2001/04/xmlenc#sha512") => Ok(&OAEP_SHA512_MGF1SHA512),
        _ => Err(unsupported()),
    }
}

#[derive(Debug, Clone, Copy)]
enum Cipher {
    Gcm128,
    Gcm256,
    Cbc128,
    Cbc256,
}

impl Cipher {
    fn named(uri: &str) -> Result<Self, Refusal> {
        match uri {
            "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Ok(Self::Gcm128),
            "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Ok(Self::Gcm256),
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Ok(Self::Cbc128),
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Ok(Self::Cbc256),
            _ => Err(invalid("the content must be encrypted by AES-GCM or AES-CBC of 128 or 256 bits")),
        }
    }

    fn is_malleable(self) -> bool {
        matches!(self, Self::Cbc128 | Self::Cbc256)
    }

    fn open(self, key: &Secret, content: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Gcm128 | Self::Gcm256 => {
                let algorithm = if matches!(self, Self::Gcm128) { &AES_128_GCM } else { &AES_256_GCM };
                let key = LessSafeKey::new(UnboundKey::new(algorithm, key.expose()).ok()?);
                let (nonce, sealed) = content.split_at_checked(NONCE_LEN)?;
                let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
                let mut sealed = sealed.to_vec();
                key.open_in_place(nonce, Aad::empty(), &mut sealed).ok().map(|plain| plain.to_vec())
            }
            Self::Cbc128 | Self::Cbc256 => {
                let algorithm = if matches!(self, Self::Cbc128) { &AES_128 } else { &AES_256 };
                let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key.expose()).ok()?).ok()?;
                let (iv, sealed) = content.split_first_chunk::<16>()?;
                let mut sealed = sealed.to_vec();
                let context = DecryptionContext::Iv128(FixedLength::from(*iv));
                let plain = key.decrypt(&mut sealed, context).ok()?;
                // The last byte counts the padding, itself included; the others are anything.
                let padding = usize::from(*plain.last()?);
                let kept = plain.len().checked_sub(padding).filter(|_| (1..=16).contains(&padding))?;
                plain.get(..kept).map(<[u8]>::to_vec)
            }
        }
    }
}
