//! `GetCallerIdentity`: open to every signed caller, whatever the policies say.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.

use crate::gate::Allowed;
use crate::row::Row;
use model::Snapshot;
use wire::Fault;
use wire::sts::{self as shape, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetCallerIdentity>("sts", |_, _, _| Ok(Vec::new()), get)]
}

fn get(
    at: Allowed<'_, ops::GetCallerIdentity>,
    _: &Snapshot,
    _: shape::GetCallerIdentityRequest,
) -> Result<shape::GetCallerIdentityResponse, Fault> {
    Ok(shape::GetCallerIdentityResponse {
        user_id: Some(at.caller.user_id.clone()),
        account: Some(at.account_id().to_string()),
        arn: Some(at.caller.arn.clone()),
    })
}
