//! Delegation requests: one account asks another for temporary access, and the other approves.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html>.
//!
//! AWS lets its partners ask, with policies that they have registered with it, and tells them of changes over SNS.
//! Here every account of the realm may ask, with a managed policy of its own as the template; it fetches the token by
//! our own operation `GetDelegationToken`.

pub mod create;
pub mod states;
pub mod template;
pub mod view;

use crate::call::Call;
use crate::demand::Demand;
use crate::iam::find;
use crate::row::{Demanded, Row};
use base::Arn;
use model::{Delegate, DelegateId, DelegationRequest, Identity, Snapshot};
use std::sync::Arc;
use wire::Fault;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    [create::rows(), states::rows(), view::rows()].into_iter().flatten().collect()
}

/// The ARN of a request as the caller's account sees it.
pub fn arn(call: &Call, id: &str) -> String {
    Arn::global(call.partition.id(), "iam", call.account_id().as_str(), ["delegation-request/", id]).into()
}

/// The request of this id, if the caller's account may know of it: it is asked, or nobody in particular is.
pub fn visible<'s>(
    call: &Call,
    snapshot: &'s Snapshot,
    id: &str,
) -> Result<&'s Arc<DelegationRequest>, Fault> {
    snapshot
        .delegation_request(id)
        .filter(|request| request.owner_account.is_none_or(|account| account == call.account_id()))
        .ok_or_else(|| find::no_such_entity(format!("Delegation request {id} was not found.")))
}

/// A demand on a request.
fn on(call: &Call, snapshot: &Snapshot, id: &str) -> Demand {
    let owner = visible(call, snapshot, id).ok().and_then(|request| request.owner.as_ref());
    Demand::on(arn(call, id)).key_if("iam:delegationrequestowner", owner.map(|owner| owner.arn.as_str()))
}

/// A demand that the owner of the request meets without a policy.
fn on_own(call: &Call, snapshot: &Snapshot, id: &str) -> Demanded {
    let is_own = visible(call, snapshot, id).is_ok_and(|request| owns(call, request));
    Ok(vec![on(call, snapshot, id).own_right(is_own)])
}

/// Whether the caller is the owner.
pub fn owns(call: &Call, request: &DelegationRequest) -> bool {
    let caller = delegate(call);
    let same =
        |owner: &Delegate| caller.as_ref().is_some_and(|it| it.account == owner.account && it.id == owner.id);
    request.owner.as_ref().is_some_and(same)
}

/// The caller as an owner or approver; `None` for those who can be neither.
fn delegate(call: &Call) -> Option<Delegate> {
    let id = match &call.caller.identity {
        Identity::User(user) => DelegateId::User(user.id.clone()),
        Identity::Role { role, session } => {
            DelegateId::Role { id: role.id.clone(), session: session.as_ref().to_owned() }
        }
        _ => return None,
    };
    Some(Delegate { arn: call.caller.arn.clone(), account: call.account_id(), id })
}

/// The caller as an owner or approver.
fn delegate_of(call: &Call) -> Result<Delegate, Fault> {
    delegate(call)
        .ok_or_else(|| Fault::access_denied("Delegation requests are for users and sessions of roles."))
}
