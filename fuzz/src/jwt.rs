//! A target over what identity providers and those who claim to come from them send: tokens, sets of keys,
//! descriptions, addresses.

use bailiwick_authn::oidc::{Algorithm, IssuerUrl, Jwt, KeySet};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::OnceLock;

/// Public keys of every kind, whose private halves nobody has.
const KEYS: &[u8] = include_bytes!("jwt_keys.json");

/// A token with a signature of the right form by nobody.
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2kiLCJzdWIiOiJzIiwiYXVkIjoiYSIsImV4cCI6MiwiaWF0IjoxfQ.\
AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ";

/// Nothing makes the readers fail; a token that is read is exactly the text that came; and nobody's key has signed it.
pub fn jwt(data: &[u8]) {
    static LOADED: OnceLock<KeySet> = OnceLock::new();
    let keys = LOADED.get_or_init(|| KeySet::parse(KEYS).expect("the keys of the target are a set"));
    assert_eq!(keys.len(), 5);
    if let Ok(set) = KeySet::parse(data) {
        let token = Jwt::parse(TOKEN).expect("the token of the target is one");
        assert!(set.len() <= 100);
        let _ = (set.knows(&token), set.have_signed(&token));
    }
    let Ok(text) = str::from_utf8(data) else { return };
    token(text, keys);
    address(text);
}

fn token(text: &str, keys: &KeySet) {
    let Ok(jwt) = Jwt::parse(text) else { return };
    assert_eq!(format!("{}.{}", jwt.signed, URL_SAFE_NO_PAD.encode(&jwt.signature)), text);
    assert_eq!(Algorithm::parse(jwt.algorithm.as_str()), Some(jwt.algorithm));
    assert!(
        !jwt.claims.issuer.is_empty() && !jwt.claims.subject.is_empty() && !jwt.claims.audience.is_empty()
    );
    assert!(!keys.have_signed(&jwt), "somebody without the private key has signed");
    for name in jwt.claims.names() {
        let _ = jwt.claims.values(name);
    }
    if let Ok(session) = jwt.claims.for_session() {
        assert!(session.tags.iter().all(|tag| !tag.key.is_empty() && tag.key.chars().count() <= 128));
    }
}

fn address(text: &str) {
    let issuer = IssuerUrl::parse("https://i.example", |_| false).expect("an address");
    if let Some(keys) = issuer.keys_in(text.as_bytes()) {
        assert!(keys.starts_with("https://"), "{keys}");
    }
    let Ok(url) = IssuerUrl::parse(text, |_| false) else { return };
    assert!(url.as_str().starts_with("https://") && url.as_str().len() <= 255);
    assert!(!url.name().is_empty() && url.discovery().len() > url.as_str().len());
}
