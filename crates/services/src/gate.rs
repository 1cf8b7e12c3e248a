//! The gate: no handler runs before every demand of its operation is allowed.
//!
//! A handler takes an [`Allowed`] as its first argument, and only this module makes one. For writes the gate
//! runs inside the transaction, on the snapshot that the handler will change.

use crate::authorization_message;
use crate::call::Call;
use crate::context::GateContext;
use crate::demand::Demand;
use crate::denial;
use crate::policies;
use crate::row::{Demanded, Passed, Row};
use base::{AccountId, Arn, ArnRef};
use model::{Identity, Snapshot};
use policy::{Decision, Layer, Layers, Outcome, Principal, Request, catalogue::Catalogue, evaluate};
use std::marker::PhantomData;
use std::ops::Deref;
use wire::Fault;

/// The proof that a call of the operation `O` was allowed.
pub struct Allowed<'a, O> {
    call: &'a Call,
    operation: PhantomData<fn() -> O>,
}

impl<O> Deref for Allowed<'_, O> {
    type Target = Call;
    fn deref(&self) -> &Call {
        self.call
    }
}

/// Lets a call through to `handler` if every demand is allowed.
pub fn pass<O, T>(
    row: &Row,
    call: &Call,
    snapshot: &Snapshot,
    demanded: Demanded,
    handler: impl FnOnce(Allowed<'_, O>) -> Result<T, Fault>,
) -> Passed<T> {
    call.entropy.rewind();
    let demands = match demanded {
        Ok(demands) => demands,
        Err(fault) => return Passed { result: Err(fault), resources: Vec::new() },
    };
    let judged = demands.iter().try_for_each(|demand| judge(row, call, snapshot, demand));
    let result = judged.and_then(|()| handler(Allowed { call, operation: PhantomData }));
    Passed { result, resources: demands.into_iter().map(|demand| demand.resource).collect() }
}

/// Judges one demand.
///
/// The operator has no policies: it may do what belongs to the realm, which is our own service's operations and
/// what they stand on, and reaches no other service.
fn judge(row: &Row, call: &Call, snapshot: &Snapshot, demand: &Demand) -> Result<(), Fault> {
    let action = demand.action.as_deref().unwrap_or(&row.action);
    if let Identity::Operator(_) = call.caller.identity {
        return if row.action.starts_with("bailiwick:") {
            Ok(())
        } else {
            Err(Fault::access_denied(format!("the operator is not authorized to perform: {action}")))
        };
    }
    let wildcard_only = match &demand.action {
        None => row.wildcard_only,
        Some(action) => Catalogue::get().action(action).is_some_and(|facts| facts.is_wildcard_only()),
    };
    let gives_message = row.action.starts_with("bailiwick:");
    let refused = decide(call, snapshot, (action, wildcard_only), demand, |decision, context, layers| {
        let refusal = denial::refusal(call, action, demand, decision);
        // IAM and STS give no encoded messages.
        if gives_message {
            authorization_message::attached(refusal, call, action, demand, decision, (context, layers))
        } else {
            refusal
        }
    })?;
    refused.map_or(Ok(()), Err)
}

/// Whether the caller's policies let it do an action on a resource, for what is told and not done.
pub(crate) fn may(call: &Call, snapshot: &Snapshot, action: &str, resource: &str) -> Result<bool, Fault> {
    let wildcard_only = Catalogue::get().action(action).is_some_and(|facts| facts.is_wildcard_only());
    let demand = Demand::on(resource);
    let refused = decide(call, snapshot, (action, wildcard_only), &demand, |_, _, _| ())?;
    Ok(refused.is_none())
}

/// Judges an action; what `refused` makes of a decision that does not allow.
fn decide<T>(
    call: &Call,
    snapshot: &Snapshot,
    (action, wildcard_only): (&str, bool),
    demand: &Demand,
    refused: impl FnOnce(Decision, &GateContext<'_>, &Layers<'_>) -> T,
) -> Result<Option<T>, Fault> {
    let owner = owner(call, demand);
    let context = GateContext::new(call, demand, Some(owner));
    let stand_in = root_session(call);
    let principal = stand_in.as_ref().or(call.caller.principal.as_ref()).ok_or_else(Fault::internal)?;
    let own = policies::of_caller(call, snapshot)?;
    let trust = demand.trust.as_ref().and_then(|trust| policies::of_trust(call, snapshot, &trust.role));
    let layers = Layers {
        identity: &own.identity,
        boundary: own.boundary.as_deref(),
        session: own.session.as_deref(),
        resource: trust.as_deref(),
        ..Layers::default()
    };
    let request = Request::new(principal, action, &demand.resource, &context)
        .resource_account(owner)
        .wildcard_only(wildcard_only);
    let decision = evaluate(&layers, &request);
    let allowed = decision.is_allowed() || demand.own_right && stands_by_itself(call, decision);
    Ok((!allowed).then(|| refused(decision, &context, &layers)))
}

/// Whether a right that the caller has by itself holds against this decision: the caller's own policies are silent, and
/// no session policy limits it.
fn stands_by_itself(call: &Call, decision: Decision) -> bool {
    let is_silent = decision.outcome == Outcome::ImplicitlyDenied && decision.reason.layer == Layer::Identity;
    is_silent && !call.caller.session.as_ref().is_some_and(|session| session.is_limited())
}

/// Whom the engine judges instead of the root user in a session of `AssumeRoot`.
///
/// The engine lets the root user do everything, without a look at policies. A root session is bound by the policy of
/// its task, so it is judged as somebody whose policies are that one and everything besides, see
/// [`policies::of_caller`]. Condition keys are the root user's all the same.
fn root_session(call: &Call) -> Option<Principal> {
    let is_root = matches!(call.caller.identity, Identity::Root(_)) && call.caller.session.is_some();
    let arn = Arn::global(call.partition.id(), "iam", call.account_id().as_str(), ["user/", "root"]);
    is_root.then(|| Principal::user(arn.as_str()).ok())?
}

/// Who owns the resource: the account in its ARN, else the caller's; or the account that judges alone.
fn owner(call: &Call, demand: &Demand) -> AccountId {
    if let Some(account) = demand.judge {
        return account;
    }
    ArnRef::parse(&demand.resource)
        .and_then(|arn| AccountId::parse(arn.account).ok())
        .unwrap_or_else(|| call.account_id())
}
