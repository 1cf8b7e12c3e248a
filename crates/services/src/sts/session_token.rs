//! `GetSessionToken`: temporary credentials of a user, with the user's own permissions.
//!
//! No policy speaks of it: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>.

use super::session;
use crate::gate::Allowed;
use crate::row::Row;
use authn::Parent;
use model::{Identity, Snapshot};
use wire::Fault;
use wire::sts::{self as shape, ops};

/// Seconds that a session lasts if the caller does not say: twelve hours.
const DEFAULT_SECONDS: u32 = 43_200;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetSessionToken>("sts", |_, _, _| Ok(Vec::new()), get)]
}

fn get(
    at: Allowed<'_, ops::GetSessionToken>,
    _: &Snapshot,
    input: shape::GetSessionTokenRequest,
) -> Result<shape::GetSessionTokenResponse, Fault> {
    if at.caller.session.is_some() {
        return Err(session::refused_session("GetSessionToken"));
    }
    session::refuse_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
    let parent = match (&at.caller.identity, &at.caller.key) {
        (Identity::User(user), Some(key)) => Parent::User { id: user.id.clone(), key: key.clone() },
        _ => {
            return Err(Fault::access_denied(
                "GetSessionToken must be called with the access key of an IAM user",
            ));
        }
    };
    let seconds =
        input.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_SECONDS);
    let session = session::fresh(&at, at.account_id(), parent, seconds);
    Ok(shape::GetSessionTokenResponse {
        credentials: Some(session::credentials(&at, &session)?),
        ..Default::default()
    })
}
