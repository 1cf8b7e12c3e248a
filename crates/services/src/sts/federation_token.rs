//! `GetFederationToken`: temporary credentials for somebody whom a user vouches for.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>.
//!
//! The session may do what both the user's policies and the session policies allow; without session policies it may
//! do nothing but what a resource's policy grants to it by name.

use super::{session, session_policies, session_tags};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::{Parent, Session};
use base::{Arn, UniqueId};
use model::{Identity, Snapshot, User};
use std::sync::Arc;
use wire::Fault;
use wire::sts::{self as shape, ops};

/// Seconds that a session lasts if the caller does not say: twelve hours.
const DEFAULT_SECONDS: u32 = 43_200;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetFederationToken>("sts", demands, get)]
}

/// `sts:GetFederationToken` on the federated user; `sts:TagSession` too if the session will have tags.
fn demands(input: &shape::GetFederationTokenRequest, call: &Call, _: &Snapshot) -> Demanded {
    issuer(call)?;
    let resource =
        Arn::global(call.partition.id(), "sts", call.account_id().as_str(), ["federated-user/", &input.name]);
    let base = Demand::on(resource).request_tags(&session_tags::read(input.tags.as_deref()));
    let mut demands = vec![base.clone()];
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        demands.push(Demand { action: Some("sts:TagSession".into()), ..base });
    }
    Ok(demands)
}

/// The user whose long-term key asks: nobody else may.
fn issuer(call: &Call) -> Result<(&Arc<User>, &UniqueId), Fault> {
    if call.caller.session.is_some() {
        return Err(session::refused_session("GetFederationToken"));
    }
    match (&call.caller.identity, &call.caller.key) {
        (Identity::User(user), Some(key)) => Ok((user, key)),
        _ => {
            Err(Fault::access_denied("GetFederationToken must be called with the access key of an IAM user"))
        }
    }
}

fn get(
    at: Allowed<'_, ops::GetFederationToken>,
    snapshot: &Snapshot,
    input: shape::GetFederationTokenRequest,
) -> Result<shape::GetFederationTokenResponse, Fault> {
    let (user, key) = issuer(&at)?;
    let account = at.account(snapshot)?;
    let seconds =
        input.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_SECONDS);
    let policies =
        session_policies::checked(&at, account, input.policy.as_deref(), input.policy_arns.as_deref())?;
    let tags = session_tags::joined(input.tags.as_deref(), None, None)?;
    let parent = Parent::Federated { id: user.id.clone(), key: key.clone(), name: input.name.clone() };
    let session = Session {
        inline_policy: policies.inline,
        managed_policies: policies.managed,
        tags: tags.tags,
        ..session::fresh(&at, at.account_id(), parent, seconds)
    };
    let packed_policy_size = session_policies::packed_percent(&session)?;
    let federated = Identity::FederatedUser { user: Arc::clone(user), name: input.name.as_str().into() };
    Ok(shape::GetFederationTokenResponse {
        credentials: Some(session::credentials(&at, &session)?),
        federated_user: Some(shape::FederatedUser {
            federated_user_id: federated.user_id(),
            arn: federated.arn(at.partition).into(),
        }),
        packed_policy_size,
        ..Default::default()
    })
}
