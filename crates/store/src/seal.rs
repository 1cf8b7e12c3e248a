//! Sealing of secrets: AES-256-GCM, bound to the place where the secret is kept.
//!
//! A sealed value is a version byte, the id of its key (8 bytes), a random nonce (12 bytes), the ciphertext and
//! the tag (16 bytes). The place (table and row) is authenticated but not stored: a value moved to another row
//! does not open. With random nonces one key is good for about 2³² values; [`SealingKey::derive`] makes
//! independent keys for uses that seal often, such as session tokens.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf};
use base::{Entropy, Secret};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroize;

const VERSION: u8 = 1;
const NONCE: usize = 12;
const HEADER: usize = 1 + 8 + NONCE;
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// Tells keys apart: the first eight bytes of a hash of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Where a sealed value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table or use.
    pub table: &'a str,
    /// The row.
    pub key: &'a [u8],
}

/// Why a value was not sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The bytes are no sealed value of a format that this program reads.
    #[error("the value is not sealed in a known format")]
    Format,
    /// The key that sealed the value is not on the ring.
    #[error("the value is sealed with key {0}, which is not at hand")]
    UnknownKey(KeyId),
    /// The value was changed, or moved from another place.
    #[error("the sealed value was changed or belongs to another place")]
    Forged,
    /// The cipher refused to seal, as it does for values of many gigabytes.
    #[error("the value cannot be sealed")]
    Refused,
}

/// A text that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// The text is not base64 of 32 bytes.
    #[error("a sealing key is 32 bytes in base64: 44 characters")]
    Form,
    /// All bytes are alike: an example or an accident.
    #[error("the sealing key is not random")]
    Weak,
}

/// A key that seals. Clones share the key's memory; nothing prints it.
#[derive(Clone)]
pub struct SealingKey(Arc<Inner>);

struct Inner {
    id: KeyId,
    bytes: Secret,
    cipher: LessSafeKey,
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id())
    }
}

impl SealingKey {
    /// A new random key.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, KeyTextError> {
        let mut bytes = [0; KEY_BYTES];
        entropy.fill(&mut bytes);
        let key = Self::from_bytes(&bytes);
        bytes.zeroize();
        key
    }

    /// The key with these bytes. Refuses 32 equal bytes.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<Self, KeyTextError> {
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(KeyTextError::Weak);
        }
        let unbound = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| KeyTextError::Form)?;
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"bailiwick sealing key id");
        context.update(bytes);
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        let (id, cipher) = (KeyId(id), LessSafeKey::new(unbound));
        Ok(Self(Arc::new(Inner { id, bytes: Secret::new(*bytes), cipher })))
    }

    /// Reads a key from text: base64 of 32 bytes, blanks around it ignored.
    pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
        let mut bytes = decode_base64(text.trim()).ok_or(KeyTextError::Form)?;
        let key = Self::from_bytes(&bytes);
        bytes.zeroize();
        key
    }

    /// The key as text: base64 with padding. For writing the key file, and nothing else.
    pub fn to_text(&self) -> base::SecretString {
        base::SecretString::new(encode_base64(self.0.bytes.expose()))
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.0.id
    }

    /// An independent key for another purpose, by HKDF-SHA256: neither tells anything about the other.
    pub fn derive(&self, purpose: &str) -> Result<Self, KeyTextError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"bailiwick derived key");
        let mut bytes = [0; KEY_BYTES];
        salt.extract(self.0.bytes.expose())
            .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut bytes))
            .map_err(|_| KeyTextError::Form)?;
        let key = Self::from_bytes(&bytes);
        bytes.zeroize();
        key
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(HEADER + plain.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.0.id.0);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        let ended = self.0.cipher.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(self.0.id, place)),
            &mut body,
        );
        if ended.is_err() {
            body.zeroize();
            return Err(SealError::Refused);
        }
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Opens what this key sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Secret, SealError> {
        let parts = Parts::read(sealed)?;
        if parts.id != self.0.id {
            return Err(SealError::UnknownKey(parts.id));
        }
        let mut body = parts.body.to_vec();
        let opened = self.0.cipher.open_in_place(
            Nonce::assume_unique_for_key(parts.nonce),
            Aad::from(associated(self.0.id, place)),
            &mut body,
        );
        let plain = opened.map(|plain| Secret::new(&*plain)).map_err(|_| SealError::Forged);
        body.zeroize();
        plain
    }
}

/// What the tag covers besides the secret. The length of the table's name keeps the parts apart.
fn associated(id: KeyId, place: Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(17 + place.table.len() + place.key.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&id.0);
    bytes.extend_from_slice(&(place.table.len() as u64).to_le_bytes());
    bytes.extend_from_slice(place.table.as_bytes());
    bytes.extend_from_slice(place.key);
    bytes
}

struct Parts<'a> {
    id: KeyId,
    nonce: [u8; NONCE],
    body: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(sealed: &'a [u8]) -> Result<Self, SealError> {
        let (version, rest) = sealed.split_first().ok_or(SealError::Format)?;
        let (id, rest) = rest.split_first_chunk().ok_or(SealError::Format)?;
        let (nonce, body) = rest.split_first_chunk().ok_or(SealError::Format)?;
        if *version != VERSION || body.len() < 16 {
            return Err(SealError::Format);
        }
        Ok(Self { id: KeyId(*id), nonce: *nonce, body })
    }
}

/// The present key, which seals, and older ones, which still open.
#[derive(Debug, Clone)]
pub struct KeyRing {
    current: SealingKey,
    older: Vec<SealingKey>,
}

impl KeyRing {
    /// A ring with one key.
    pub fn new(current: SealingKey) -> Self {
        Self { current, older: Vec::new() }
    }

    /// Adds a key that still opens values but seals none.
    #[must_use]
    pub fn with_older(mut self, key: SealingKey) -> Self {
        self.older.push(key);
        self
    }

    /// The key that seals.
    pub fn current(&self) -> &SealingKey {
        &self.current
    }

    /// Seals with the present key.
    pub fn seal(&self, place: Place<'_>, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        self.current.seal(place, plain, entropy)
    }

    /// Opens with whichever key sealed the value.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Secret, SealError> {
        let id = Parts::read(sealed)?.id;
        let key = std::iter::once(&self.current).chain(&self.older).find(|key| key.id() == id);
        key.ok_or(SealError::UnknownKey(id))?.open(place, sealed)
    }

    /// Whether the value is sealed with an older key, so that rotation has to seal it again.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        Parts::read(sealed).is_ok_and(|parts| parts.id != self.current.id())
    }

    /// A ring whose every key is derived for `purpose`, see [`SealingKey::derive`].
    pub fn derive(&self, purpose: &str) -> Result<Self, KeyTextError> {
        let older = self.older.iter().map(|key| key.derive(purpose));
        Ok(Self { current: self.current.derive(purpose)?, older: older.collect::<Result<_, _>>()? })
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place)) as usize & 63;
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(*DIGITS.get(digit).unwrap_or(&b'='))
            });
        }
    }
    text
}

/// Exactly 32 bytes from 43 digits and one `=`; the two unused bits must be zero.
fn decode_base64(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits = text.strip_suffix('=')?.as_bytes();
    if digits.len() != 43 {
        return None;
    }
    let (mut bytes, mut at) = ([0; KEY_BYTES], 0);
    let (mut group, mut bits) = (0_u32, 0_u32);
    for digit in digits {
        let value = DIGITS.iter().position(|known| known == digit)?;
        group = (group << 6 | value as u32) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            *bytes.get_mut(at)? = (group >> bits) as u8;
            at += 1;
        }
    }
    (at == KEY_BYTES && group & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    #[derive(Default)]
    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    const HERE: Place<'_> = Place { table: "access-key", key: b"AKIA1" };

    #[test]
    fn opens_only_at_its_place() {
        let entropy = Counting::default();
        let key = SealingKey::generate(&entropy).unwrap();
        let sealed = key.seal(HERE, b"hunter2", &entropy).unwrap();
        assert_eq!(key.open(HERE, &sealed).unwrap().expose(), b"hunter2");
        for place in [
            Place { table: "access-key", key: b"AKIA2" },
            Place { table: "access-ke", key: b"yAKIA1" },
            Place { table: "", key: b"access-keyAKIA1" },
        ] {
            assert_eq!(key.open(place, &sealed), Err(SealError::Forged));
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let entropy = Counting::default();
        let key = SealingKey::generate(&entropy).unwrap();
        let sealed = key.seal(HERE, b"hunter2", &entropy).unwrap();
        for at in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert!(key.open(HERE, &forged).is_err(), "byte {at}");
            assert!(key.open(HERE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn one_secret_seals_differently_each_time() {
        let entropy = Counting::default();
        let key = SealingKey::generate(&entropy).unwrap();
        assert_ne!(key.seal(HERE, b"s", &entropy), key.seal(HERE, b"s", &entropy));
    }

    #[test]
    fn rotation_keeps_old_values_readable() {
        let entropy = Counting::default();
        let (old, new) = (SealingKey::generate(&entropy).unwrap(), SealingKey::generate(&entropy).unwrap());
        let sealed = old.seal(HERE, b"s", &entropy).unwrap();
        let ring = KeyRing::new(new.clone()).with_older(old.clone());
        assert_eq!(ring.open(HERE, &sealed).unwrap().expose(), b"s");
        assert!(ring.is_stale(&sealed));
        let again = ring.seal(HERE, b"s", &entropy).unwrap();
        assert!(!ring.is_stale(&again));
        assert_eq!(old.open(HERE, &again), Err(SealError::UnknownKey(new.id())));
    }

    #[test]
    fn derived_keys_are_independent_and_stable() {
        let key = SealingKey::generate(&Counting::default()).unwrap();
        let sealed = key.derive("session").unwrap().seal(HERE, b"s", &Counting::default()).unwrap();
        assert!(key.open(HERE, &sealed).is_err());
        assert!(key.derive("other").unwrap().open(HERE, &sealed).is_err());
        assert_eq!(key.derive("session").unwrap().open(HERE, &sealed).unwrap().expose(), b"s");
    }

    #[test]
    fn key_text_round_trips_and_is_strict() {
        let key = SealingKey::generate(&Counting::default()).unwrap();
        let text = key.to_text();
        assert_eq!(text.expose(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        assert_eq!(SealingKey::from_text(&format!(" {}\n", text.expose())).unwrap().id(), key.id());
        for bad in [
            "",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",
            "hunter2=",
        ] {
            assert_eq!(SealingKey::from_text(bad).unwrap_err(), KeyTextError::Form, "{bad}");
        }
        assert_eq!(SealingKey::from_bytes(&[0; 32]).unwrap_err(), KeyTextError::Weak);
    }

    #[test]
    fn nothing_is_printed() {
        let key = SealingKey::generate(&Counting::default()).unwrap();
        assert_eq!(format!("{key:?}"), format!("SealingKey({})", key.id()));
    }
}
