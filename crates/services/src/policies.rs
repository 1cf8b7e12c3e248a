//! The caller's policies as the engine wants them: one compiled set a layer, cached per principal.
//!
//! A set is indexed over all its policies, so it is built once and kept. Whether the kept one still holds is
//! told by comparing the compiled policies themselves: an entity's record that changes brings new ones, so a
//! change is effective on the next request and nothing needs to be invalidated.

use crate::call::Call;
use authn::Session;
use base::UniqueId;
use model::{AccountState, EffectivePolicies, Hashing, Identity, PolicyText, Role, Snapshot};
use policy::{CompiledPolicy, PolicyKind, PolicyLabel, PolicySet};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wire::Fault;

/// The layers that come with the caller.
#[derive(Debug, Clone)]
pub struct CallerLayers {
    /// Identity-based policies.
    pub identity: Arc<PolicySet>,
    /// The permissions boundary.
    pub boundary: Option<Arc<PolicySet>>,
    /// Session policies.
    pub session: Option<Arc<PolicySet>>,
}

/// The layers of the caller in this snapshot.
pub fn of_caller(call: &Call, snapshot: &Snapshot) -> Result<CallerLayers, Fault> {
    let account = call.account(snapshot)?;
    let partition = call.partition;
    let (id, effective) = match &call.caller.identity {
        Identity::Root(_) if call.caller.session.is_some() => return Ok(of_root_session(call, account)),
        Identity::Root(_) | Identity::Operator(_) | Identity::Outsider(_) => {
            let identity = Arc::new(PolicySet::new(Vec::new()));
            return Ok(CallerLayers { identity, boundary: None, session: None });
        }
        Identity::User(user) => (&user.id, account.effective_of_user(user, partition)),
        Identity::Role { role, .. } => (&role.id, account.effective_of_role(role, partition)),
        Identity::FederatedUser { user, .. } => (&user.id, account.effective_of_user(user, partition)),
    };
    let EffectivePolicies { identity, boundary } = effective;
    let session = call.caller.session.as_ref().filter(|session| session.is_limited());
    Ok(CallerLayers {
        identity: kept(id, Slot::Identity, identity),
        boundary: boundary.map(|policies| kept(id, Slot::Boundary, policies)),
        session: session.map(|session| kept(&session.key, Slot::Session, of_session(call, account, session))),
    })
}

/// What a root session may do: everything that the policy of its task does not deny. A task whose policy is not there
/// may do nothing.
fn of_root_session(call: &Call, account: &AccountState) -> CallerLayers {
    let tasks = call.caller.session.iter().flat_map(|session| of_session(call, account, session));
    let mut policies: Vec<_> = tasks.collect();
    if !policies.is_empty() {
        policies.extend(everything());
    }
    CallerLayers { identity: Arc::new(PolicySet::new(policies)), boundary: None, session: None }
}

fn everything() -> Option<Arc<CompiledPolicy>> {
    static EVERYTHING: OnceLock<PolicyText> = OnceLock::new();
    let text = EVERYTHING.get_or_init(|| {
        PolicyText::new(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        )
    });
    text.compiled(|| PolicyLabel::new(PolicyKind::Managed, "root", "root user")).cloned()
}

/// A role's trust policy as the resource layer. `None` if it cannot be read: then it allows nothing.
pub fn of_trust(call: &Call, snapshot: &Snapshot, role: &Role) -> Option<Arc<PolicySet>> {
    let account = snapshot.account(role.account)?;
    let trust = account.compiled_trust(role, call.partition);
    Some(kept(&role.id, Slot::Trust, trust.into_iter().collect()))
}

/// The session policies: the inline one and the managed ones together allow what one of them allows.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>.
fn of_session(call: &Call, account: &AccountState, session: &Session) -> Vec<Arc<CompiledPolicy>> {
    let label = || PolicyLabel::new(PolicyKind::Session, session.key.as_str(), "session policy");
    let inline = session.inline_policy.as_ref().and_then(|text| text.compiled(label).cloned());
    let managed = session.managed_policies.iter();
    inline
        .into_iter()
        .chain(managed.filter_map(|reference| account.compiled(reference, call.partition)))
        .collect()
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Identity,
    Boundary,
    Session,
    Trust,
}

/// One map a slot, so that looking needs no key of its own.
type Kept = [HashMap<UniqueId, Arc<PolicySet>, Hashing>; 4];

/// Sets that are kept at most of each slot; beyond that all are dropped, which is rare and costs one rebuilding each.
const KEPT_LIMIT: usize = 10_000;

/// The kept set of exactly these policies, or a new one.
fn kept(id: &UniqueId, slot: Slot, policies: Vec<Arc<CompiledPolicy>>) -> Arc<PolicySet> {
    static KEPT: OnceLock<Mutex<Kept>> = OnceLock::new();
    let mut all = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let [identity, boundary, session, trust] = &mut *all;
    let all = match slot {
        Slot::Identity => identity,
        Slot::Boundary => boundary,
        Slot::Session => session,
        Slot::Trust => trust,
    };
    if let Some(set) = all.get(id) {
        let known = set.policies();
        if known.len() == policies.len() && known.iter().zip(&policies).all(|(a, b)| Arc::ptr_eq(a, b)) {
            return Arc::clone(set);
        }
    }
    let set = Arc::new(match all.get(id) {
        Some(set) => set.renewed(policies),
        None => PolicySet::new(policies),
    });
    if all.len() >= KEPT_LIMIT {
        all.clear();
    }
    all.insert(id.clone(), Arc::clone(&set));
    set
}
