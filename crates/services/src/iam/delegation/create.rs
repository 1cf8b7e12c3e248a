//! `CreateDelegationRequest`.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateDelegationRequest.html>.

use super::template;
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::iam::limits;
use crate::row::{Demanded, Row};
use base::{AccountId, ArnRef, Uuid};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{DelegationRequest, DelegationState, PolicyText, Snapshot};
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// Requests that one account may have open; AWS names no number.
const REQUESTS_PER_ACCOUNT: usize = 1_000;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::write::<ops::CreateDelegationRequest>("iam", demands, create)]
}

fn demands(input: &shape::CreateDelegationRequestRequest, call: &Call, _: &Snapshot) -> Demanded {
    Ok(vec![
        Demand::on(super::arn(call, "*"))
            .key("iam:delegationduration", input.session_duration.to_string())
            .key("iam:notificationchannel", input.notification_channel.as_str())
            .key_if("iam:templatearn", input.permissions.policy_template_arn.as_deref()),
    ])
}

fn create(
    at: Allowed<'_, ops::CreateDelegationRequest>,
    tx: &mut Tx<'_>,
    input: shape::CreateDelegationRequestRequest,
) -> Result<shape::CreateDelegationRequestResponse, Fault> {
    forget_expired(&at, tx);
    let own: Vec<_> =
        tx.snapshot().delegation_requests().filter(|known| known.requestor == at.account_id()).collect();
    if own.iter().any(|known| known.workflow_id == input.requestor_workflow_id) {
        return Err(Fault::of(
            &errors::ENTITY_ALREADY_EXISTS,
            format!("A delegation request with workflow id {} already exists.", input.requestor_workflow_id),
        ));
    }
    limits::below("DelegationRequestsPerAccount", own.len(), REQUESTS_PER_ACCOUNT)?;
    let request = made(&at, tx.snapshot(), input)?;
    let id = request.id.clone();
    tx.put(request);
    Ok(shape::CreateDelegationRequestResponse { delegation_request_id: Some(id), ..Default::default() })
}

/// Requests that are over do not count against their account, and their names are free again.
fn forget_expired(call: &Call, tx: &mut Tx<'_>) {
    let expired: Vec<_> = tx
        .snapshot()
        .delegation_requests()
        .filter(|known| known.requestor == call.account_id())
        .filter(|known| known.state_at(call.now) == DelegationState::Expired)
        .map(|known| known.id.clone())
        .collect();
    expired.into_iter().for_each(|id| tx.remove(&EntityKey::DelegationRequest(id)));
}

fn made(
    call: &Call,
    snapshot: &Snapshot,
    input: shape::CreateDelegationRequestRequest,
) -> Result<DelegationRequest, Fault> {
    let owner_account = input.owner_account_id.as_deref().map(owner_account).transpose()?;
    check_channel(&input.notification_channel)?;
    let parameters = template::parameters(&input.permissions)?;
    let (template, policy) = template::filled(call, snapshot, &input.permissions, &parameters)?;
    let now = call.now.whole_seconds();
    Ok(DelegationRequest {
        id: Uuid::random(&call.entropy).as_str().to_owned(),
        requestor: call.account_id(),
        owner_account,
        owner: None,
        approver: None,
        description: input.description,
        message: input.request_message,
        template,
        parameters,
        policy: PolicyText::new(policy),
        workflow_id: input.requestor_workflow_id,
        redirect_url: input.redirect_url,
        channel: input.notification_channel,
        session_seconds: u32::try_from(input.session_duration).map_err(|_| Fault::internal())?,
        only_send_by_owner: input.only_send_by_owner.unwrap_or_default(),
        state: DelegationState::Unassigned,
        since: now,
        created: now,
        updated: now,
        notes: None,
        rejection_reason: None,
    })
}

/// Whether an account is in the realm is told to nobody who does not know: a request to one that is not stays
/// unassigned until it expires.
fn owner_account(id: &str) -> Result<AccountId, Fault> {
    AccountId::parse(id).map_err(|_| invalid(format!("Account {id} is not valid.")))
}

/// Only topics of SNS are taken. Nothing is published to them.
fn check_channel(channel: &str) -> Result<(), Fault> {
    let is_topic = ArnRef::parse(channel).is_some_and(|arn| arn.service == "sns");
    if is_topic { Ok(()) } else { Err(invalid("The notification channel must be the ARN of an SNS topic.")) }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::of(&errors::INVALID_INPUT, message)
}
