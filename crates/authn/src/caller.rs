//! From credentials to the entity behind them, at a snapshot.

use crate::session::{Parent, Session};
use base::{AccountId, Timestamp, UniqueId};
use model::{AccessKey, Identity, KeyStatus, Outsider, Snapshot, User};
use std::sync::Arc;
use wire::Fault;

/// What a request was signed with.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A user's access key.
    AccessKey(UniqueId),
    /// Temporary credentials.
    Session(Arc<Session>),
    /// What an identity provider vouches for: no signature of ours.
    Outsider(Arc<Outsider>),
    /// A user's password, with a second factor where the user has one: no signature.
    Password {
        /// The account.
        account: AccountId,
        /// The user.
        user: UniqueId,
        /// The generation of the password.
        generation: u64,
    },
    /// No signature: the user who runs the server, over the local socket. Acts for this account.
    Owner(AccountId),
}

/// Who calls: an entity as it is at a snapshot.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The entity.
    pub identity: Identity,
    /// The session, for temporary credentials.
    pub session: Option<Arc<Session>>,
    /// The access key's id; none for the owner.
    pub key: Option<UniqueId>,
}

impl Credential {
    /// The caller behind the credential in this snapshot. A write asks again inside its transaction, so that
    /// a key or a parent that went in between is noticed.
    ///
    /// Whatever is wrong — the key is unknown, inactive, its user or role gone or re-created — the answer is
    /// the same `InvalidClientTokenId`.
    pub fn caller(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Caller, Fault> {
        match self {
            Credential::Owner(account) => {
                Ok(Caller { identity: Identity::Operator(*account), session: None, key: None })
            }
            Credential::Outsider(outsider) => {
                Ok(Caller { identity: Identity::Outsider(Arc::clone(outsider)), session: None, key: None })
            }
            Credential::Password { account, user, generation } => {
                let user = with_password(snapshot, *account, user, *generation);
                let user = user.ok_or_else(Fault::invalid_client_token_id)?;
                Ok(Caller { identity: Identity::User(Arc::clone(user)), session: None, key: None })
            }
            Credential::AccessKey(id) => {
                let (user, _) =
                    active_key(snapshot, id.as_str()).ok_or_else(Fault::invalid_client_token_id)?;
                Ok(Caller {
                    identity: Identity::User(Arc::clone(user)),
                    session: None,
                    key: Some(id.clone()),
                })
            }
            Credential::Session(session) => {
                if now >= session.expires {
                    return Err(Fault::expired_token());
                }
                let identity = parent(snapshot, session).ok_or_else(Fault::invalid_client_token_id)?;
                let key = Some(session.key.clone());
                Ok(Caller { identity, session: Some(Arc::clone(session)), key })
            }
        }
    }
}

/// The active long-term key of this id, with its user.
pub fn active_key<'s>(snapshot: &'s Snapshot, id: &str) -> Option<(&'s Arc<User>, &'s AccessKey)> {
    let holder = snapshot.key_holder(id)?;
    let user = snapshot.account(holder.account)?.users.by_id(holder.user.as_str())?;
    let key = user.access_keys.iter().find(|key| key.id.as_str() == id)?;
    (key.status == KeyStatus::Active).then_some((user, key))
}

/// The user, as long as the password is the one of this generation.
fn with_password<'s>(
    snapshot: &'s Snapshot,
    account: AccountId,
    user: &UniqueId,
    generation: u64,
) -> Option<&'s Arc<User>> {
    let user = snapshot.account(account)?.users.by_id(user.as_str())?;
    let profile = user.login_profile.as_ref()?;
    (profile.generation == generation).then_some(user)
}

/// The entity behind a session: by unique id, so that a re-created namesake is not taken for it.
fn parent(snapshot: &Snapshot, session: &Session) -> Option<Identity> {
    let account = snapshot.account(session.account)?;
    match &session.parent {
        Parent::Role { id, session } => {
            let role = Arc::clone(account.roles.by_id(id.as_str())?);
            Some(Identity::Role { role, session: session.as_str().into() })
        }
        Parent::User { id, key } => {
            let (user, _) = active_key(snapshot, key.as_str())?;
            (user.id == *id).then(|| Identity::User(Arc::clone(user)))
        }
        Parent::Federated { id, key, name } => {
            let (user, _) = active_key(snapshot, key.as_str())?;
            let user = (user.id == *id).then(|| Arc::clone(user))?;
            Some(Identity::FederatedUser { user, name: name.as_str().into() })
        }
        Parent::Root => Some(Identity::Root(session.account)),
        Parent::Delegated { id, request } => {
            snapshot.delegation_request(request)?;
            account.users.by_id(id.as_str()).cloned().map(Identity::User)
        }
        Parent::Console { id, password, .. } => {
            let user = with_password(snapshot, session.account, id, *password)?;
            Some(Identity::User(Arc::clone(user)))
        }
    }
}
