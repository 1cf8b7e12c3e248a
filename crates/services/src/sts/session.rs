//! What every operation that makes a session has in common.

use crate::call::Call;
use authn::{Parent, Session, secret_key};
use base::{AccountId, IdKind, SecretString, UniqueId};
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

/// Refuses a one-time password: no user has a device that could have made it.
pub fn refuse_mfa(serial_number: Option<&str>, token_code: Option<&str>) -> Result<(), Fault> {
    if serial_number.is_none() && token_code.is_none() {
        return Ok(());
    }
    Err(Fault::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code."))
}
