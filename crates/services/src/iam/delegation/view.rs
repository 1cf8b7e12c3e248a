//! What is told of requests: `GetDelegationRequest`, `ListDelegationRequests`, `GetHumanReadableSummary`.

use super::{on_own, visible};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::{self, Allowed};
use crate::iam::page;
use crate::row::Row;
use base::{ArnRef, Timestamp};
use model::{DelegationParameter, DelegationRequest, Snapshot};
use policy::{Document, Effect, Statement};
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::read::<ops::GetDelegationRequest>(
            "iam",
            |input, call, snapshot| on_own(call, snapshot, &input.delegation_request_id),
            get,
        ),
        Row::read::<ops::ListDelegationRequests>(
            "iam",
            |input, _, _| {
                let owner = input.owner_id.as_deref();
                Ok(vec![Demand::anywhere().key_if("iam:delegationrequestowner", owner)])
            },
            list,
        ),
        Row::read::<ops::GetHumanReadableSummary>(
            "iam",
            |input, call, snapshot| on_own(call, snapshot, id_of(call, &input.entity_arn)?),
            summary,
        ),
    ]
}

fn get(
    at: Allowed<'_, ops::GetDelegationRequest>,
    snapshot: &Snapshot,
    input: shape::GetDelegationRequestRequest,
) -> Result<shape::GetDelegationRequestResponse, Fault> {
    let request = visible(&at, snapshot, &input.delegation_request_id)?;
    let wants_check = input.delegation_permission_check.unwrap_or_default();
    let check = wants_check.then(|| covered(&at, snapshot, request)).transpose()?;
    Ok(shape::GetDelegationRequestResponse {
        delegation_request: Some(shown(request, at.now)),
        permission_check_status: check.is_some().then(|| "COMPLETE".to_owned()),
        permission_check_result: check.map(str::to_owned),
    })
}

/// Requests that somebody of the caller's account has taken on.
fn list(
    at: Allowed<'_, ops::ListDelegationRequests>,
    snapshot: &Snapshot,
    input: shape::ListDelegationRequestsRequest,
) -> Result<shape::ListDelegationRequestsResponse, Fault> {
    let wanted = input.owner_id.as_deref();
    let owned = snapshot.delegation_requests().filter(|request| {
        let owner = request.owner.as_ref().filter(|owner| owner.account == at.account_id());
        owner.is_some_and(|owner| wanted.is_none_or(|wanted| owner.arn == wanted))
    });
    let page = page::of(owned, input.marker.as_deref(), input.max_items, |request| request.id.clone())?;
    Ok(shape::ListDelegationRequestsResponse {
        is_truncated: Some(page.is_truncated()),
        delegation_requests: Some(page.items.iter().map(|request| shown(request, at.now)).collect()),
        marker: page.marker,
    })
}

fn shown(request: &DelegationRequest, now: Timestamp) -> shape::DelegationRequest {
    let parameters: Vec<_> = request.parameters.iter().map(shown_parameter).collect();
    shape::DelegationRequest {
        delegation_request_id: Some(request.id.clone()),
        owner_account_id: request.owner_account.map(String::from),
        description: Some(request.description.clone()),
        request_message: request.message.clone(),
        permissions: Some(shape::DelegationPermission {
            policy_template_arn: Some(request.template.clone()),
            parameters: (!parameters.is_empty()).then_some(parameters),
        }),
        permission_policy: Some(request.policy.text().to_owned()),
        role_permission_restriction_arns: None,
        owner_id: request.owner.as_ref().map(|owner| owner.arn.clone()),
        approver_id: request.approver.as_ref().map(|approver| approver.arn.clone()),
        state: Some(request.state_at(now).as_str().to_owned()),
        expiration_time: Some(request.expires()),
        requestor_id: Some(request.requestor.to_string()),
        requestor_name: None,
        create_date: Some(request.created),
        session_duration: i32::try_from(request.session_seconds).ok(),
        redirect_url: request.redirect_url.clone(),
        notes: request.notes.clone(),
        rejection_reason: request.rejection_reason.clone(),
        only_send_by_owner: Some(request.only_send_by_owner),
        updated_time: Some(request.updated),
    }
}

fn shown_parameter(parameter: &DelegationParameter) -> shape::PolicyParameter {
    shape::PolicyParameter {
        name: Some(parameter.name.clone()),
        values: Some(parameter.values.clone()),
        r#type: Some(parameter.kind.clone()),
    }
}

/// Whether the caller may do all that is asked for, as far as a look at the patterns tells: `ALLOWED`, `DENIED`, or
/// `UNSURE` where wildcards or conditions stand.
fn covered(call: &Call, snapshot: &Snapshot, request: &DelegationRequest) -> Result<&'static str, Fault> {
    let (document, _) = Document::parse_tolerant(request.policy.text());
    let Some(document) = document else { return Ok("UNSURE") };
    let mut is_sure = true;
    for statement in document.statements().iter().filter(|statement| statement.effect == Effect::Allow) {
        is_sure &= is_plain(statement);
        for (action, resource) in pairs(statement) {
            if !gate::may(call, snapshot, action, resource)? {
                return Ok(if is_plain(statement) { "DENIED" } else { "UNSURE" });
            }
        }
    }
    Ok(if is_sure { "ALLOWED" } else { "UNSURE" })
}

/// Every action of the statement with every resource.
fn pairs(statement: &Statement) -> impl Iterator<Item = (&str, &str)> {
    let resources = statement.resource.iter().flat_map(|resources| &resources.entries);
    resources.flat_map(|resource| {
        let actions = statement.action.entries.iter();
        actions.map(|action| (&*action.value, &*resource.value))
    })
}

/// Whether the statement names what it allows: no wildcards in actions, no conditions, nothing turned round.
fn is_plain(statement: &Statement) -> bool {
    let resources = statement.resource.as_ref();
    statement.conditions.is_empty()
        && !statement.action.negated
        && resources.is_some_and(|resources| !resources.negated)
        && statement.action.entries.iter().all(|entry| !entry.value.contains(['*', '?']))
}

/// The id in the ARN of a delegation request, the only entity that is summed up.
fn id_of<'a>(call: &Call, arn: &'a str) -> Result<&'a str, Fault> {
    ArnRef::parse(arn)
        .filter(|parts| parts.service == "iam" && parts.partition == call.partition.id())
        .and_then(|parts| parts.resource.strip_prefix("delegation-request/"))
        .ok_or_else(|| {
            Fault::of(&errors::INVALID_INPUT, format!("ARN {arn} is not that of a delegation request."))
        })
}

/// AWS lets a language model write it; here it is put together from the policy, in English.
fn summary(
    at: Allowed<'_, ops::GetHumanReadableSummary>,
    snapshot: &Snapshot,
    input: shape::GetHumanReadableSummaryRequest,
) -> Result<shape::GetHumanReadableSummaryResponse, Fault> {
    let request = visible(&at, snapshot, id_of(&at, &input.entity_arn)?)?;
    let locale = input.locale.unwrap_or_else(|| "en".to_owned());
    let is_english =
        locale.split(['-', '_']).next().is_some_and(|language| language.eq_ignore_ascii_case("en"));
    let content = is_english.then(|| told(request));
    let state = if content.is_some() { "AVAILABLE" } else { "NOT_SUPPORTED" };
    Ok(shape::GetHumanReadableSummaryResponse {
        summary_content: content,
        locale: Some(locale),
        summary_state: Some(state.to_owned()),
    })
}

/// Characters that a summary has at most.
const SUMMARY_LIMIT: usize = 10_000;

fn told(request: &DelegationRequest) -> String {
    let mut text = format!(
        "Account {} asks for access for {} seconds. It wants to:\n",
        request.requestor, request.session_seconds
    );
    let (document, _) = Document::parse_tolerant(request.policy.text());
    for statement in document.iter().flat_map(Document::statements) {
        text += &told_statement(statement);
    }
    text.chars().take(SUMMARY_LIMIT).collect()
}

fn told_statement(statement: &Statement) -> String {
    let list = |element: &policy::ListElement| {
        let entries: Vec<_> = element.entries.iter().map(|entry| &*entry.value).collect();
        let but = if element.negated { "all but " } else { "" };
        format!("{but}{}", entries.join(", "))
    };
    let never = if statement.effect == Effect::Deny { "never " } else { "" };
    let resources = statement.resource.as_ref().map(list).unwrap_or_default();
    let conditions = if statement.conditions.is_empty() { "" } else { ", under conditions" };
    format!("- {never}do {} on {resources}{conditions}\n", list(&statement.action))
}
