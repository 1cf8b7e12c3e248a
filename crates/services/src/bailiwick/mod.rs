//! Our own operations, in JSON: accounts, sign-in of the operator, import, explain, the audit trail,
//! what AWS does for MFA devices outside of its API.
//!
//! Same table, same gate, same audit as AWS's services. What concerns the realm as a whole is for the operator
//! (the user who runs the server, over the local socket) and for the first account, which stands to the others
//! as a management account does; nobody else reaches beyond the own account.

pub mod accounts;
pub mod delegation;
pub mod dev;
pub mod explain;
pub mod federation;
pub mod hardware_tokens;
pub mod import;
pub mod keys;
pub mod login;
pub mod password_policy;
pub mod records;
pub mod schema;
pub mod security_keys;
pub mod sign_in;

use crate::call::Call;
use crate::demand::Demand;
use crate::first_start::management_account;
use crate::row::{Demanded, Row};
use base::AccountId;
use model::{Identity, Snapshot};
use wire::Fault;

/// What precedes the dot in `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "Bailiwick";

/// The rows of the service.
pub fn rows() -> Vec<Row> {
    [
        accounts::rows(),
        delegation::rows(),
        dev::rows(),
        explain::rows(),
        hardware_tokens::rows(),
        federation::rows(),
        import::rows(),
        keys::rows(),
        login::rows(),
        password_policy::rows(),
        records::rows(),
        security_keys::rows(),
        sign_in::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Refuses callers who have no business with the realm as a whole.
fn realm_wide(call: &Call, snapshot: &Snapshot, demands: Vec<Demand>) -> Demanded {
    match &call.caller.identity {
        Identity::Operator(_) => Ok(demands),
        identity if Some(identity.account()) == management_account(snapshot) => Ok(demands),
        _ => Err(Fault::new(
            "AccessDeniedException",
            403,
            "this operation belongs to the realm: call it as the operator or from the first account",
        )),
    }
}

/// The account that is meant: the named one for those who reach beyond their own, else the caller's.
fn account_meant(call: &Call, snapshot: &Snapshot, named: Option<AccountId>) -> Result<AccountId, Fault> {
    let own = call.account_id();
    let meant = named.unwrap_or(own);
    if snapshot.account(meant).is_none() {
        return Err(Fault::new("NoSuchAccountException", 404, format!("there is no account {meant}")));
    }
    if meant != own {
        realm_wide(call, snapshot, Vec::new())?;
    }
    Ok(meant)
}
