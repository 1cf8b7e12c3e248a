//! `GetDelegationToken`: how a requestor gets what AWS would send it over SNS.

use crate::demand::Demand;
use crate::gate::Allowed;
use crate::iam::delegation;
use crate::row::Row;
use crate::sts::delegated_access;
use authn::SealedKind;
use model::{DelegationState, Snapshot};
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct GetDelegationToken;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_read::<GetDelegationToken, Input, Output>(
        "GetDelegationToken",
        // Whoever may not ask for access may not fetch what was asked for.
        |input, call, _| {
            Ok(vec![
                Demand::anywhere(),
                Demand::of(
                    "iam:CreateDelegationRequest",
                    delegation::arn(call, &input.delegation_request_id),
                ),
            ])
        },
        get,
    )]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    delegation_request_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_in_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
}

/// The state of a request of the caller's account, and its token once that is released.
fn get(at: Allowed<'_, GetDelegationToken>, snapshot: &Snapshot, input: Input) -> Result<Output, Fault> {
    let request = snapshot
        .delegation_request(&input.delegation_request_id)
        .filter(|request| request.requestor == at.account_id())
        .ok_or_else(|| Fault::new("NoSuchDelegationRequestException", 404, "there is no such request"))?;
    let state = request.state_at(at.now);
    let is_final = state == DelegationState::Finalized;
    let seal = || {
        let kind = SealedKind::DelegationToken;
        at.tools
            .tokens
            .seal_text(kind, at.account_id(), &request.id, &at.entropy)
            .map_err(|_| Fault::internal())
    };
    Ok(Output {
        state: state.as_str(),
        trade_in_token: is_final.then(seal).transpose()?,
        expiration: is_final.then(|| delegated_access::end(request).iso()),
    })
}
