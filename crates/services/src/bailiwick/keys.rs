//! `CreateAccessKey` over accounts: fresh keys for imported users, whose old ones cannot come along.

use super::account_meant;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::iam::{access_keys, find};
use crate::row::Row;
use base::AccountId;
use directory::Tx;
use model::{KeyStatus, User};
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct CreateAccessKey;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_write::<CreateAccessKey, CreateInput, CreateOutput>(
        "CreateAccessKey",
        |input, call, snapshot| {
            let account = account_meant(call, snapshot, input.account)?;
            let state = snapshot.account(account).ok_or_else(Fault::internal)?;
            let user = find::user(state, &input.user_name)?;
            let arn = user.arn(call.partition);
            // Whoever may not make keys by IAM's own operation may not make them here.
            Ok(vec![
                Demand::on(arn.as_str()).resource_tags(&user.tags),
                Demand::of("iam:CreateAccessKey", arn.as_str()).resource_tags(&user.tags),
            ])
        },
        create,
    )]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateInput {
    #[serde(default)]
    account: Option<AccountId>,
    user_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOutput {
    account_id: AccountId,
    user_name: String,
    access_key_id: String,
    secret_access_key: String,
    status: &'static str,
}

fn create(
    at: Allowed<'_, CreateAccessKey>,
    tx: &mut Tx<'_>,
    input: CreateInput,
) -> Result<CreateOutput, Fault> {
    let account = account_meant(&at, tx.snapshot(), input.account)?;
    let state = tx.snapshot().account(account).ok_or_else(Fault::internal)?;
    let mut user = User::clone(find::user(state, &input.user_name)?);
    let (key, secret) = access_keys::make(&at, tx.snapshot(), &user)?;
    let output = CreateOutput {
        account_id: account,
        user_name: user.name.clone(),
        access_key_id: key.id.to_string(),
        secret_access_key: secret.expose().to_owned(),
        status: KeyStatus::Active.as_str(),
    };
    user.access_keys.push(key);
    tx.put(user);
    Ok(output)
}
