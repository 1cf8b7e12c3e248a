//! From a signed request to its caller: checks 14 to 16 of AWS's order, the ones that need the key.
//!
//! An unknown key, an inactive one and a wrong signature cost the same work, so that time does not tell them
//! apart.

use crate::caller::{Caller, Credential, active_key};
use crate::secret_key::open_secret;
use crate::session::Session;
use crate::token::TokenSealer;
use base::{AccountId, Entropy, Partition, Region, Secret, Timestamp, UniqueId};
use model::{Hashing, Outsider, Snapshot};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::seal::KeyRing;
use wire::Fault;
use wire::sigv4::{SigningKey, Unverified};

/// The proof that a request came from who it says. Only [`Authenticator`] makes one.
#[derive(Debug, Clone)]
pub struct Authenticated {
    credential: Credential,
    region: Region,
}

impl Authenticated {
    /// The caller as it is in this snapshot.
    ///
    /// # Errors
    /// `InvalidClientTokenId`, `ExpiredToken`.
    pub fn caller(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Caller, Fault> {
        self.credential.caller(snapshot, now)
    }

    /// Of somebody whom a verified token or assertion is about.
    pub(crate) fn outsider(outsider: Arc<Outsider>, region: Region) -> Self {
        Self { credential: Credential::Outsider(outsider), region }
    }

    /// Somebody who has proved it without a signature, once [`crate::sign_in`] has made sure of it.
    pub(crate) fn unsigned(credential: Credential, region: Region) -> Self {
        Self { credential, region }
    }

    /// The credential scope's region.
    pub fn region(&self) -> Region {
        self.region
    }
}

/// Checks signatures.
pub struct Authenticator {
    keys: Arc<KeyRing>,
    nobody: SigningKey,
    partitions: Vec<Partition>,
    signing_keys: Kept<Vec<ScopeKey>>,
    sessions: Kept<Arc<Session>>,
}

/// A signing key of an access key, with what it was derived from.
struct ScopeKey {
    date: String,
    region: &'static str,
    service: String,
    /// The sealed or the plain secret: a key of the same id may come back with another one.
    mark: Secret,
    key: Arc<SigningKey>,
}

/// Scopes kept for one access key at most; a client uses a handful a day.
const SCOPE_LIMIT: usize = 16;

impl ScopeKey {
    fn is_of(&self, claim: &Unverified<'_>, mark: &[u8]) -> bool {
        self.service == claim.service()
            && self.region == claim.region().name
            && self.date == claim.scope_date()
            && self.mark.equals(mark)
    }
}

impl Authenticator {
    /// An authenticator that serves these partitions and opens secrets with `keys`.
    pub fn new(keys: Arc<KeyRing>, entropy: Arc<dyn Entropy>, partitions: Vec<Partition>) -> Self {
        let mut random = [0; 32];
        entropy.fill(&mut random);
        Self {
            keys,
            nobody: SigningKey::nobody(&random),
            partitions,
            signing_keys: Kept::default(),
            sessions: Kept::default(),
        }
    }

    /// The first partition that is served.
    pub fn home_partition(&self) -> Partition {
        self.partitions.first().copied().unwrap_or_else(Partition::aws)
    }

    /// Whether requests to this partition are answered.
    pub fn serves(&self, partition: Partition) -> bool {
        self.partitions.contains(&partition)
    }

    /// The user who runs the server, over the local socket: the server has asked the system who is there.
    pub fn owner(&self, account: AccountId) -> Authenticated {
        let partition = self.home_partition();
        let region = Region { name: partition.facts().global_region, partition };
        Authenticated { credential: Credential::Owner(account), region }
    }

    /// Checks a request's claim against the snapshot.
    ///
    /// # Errors
    /// `InvalidClientTokenId`, `ExpiredToken`, `SignatureDoesNotMatch`; `RegionDisabledException` for a
    /// partition that this server does not serve.
    pub fn authenticate(
        &self,
        claim: &Unverified<'_>,
        body: &[u8],
        snapshot: &Snapshot,
        tokens: &TokenSealer,
        now: Timestamp,
    ) -> Result<Authenticated, Fault> {
        if !self.partitions.contains(&claim.region().partition) {
            return Err(region_disabled(claim.region().name));
        }
        let known = match claim.session_token() {
            Some(token) => self.session(claim, token, tokens, now)?,
            None => self.long_term(claim, snapshot),
        };
        let Some((credential, key)) = known else {
            return Err(claim.refuse_unknown(&self.nobody, body));
        };
        let verified = claim.verify(&key, body)?;
        Ok(Authenticated { credential, region: verified.region() })
    }

    /// The session that a token carries, if it belongs to the access key that the request names.
    fn session(
        &self,
        claim: &Unverified<'_>,
        token: &str,
        tokens: &TokenSealer,
        now: Timestamp,
    ) -> Result<Option<(Credential, Arc<SigningKey>)>, Fault> {
        let kept = self.sessions.with(token, |session| Some(Arc::clone(session)));
        let session = match kept {
            Some(session) => session,
            None => match tokens.open(token) {
                Ok(session) => {
                    let session = Arc::new(session);
                    self.sessions.put(token, Arc::clone(&session));
                    session
                }
                Err(_) => return Ok(None),
            },
        };
        if session.key.as_str() != claim.access_key() {
            return Ok(None);
        }
        if now >= session.expires {
            return Err(Fault::expired_token());
        }
        let secret = session.secret.expose().as_bytes();
        let key = self.signing_key(claim, secret, || Some(Secret::new(secret)));
        Ok(key.map(|key| (Credential::Session(session), key)))
    }

    fn long_term(
        &self,
        claim: &Unverified<'_>,
        snapshot: &Snapshot,
    ) -> Option<(Credential, Arc<SigningKey>)> {
        let (_, key) = active_key(snapshot, claim.access_key())?;
        let open = || open_secret(&self.keys, key.id.as_str(), &key.sealed).ok();
        let signing = self.signing_key(claim, &key.sealed, open)?;
        Some((Credential::AccessKey(UniqueId::from_text(key.id.as_str())), signing))
    }

    /// The signing key of the claim's scope, kept as long as `mark` (the sealed or the plain secret) is the same.
    fn signing_key(
        &self,
        claim: &Unverified<'_>,
        mark: &[u8],
        secret: impl FnOnce() -> Option<Secret>,
    ) -> Option<Arc<SigningKey>> {
        let known = self.signing_keys.with(claim.access_key(), |all| {
            all.iter().find(|known| known.is_of(claim, mark)).map(|known| Arc::clone(&known.key))
        });
        if known.is_some() {
            return known;
        }
        let key = Arc::new(claim.signing_key(&secret()?));
        let kept = ScopeKey {
            date: claim.scope_date().to_owned(),
            region: claim.region().name,
            service: claim.service().to_owned(),
            mark: Secret::new(mark),
            key: Arc::clone(&key),
        };
        self.signing_keys.change(claim.access_key(), |all| {
            if all.len() >= SCOPE_LIMIT {
                all.clear();
            }
            all.push(kept);
        });
        Some(key)
    }
}

/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors>.
fn region_disabled(region: &str) -> Fault {
    Fault::new("RegionDisabledException", 403, format!("STS is not activated in this region: {region}"))
}

/// A bounded map of things that can be made again: when it is full it is emptied.
struct Kept<V>(Mutex<HashMap<String, V, Hashing>>);

/// Entries at most.
const KEPT_LIMIT: usize = 20_000;

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V> Kept<V> {
    /// What `look` finds in the entry, if there is one.
    fn with<T>(&self, key: &str, look: impl FnOnce(&V) -> Option<T>) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).and_then(look)
    }

    fn put(&self, key: &str, value: V) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_LIMIT {
            all.clear();
        }
        all.insert(key.to_owned(), value);
    }
}

impl<V: Default> Kept<V> {
    /// Changes the entry, which is made if there is none.
    fn change(&self, key: &str, change: impl FnOnce(&mut V)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_LIMIT {
            all.clear();
        }
        change(all.entry(key.to_owned()).or_default());
    }
}
