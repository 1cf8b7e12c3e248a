//! `GetSessionToken`: temporary credentials of a user, with the user's own permissions.
//!
//! No policy speaks of it: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>.

use super::session;
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::Row;
use authn::second_factor::Proven;
use authn::{Parent, Session};
use directory::Tx;
use model::{Identity, Snapshot};
use wire::Fault;
use wire::sts::{self as shape, ops};

/// Seconds that a session lasts if the caller does not say: twelve hours.
const DEFAULT_SECONDS: u32 = 43_200;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read_factored::<ops::GetSessionToken>("sts", prove, |_, _, _, _| Ok(Vec::new()), get)]
}

fn prove(call: &Call, tx: &mut Tx<'_>, input: &shape::GetSessionTokenRequest) -> Result<Proven, Fault> {
    refuse_sessions(call)?;
    session::prove(call, tx, input.serial_number.as_deref(), input.token_code.as_deref())
}

fn refuse_sessions(call: &Call) -> Result<(), Fault> {
    if call.caller.session.is_some() { Err(session::refused_session("GetSessionToken")) } else { Ok(()) }
}

fn get(
    at: Allowed<'_, ops::GetSessionToken>,
    _: &Snapshot,
    input: shape::GetSessionTokenRequest,
    proven: Option<&Proven>,
) -> Result<shape::GetSessionTokenResponse, Fault> {
    refuse_sessions(&at)?;
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
    let mfa = proven.map(Proven::at);
    let session = Session { mfa, ..session::fresh(&at, at.account_id(), parent, seconds) };
    Ok(shape::GetSessionTokenResponse {
        credentials: Some(session::credentials(&at, &session)?),
        ..Default::default()
    })
}
