//! `Login`: a short session of an account's role for the operator. There is no long-term key to lose.

use super::account_meant;
use crate::demand::Demand;
use crate::first_start::ADMINISTRATOR;
use crate::gate::Allowed;
use crate::iam::find;
use crate::row::Row;
use authn::{Parent, Session, secret_key};
use base::{AccountId, Arn, IdKind, UniqueId};
use model::{Identity, Snapshot};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::Fault;

/// Marks the proof.
pub struct Login;

/// Seconds that a session lasts when the caller does not say.
const DEFAULT_SECONDS: u64 = 3_600;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_read::<Login, LoginInput, LoginOutput>(
        "Login",
        |input, call, snapshot| match call.caller.identity {
            Identity::Operator(_) => {
                let account = account_meant(call, snapshot, input.account)?;
                let role = input.role_name.as_deref().unwrap_or(ADMINISTRATOR);
                let resource = ["role/", role];
                let arn = Arn::global(call.partition.id(), "iam", account.as_str(), resource);
                Ok(vec![Demand::on(arn)])
            }
            _ => Err(Fault::new(
                "AccessDeniedException",
                403,
                "only the operator signs in without credentials; with credentials, use sts:AssumeRole",
            )),
        },
        login,
    )]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LoginInput {
    #[serde(default)]
    account: Option<AccountId>,
    #[serde(default)]
    role_name: Option<String>,
    #[serde(default)]
    duration_seconds: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoginOutput {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
    account_id: AccountId,
    arn: String,
}

fn login(at: Allowed<'_, Login>, snapshot: &Snapshot, input: LoginInput) -> Result<LoginOutput, Fault> {
    let account = account_meant(&at, snapshot, input.account)?;
    let state = snapshot.account(account).ok_or_else(Fault::internal)?;
    let role = find::role(state, input.role_name.as_deref().unwrap_or(ADMINISTRATOR))?;
    let seconds = input.duration_seconds.unwrap_or(DEFAULT_SECONDS.min(role.max_session_seconds.into()));
    if !(900..=u64::from(role.max_session_seconds)).contains(&seconds) {
        let limit = role.max_session_seconds;
        return Err(Fault::new(
            "ValidationException",
            400,
            format!("a session of this role lasts 900 to {limit} seconds, not {seconds}"),
        ));
    }
    let name = "operator";
    let session = Session {
        key: UniqueId::generate(IdKind::SessionKey, account, &at.entropy),
        secret: secret_key::generate(&at.entropy),
        account,
        parent: Parent::Role { id: role.id.clone(), session: name.to_owned() },
        issued: at.now.whole_seconds(),
        expires: at.now.whole_seconds() + Duration::from_secs(seconds),
        inline_policy: None,
        managed_policies: Vec::new(),
        tags: Default::default(),
        transitive: Vec::new(),
        source_identity: None,
        mfa: None,
        chained: false,
        federation: None,
    };
    let session_token = at.tools.tokens.seal(&session, &at.entropy).map_err(|_| Fault::internal())?;
    Ok(LoginOutput {
        access_key_id: session.key.to_string(),
        secret_access_key: session.secret.expose().to_owned(),
        session_token,
        expiration: session.expires.iso(),
        account_id: account,
        arn: role.session_arn(at.partition, name).into(),
    })
}
