//! The way of a request: taken on, handed on, accepted or rejected, released.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html>.

use super::{delegate_of, on, on_own, owns, visible};
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::Row;
use directory::Tx;
use model::{DelegationRequest, DelegationState as State};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::AssociateDelegationRequest>(
            "iam",
            |input, call, snapshot| Ok(vec![on(call, snapshot, &input.delegation_request_id)]),
            associate,
        ),
        Row::write::<ops::UpdateDelegationRequest>(
            "iam",
            |input, call, snapshot| on_own(call, snapshot, &input.delegation_request_id),
            update,
        ),
        Row::write::<ops::AcceptDelegationRequest>(
            "iam",
            |input, call, snapshot| Ok(vec![on(call, snapshot, &input.delegation_request_id)]),
            accept,
        ),
        Row::write::<ops::RejectDelegationRequest>(
            "iam",
            |input, call, snapshot| Ok(vec![on(call, snapshot, &input.delegation_request_id)]),
            reject,
        ),
        Row::write::<ops::SendDelegationToken>(
            "iam",
            |input, call, snapshot| Ok(vec![on(call, snapshot, &input.delegation_request_id)]),
            send,
        ),
    ]
}

/// The request, if it stands in one of these states.
fn standing(call: &Call, tx: &Tx<'_>, id: &str, states: &[State]) -> Result<DelegationRequest, Fault> {
    let request = visible(call, tx.snapshot(), id)?;
    let state = request.state_at(call.now);
    if states.contains(&state) {
        return Ok(DelegationRequest::clone(request));
    }
    Err(Fault::of(
        &errors::INVALID_INPUT,
        format!("The operation is not valid for a delegation request in state {}.", state.as_str()),
    ))
}

fn associate(
    at: Allowed<'_, ops::AssociateDelegationRequest>,
    tx: &mut Tx<'_>,
    input: shape::AssociateDelegationRequestRequest,
) -> Result<Unit, Fault> {
    let request = standing(&at, tx, &input.delegation_request_id, &[State::Unassigned])?;
    let owner = delegate_of(&at)?;
    tx.put(DelegationRequest {
        owner_account: Some(owner.account),
        owner: Some(owner),
        ..request.moved(State::Assigned, at.now.whole_seconds())
    });
    Ok(Unit)
}

fn update(
    at: Allowed<'_, ops::UpdateDelegationRequest>,
    tx: &mut Tx<'_>,
    input: shape::UpdateDelegationRequestRequest,
) -> Result<Unit, Fault> {
    let states = [State::Assigned, State::PendingApproval];
    let request = standing(&at, tx, &input.delegation_request_id, &states)?;
    let notes = input.notes.or_else(|| request.notes.clone());
    tx.put(DelegationRequest { notes, ..request.moved(State::PendingApproval, at.now.whole_seconds()) });
    Ok(Unit)
}

fn accept(
    at: Allowed<'_, ops::AcceptDelegationRequest>,
    tx: &mut Tx<'_>,
    input: shape::AcceptDelegationRequestRequest,
) -> Result<Unit, Fault> {
    let states = [State::Assigned, State::PendingApproval];
    let request = standing(&at, tx, &input.delegation_request_id, &states)?;
    // Sessions that are limited, or made of others' approval, would hand on more than they have.
    if at.caller.session.as_ref().is_some_and(|session| session.is_limited()) {
        return Err(Fault::access_denied(
            "A session with session policies cannot accept delegation requests.",
        ));
    }
    let approver = Some(delegate_of(&at)?);
    tx.put(DelegationRequest { approver, ..request.moved(State::Accepted, at.now.whole_seconds()) });
    Ok(Unit)
}

fn reject(
    at: Allowed<'_, ops::RejectDelegationRequest>,
    tx: &mut Tx<'_>,
    input: shape::RejectDelegationRequestRequest,
) -> Result<Unit, Fault> {
    let states = [State::Assigned, State::PendingApproval, State::Accepted];
    let request = standing(&at, tx, &input.delegation_request_id, &states)?;
    let rejected = request.moved(State::Rejected, at.now.whole_seconds());
    tx.put(DelegationRequest { rejection_reason: input.notes, approver: None, ..rejected });
    Ok(Unit)
}

fn send(
    at: Allowed<'_, ops::SendDelegationToken>,
    tx: &mut Tx<'_>,
    input: shape::SendDelegationTokenRequest,
) -> Result<Unit, Fault> {
    let request = standing(&at, tx, &input.delegation_request_id, &[State::Accepted])?;
    if request.only_send_by_owner && !owns(&at, &request) {
        return Err(Fault::access_denied("Only the owner of the delegation request can send its token."));
    }
    tx.put(request.moved(State::Finalized, at.now.whole_seconds()));
    Ok(Unit)
}
