//! What the two operations have in common with which somebody from outside assumes a role: a provider vouches for
//! them, only the role's trust policy speaks, and what the provider says goes into the session.

use super::{session, session_policies, session_tags};
use crate::call::Call;
use crate::demand::{Demand, TrustDemand};
use crate::row::Demanded;
use authn::{Federation, Parent, Session};
use base::{AccountId, ArnRef};
use model::{Identity, Outsider, Role, Snapshot, Tag};
use std::sync::Arc;
use wire::Fault;
use wire::sts as shape;

/// The account in the ARN of a role.
///
/// # Errors
/// `ValidationError` if it is no role's ARN.
pub fn account_of(role_arn: &str) -> Result<AccountId, Fault> {
    let invalid = || Fault::validation("Request ARN is invalid");
    let parts = ArnRef::parse(role_arn).ok_or_else(invalid)?;
    if parts.service != "iam" || !parts.region.is_empty() || !parts.resource.starts_with("role/") {
        return Err(invalid());
    }
    AccountId::parse(parts.account).map_err(|_| invalid())
}

/// Whom a provider vouches for in this call.
pub fn outsider(call: &Call) -> Result<&Arc<Outsider>, Fault> {
    match &call.caller.identity {
        Identity::Outsider(outsider) => Ok(outsider),
        _ => Err(Fault::internal()),
    }
}

/// The refusal: it does not tell whether the role is there.
pub fn not_authorized(action: &str) -> Fault {
    Fault::access_denied(format!("Not authorized to perform {action}"))
}

/// The role of this ARN.
pub fn role<'s>(
    call: &Call,
    snapshot: &'s Snapshot,
    arn: &str,
    action: &str,
) -> Result<&'s Arc<Role>, Fault> {
    let account = snapshot.account(account_of(arn)?);
    let name = ArnRef::parse(arn).map(|parts| parts.name().to_owned()).unwrap_or_default();
    account
        .and_then(|account| account.roles.get(&name))
        .filter(|role| role.arn(call.partition).as_str() == arn)
        .ok_or_else(|| not_authorized(action))
}

/// The operation's own action on the role; `sts:TagSession` and `sts:SetSourceIdentity` for what the provider passes.
/// All of them are the trust policy's to allow.
pub fn demands(
    call: &Call,
    snapshot: &Snapshot,
    action: &'static str,
    role_arn: &str,
    session_name: &str,
) -> Demanded {
    let outsider = outsider(call)?;
    let role = role(call, snapshot, role_arn, action)?;
    let tags: Vec<Tag> = outsider.tags.iter().cloned().collect();
    let base = Demand::on(role_arn)
        .resource_tags(&role.tags)
        .request_tags(&tags)
        .values("sts:transitivetagkeys", outsider.transitive.clone())
        .key("sts:rolesessionname", session_name)
        .key_if("sts:sourceidentity", outsider.source_identity.as_deref());
    let on_role = |action: &'static str| Demand {
        action: Some(action.into()),
        trust: Some(TrustDemand { role: Arc::clone(role) }),
        ..base.clone()
    };
    let mut demands = vec![on_role(action)];
    if !tags.is_empty() {
        demands.push(on_role("sts:TagSession"));
    }
    if outsider.source_identity.is_some() {
        demands.push(on_role("sts:SetSourceIdentity"));
    }
    Ok(demands)
}

/// What a request asks of the session.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The session's name.
    pub name: &'a str,
    /// How long it lasts.
    pub seconds: u32,
    /// The inline session policy.
    pub policy: Option<&'a str>,
    /// Managed session policies.
    pub policy_arns: Option<&'a [shape::PolicyDescriptorType]>,
}

/// The session of the role for whom the provider vouches. `kept` are the names of the condition keys that stay with
/// the session.
pub fn session(
    call: &Call,
    snapshot: &Snapshot,
    role: &Role,
    wanted: &Wanted<'_>,
    kept: impl Fn(&str) -> bool,
) -> Result<Session, Fault> {
    let outsider = outsider(call)?;
    let account = snapshot.account(role.account).ok_or_else(Fault::internal)?;
    let passed: Vec<shape::Tag> = outsider
        .tags
        .iter()
        .map(|tag| shape::Tag { key: tag.key.clone(), value: tag.value.clone() })
        .collect();
    let tags = session_tags::joined(Some(&passed), Some(&outsider.transitive), None)?;
    let policies = session_policies::checked(call, account, wanted.policy, wanted.policy_arns)?;
    let parent = Parent::Role { id: role.id.clone(), session: wanted.name.to_owned() };
    Ok(Session {
        inline_policy: policies.inline,
        managed_policies: policies.managed,
        tags: tags.tags,
        transitive: tags.transitive,
        source_identity: outsider.source_identity.clone(),
        federation: Some(Federation {
            provider: outsider.provider.clone(),
            keys: outsider.keys.iter().filter(|(name, _)| kept(name)).cloned().collect(),
        }),
        ..session::fresh(call, role.account, parent, wanted.seconds)
    })
}

/// Who the holder of the session is.
pub fn assumed(call: &Call, role: &Arc<Role>, session_name: &str) -> shape::AssumedRoleUser {
    let assumed = Identity::Role { role: Arc::clone(role), session: session_name.into() };
    shape::AssumedRoleUser { assumed_role_id: assumed.user_id(), arn: assumed.arn(call.partition).into() }
}
