//! Providers' keys: fetched when they are needed, kept for a while, fetched again when a token names one that is not
//! there, and that seldom enough that nobody can make the server hammer a provider.

use super::issuer::{DISCOVERY_BYTES, IssuerUrl};
use super::jwk::{KEY_SET_BYTES, KeySet};
use super::jwt::Jwt;
use base::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Fetches what providers publish.
///
/// Who implements it makes sure that only addresses of the public network are reached, unless the operator allows
/// others, after names are resolved; that answers are bounded in size and time; and that nobody is led to another host.
pub trait Fetch: Send + Sync {
    /// The document at an address, of at most `limit` bytes. A server whose certificate no known authority vouches
    /// for is taken if one of the certificates that it shows has one of these SHA-1 thumbprints, in hexadecimal.
    fn get(&self, url: &str, limit: usize, thumbprints: &[String]) -> Result<Vec<u8>, FetchError>;

    /// The thumbprint of the uppermost certificate that the server at an address shows; `None` if it is reached
    /// without TLS.
    fn thumbprint(&self, url: &str) -> Result<Option<String>, FetchError>;

    /// Whether a provider on this host may be asked without TLS.
    fn may_be_plain(&self, host: &str) -> bool;
}

/// Why a document was not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is private, of this machine or of no network, and the operator has not allowed it.
    #[error("the address is not allowed")]
    NotAllowed,
    /// The name has no address, nothing answers, or it takes too long.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// Nobody who is known vouches for the server's certificate.
    #[error("the provider's certificate is not trusted")]
    Untrusted,
    /// It answers with something else than the document: an error, a way to another host, or too much.
    #[error("the provider does not answer with the document")]
    NoDocument,
}

/// The keys of providers.
pub struct Issuers {
    fetch: Arc<dyn Fetch>,
    kept: Mutex<HashMap<Place, Arc<Mutex<Kept>>>>,
}

/// A provider as an account knows it: accounts with other thumbprints trust other servers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    url: IssuerUrl,
    thumbprints: Vec<String>,
}

/// What is kept of a provider.
#[derive(Debug, Default)]
struct Kept {
    keys: Option<Arc<KeySet>>,
    fetched: Option<Timestamp>,
    /// The last attempt, whatever came of it.
    tried: Option<Timestamp>,
    failure: Option<FetchError>,
}

/// How long keys are good without asking again, in seconds.
const FRESH: u64 = 3_600;
/// How long they are good when the provider does not answer.
const STALE: u64 = 24 * 3_600;
/// The least time between two attempts.
const BETWEEN: u64 = 30;
/// The least time before a failure is tried again, where nothing is known yet.
const AFTER_FAILURE: u64 = 10;
/// Providers that are kept; then all are forgotten.
const KEPT_LIMIT: usize = 10_000;

impl std::fmt::Debug for Issuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuers").finish_non_exhaustive()
    }
}

impl Issuers {
    /// Nothing known yet.
    pub fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self { fetch, kept: Mutex::default() }
    }

    /// What documents are fetched with.
    pub fn fetch(&self) -> &dyn Fetch {
        &*self.fetch
    }

    /// Whether the provider has signed this token; with `may_ask` off, by keys that are known already.
    ///
    /// # Errors
    /// If its keys are not known and cannot be fetched.
    pub fn have_signed(
        &self,
        url: &IssuerUrl,
        thumbprints: &[String],
        jwt: &Jwt<'_>,
        may_ask: bool,
        now: Timestamp,
    ) -> Result<bool, FetchError> {
        let place = Place { url: url.clone(), thumbprints: thumbprints.to_vec() };
        let entry = self.entry(&place);
        // One thread asks a provider at a time; the others find what it has brought.
        let mut kept = entry.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = self.keys(&place, &mut kept, may_ask, now)?;
        if keys.have_signed(jwt) {
            return Ok(true);
        }
        // Perhaps by a key that is new.
        if may_ask && is_past(kept.tried, BETWEEN, now) {
            self.ask(&place, &mut kept, now);
        }
        Ok(kept.keys.as_ref().is_some_and(|new| !Arc::ptr_eq(new, &keys) && new.have_signed(jwt)))
    }

    fn entry(&self, place: &Place) -> Arc<Mutex<Kept>> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_LIMIT && !all.contains_key(place) {
            all.clear();
        }
        Arc::clone(all.entry(place.clone()).or_default())
    }

    /// The provider's keys, asked for if none are known or they are old.
    fn keys(
        &self,
        place: &Place,
        kept: &mut Kept,
        may_ask: bool,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, FetchError> {
        let wait = if kept.keys.is_some() { BETWEEN } else { AFTER_FAILURE };
        if may_ask && is_past(kept.fetched, FRESH, now) && is_past(kept.tried, wait, now) {
            self.ask(place, kept, now);
        }
        match &kept.keys {
            Some(keys) if !is_past(kept.fetched, STALE, now) => Ok(Arc::clone(keys)),
            _ => Err(kept.failure.unwrap_or(FetchError::Unreachable)),
        }
    }

    fn ask(&self, place: &Place, kept: &mut Kept, now: Timestamp) {
        kept.tried = Some(now);
        match self.fetched(place) {
            Ok(keys) => {
                *kept =
                    Kept { keys: Some(Arc::new(keys)), fetched: Some(now), tried: Some(now), failure: None }
            }
            Err(error) => kept.failure = Some(error),
        }
    }

    fn fetched(&self, place: &Place) -> Result<KeySet, FetchError> {
        let document = self.fetch.get(&place.url.discovery(), DISCOVERY_BYTES, &place.thumbprints)?;
        let keys = place.url.keys_in(&document).ok_or(FetchError::NoDocument)?;
        let document = self.fetch.get(&keys, KEY_SET_BYTES, &place.thumbprints)?;
        KeySet::parse(&document).map_err(|_| FetchError::NoDocument)
    }
}

fn is_past(since: Option<Timestamp>, seconds: u64, now: Timestamp) -> bool {
    since.is_none_or(|since| now.since(since).as_secs() >= seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::sign::{self, Kind};
    use serde_json::{Value, json};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A provider whose keys change, and that can be down.
    #[derive(Default)]
    struct Provider {
        keys: Mutex<Vec<Value>>,
        asked: AtomicUsize,
        down: Mutex<bool>,
    }

    impl Fetch for Provider {
        fn get(&self, url: &str, _: usize, _: &[String]) -> Result<Vec<u8>, FetchError> {
            if *self.down.lock().unwrap() {
                self.asked.fetch_add(1, Ordering::Relaxed);
                return Err(FetchError::Unreachable);
            }
            Ok(if url.ends_with("/keys") {
                self.asked.fetch_add(1, Ordering::Relaxed);
                json!({ "keys": *self.keys.lock().unwrap() }).to_string().into_bytes()
            } else {
                json!({"issuer": "https://i.example", "jwks_uri": "https://i.example/keys"})
                    .to_string()
                    .into()
            })
        }
        fn thumbprint(&self, _: &str) -> Result<Option<String>, FetchError> {
            Ok(None)
        }
        fn may_be_plain(&self, _: &str) -> bool {
            false
        }
    }

    fn key(id: &str) -> (sign::Made, Value) {
        let made = sign::make(Kind::Es384).unwrap();
        let mut public: Value = serde_json::from_str(&made.public).unwrap();
        public["kid"] = id.into();
        (made, public)
    }

    fn token(key: &sign::Made, id: &str) -> String {
        let claims = json!({"iss": "https://i.example", "sub": "s", "aud": "a", "exp": 2, "iat": 1});
        sign::sign(Kind::Es384, &key.private, id, &claims).unwrap()
    }

    #[test]
    fn keys_are_kept_and_new_ones_are_asked_for_seldom() {
        let provider = Arc::new(Provider::default());
        let issuers = Issuers::new(provider.clone());
        let url = IssuerUrl::parse("https://i.example", |_| false).unwrap();
        let ((one, public_one), (two, public_two)) = (key("one"), key("two"));
        let signed = |key: &sign::Made, id: &str, at: i64| {
            let text = token(key, id);
            issuers.have_signed(&url, &[], &Jwt::parse(&text).unwrap(), true, Timestamp::from_seconds(at))
        };
        let asked = || provider.asked.load(Ordering::Relaxed);
        provider.keys.lock().unwrap().push(public_one);
        assert_eq!((signed(&one, "one", 0), signed(&one, "one", 3_000), asked()), (Ok(true), Ok(true), 1));
        // Strangers' tokens bring one question a while, not one each.
        assert_eq!((signed(&two, "two", 3_001), asked()), (Ok(false), 2));
        assert_eq!(
            (signed(&two, "three", 3_002), signed(&two, "four", 3_030), asked()),
            (Ok(false), Ok(false), 2)
        );
        provider.keys.lock().unwrap().push(public_two);
        assert_eq!((signed(&two, "two", 3_032), asked()), (Ok(true), 3));
        assert_eq!((signed(&one, "one", 3_033), asked()), (Ok(true), 3));
        // A provider that is down for a while does no harm, for good it does.
        *provider.down.lock().unwrap() = true;
        assert_eq!((signed(&one, "one", 10_000), asked()), (Ok(true), 4));
        assert_eq!((signed(&one, "one", 10_010), asked()), (Ok(true), 4));
        assert_eq!(signed(&one, "one", 3_032 + 24 * 3_600), Err(FetchError::Unreachable));
    }

    #[test]
    fn failures_are_not_tried_again_at_once() {
        let provider = Arc::new(Provider::default());
        *provider.down.lock().unwrap() = true;
        let issuers = Issuers::new(provider.clone());
        let url = IssuerUrl::parse("https://i.example", |_| false).unwrap();
        let (one, _) = key("one");
        let text = token(&one, "one");
        let jwt = Jwt::parse(&text).unwrap();
        for at in [0, 1, 9, 10, 11] {
            let now = Timestamp::from_seconds(at);
            assert_eq!(issuers.have_signed(&url, &[], &jwt, true, now), Err(FetchError::Unreachable));
        }
        assert_eq!(provider.asked.load(Ordering::Relaxed), 2);
    }
}
