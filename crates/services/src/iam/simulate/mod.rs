//! The policy simulator: what policies would decide, without doing anything.
//!
//! It answers from the engine that the gate uses, within the limits of AWS's: conditions see only the context entries
//! of the request; without a resource policy only the caller's side is judged, so that trust and key policies play
//! no part; trust policies are never simulated; there are no RCPs. See
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>.

mod exclusion;
mod input;
mod judge;
mod keys;
mod source;

use super::{page, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use input::Scene;
use judge::Simulation;
use model::Snapshot;
use policy::PolicySet;
use source::{Kind, Source};
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::read::<ops::SimulateCustomPolicy>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), custom),
        Row::read::<ops::SimulatePrincipalPolicy>(
            "iam",
            |input, call, snapshot| demand(call, snapshot, &input.policy_source_arn),
            principal,
        ),
        Row::read::<ops::GetContextKeysForCustomPolicy>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            keys_of_custom,
        ),
        Row::read::<ops::GetContextKeysForPrincipalPolicy>(
            "iam",
            |input, call, snapshot| demand(call, snapshot, &input.policy_source_arn),
            keys_of_principal,
        ),
    ]
}

/// The entity whose policies are shown by what they decide.
fn demand(call: &Call, snapshot: &Snapshot, arn: &str) -> Demanded {
    Ok(vec![match source::named(call, arn) {
        Some((Kind::User, name)) => target::user(call, snapshot, name)?,
        Some((Kind::Group, name)) => target::group(call, snapshot, name)?,
        Some((Kind::Role, name)) => target::role(call, snapshot, name)?,
        None => Demand::on(arn),
    }])
}

/// The fault for an input that makes no sense.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::of(&errors::INVALID_INPUT, message)
}

fn custom(
    at: Allowed<'_, ops::SimulateCustomPolicy>,
    _: &Snapshot,
    input: shape::SimulateCustomPolicyRequest,
) -> Result<shape::SimulatePolicyResponse, Fault> {
    let scene = Scene {
        actions: input.action_names,
        resources: input.resource_arns.unwrap_or_default(),
        resource_policy: input.resource_policy,
        resource_owner: input.resource_owner,
        caller: input.caller_arn,
        only_users: false,
        context: input.context_entries.unwrap_or_default(),
        handling: input.resource_handling_option,
    };
    let levels = input.ordered_organization_policy_input_list.unwrap_or_default();
    let simulation = Simulation {
        identity: PolicySet::new(input::identity(&input.policy_input_list)?),
        boundary: input::boundary(input.permissions_boundary_policy_input_list.as_deref())?,
        scps: input::organization(&levels)?,
        scene: scene.read(&at)?,
    };
    answer(&simulation, input.marker.as_deref(), input.max_items)
}

fn principal(
    at: Allowed<'_, ops::SimulatePrincipalPolicy>,
    snapshot: &Snapshot,
    input: shape::SimulatePrincipalPolicyRequest,
) -> Result<shape::SimulatePolicyResponse, Fault> {
    let Source { kind, mut identity, mut boundary } = source::find(&at, snapshot, &input.policy_source_arn)?;
    let exclusions = input.policy_exclusion_list.unwrap_or_default();
    exclusion::apply(&exclusions, &mut identity, &mut boundary)?;
    identity.extend(input::identity(input.policy_input_list.as_deref().unwrap_or_default())?);
    let own = (kind != Kind::Group).then(|| input.policy_source_arn.clone());
    let scene = Scene {
        actions: input.action_names,
        resources: input.resource_arns.unwrap_or_default(),
        resource_policy: input.resource_policy,
        resource_owner: input.resource_owner,
        caller: input.caller_arn.or(own),
        only_users: true,
        context: input.context_entries.unwrap_or_default(),
        handling: input.resource_handling_option,
    };
    let given = input::boundary(input.permissions_boundary_policy_input_list.as_deref())?;
    let simulation = Simulation {
        identity: PolicySet::new(identity),
        boundary: given.or_else(|| boundary.map(PolicySet::new)),
        scps: Vec::new(),
        scene: scene.read(&at)?,
    };
    answer(&simulation, input.marker.as_deref(), input.max_items)
}

/// Decisions of one answer: beyond that, one caller would keep the server from the others.
const MOST_DECISIONS: usize = 100_000;

/// A page of results, one an action; only those of the page are worked out.
fn answer(
    simulation: &Simulation,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<shape::SimulatePolicyResponse, Fault> {
    let actions = simulation.scene.actions.iter().enumerate();
    let page = page::of(actions, marker, max_items, |(place, _)| format!("{place:09}"))?;
    if page.items.len().saturating_mul(simulation.scene.resources.len()) > MOST_DECISIONS {
        return Err(invalid(
            "The simulation is too large: name fewer resources, or ask for fewer results with MaxItems.",
        ));
    }
    let page = page.map(|(_, action)| simulation.result(action));
    Ok(shape::SimulatePolicyResponse {
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
        evaluation_results: Some(page.items),
    })
}

fn keys_of_custom(
    _: Allowed<'_, ops::GetContextKeysForCustomPolicy>,
    _: &Snapshot,
    input: shape::GetContextKeysForCustomPolicyRequest,
) -> Result<shape::GetContextKeysForPolicyResponse, Fault> {
    let documents = input::identity(&input.policy_input_list)?;
    Ok(shape::GetContextKeysForPolicyResponse { context_key_names: Some(keys::of(&documents)) })
}

fn keys_of_principal(
    at: Allowed<'_, ops::GetContextKeysForPrincipalPolicy>,
    snapshot: &Snapshot,
    input: shape::GetContextKeysForPrincipalPolicyRequest,
) -> Result<shape::GetContextKeysForPolicyResponse, Fault> {
    let mut documents = source::find(&at, snapshot, &input.policy_source_arn)?.identity;
    documents.extend(input::identity(input.policy_input_list.as_deref().unwrap_or_default())?);
    Ok(shape::GetContextKeysForPolicyResponse { context_key_names: Some(keys::of(&documents)) })
}
