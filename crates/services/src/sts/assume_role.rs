//! `AssumeRole`. See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
//!
//! Two sides must agree: the caller's policies, and the role's trust policy, which the gate asks as the
//! resource's policy. A role that is not there is refused in the words for one that does not trust the caller,
//! so that the answer tells nothing about other accounts.

use super::{session, session_policies, session_tags};
use crate::call::Call;
use crate::demand::{Demand, TrustDemand};
use crate::denial;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::second_factor::Proven;
use authn::{Parent, Session};
use base::{AccountId, ArnRef};
use directory::Tx;
use model::{Identity, Role, Snapshot};
use std::sync::Arc;
use wire::Fault;
use wire::sts::{self as shape, ops};

/// Seconds that a session lasts if the caller does not say, and at most if the caller is a role's session itself.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html#iam-term-role-chaining>.
const HOUR: u32 = 3_600;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read_factored::<ops::AssumeRole>("sts", prove, demands, assume)]
}

fn prove(call: &Call, tx: &mut Tx<'_>, input: &shape::AssumeRoleRequest) -> Result<Proven, Fault> {
    session::prove(call, tx, input.serial_number.as_deref(), input.token_code.as_deref())
}

/// `sts:AssumeRole`; `sts:TagSession` if the session will have tags, `sts:SetSourceIdentity` if it will have a
/// source identity: also for those that it inherits, which the next role's trust policy has to let in.
fn demands(
    input: &shape::AssumeRoleRequest,
    proven: Option<&Proven>,
    call: &Call,
    snapshot: &Snapshot,
) -> Demanded {
    if matches!(call.caller.identity, Identity::Root(_) | Identity::Operator(_)) {
        return Err(Fault::access_denied("Roles may not be assumed by root accounts."));
    }
    let role = find_role(call, snapshot, &input.role_arn)?;
    let calling = calling(call);
    let inherited = calling.and_then(|session| session.source_identity.as_deref());
    let source_identity = inherited.or(input.source_identity.as_deref());
    let base = Demand::on(input.role_arn.as_str())
        .resource_tags(&role.tags)
        .request_tags(&session_tags::read(input.tags.as_deref()))
        .values("sts:transitivetagkeys", input.transitive_tag_keys.clone().unwrap_or_default())
        .key("sts:rolesessionname", input.role_session_name.as_str())
        .key_if("sts:externalid", input.external_id.as_deref())
        .key_if("sts:sourceidentity", source_identity);
    let on_role = |action: &'static str| Demand {
        action: Some(action.into()),
        trust: Some(TrustDemand { role: Arc::clone(role) }),
        mfa: proven.map(Proven::at),
        ..base.clone()
    };
    let has_tags = input.tags.as_ref().is_some_and(|tags| !tags.is_empty());
    let mut demands = vec![on_role("sts:AssumeRole")];
    if has_tags || session_tags::inherited(calling).next().is_some() {
        demands.push(on_role("sts:TagSession"));
    }
    if source_identity.is_some() {
        demands.push(on_role("sts:SetSourceIdentity"));
    }
    Ok(demands)
}

/// The role of this ARN, in whichever account of the realm.
fn find_role<'s>(call: &Call, snapshot: &'s Snapshot, arn: &str) -> Result<&'s Arc<Role>, Fault> {
    let invalid = || Fault::validation("Request ARN is invalid");
    let parts = ArnRef::parse(arn).ok_or_else(invalid)?;
    let account = AccountId::parse(parts.account).map_err(|_| invalid())?;
    if parts.service != "iam" || !parts.region.is_empty() || !parts.resource.starts_with("role/") {
        return Err(invalid());
    }
    snapshot
        .account(account)
        .and_then(|account| account.roles.get(parts.name()))
        .filter(|role| role.arn(call.partition).as_str() == arn)
        .ok_or_else(|| denial::not_authorized(call, "sts:AssumeRole", arn))
}

/// The role session that calls; the credentials of `GetSessionToken` begin no chain.
fn calling(call: &Call) -> Option<&Session> {
    call.caller.session.as_deref().filter(|session| matches!(session.parent, Parent::Role { .. }))
}

fn assume(
    at: Allowed<'_, ops::AssumeRole>,
    snapshot: &Snapshot,
    input: shape::AssumeRoleRequest,
    proven: Option<&Proven>,
) -> Result<shape::AssumeRoleResponse, Fault> {
    if input.provided_contexts.as_ref().is_some_and(|contexts| !contexts.is_empty()) {
        return Err(Fault::validation("There is no context provider whose assertions could be provided."));
    }
    let role = find_role(&at, snapshot, &input.role_arn)?;
    // A second factor holds for the session that was asked for with it, and for none that is asked for with that.
    let session = Session { mfa: proven.map(Proven::at), ..made(&at, snapshot, role, &input)? };
    let packed_policy_size = session_policies::packed_percent(&session)?;
    let assumed = Identity::Role { role: Arc::clone(role), session: input.role_session_name.as_str().into() };
    Ok(shape::AssumeRoleResponse {
        credentials: Some(session::credentials(&at, &session)?),
        assumed_role_user: Some(shape::AssumedRoleUser {
            assumed_role_id: assumed.user_id(),
            arn: assumed.arn(at.partition).into(),
        }),
        packed_policy_size,
        source_identity: session.source_identity,
        ..Default::default()
    })
}

/// The session that the request asks for.
fn made(
    call: &Call,
    snapshot: &Snapshot,
    role: &Role,
    input: &shape::AssumeRoleRequest,
) -> Result<Session, Fault> {
    let calling = calling(call);
    let account = snapshot.account(role.account).ok_or_else(Fault::internal)?;
    let seconds = seconds(input.duration_seconds, calling.is_some(), role)?;
    let tags = session_tags::joined(input.tags.as_deref(), input.transitive_tag_keys.as_deref(), calling)?;
    let source_identity = session_tags::source_identity(input.source_identity.as_deref(), calling)?;
    let policies =
        session_policies::checked(call, account, input.policy.as_deref(), input.policy_arns.as_deref())?;
    let parent = Parent::Role { id: role.id.clone(), session: input.role_session_name.clone() };
    Ok(Session {
        inline_policy: policies.inline,
        managed_policies: policies.managed,
        tags: tags.tags,
        transitive: tags.transitive,
        source_identity,
        chained: calling.is_some(),
        ..session::fresh(call, role.account, parent, seconds)
    })
}

/// How long the session lasts. What goes beyond a limit is an error, not cut.
pub(super) fn seconds(wanted: Option<i32>, chained: bool, role: &Role) -> Result<u32, Fault> {
    let seconds = wanted.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(HOUR);
    if chained && seconds > HOUR {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if seconds > role.max_session_seconds {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}
