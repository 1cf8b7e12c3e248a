//! What every operation that makes a session has in common.

use crate::call::Call;
use authn::second_factor::{self, Factor, Proven, Refused};
use authn::{Parent, Session, secret_key};
use base::{AccountId, IdKind, SecretString, UniqueId};
use directory::Tx;
use model::{Identity, Tags};
use std::time::Duration;
use wire::Fault;
use wire::sts as shape;

/// A fresh session of `parent` for so many seconds: no policies, no tags yet. Times are whole seconds.
pub fn fresh(call: &Call, account: AccountId, parent: Parent, seconds: u32) -> Session {
    let issued = call.now.whole_seconds();
    Session {
        key: UniqueId::generate(IdKind::SessionKey, account, &call.entropy),
        secret: secret_key::generate(&call.entropy),
        account,
        parent,
        issued,
        expires: issued + Duration::from_secs(u64::from(seconds)),
        inline_policy: None,
        managed_policies: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
        mfa: None,
        chained: false,
        federation: None,
    }
}

/// The credentials that carry the session.
pub fn credentials(call: &Call, session: &Session) -> Result<shape::Credentials, Fault> {
    let token = call.tools.tokens.seal(session, &call.entropy).map_err(|_| Fault::internal())?;
    Ok(shape::Credentials {
        access_key_id: session.key.to_string(),
        secret_access_key: SecretString::new(session.secret.expose()),
        session_token: SecretString::new(token),
        expiration: session.expires,
    })
}

/// Refuses what the credentials of `GetSessionToken` cannot do: any operation of STS but `AssumeRole` and
/// `GetCallerIdentity`. See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>.
pub fn refuse_user_session(call: &Call, operation: &str) -> Result<(), Fault> {
    let is_user = matches!(call.caller.identity, Identity::User(_));
    if is_user && call.caller.session.is_some() { Err(refused_session(operation)) } else { Ok(()) }
}

/// The refusal of an operation that wants long-term credentials.
pub fn refused_session(operation: &str) -> Fault {
    Fault::access_denied(format!("Cannot call {operation} with session credentials"))
}

/// Verifies and uses up the one-time password that a request brings: a code of a device of the calling user.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html>.
pub fn prove(
    call: &Call,
    tx: &mut Tx<'_>,
    serial_number: Option<&str>,
    token_code: Option<&str>,
) -> Result<Proven, Fault> {
    let (Some(serial), Some(code)) = (serial_number, token_code) else {
        return Err(failed(", must provide both MFA serial number and one time pass code."));
    };
    let Identity::User(user) = &call.caller.identity else { return Err(failed(NO_DEVICE)) };
    let factor = Factor::Code { serial: Some(serial), code };
    second_factor::prove(tx, user, factor, call.bench()).map_err(|refused| match refused {
        Refused::Device => failed(NO_DEVICE),
        Refused::Wrong => failed(" with invalid MFA one time pass code. "),
        Refused::TooMany(_) => failed(&format!(": {refused}")),
    })
}

const NO_DEVICE: &str = ", unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";

fn failed(why: &str) -> Fault {
    Fault::access_denied(format!("MultiFactorAuthentication failed{why}"))
}
