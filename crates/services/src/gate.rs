//! The gate: no handler runs before every demand of its operation is allowed.
//!
//! A handler takes an [`Allowed`] as its first argument, and only this module makes one. For writes the gate
//! runs inside the transaction, on the snapshot that the handler will change.

use crate::call::Call;
use crate::context::GateContext;
use crate::demand::Demand;
use crate::denial;
use crate::policies;
use crate::row::{Demanded, Passed, Row};
use base::{AccountId, ArnRef};
use model::{Identity, Snapshot};
use policy::{Decision, Layers, Request, catalogue::Catalogue, evaluate};
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
    let decision = decide(row, call, snapshot, action, demand)?;
    if decision.is_allowed() { Ok(()) } else { Err(denial::refusal(call, action, demand, decision)) }
}

fn decide(
    row: &Row,
    call: &Call,
    snapshot: &Snapshot,
    action: &str,
    demand: &Demand,
) -> Result<Decision, Fault> {
    let wildcard_only = match &demand.action {
        None => row.wildcard_only,
        Some(action) => Catalogue::get().action(action).is_some_and(|facts| facts.is_wildcard_only()),
    };
    let owner = owner(call, demand);
    let context = GateContext::new(call, demand, Some(owner));
    let principal = call.caller.principal.as_ref().ok_or_else(Fault::internal)?;
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
    Ok(evaluate(&layers, &request))
}

/// Who owns the resource: the account in its ARN, else the caller's.
fn owner(call: &Call, demand: &Demand) -> AccountId {
    ArnRef::parse(&demand.resource)
        .and_then(|arn| AccountId::parse(arn.account).ok())
        .unwrap_or_else(|| call.account_id())
}
