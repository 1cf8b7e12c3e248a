//! A caller with all that follows from it alone: texts, the engine's principal, its part of the record.
//!
//! These are made once and kept, since most requests come from callers that were there a moment ago. What is kept is
//! good for as long as the entity itself is the same: a changed record is another one. Every thread keeps its own, so
//! that none waits for another and their counters stay in one processor's cache.

use authn::{Caller, Parent, Session};
use base::{Partition, UniqueId};
use model::{Hashing, Identity, Named, Outsider, Proof};
use policy::Principal;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

/// A caller, and what is the same for all its calls.
#[derive(Debug)]
pub struct Known {
    caller: Caller,
    partition: Partition,
    /// The ARN, as `GetCallerIdentity` answers it.
    pub arn: String,
    /// The unique id, of a role's session with the session's name.
    pub user_id: String,
    /// The caller as the engine knows principals; `None` if its names make none.
    pub principal: Option<Principal>,
    /// `userIdentity` of its records, as JSON.
    pub record: Vec<u8>,
}

impl Deref for Known {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

type Kept = HashMap<UniqueId, Arc<Known>, Hashing>;

/// Callers that a thread keeps at most; then it forgets all of them.
const KEPT_LIMIT: usize = 4_000;

thread_local! {
    /// By access key.
    static KEPT: RefCell<Kept> = RefCell::default();
}

impl Known {
    /// The kept one of this caller, or a new one.
    pub fn of(caller: Caller, partition: Partition) -> Arc<Self> {
        let kept = KEPT.with_borrow(|all| {
            let known = all.get(caller.key.as_ref()?)?;
            known.is_of(&caller, partition).then(|| Arc::clone(known))
        });
        if let Some(known) = kept {
            return known;
        }
        let key = caller.key.clone();
        let known = Arc::new(Self::new(caller, partition));
        if let Some(key) = key {
            KEPT.with_borrow_mut(|all| {
                if all.len() >= KEPT_LIMIT {
                    all.clear();
                }
                all.insert(key, Arc::clone(&known));
            });
        }
        known
    }

    fn is_of(&self, caller: &Caller, partition: Partition) -> bool {
        self.partition == partition
            && match (&self.caller.session, &caller.session) {
                (None, None) => true,
                (Some(known), Some(given)) => Arc::ptr_eq(known, given),
                _ => false,
            }
            && match (&self.caller.identity, &caller.identity) {
                (Identity::User(known), Identity::User(given)) => Arc::ptr_eq(known, given),
                (
                    Identity::Role { role: known, session: one },
                    Identity::Role { role: given, session: other },
                ) => Arc::ptr_eq(known, given) && one == other,
                (
                    Identity::FederatedUser { user: known, name: one },
                    Identity::FederatedUser { user: given, name: other },
                ) => Arc::ptr_eq(known, given) && one == other,
                _ => false,
            }
    }

    fn new(caller: Caller, partition: Partition) -> Self {
        let identity = &caller.identity;
        let arn = String::from(identity.arn(partition));
        let user_id = identity.user_id();
        let principal = identity.to_principal(partition).ok();
        let record = described(&caller, partition, &arn, &user_id);
        Self { caller, partition, arn, user_id, principal, record }
    }
}

/// See <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.
fn described(caller: &Caller, partition: Partition, arn: &str, principal_id: &str) -> Vec<u8> {
    let identity = &caller.identity;
    let (kind, user_name) = match identity {
        Identity::Root(_) => (trail::IdentityKind::Root, None),
        Identity::User(user) => (trail::IdentityKind::IamUser, Some(user.name.as_str())),
        Identity::Role { .. } => (trail::IdentityKind::AssumedRole, None),
        Identity::FederatedUser { .. } => (trail::IdentityKind::FederatedUser, None),
        Identity::Outsider(outsider) => (outsider_kind(outsider), Some(outsider.subject.as_str())),
        Identity::Operator(_) => (trail::IdentityKind::AwsService, None),
    };
    // Whom a provider vouches for has neither ARN nor account.
    let provider = match identity {
        Identity::Outsider(outsider) => Some(outsider.provider.as_str()),
        _ => None,
    };
    // Others than roles issue no sessions that are told apart from themselves.
    let issuer_arn = match identity {
        Identity::Role { role, .. } => role.arn(partition).into(),
        Identity::FederatedUser { user, .. } => user.arn(partition).into(),
        _ => String::new(),
    };
    trail::Identity {
        kind,
        principal_id: Some(principal_id),
        arn: provider.is_none().then_some(arn),
        account: provider.is_none().then(|| identity.account()),
        access_key_id: caller.key.as_ref().map(UniqueId::as_str),
        user_name,
        session: caller.session.as_deref().map(|session| described_session(session, identity, &issuer_arn)),
        invoked_by: None,
        identity_provider: provider,
    }
    .to_json()
}

fn outsider_kind(outsider: &Outsider) -> trail::IdentityKind {
    match outsider.proof {
        Proof::WebIdentity => trail::IdentityKind::WebIdentityUser,
        Proof::Saml { .. } => trail::IdentityKind::SamlUser,
    }
}

fn described_session<'s>(
    session: &'s Session,
    identity: &'s Identity,
    issuer_arn: &'s str,
) -> trail::Session<'s> {
    let issuer = match (identity, &session.parent) {
        (Identity::Role { role, .. }, Parent::Role { .. }) => Some(trail::Issuer {
            kind: "Role",
            principal_id: role.id.as_str(),
            arn: issuer_arn,
            account: role.account,
            user_name: Some(role.name()),
        }),
        (Identity::FederatedUser { user, .. }, _) => Some(trail::Issuer {
            kind: "IAMUser",
            principal_id: user.id.as_str(),
            arn: issuer_arn,
            account: user.account,
            user_name: Some(user.name()),
        }),
        _ => None,
    };
    trail::Session {
        issuer,
        federation: web_identity(session)
            .map(|provider| trail::Federation { provider, attributes: Some(b"{}") }),
        creation_date: session.issued,
        mfa_authenticated: session.mfa.is_some(),
        source_identity: session.source_identity.as_deref(),
        assumed_root: matches!(session.parent, Parent::Root),
    }
}

/// The provider of a session that began with a token; CloudTrail tells none for assertions.
fn web_identity(session: &Session) -> Option<&str> {
    let provider = session.federation.as_ref()?.provider.as_str();
    (!provider.contains(":saml-provider/")).then_some(provider)
}
