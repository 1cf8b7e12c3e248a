//! SSH public keys of users.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html> and its neighbours.

use super::ssh_key::{self, Encoding, NoSshKey, SshKey};
use super::{find, limits, page, target};
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId};
use directory::Tx;
use model::user_credentials::SshPublicKey;
use model::{KeyStatus, Snapshot, User, quota};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::UploadSSHPublicKey>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            upload,
        ),
        Row::read::<ops::GetSSHPublicKey>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            get,
        ),
        Row::read::<ops::ListSSHPublicKeys>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            list,
        ),
        Row::write::<ops::UpdateSSHPublicKey>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            update,
        ),
        Row::write::<ops::DeleteSSHPublicKey>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            delete,
        ),
    ]
}

fn upload(
    at: Allowed<'_, ops::UploadSSHPublicKey>,
    tx: &mut Tx<'_>,
    input: shape::UploadSSHPublicKeyRequest,
) -> Result<shape::UploadSSHPublicKeyResponse, Fault> {
    let mut user = User::clone(find::user(at.account_in(tx)?, &input.user_name)?);
    let body = input.ssh_public_key_body.trim();
    let key = SshKey::read(body).map_err(refusal)?;
    let known = &user.credentials.ssh_keys;
    if known.iter().any(|known| SshKey::read(&known.body).is_ok_and(|known| known == key)) {
        return Err(Fault::of(
            &errors::DUPLICATE_SSH_PUBLIC_KEY,
            "The SSH public key is already associated with the specified IAM user.",
        ));
    }
    limits::below("SSHPublicKeysPerUser", known.len(), quota::SSH_KEYS_PER_USER)?;
    let made = SshPublicKey {
        id: UniqueId::generate(IdKind::PublicKey, user.account, &at.entropy),
        status: KeyStatus::Active,
        uploaded: at.now.whole_seconds(),
        body: body.to_owned(),
    };
    let shown = shown(&user, &made, &key, made.body.clone());
    user.credentials.ssh_keys.push(made);
    tx.put(user);
    Ok(shape::UploadSSHPublicKeyResponse { ssh_public_key: Some(shown) })
}

fn refusal(why: NoSshKey) -> Fault {
    match why {
        NoSshKey::Encoding => Fault::of(
            &errors::UNRECOGNIZED_PUBLIC_KEY_ENCODING,
            "The public key encoding format is unsupported or unrecognized.",
        ),
        NoSshKey::Invalid => {
            Fault::of(&errors::INVALID_PUBLIC_KEY, "The public key is malformed or otherwise invalid.")
        }
    }
}

fn shown(user: &User, key: &SshPublicKey, parsed: &SshKey, body: String) -> shape::SSHPublicKey {
    shape::SSHPublicKey {
        user_name: user.name.clone(),
        ssh_public_key_id: key.id.to_string(),
        fingerprint: parsed.fingerprint(),
        ssh_public_key_body: body,
        status: key.status.as_str().to_owned(),
        upload_date: Some(key.uploaded),
    }
}

/// In the encoding it was uploaded in, a key comes back as it was; in the other, it is written anew.
fn get(
    at: Allowed<'_, ops::GetSSHPublicKey>,
    snapshot: &Snapshot,
    input: shape::GetSSHPublicKeyRequest,
) -> Result<shape::GetSSHPublicKeyResponse, Fault> {
    let user = find::user(at.account(snapshot)?, &input.user_name)?;
    let key = user.credentials.ssh_keys.iter().find(|key| key.id.as_str() == input.ssh_public_key_id);
    let key = key.ok_or_else(|| no_such_key(&input.ssh_public_key_id))?;
    let parsed = SshKey::read(&key.body).map_err(refusal)?;
    let body = match (input.encoding.as_str(), ssh_key::encoding(&key.body)) {
        ("SSH", Some(Encoding::Ssh)) | ("PEM", Some(Encoding::Pem)) => key.body.clone(),
        ("SSH", _) => parsed.ssh(),
        ("PEM", _) => parsed.pem(),
        _ => return Err(refusal(NoSshKey::Encoding)),
    };
    Ok(shape::GetSSHPublicKeyResponse { ssh_public_key: Some(shown(user, key, &parsed, body)) })
}

fn list(
    at: Allowed<'_, ops::ListSSHPublicKeys>,
    snapshot: &Snapshot,
    input: shape::ListSSHPublicKeysRequest,
) -> Result<shape::ListSSHPublicKeysResponse, Fault> {
    let user = target::holder(&at, at.account(snapshot)?, input.user_name.as_deref())?;
    let keys = user.map(|user| user.credentials.ssh_keys.as_slice()).unwrap_or_default();
    let by_age = |key: &&SshPublicKey| format!("{}/{}", key.uploaded.iso(), key.id);
    let mut keys: Vec<&SshPublicKey> = keys.iter().collect();
    keys.sort_by_key(by_age);
    let page = page::of(keys, input.marker.as_deref(), input.max_items, by_age)?;
    let shown = page.items.iter().map(|key| shape::SSHPublicKeyMetadata {
        user_name: user.map(|user| user.name.clone()).unwrap_or_default(),
        ssh_public_key_id: key.id.to_string(),
        status: key.status.as_str().to_owned(),
        upload_date: key.uploaded,
    });
    Ok(shape::ListSSHPublicKeysResponse {
        ssh_public_keys: Some(shown.collect()),
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateSSHPublicKey>,
    tx: &mut Tx<'_>,
    input: shape::UpdateSSHPublicKeyRequest,
) -> Result<Unit, Fault> {
    let (mut user, place) = place(&at, tx, &input.user_name, &input.ssh_public_key_id)?;
    let status = target::status(&input.status)?;
    if let Some(key) = user.credentials.ssh_keys.get_mut(place) {
        key.status = status;
    }
    tx.put(user);
    Ok(Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteSSHPublicKey>,
    tx: &mut Tx<'_>,
    input: shape::DeleteSSHPublicKeyRequest,
) -> Result<Unit, Fault> {
    let (mut user, place) = place(&at, tx, &input.user_name, &input.ssh_public_key_id)?;
    user.credentials.ssh_keys.remove(place);
    tx.put(user);
    Ok(Unit)
}

/// A user to be changed, and where its key of this id is.
fn place(call: &Call, tx: &Tx<'_>, user: &str, id: &str) -> Result<(User, usize), Fault> {
    let user = User::clone(find::user(call.account_in(tx)?, user)?);
    let place = user.credentials.ssh_keys.iter().position(|key| key.id.as_str() == id);
    let place = place.ok_or_else(|| no_such_key(id))?;
    Ok((user, place))
}

fn no_such_key(id: &str) -> Fault {
    find::no_such_entity(format!("The Public Key with id {id} cannot be found."))
}
