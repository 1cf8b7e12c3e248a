//! From a signed request to its caller: checks 14 to 16 of AWS's order, the ones that need the key.
//!
//! An unknown key, an inactive one and a wrong signature cost the same work, so that time does not tell them
//! apart.

use crate::caller::{Caller, Credential, active_key};
use crate::secret_key::open_secret;
use crate::session::Session;
use crate::token::TokenSealer;
use base::{AccountId, Entropy, Partition, Secret, Timestamp, UniqueId};
use model::Snapshot;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use store::seal::KeyRing;
use wire::Fault;
use wire::sigv4::{SigningKey, Unverified};

/// The proof that a request came from who it says. Only [`Authenticator`] makes one.
#[derive(Debug, Clone)]
pub struct Authenticated {
    credential: Credential,
    partition: Partition,
    region: String,
}

impl Authenticated {
    /// The caller as it is in this snapshot.
    ///
    /// # Errors
    /// `InvalidClientTokenId`, `ExpiredToken`.
    pub fn caller(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Caller, Fault> {
        self.credential.caller(snapshot, now)
    }

    /// The partition of the credential scope's region.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The credential scope's region.
    pub fn region(&self) -> &str {
        &self.region
    }
}

/// Checks signatures.
pub struct Authenticator {
    keys: Arc<KeyRing>,
    nobody: SigningKey,
    partitions: Vec<Partition>,
    signing_keys: Kept<ScopeKey, (Secret, Arc<SigningKey>)>,
    sessions: Kept<String, Arc<Session>>,
}

/// What a signing key is derived for, beside the secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ScopeKey {
    access_key: String,
    date: String,
    region: String,
    service: String,
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

    /// The user who runs the server, over the local socket: the server has asked the system who is there.
    pub fn owner(&self, account: AccountId) -> Authenticated {
        let partition = self.home_partition();
        let region = partition.facts().global_region.to_owned();
        Authenticated { credential: Credential::Owner(account), partition, region }
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
        if !self.partitions.contains(&claim.partition()) {
            return Err(region_disabled(claim.region()));
        }
        let known = match claim.session_token() {
            Some(token) => self.session(claim, token, tokens, now)?,
            None => self.long_term(claim, snapshot),
        };
        let Some((credential, key)) = known else {
            return Err(claim.refuse_unknown(&self.nobody, body));
        };
        let verified = claim.verify(&key, body)?;
        let region = verified.region().to_owned();
        Ok(Authenticated { credential, partition: verified.partition(), region })
    }

    /// The session that a token carries, if it belongs to the access key that the request names.
    fn session(
        &self,
        claim: &Unverified<'_>,
        token: &str,
        tokens: &TokenSealer,
        now: Timestamp,
    ) -> Result<Option<(Credential, Arc<SigningKey>)>, Fault> {
        let kept = self.sessions.get(token);
        let session = match kept {
            Some(session) => session,
            None => match tokens.open(token) {
                Ok(session) => {
                    let session = Arc::new(session);
                    self.sessions.put(token.to_owned(), Arc::clone(&session));
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
        let secret = Secret::new(session.secret.expose().as_bytes());
        let key = self.signing_key(claim, &secret, || Some(secret.clone()));
        Ok(key.map(|key| (Credential::Session(session), key)))
    }

    fn long_term(
        &self,
        claim: &Unverified<'_>,
        snapshot: &Snapshot,
    ) -> Option<(Credential, Arc<SigningKey>)> {
        let (_, key) = active_key(snapshot, claim.access_key())?;
        let sealed = Secret::new(key.sealed.as_slice());
        let open = || open_secret(&self.keys, key.id.as_str(), &key.sealed).ok();
        let signing = self.signing_key(claim, &sealed, open)?;
        Some((Credential::AccessKey(UniqueId::from_text(key.id.as_str())), signing))
    }

    /// The signing key of the claim's scope, kept as long as `mark` (the sealed or the plain secret) is the same.
    fn signing_key(
        &self,
        claim: &Unverified<'_>,
        mark: &Secret,
        secret: impl FnOnce() -> Option<Secret>,
    ) -> Option<Arc<SigningKey>> {
        let scope = ScopeKey {
            access_key: claim.access_key().to_owned(),
            date: claim.scope_date().to_owned(),
            region: claim.region().to_owned(),
            service: claim.service().to_owned(),
        };
        if let Some((known, key)) = self.signing_keys.get(&scope)
            && known == *mark
        {
            return Some(key);
        }
        let key = Arc::new(claim.signing_key(&secret()?));
        self.signing_keys.put(scope, (mark.clone(), Arc::clone(&key)));
        Some(key)
    }
}

/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors>.
fn region_disabled(region: &str) -> Fault {
    Fault::new("RegionDisabledException", 403, format!("STS is not activated in this region: {region}"))
}

/// A bounded map of things that can be made again: when it is full it is emptied.
struct Kept<K, V>(Mutex<HashMap<K, V>>);

/// Entries at most.
const KEPT_LIMIT: usize = 20_000;

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq, V: Clone> Kept<K, V> {
    fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: K, value: V) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_LIMIT {
            all.clear();
        }
        all.insert(key, value);
    }
}
