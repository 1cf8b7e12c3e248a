//! What a realm needs before it can answer: an account with an `Administrator` role, and a key to seal session
//! tokens with. There is no long-term root key.

use authn::{TokenSealer, secret_key};
use base::{AccountId, Entropy, IdKind, SecretString, Timestamp, UniqueId};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{
    AccessKey, Account, KeyStatus, PolicyRef, PolicyText, Role, Snapshot, TokenKey, User,
    role::DEFAULT_MAX_SESSION_SECONDS,
};
use std::time::Duration;
use store::seal::{KeyRing, Place, SealError};

/// The role that every account made here has from the start.
pub const ADMINISTRATOR: &str = "Administrator";
/// What the role may do.
const ADMINISTRATOR_ACCESS: &str = "policy/AdministratorAccess";
/// How often a new token key takes over.
const TOKEN_KEY_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long a token key can still open tokens: its own life and that of the longest session.
const TOKEN_KEY_KEPT: Duration = Duration::from_secs((24 + 36 + 1) * 3600);

/// The account that belongs to the realm as a whole: the first one.
/// Like the management account of an organization, it makes the others.
pub fn management_account(snapshot: &Snapshot) -> Option<AccountId> {
    snapshot.accounts().min_by_key(|state| (state.account.created, state.id())).map(|state| state.id())
}

/// A random account id that is free.
pub fn free_account_id(snapshot: &Snapshot, entropy: &dyn Entropy) -> Option<AccountId> {
    (0..64).find_map(|_| {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        // Real ids do not start with a zero, and neither do these.
        let number = 100_000_000_000 + u64::from_be_bytes(bytes) % 900_000_000_000;
        AccountId::from_number(number).filter(|id| snapshot.account(*id).is_none())
    })
}

/// The date of a new account: after that of the first one, even when the two are made in one second, when the
/// clock is set back, or when an export brings its own date. What is older than the first would take its place.
pub fn after_the_first(snapshot: &Snapshot, created: Timestamp) -> Timestamp {
    let first = management_account(snapshot).and_then(|first| snapshot.account(first));
    first.map_or(created, |first| created.max(first.account.created + Duration::from_secs(1)))
}

/// Makes an account with its `Administrator` role. The role trusts its own account and the management account,
/// as AWS's `OrganizationAccountAccessRole` does; who may assume it there is up to that account's policies.
pub fn make_account(tx: &mut Tx<'_>, id: AccountId, name: &str, now: Timestamp, entropy: &dyn Entropy) {
    let created = after_the_first(tx.snapshot(), now.whole_seconds());
    tx.put(Account::new(id, name, created));
    make_administrator(tx, id, now, entropy);
}

/// Makes the `Administrator` role of an account that is there.
pub fn make_administrator(tx: &mut Tx<'_>, id: AccountId, now: Timestamp, entropy: &dyn Entropy) {
    let management = management_account(tx.snapshot()).filter(|management| *management != id);
    let trusted: Vec<String> =
        std::iter::once(id).chain(management).map(|account| format!("\"{account}\"")).collect();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":[{}]}},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}]}}"#,
        trusted.join(",")
    );
    tx.put(Role {
        id: UniqueId::generate(IdKind::Role, id, entropy),
        account: id,
        name: ADMINISTRATOR.to_owned(),
        path: "/".to_owned(),
        created: now.whole_seconds(),
        description: Some("Full access to the account".to_owned()),
        trust: PolicyText::new(trust),
        max_session_seconds: DEFAULT_MAX_SESSION_SECONDS * 12,
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: vec![PolicyRef::Aws(ADMINISTRATOR_ACCESS.to_owned())],
    });
}

/// What `serve --dev` starts with, and goes back to at every reset.
#[derive(Debug, Clone)]
pub struct Dev {
    /// The account.
    pub account: AccountId,
    /// The access key id of its administrator user, in any form.
    pub access_key_id: String,
    /// Its secret.
    pub secret: SecretString,
}

impl Dev {
    /// Makes the account, its `Administrator` role and its administrator user.
    pub fn furnish(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        keys: &KeyRing,
        entropy: &dyn Entropy,
    ) -> Result<(), SealError> {
        make_account(tx, self.account, "dev", now, entropy);
        make_dev_user(tx, self.account, &self.access_key_id, &self.secret, now, keys, entropy)
    }
}

/// Makes the administrator user whose key pair a developer brings along, for `serve --dev` only.
fn make_dev_user(
    tx: &mut Tx<'_>,
    account: AccountId,
    key_id: &str,
    secret: &SecretString,
    now: Timestamp,
    keys: &KeyRing,
    entropy: &dyn Entropy,
) -> Result<(), SealError> {
    let sealed = secret_key::seal_secret(keys, key_id, secret, entropy)?;
    tx.put(User {
        id: UniqueId::generate(IdKind::User, account, entropy),
        account,
        name: "dev".to_owned(),
        path: "/".to_owned(),
        created: now.whole_seconds(),
        password_last_used: None,
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: vec![PolicyRef::Aws(ADMINISTRATOR_ACCESS.to_owned())],
        groups: Default::default(),
        access_keys: vec![AccessKey {
            id: UniqueId::from_text(key_id),
            status: KeyStatus::Active,
            created: now.whole_seconds(),
            sealed,
        }],
        login_profile: None,
        credentials: Default::default(),
    });
    Ok(())
}

/// Whether the token keys need [`rotate_token_keys`].
pub fn token_keys_are_due(snapshot: &Snapshot, now: Timestamp) -> bool {
    snapshot.token_keys().next_back().is_none_or(|newest| now.since(newest.created) >= TOKEN_KEY_LIFE)
}

/// Makes a new token key and drops those that no living session can need.
pub fn rotate_token_keys(
    tx: &mut Tx<'_>,
    now: Timestamp,
    keys: &KeyRing,
    entropy: &dyn Entropy,
) -> Result<(), SealError> {
    if !token_keys_are_due(tx.snapshot(), now) {
        return Ok(());
    }
    let known: Vec<_> = tx.snapshot().token_keys().map(|key| (key.number, key.created)).collect();
    let number = known.last().map_or(1, |(newest, _)| newest + 1);
    let mut key = [0; 32];
    entropy.fill(&mut key);
    let sealed = keys.seal(token_place(&number.to_be_bytes()), &key, entropy)?;
    tx.put(TokenKey { number, created: now, sealed });
    for (number, created) in known {
        if now.since(created) > TOKEN_KEY_KEPT {
            tx.remove(&EntityKey::TokenKey(number));
        }
    }
    Ok(())
}

/// The sealer with the token keys of a snapshot.
pub fn token_sealer(snapshot: &Snapshot, keys: &KeyRing) -> Result<TokenSealer, SealError> {
    let opened = snapshot
        .token_keys()
        .map(|key| Ok((key.number, keys.open(token_place(&key.number.to_be_bytes()), &key.sealed)?)))
        .collect::<Result<Vec<_>, SealError>>()?;
    Ok(TokenSealer::new(opened.iter().map(|(number, key)| (*number, key))))
}

fn token_place(number: &[u8]) -> Place<'_> {
    Place { table: "token-key", key: number }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[test]
    fn the_first_account_stays_the_first() {
        let mut snapshot = Snapshot::default();
        let mut tx = Tx::detached(&mut snapshot);
        let id = |text: &str| AccountId::parse(text).unwrap();
        let now = Timestamp::from_seconds(1_700_000_000);
        make_account(&mut tx, id("900000000000"), "first", now, &Sevens);
        make_account(&mut tx, id("100000000000"), "same second", now, &Sevens);
        make_account(&mut tx, id("200000000000"), "clock set back", Timestamp::from_seconds(1), &Sevens);
        assert_eq!(management_account(tx.snapshot()), Some(id("900000000000")));
    }
}
