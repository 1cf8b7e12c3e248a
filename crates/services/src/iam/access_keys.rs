//! Access keys of users.
//!
//! Where the input names no user, the caller's own keys are meant, and never those of another:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html> and its neighbours.

use super::{find, limits, page, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use authn::secret_key;
use base::{AccountId, IdKind, SecretString, UniqueId};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{AccessKey, AccountState, Identity, KeyStatus, Snapshot, User, quota};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateAccessKey>(
            "iam",
            |input, call, snapshot| {
                target::user_or_self(call, snapshot, input.user_name.as_deref()).map(|demand| vec![demand])
            },
            create,
        ),
        Row::read::<ops::ListAccessKeys>(
            "iam",
            |input, call, snapshot| {
                target::user_or_self(call, snapshot, input.user_name.as_deref()).map(|demand| vec![demand])
            },
            list,
        ),
        Row::write::<ops::UpdateAccessKey>(
            "iam",
            |input, call, snapshot| {
                target::user_or_self(call, snapshot, input.user_name.as_deref()).map(|demand| vec![demand])
            },
            update,
        ),
        Row::write::<ops::DeleteAccessKey>(
            "iam",
            |input, call, snapshot| {
                target::user_or_self(call, snapshot, input.user_name.as_deref()).map(|demand| vec![demand])
            },
            delete,
        ),
        Row::read::<ops::GetAccessKeyLastUsed>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![match holder(call, snapshot, &input.access_key_id)? {
                    Some(user) => target::user(call, snapshot, &user.name)?,
                    // Whether a key is unknown or another account's is told to nobody.
                    None => Demand::anywhere(),
                }])
            },
            last_used,
        ),
    ]
}

/// The user of the caller's account who holds a key.
fn holder<'s>(call: &Call, snapshot: &'s Snapshot, key: &str) -> Result<Option<&'s Arc<User>>, Fault> {
    let Some(holder) = snapshot.key_holder(key).filter(|holder| holder.account == call.account_id()) else {
        return Ok(None);
    };
    Ok(call.account(snapshot)?.users.by_id(holder.user.as_str()))
}

/// The user that the input names, or the caller.
fn owner<'a>(call: &Call, account: &'a AccountState, name: Option<&str>) -> Result<&'a Arc<User>, Fault> {
    find::user(account, &target::named_or_self(call, name)?)
}

fn create(
    at: Allowed<'_, ops::CreateAccessKey>,
    tx: &mut Tx<'_>,
    input: shape::CreateAccessKeyRequest,
) -> Result<shape::CreateAccessKeyResponse, Fault> {
    let mut user = User::clone(owner(&at, at.account_in(tx)?, input.user_name.as_deref())?);
    let (key, secret) = make(&at, tx.snapshot(), &user)?;
    let shown = shape::AccessKey {
        user_name: user.name.clone(),
        access_key_id: key.id.to_string(),
        status: key.status.as_str().to_owned(),
        secret_access_key: secret,
        create_date: Some(key.created),
    };
    user.access_keys.push(key);
    tx.put(user);
    Ok(shape::CreateAccessKeyResponse { access_key: shown })
}

/// Makes a key for a user who may have one more, together with its secret, which is shown once and kept sealed.
pub fn make(call: &Call, snapshot: &Snapshot, user: &User) -> Result<(AccessKey, SecretString), Fault> {
    limits::below("AccessKeysPerUser", user.access_keys.len(), quota::ACCESS_KEYS_PER_USER)?;
    let id = unused_id(call, snapshot, user.account)?;
    let secret = secret_key::generate(&call.entropy);
    let sealed = secret_key::seal_secret(&call.tools.keys, id.as_str(), &secret, &call.entropy);
    let sealed = sealed.map_err(|_| Fault::internal())?;
    Ok((AccessKey { id, status: KeyStatus::Active, created: call.now.whole_seconds(), sealed }, secret))
}

/// Tries at an id that no key has. Half of a key id tells the account, so that among thousands of keys two
/// could fall together; several times in a row they cannot.
const ID_TRIES: usize = 8;

fn unused_id(call: &Call, snapshot: &Snapshot, account: AccountId) -> Result<UniqueId, Fault> {
    (0..ID_TRIES)
        .map(|_| UniqueId::generate(IdKind::AccessKey, account, &call.entropy))
        .find(|id| snapshot.key_holder(id.as_str()).is_none())
        .ok_or_else(Fault::internal)
}

fn list(
    at: Allowed<'_, ops::ListAccessKeys>,
    snapshot: &Snapshot,
    input: shape::ListAccessKeysRequest,
) -> Result<shape::ListAccessKeysResponse, Fault> {
    if let (None, Identity::Root(_)) = (&input.user_name, &at.caller.identity) {
        // The root user has no keys here.
        return Ok(shape::ListAccessKeysResponse { is_truncated: Some(false), ..Default::default() });
    }
    let user = owner(&at, at.account(snapshot)?, input.user_name.as_deref())?;
    let by_age = |key: &&AccessKey| format!("{}/{}", key.created.iso(), key.id);
    let mut keys: Vec<&AccessKey> = user.access_keys.iter().collect();
    keys.sort_by_key(by_age);
    let page = page::of(keys, input.marker.as_deref(), input.max_items, by_age)?;
    let shown = page.items.iter().map(|key| shape::AccessKeyMetadata {
        user_name: Some(user.name.clone()),
        access_key_id: Some(key.id.to_string()),
        status: Some(key.status.as_str().to_owned()),
        create_date: Some(key.created),
    });
    Ok(shape::ListAccessKeysResponse {
        access_key_metadata: shown.collect(),
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateAccessKey>,
    tx: &mut Tx<'_>,
    input: shape::UpdateAccessKeyRequest,
) -> Result<wire::Unit, Fault> {
    let mut user = User::clone(owner(&at, at.account_in(tx)?, input.user_name.as_deref())?);
    let status = target::status(&input.status)?;
    let key = user.access_keys.iter_mut().find(|key| key.id.as_str() == input.access_key_id);
    key.ok_or_else(|| no_such_key(&input.access_key_id))?.status = status;
    tx.put(user);
    Ok(wire::Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteAccessKey>,
    tx: &mut Tx<'_>,
    input: shape::DeleteAccessKeyRequest,
) -> Result<wire::Unit, Fault> {
    let mut user = User::clone(owner(&at, at.account_in(tx)?, input.user_name.as_deref())?);
    let place = user.access_keys.iter().position(|key| key.id.as_str() == input.access_key_id);
    let key = user.access_keys.remove(place.ok_or_else(|| no_such_key(&input.access_key_id))?);
    tx.put(user);
    tx.remove(&EntityKey::KeyUsage(key.id));
    Ok(wire::Unit)
}

/// What AWS answers for service and region of a key that was never used:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html>.
const NEVER: &str = "N/A";

fn last_used(
    at: Allowed<'_, ops::GetAccessKeyLastUsed>,
    snapshot: &Snapshot,
    input: shape::GetAccessKeyLastUsedRequest,
) -> Result<shape::GetAccessKeyLastUsedResponse, Fault> {
    let user =
        holder(&at, snapshot, &input.access_key_id)?.ok_or_else(|| no_such_key(&input.access_key_id))?;
    let usage = snapshot.key_usage(&input.access_key_id);
    Ok(shape::GetAccessKeyLastUsedResponse {
        user_name: Some(user.name.clone()),
        access_key_last_used: Some(shape::AccessKeyLastUsed {
            last_used_date: usage.map(|usage| usage.at.whole_seconds()),
            service_name: usage.map_or(NEVER, |usage| &usage.service).to_owned(),
            region: usage.map_or(NEVER, |usage| &usage.region).to_owned(),
        }),
    })
}

fn no_such_key(id: &str) -> Fault {
    find::no_such_entity(format!("The Access Key with id {id} cannot be found."))
}
