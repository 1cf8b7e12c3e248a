//! The decisions, in the shape of `EvaluationResult`.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>.

use super::input::Read;
use base::{AccountId, ArnRef, span};
use policy::catalogue::Catalogue;
use policy::{
    Effect, Element, Explanation, Layer, LayerExplanation, Layers, Outcome, PolicyKind, PolicyLabel,
    PolicySet, Request, StatementExplanation,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::iam::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail, Position,
    ResourceSpecificResult, Statement,
};

/// AWS's names of kinds of policies in answers of the simulator.
const IAM_POLICY: &str = "IAM Policy";
const RESOURCE_POLICY: &str = "Resource Policy";
const BOUNDARY_POLICY: &str = "Permissions Boundary Policy";

/// Everything that a simulation is made of.
pub(super) struct Simulation {
    pub(super) identity: PolicySet,
    pub(super) boundary: Option<PolicySet>,
    pub(super) scps: Vec<Arc<PolicySet>>,
    pub(super) scene: Read,
}

/// What one resource comes to.
struct Judged {
    resource: String,
    outcome: Outcome,
    matched: Vec<Statement>,
    missing: Vec<String>,
    /// Of requests across accounts: what each kind of policy says.
    details: BTreeMap<String, Outcome>,
    boundary: Option<bool>,
    organization: Option<bool>,
}

impl Simulation {
    /// The result of one action on all resources: the most restrictive decision, and each resource's own.
    pub(super) fn result(&self, action: &str) -> EvaluationResult {
        let resources = &self.scene.resources;
        if resources.is_empty() {
            let judged = self.judge(action, "*");
            return EvaluationResult {
                eval_resource_name: Some("*".to_owned()),
                eval_decision_details: None,
                resource_specific_results: None,
                ..aggregate(action, &[judged])
            };
        }
        let judged: Vec<Judged> = resources.iter().map(|resource| self.judge(action, resource)).collect();
        EvaluationResult {
            eval_resource_name: Some(template(action, resources)),
            resource_specific_results: Some(judged.iter().map(of_resource).collect()),
            ..aggregate(action, &judged)
        }
    }

    fn judge(&self, action: &str, resource: &str) -> Judged {
        let scene = &self.scene;
        let owner = ArnRef::parse(resource).and_then(|arn| AccountId::parse(arn.account).ok());
        let owner = owner.unwrap_or(scene.owner);
        let wildcard_only = Catalogue::get().action(action).is_some_and(|facts| facts.is_wildcard_only());
        let request = Request::new(&scene.principal, action, resource, &scene.context)
            .resource_account(owner)
            .wildcard_only(wildcard_only);
        let layers = Layers {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            resource: Some(&scene.resource),
            scps: &self.scps,
            ..Layers::default()
        };
        let explanation = policy::explain(&layers, &request);
        let outcome = explanation.decision.outcome;
        let shown: Vec<&LayerExplanation> = explanation.layers.iter().filter(|it| self.shows(it)).collect();
        let organization = organization(&explanation);
        let abroad = scene.has_resource_policy && scene.principal.account() != Some(owner);
        Judged {
            resource: resource.to_owned(),
            outcome,
            matched: matched(&shown, outcome),
            missing: missing(&shown),
            // A denial by the organization ends the simulation before the accounts are looked at.
            details: if abroad && organization != Some(false) { details(&shown) } else { BTreeMap::new() },
            boundary: says(&explanation, Layer::Boundary).map(|said| said == Outcome::Allowed),
            organization,
        }
    }

    /// Whether a layer belongs to the answer: SCPs do not, nor does what stands for a resource policy.
    fn shows(&self, layer: &LayerExplanation) -> bool {
        match layer.layer {
            Layer::Identity | Layer::Boundary => true,
            Layer::Resource => self.scene.has_resource_policy,
            _ => false,
        }
    }
}

/// One result from those of all resources.
fn aggregate(action: &str, judged: &[Judged]) -> EvaluationResult {
    let decision = judged.iter().map(|it| it.outcome).max_by_key(|outcome| strictness(*outcome));
    let decision = decision.unwrap_or(Outcome::ImplicitlyDenied);
    let mut matched: Vec<Statement> = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    let mut details: BTreeMap<String, Outcome> = BTreeMap::new();
    for one in judged {
        if one.outcome == decision {
            let new = one.matched.iter().filter(|it| !matched.contains(it)).cloned().collect::<Vec<_>>();
            matched.extend(new);
        }
        let new = one.missing.iter().filter(|it| !missing.contains(it)).cloned().collect::<Vec<_>>();
        missing.extend(new);
        for (kind, outcome) in &one.details {
            let known = details.entry(kind.clone()).or_insert(*outcome);
            if strictness(*outcome) > strictness(*known) {
                *known = *outcome;
            }
        }
    }
    let all = |part: fn(&Judged) -> Option<bool>| {
        let parts: Vec<bool> = judged.iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| parts.iter().all(|allowed| *allowed))
    };
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: None,
        eval_decision: word(decision).to_owned(),
        matched_statements: Some(matched),
        missing_context_values: Some(missing),
        organizations_decision_detail: all(|it| it.organization)
            .map(|allowed| OrganizationsDecisionDetail { allowed_by_organizations: Some(allowed) }),
        permissions_boundary_decision_detail: all(|it| it.boundary).map(boundary_detail),
        eval_decision_details: Some(words(&details)),
        resource_specific_results: None,
    }
}

fn of_resource(judged: &Judged) -> ResourceSpecificResult {
    ResourceSpecificResult {
        eval_resource_name: judged.resource.clone(),
        eval_resource_decision: word(judged.outcome).to_owned(),
        matched_statements: Some(judged.matched.clone()),
        missing_context_values: Some(judged.missing.clone()),
        eval_decision_details: Some(words(&judged.details)).filter(|details| !details.is_empty()),
        permissions_boundary_decision_detail: judged.boundary.map(boundary_detail),
    }
}

fn boundary_detail(allowed: bool) -> PermissionsBoundaryDecisionDetail {
    PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(allowed) }
}

fn words(details: &BTreeMap<String, Outcome>) -> BTreeMap<String, String> {
    details.iter().map(|(kind, outcome)| (kind.clone(), word(*outcome).to_owned())).collect()
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::ExplicitlyDenied => "explicitDeny",
        Outcome::ImplicitlyDenied => "implicitDeny",
    }
}

fn strictness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Allowed => 0,
        Outcome::ImplicitlyDenied => 1,
        Outcome::ExplicitlyDenied => 2,
    }
}

/// The ARN template of the resource type that the action and the resources have in common, or `*`.
fn template(action: &str, resources: &[String]) -> String {
    let types = Catalogue::get().action(action).map(|facts| facts.resource_types().collect::<Vec<_>>());
    let patterns = types.into_iter().flatten().map(|used| used.resource_type().arn_pattern());
    let mut common = patterns.filter(|pattern| resources.iter().all(|resource| is_like(resource, pattern)));
    common.next().unwrap_or("*").to_owned()
}

/// Whether a resource has the parts of a template: what is written out is the same, what is variable is there.
fn is_like(resource: &str, template: &str) -> bool {
    let (Some(resource), Some(template)) = (ArnRef::parse(resource), ArnRef::parse(template)) else {
        return false;
    };
    let is_alike = |part: &str, wanted: &str| match wanted.starts_with("${") {
        true => !part.is_empty(),
        false => part == "*" || part == wanted,
    };
    let written_out = template.resource.split("${").next().unwrap_or_default();
    resource.service == template.service
        && is_alike(resource.region, template.region)
        && is_alike(resource.account, template.account)
        && (resource.resource == "*" || resource.resource.starts_with(written_out))
}

/// The statements that made the decision: of an explicit denial those that deny; an implicit one has none.
fn matched(layers: &[&LayerExplanation], outcome: Outcome) -> Vec<Statement> {
    let effect = match outcome {
        Outcome::Allowed => Effect::Allow,
        Outcome::ExplicitlyDenied => Effect::Deny,
        Outcome::ImplicitlyDenied => return Vec::new(),
    };
    let found = layers.iter().flat_map(|layer| layer.statements.iter().map(|found| (layer.layer, found)));
    let found = found.filter(|(_, found)| found.matches() && found.effect == effect);
    found.map(|(layer, found)| statement(layer, found)).collect()
}

fn statement(layer: Layer, found: &StatementExplanation) -> Statement {
    let text = found.policy.document().text();
    let span = found.statement().map(|statement| statement.span).unwrap_or_default();
    let before = text.get(..span.start as usize).unwrap_or_default().trim_end().len();
    let position = |offset: u32| {
        let place = span::position(text, offset);
        let number = |number: u32| i32::try_from(number).ok();
        Position { line: number(place.line), column: number(place.column) }
    };
    let kind = match layer {
        Layer::Resource => RESOURCE_POLICY,
        Layer::Boundary => BOUNDARY_POLICY,
        _ => IAM_POLICY,
    };
    Statement {
        source_policy_id: Some(policy_id(found.policy.label())),
        source_policy_type: Some(kind.to_owned()),
        // AWS's reader tells where it stood: behind what comes before the statement, and behind its end.
        start_position: Some(position(u32::try_from(before).unwrap_or(span.start))),
        end_position: Some(position(span.end)),
    }
}

/// A managed policy goes by its name, an inline one by kind, name of its holder and its own, one of the request by its
/// place there.
fn policy_id(label: &PolicyLabel) -> String {
    match (label.kind, ArnRef::parse(&label.id)) {
        (PolicyKind::Inline, Some(owner)) => {
            let kind = owner.typed_resource().map_or("", |(kind, _)| kind);
            format!("{kind}_{}_{}", owner.name(), label.name)
        }
        _ => label.name.to_string(),
    }
}

/// The keys that statements about the action ask for and the request does not have, as they are spelt there.
fn missing(layers: &[&LayerExplanation]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let statements = layers.iter().flat_map(|layer| &layer.statements);
    let about = statements.filter(|it| it.misses.iter().all(|miss| miss.element != Element::Action));
    for found in about {
        let conditions = found.statement().map(|it| it.conditions.as_slice()).unwrap_or_default();
        for key in found.misses.iter().flat_map(|miss| &miss.missing_keys) {
            let mut spelt = conditions.iter().map(|condition| &*condition.key.value);
            let key = spelt.find(|known| known.eq_ignore_ascii_case(key)).unwrap_or(key);
            if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

/// What each kind of policy says, whatever the others do.
fn details(layers: &[&LayerExplanation]) -> BTreeMap<String, Outcome> {
    let kind = |layer| match layer {
        Layer::Resource => RESOURCE_POLICY,
        Layer::Boundary => BOUNDARY_POLICY,
        _ => IAM_POLICY,
    };
    layers.iter().map(|layer| (kind(layer.layer).to_owned(), said(layer))).collect()
}

fn said(layer: &LayerExplanation) -> Outcome {
    match (layer.denies, layer.allows) {
        (true, _) => Outcome::ExplicitlyDenied,
        (false, true) => Outcome::Allowed,
        (false, false) => Outcome::ImplicitlyDenied,
    }
}

fn says(explanation: &Explanation, layer: Layer) -> Option<Outcome> {
    explanation.layers.iter().find(|found| found.layer == layer).map(said)
}

/// Whether every level of SCPs allows; `None` without an organization.
fn organization(explanation: &Explanation) -> Option<bool> {
    let mut levels = explanation.layers.iter().filter(|layer| layer.layer == Layer::Scp).peekable();
    levels.peek()?;
    Some(levels.all(|level| said(level) == Outcome::Allowed))
}
