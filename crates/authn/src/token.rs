//! Session tokens: a session, compressed and sealed with AES-256-GCM under a key that rotates.
//!
//! The sealing keys are random and derived from nothing that a client or an operator's configuration knows:
//! who holds a session's secret, or every secret of the accounts, still cannot make a token.

use crate::session::{Federation, Parent, Session};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base::{AccountId, Entropy, Secret, SecretString, Timestamp, UniqueId};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use model::{PolicyRef, PolicyText, Tag, Tags};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The first byte of a session token.
const VERSION: u8 = 1;
/// The first byte of a sign-in token: neither is ever taken for the other.
const SIGN_IN: u8 = 2;
/// Version, key number, nonce.
const HEADER: usize = 1 + 4 + NONCE_LEN;
/// Bytes that a session may have once unpacked: far above what a packed size of 100 % allows.
const UNPACKED_LIMIT: u64 = 256 * 1024;
/// Bytes that session policies and tags may take together once packed.
///
/// AWS documents that the limit exists and that it is told in percent, not its size
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
pub const PACKED_LIMIT: usize = 4_096;

/// Seals and opens session tokens.
pub struct TokenSealer {
    pub(crate) keys: Vec<(u32, LessSafeKey)>,
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token, was changed, or its sealing key is gone.
    #[error("the session token is invalid")]
    Invalid,
    /// There is no key to seal with.
    #[error("there is no key to seal session tokens with")]
    NoKey,
}

/// What is packed: every member under a short name.
#[derive(Serialize, Deserialize)]
struct Packed {
    k: UniqueId,
    s: String,
    a: AccountId,
    p: Parent,
    i: Timestamp,
    e: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<PolicyText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mp: Vec<PolicyRef>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    t: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tt: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    si: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<Timestamp>,
    #[serde(default)]
    c: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<Federation>,
}

/// A session that is to sign in, as the token of `getSigninToken` carries it.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInToken {
    /// The session.
    pub session: Session,
    /// Until when the token is good.
    pub until: Timestamp,
    /// How long the session lasts that it opens; as long as the one that it carries if not given.
    pub seconds: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct PackedSignIn {
    s: Packed,
    u: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<u32>,
}

impl TokenSealer {
    /// A sealer with these keys of 32 bytes; the one of the highest number seals. Keys of another length are
    /// left out.
    pub fn new<'a>(keys: impl IntoIterator<Item = (u32, &'a Secret)>) -> Self {
        let mut keys: Vec<_> = keys
            .into_iter()
            .filter_map(|(number, key)| {
                Some((number, LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose()).ok()?)))
            })
            .collect();
        keys.sort_by_key(|(number, _)| *number);
        Self { keys }
    }

    /// The token that carries `session`.
    pub fn seal(&self, session: &Session, entropy: &dyn Entropy) -> Result<String, TokenError> {
        self.seal_form(VERSION, &pack(session), entropy)
    }

    /// The token with which a session that is there already signs in.
    pub fn seal_sign_in(&self, sign_in: &SignInToken, entropy: &dyn Entropy) -> Result<String, TokenError> {
        let SignInToken { session, until, seconds } = sign_in;
        let packed = PackedSignIn { s: pack(session), u: *until, d: *seconds };
        self.seal_form(SIGN_IN, &packed, entropy)
    }

    fn seal_form(
        &self,
        form: u8,
        packed: &impl Serialize,
        entropy: &dyn Entropy,
    ) -> Result<String, TokenError> {
        let (number, key) = self.keys.last().ok_or(TokenError::NoKey)?;
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut header = vec![form];
        header.extend(number.to_be_bytes());
        header.extend(nonce);
        let mut body = deflate(&serde_json::to_vec(packed).map_err(|_| TokenError::Invalid)?);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&header), &mut body)
            .map_err(|_| TokenError::Invalid)?;
        header.extend(body);
        Ok(base64(&header))
    }

    /// The session that `token` carries. Whether it has expired is for the caller to judge.
    pub fn open(&self, token: &str) -> Result<Session, TokenError> {
        self.open_form(VERSION, token).map(unpack)
    }

    /// What a sign-in token carries. Whether its time is over is for the caller to judge.
    pub fn open_sign_in(&self, token: &str) -> Result<SignInToken, TokenError> {
        let packed: PackedSignIn = self.open_form(SIGN_IN, token)?;
        Ok(SignInToken { session: unpack(packed.s), until: packed.u, seconds: packed.d })
    }

    fn open_form<T: for<'de> Deserialize<'de>>(&self, form: u8, token: &str) -> Result<T, TokenError> {
        let mut bytes = unbase64(token).ok_or(TokenError::Invalid)?;
        let (header, body) = bytes.split_at_mut_checked(HEADER).ok_or(TokenError::Invalid)?;
        let (number, nonce) = match header {
            [first, a, b, c, d, nonce @ ..] if *first == form => {
                (u32::from_be_bytes([*a, *b, *c, *d]), nonce)
            }
            _ => return Err(TokenError::Invalid),
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| TokenError::Invalid)?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == number).ok_or(TokenError::Invalid)?;
        let plain = key.open_in_place(nonce, Aad::from(&*header), body).map_err(|_| TokenError::Invalid)?;
        let mut json = Vec::new();
        DeflateDecoder::new(&*plain)
            .take(UNPACKED_LIMIT)
            .read_to_end(&mut json)
            .map_err(|_| TokenError::Invalid)?;
        serde_json::from_slice(&json).map_err(|_| TokenError::Invalid)
    }
}

impl std::fmt::Debug for TokenSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<_> = self.keys.iter().map(|(number, _)| number).collect();
        f.debug_struct("TokenSealer").field("keys", &numbers).finish()
    }
}

/// Bytes that the session's policies and tags take once packed, beside [`PACKED_LIMIT`].
pub fn packed_size(session: &Session) -> usize {
    let mut packed = Vec::new();
    for text in session.inline_policy.iter().map(PolicyText::text) {
        packed.extend_from_slice(text.as_bytes());
    }
    let rest = serde_json::to_vec(&(&session.managed_policies, &session.tags, &session.transitive));
    packed.extend(rest.unwrap_or_default());
    deflate(&packed).len()
}

fn pack(session: &Session) -> Packed {
    Packed {
        k: session.key.clone(),
        s: session.secret.expose().to_owned(),
        a: session.account,
        p: session.parent.clone(),
        i: session.issued,
        e: session.expires,
        ip: session.inline_policy.clone(),
        mp: session.managed_policies.clone(),
        t: session.tags.iter().cloned().collect(),
        tt: session.transitive.clone(),
        si: session.source_identity.clone(),
        m: session.mfa,
        c: session.chained,
        f: session.federation.clone(),
    }
}

fn unpack(packed: Packed) -> Session {
    Session {
        key: packed.k,
        secret: SecretString::new(packed.s),
        account: packed.a,
        parent: packed.p,
        issued: packed.i,
        expires: packed.e,
        inline_policy: packed.ip,
        managed_policies: packed.mp,
        tags: packed.t.into_iter().collect::<Tags>(),
        transitive: packed.tt,
        source_identity: packed.si,
        mfa: packed.m,
        chained: packed.c,
        federation: packed.f,
    }
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    // Longer than any token made here: not worth decoding.
    if text.len() > 16 * 1024 {
        return None;
    }
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn sealer(number: u32) -> TokenSealer {
        TokenSealer::new([(number, &Secret::new([number as u8; 32]))])
    }

    fn session() -> Session {
        Session {
            key: UniqueId::from_text("ASIAEXAMPLEEXAMPLE12"),
            secret: SecretString::new("canary-secret"),
            account: AccountId::parse("123456789012").unwrap(),
            parent: Parent::Role { id: UniqueId::from_text("AROAEXAMPLE"), session: "s".into() },
            issued: Timestamp::from_seconds(1),
            expires: Timestamp::from_seconds(2),
            inline_policy: Some(PolicyText::new("{}")),
            managed_policies: vec![PolicyRef::Aws("ReadOnlyAccess".into())],
            tags: [Tag { key: "k".into(), value: "v".into() }].into_iter().collect(),
            transitive: vec!["k".into()],
            source_identity: Some("alice".into()),
            mfa: None,
            chained: true,
            federation: None,
        }
    }

    #[test]
    fn a_token_carries_its_session() {
        let entropy = Counting(0.into());
        let token = sealer(1).seal(&session(), &entropy).unwrap();
        assert_eq!(sealer(1).open(&token).unwrap(), session());
        assert!(!token.contains("canary"));
    }

    #[test]
    fn case_021_a_changed_token_is_refused() {
        let token = sealer(1).seal(&session(), &Counting(0.into())).unwrap();
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(sealer(1).open(&changed).is_err(), "changed at {place}");
        }
        for cut in 0..token.len() {
            assert!(sealer(1).open(&token[..cut]).is_err(), "cut at {cut}");
        }
        assert!(sealer(2).open(&token).is_err(), "another server's key");
        assert!(sealer(1).open("").is_err());
    }

    #[test]
    fn a_sign_in_token_is_no_session_token() {
        let sign_in =
            SignInToken { session: session(), until: Timestamp::from_seconds(9), seconds: Some(900) };
        let token = sealer(1).seal_sign_in(&sign_in, &Counting(0.into())).unwrap();
        assert_eq!(sealer(1).open_sign_in(&token), Ok(sign_in));
        assert_eq!(sealer(1).open(&token), Err(TokenError::Invalid));
        let session_token = sealer(1).seal(&session(), &Counting(0.into())).unwrap();
        assert_eq!(sealer(1).open_sign_in(&session_token), Err(TokenError::Invalid));
    }

    #[test]
    fn older_keys_still_open_and_the_newest_seals() {
        let (one, two) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let both = TokenSealer::new([(2, &two), (1, &one)]);
        let old = sealer(1).seal(&session(), &Counting(0.into())).unwrap();
        assert!(both.open(&old).is_ok());
        let new = both.seal(&session(), &Counting(0.into())).unwrap();
        assert!(sealer(2).open(&new).is_ok());
        assert!(sealer(1).open(&new).is_err());
    }
}
