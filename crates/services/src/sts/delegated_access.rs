//! `GetDelegatedAccessToken`: credentials for a delegation request that its owner has approved.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html>.
//!
//! The session is one of whoever accepted the request, limited by the policy that was asked for. It ends when the
//! time asked for is over, counted from the day on which the token was released.

use super::{session, session_policies};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use authn::{Parent, SealedKind, Session};
use base::Timestamp;
use model::{Delegate, DelegateId, DelegationRequest, DelegationState, Snapshot};
use std::sync::Arc;
use std::time::Duration;
use wire::Fault;
use wire::sts::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetDelegatedAccessToken>(
        "sts",
        |_, call, _| {
            session::refuse_user_session(call, "GetDelegatedAccessToken")?;
            Ok(vec![Demand::anywhere()])
        },
        get,
    )]
}

fn get(
    at: Allowed<'_, ops::GetDelegatedAccessToken>,
    snapshot: &Snapshot,
    input: shape::GetDelegatedAccessTokenRequest,
) -> Result<shape::GetDelegatedAccessTokenResponse, Fault> {
    let request = request(&at, snapshot, input.trade_in_token.expose()).ok_or_else(expired)?;
    let approver = request.approver.as_ref().ok_or_else(expired)?;
    let until = end(request);
    if at.now >= until {
        return Err(expired());
    }
    let session = Session {
        expires: until.whole_seconds(),
        inline_policy: Some(request.policy.clone()),
        ..session::fresh(&at, approver.account, parent(request, approver), 0)
    };
    let packed_policy_size = session_policies::packed_percent(&session)?;
    Ok(shape::GetDelegatedAccessTokenResponse {
        credentials: Some(session::credentials(&at, &session)?),
        packed_policy_size,
        assumed_principal: Some(approver.arn.clone()),
    })
}

/// When the delegated time is over.
pub fn end(request: &DelegationRequest) -> Timestamp {
    request.since + Duration::from_secs(u64::from(request.session_seconds))
}

/// The finalized request that the token stands for, if the caller's account made it.
fn request<'s>(call: &Call, snapshot: &'s Snapshot, token: &str) -> Option<&'s Arc<DelegationRequest>> {
    let id = call.tools.tokens.open_text(SealedKind::DelegationToken, call.account_id(), token).ok()?;
    let request = snapshot.delegation_request(&id)?;
    let is_own = request.requestor == call.account_id();
    (is_own && request.state_at(call.now) == DelegationState::Finalized).then_some(request)
}

fn parent(request: &DelegationRequest, approver: &Delegate) -> Parent {
    match &approver.id {
        DelegateId::Role { id, session } => Parent::Role { id: id.clone(), session: session.clone() },
        DelegateId::User(id) => Parent::Delegated { id: id.clone(), request: request.id.clone() },
    }
}

/// The same whatever is wrong with a token.
fn expired() -> Fault {
    Fault::of(&errors::EXPIRED_TRADE_IN_TOKEN, "The trade-in token is invalid or has expired.")
}
