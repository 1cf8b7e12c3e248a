//! The keys that sign an account's tokens for others: made, sealed, rotated, published.
//!
//! A new key is published a while before it signs, and an old one stays published longer than a token can live, so
//! that who keeps the published keys for some time is never at a loss.

use authn::oidc::sign::{self, KeyError, Kind};
use base::{AccountId, Entropy, Secret, Timestamp, UniqueId, Uuid};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{AccountState, IssuerKey, Snapshot};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::time::Duration;
use store::seal::{KeyRing, Place, SealError};

/// How long a key signs.
const LIFE: Duration = Duration::from_secs(90 * 24 * 3_600);
/// How long a key is published before it signs, if an older one can.
const AHEAD: Duration = Duration::from_secs(24 * 3_600);
/// How long a key stays published when a newer one signs: more than the hour that a token lives.
const AFTER: Duration = Duration::from_secs(24 * 3_600);

/// A key of each kind, ready to be stored.
#[derive(Debug, Clone)]
pub struct SealedKeys(Vec<IssuerKey>);

/// Why keys were not made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The library refuses.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Makes a key of each kind. Takes long.
pub fn make(
    account: AccountId,
    now: Timestamp,
    keys: &KeyRing,
    entropy: &dyn Entropy,
) -> Result<SealedKeys, MakeError> {
    let one = |kind: Kind| {
        let made = sign::make(kind)?;
        let id = Uuid::random(entropy);
        let sealed = keys.seal(place(id.as_str()), made.private.expose(), entropy)?;
        Ok(IssuerKey {
            id: UniqueId::from_text(id.as_str()),
            account,
            algorithm: kind.as_str().to_owned(),
            created: now.whole_seconds(),
            public: made.public,
            sealed,
        })
    };
    Kind::ALL.into_iter().map(one).collect::<Result<_, MakeError>>().map(SealedKeys)
}

/// Stores keys that were made for an account, and takes away those that no token can be signed with any more.
pub fn put(tx: &mut Tx<'_>, account: AccountId, made: &SealedKeys) {
    let now = made.0.iter().map(|key| key.created).max();
    let old: Vec<UniqueId> = match (tx.snapshot().account(account), now) {
        (Some(state), Some(now)) => state
            .issuer_keys
            .iter()
            .filter(|key| now.since(key.created) > LIFE + AHEAD + AFTER)
            .map(|key| key.id.clone())
            .collect(),
        _ => Vec::new(),
    };
    old.into_iter().for_each(|id| tx.remove(&EntityKey::IssuerKey(account, id)));
    made.0.iter().for_each(|key| tx.put(key.clone()));
}

/// The accounts that need new keys.
pub fn due(snapshot: &Snapshot, now: Timestamp) -> Vec<AccountId> {
    let is_due = |account: &&std::sync::Arc<AccountState>| {
        let enabled = account.account.outbound.as_ref().is_some_and(|outbound| outbound.enabled);
        let newest = account.issuer_keys.iter().map(|key| key.created).max();
        enabled && newest.is_none_or(|newest| now.since(newest) >= LIFE)
    };
    snapshot.accounts().filter(is_due).map(|account| account.id()).collect()
}

/// The key that signs with this algorithm now: the newest that has been published for a while, else the newest.
pub fn signing<'a>(account: &'a AccountState, kind: Kind, now: Timestamp) -> Option<&'a IssuerKey> {
    let mut all: Vec<&'a IssuerKey> =
        account.issuer_keys.iter().map(|key| &**key).filter(|key| key.algorithm == kind.as_str()).collect();
    all.sort_by_key(|key| Reverse(key.created));
    let known = all.iter().find(|key| now.since(key.created) >= AHEAD).copied();
    known.or_else(|| all.last().copied())
}

/// Opens the private key.
pub fn open(keys: &KeyRing, key: &IssuerKey) -> Result<Secret, SealError> {
    keys.open(place(key.id.as_str()), &key.sealed)
}

/// The public keys, as JSON.
pub fn published(account: &AccountState) -> Value {
    let one = |key: &std::sync::Arc<IssuerKey>| {
        let mut public: Value = serde_json::from_str(&key.public).ok()?;
        public.as_object_mut()?.insert("kid".into(), key.id.as_str().into());
        Some(public)
    };
    json!({ "keys": account.issuer_keys.iter().filter_map(one).collect::<Vec<_>>() })
}

fn place(id: &str) -> Place<'_> {
    Place { table: "issuer-key", key: id.as_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Account, OutboundFederation};

    fn state(created: &[i64]) -> (Snapshot, AccountId) {
        let id = AccountId::parse("123456789012").unwrap();
        let mut snapshot = Snapshot::default();
        let outbound = Some(OutboundFederation { issuer: "one".into(), enabled: true });
        let account = Account { outbound, ..Account::new(id, "a", Timestamp::default()) };
        snapshot.put(account.into()).unwrap();
        for (number, days) in created.iter().enumerate() {
            let key = IssuerKey {
                id: UniqueId::from_text(format!("key-{number}")),
                account: id,
                algorithm: "ES384".into(),
                created: Timestamp::from_seconds(days * 86_400),
                public: r#"{"kty":"EC"}"#.into(),
                sealed: Vec::new(),
            };
            snapshot.put(key.into()).unwrap();
        }
        (snapshot, id)
    }

    #[test]
    fn a_new_key_is_published_before_it_signs() {
        let (snapshot, id) = state(&[0, 90]);
        let account = snapshot.account(id).unwrap();
        let signs = |seconds: i64| {
            signing(account, Kind::Es384, Timestamp::from_seconds(seconds))
                .map(|key| key.id.as_str().to_owned())
        };
        assert_eq!(signs(90 * 86_400).as_deref(), Some("key-0"));
        assert_eq!(signs(91 * 86_400).as_deref(), Some("key-1"));
        assert_eq!(signing(account, Kind::Rs256, Timestamp::default()), None);
        let (first, id) = state(&[5]);
        let now = Timestamp::from_seconds(5 * 86_400);
        assert!(signing(first.account(id).unwrap(), Kind::Es384, now).is_some());
        assert_eq!(published(account)["keys"][1]["kid"], "key-1");
    }

    #[test]
    fn keys_are_due_after_ninety_days_and_old_ones_go() {
        let (mut snapshot, id) = state(&[0]);
        let day = |day: i64| Timestamp::from_seconds(day * 86_400);
        assert_eq!((due(&snapshot, day(89)).len(), due(&snapshot, day(90))), (0, vec![id]));
        let key = |at: i64, name: &str| IssuerKey {
            id: UniqueId::from_text(name),
            created: day(at),
            ..IssuerKey::clone(snapshot.account(id).unwrap().issuer_keys.iter().next().unwrap())
        };
        let (second, third) = (key(90, "second"), key(180, "third"));
        put(&mut Tx::detached(&mut snapshot), id, &SealedKeys(vec![second]));
        assert_eq!(snapshot.account(id).unwrap().issuer_keys.len(), 2);
        put(&mut Tx::detached(&mut snapshot), id, &SealedKeys(vec![third]));
        assert_eq!(snapshot.account(id).unwrap().issuer_keys.len(), 2);
    }
}
