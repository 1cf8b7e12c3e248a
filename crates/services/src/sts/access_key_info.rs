//! `GetAccessKeyInfo`: to which account an access key belongs.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>.

use super::session;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{AccountId, UniqueId};
use model::Snapshot;
use wire::Fault;
use wire::sts::{self as shape, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetAccessKeyInfo>(
        "sts",
        |_, call, _| {
            session::refuse_user_session(call, "GetAccessKeyInfo")?;
            Ok(vec![Demand::anywhere()])
        },
        get,
    )]
}

fn get(
    _: Allowed<'_, ops::GetAccessKeyInfo>,
    snapshot: &Snapshot,
    input: shape::GetAccessKeyInfoRequest,
) -> Result<shape::GetAccessKeyInfoResponse, Fault> {
    let account = account_of(snapshot, &input.access_key_id).ok_or_else(|| {
        Fault::validation(format!("The access key ID {} is not valid.", input.access_key_id))
    })?;
    Ok(shape::GetAccessKeyInfoResponse { account: Some(account.to_string()) })
}

/// The account of a key: the holder's of one that is there, which can have been brought along; else the one that
/// the id itself tells, if it is an account of this realm. Ids made elsewhere tell nothing.
fn account_of(snapshot: &Snapshot, key: &str) -> Option<AccountId> {
    let told = || UniqueId::from_text(key).embedded_account().filter(|id| snapshot.account(*id).is_some());
    snapshot.key_holder(key).map(|holder| holder.account).or_else(told)
}
