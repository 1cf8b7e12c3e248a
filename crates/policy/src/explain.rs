//! Why a decision came out as it did.

use crate::compile::{CompiledPolicy, CompiledStatement};
use crate::decision::{Decision, Layer};
use crate::document::{Effect, Statement};
use crate::evaluate::{Layers, evaluate, principal_reach, resource_matches};
use crate::request::Request;
use crate::set::PolicySet;
use base::Span;
use std::sync::Arc;

/// A decision with what every layer had to do with it.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The decision; the same as [`evaluate`] gives.
    pub decision: Decision,
    /// The layers that concern this request, in order; SCPs and RCPs once a level.
    pub layers: Vec<LayerExplanation>,
    /// Condition keys that statements asked for and the request does not have: in lower case, sorted.
    pub missing_context: Vec<String>,
}

/// What one layer, or level of it, says.
#[derive(Debug, Clone)]
pub struct LayerExplanation {
    /// The layer.
    pub layer: Layer,
    /// For SCPs and RCPs: the level, root first, from zero.
    pub level: u32,
    /// Whether a statement of it allows.
    pub allows: bool,
    /// Whether a statement of it denies.
    pub denies: bool,
    /// Statements that match or nearly do: their action matches, or everything but the action. In order of policies
    /// and statements.
    pub statements: Vec<StatementExplanation>,
}

/// What one statement has to do with the request.
#[derive(Debug, Clone)]
pub struct StatementExplanation {
    /// Its policy.
    pub policy: Arc<CompiledPolicy>,
    /// Its policy's place in the layer, from zero.
    pub policy_place: u32,
    /// Its place in [`crate::Document::statements`].
    pub statement_place: u32,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// The elements on which it fails; it matches if there are none.
    pub misses: Vec<Miss>,
    /// The place of the entry of `Action` that covers the action, if one does.
    pub action_span: Option<Span>,
    /// The place of the entry of `Resource` that covers the resource, if one does.
    pub resource_span: Option<Span>,
}

/// An element on which a statement fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// Which element.
    pub element: Element,
    /// Its place in the policy's text; for a missing element, the statement's.
    pub span: Span,
    /// Condition keys that it asked for and the request does not have, in lower case.
    pub missing_keys: Vec<String>,
}

/// An element of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// One operator and key of `Condition`, by its place in [`Statement::conditions`].
    Condition(usize),
}

impl StatementExplanation {
    /// Whether the statement matches the request.
    pub fn matches(&self) -> bool {
        self.misses.is_empty()
    }

    /// The statement, with the places of its elements.
    pub fn statement(&self) -> Option<&Statement> {
        self.policy.document().statements().get(self.statement_place as usize)
    }
}

impl Explanation {
    /// The explanation of the layer that decided.
    pub fn deciding_layer(&self) -> Option<&LayerExplanation> {
        let reason = self.decision.reason;
        self.layers.iter().find(|layer| layer.layer == reason.layer && layer.level == reason.level)
    }

    /// The statement that decided, if one did.
    pub fn deciding_statement(&self) -> Option<&StatementExplanation> {
        let reason = self.decision.reason;
        let decided = |found: &&StatementExplanation| {
            Some(found.policy_place) == reason.policy && Some(found.statement_place) == reason.statement
        };
        self.deciding_layer()?.statements.iter().find(decided)
    }

    /// Every statement that matches, with its layer, in order.
    pub fn matched(&self) -> impl Iterator<Item = (Layer, &StatementExplanation)> {
        let statements =
            self.layers.iter().flat_map(|layer| layer.statements.iter().map(|s| (layer.layer, s)));
        statements.filter(|(_, statement)| statement.matches())
    }
}

/// Decides a request and tells why.
pub fn explain(layers: &Layers<'_>, request: &Request<'_>) -> Explanation {
    let bound = layers.binding(request);
    let bounded = bound.boundary.is_some();
    let explained: Vec<LayerExplanation> =
        bound.sets().map(|(layer, level, set)| explain_layer(layer, level, set, bounded, request)).collect();
    let misses = explained.iter().flat_map(|layer| &layer.statements).flat_map(|statement| &statement.misses);
    let mut missing_context: Vec<String> =
        misses.flat_map(|miss| miss.missing_keys.iter().cloned()).collect();
    missing_context.sort_unstable();
    missing_context.dedup();
    Explanation { decision: evaluate(layers, request), layers: explained, missing_context }
}

fn explain_layer(
    layer: Layer,
    level: usize,
    set: &PolicySet,
    bounded: bool,
    request: &Request<'_>,
) -> LayerExplanation {
    let mut statements = Vec::new();
    for (place, compiled) in set.about(&request.action) {
        let Some(policy) = set.policies().get(place.policy as usize) else { continue };
        let Some(written) = policy.document().statements().get(compiled.place as usize) else { continue };
        let Some(misses) = find_misses(compiled, written, layer, bounded, request) else { continue };
        statements.push(StatementExplanation {
            policy: Arc::clone(policy),
            policy_place: place.policy,
            statement_place: compiled.place,
            effect: compiled.effect,
            action_span: action_entry(compiled, written, request),
            resource_span: resource_entry(compiled, written, request),
            misses,
        });
    }
    let some = |effect| {
        statements.iter().any(|found: &StatementExplanation| found.matches() && found.effect == effect)
    };
    LayerExplanation {
        layer,
        level: level as u32,
        allows: some(Effect::Allow),
        denies: some(Effect::Deny),
        statements,
    }
}

/// The elements on which a statement fails, if it is worth telling: if the action matches, or nothing but an action of
/// the same service fails.
fn find_misses(
    compiled: &CompiledStatement,
    written: &Statement,
    layer: Layer,
    bounded: bool,
    request: &Request<'_>,
) -> Option<Vec<Miss>> {
    let names_caller = || principal_reach(compiled, layer, bounded, request.principal).is_some();
    if !compiled.action.matches(&request.action) {
        let near = compiled.action.names_service(&request.action)
            && resource_matches(compiled, layer, request)
            && names_caller()
            && compiled.conditions_hold(request.context);
        let miss = || Miss { element: Element::Action, span: written.action.span, missing_keys: Vec::new() };
        return near.then(|| vec![miss()]);
    }
    let mut misses = Vec::new();
    let mut miss = |element, span, missing_keys| misses.push(Miss { element, span, missing_keys });
    if !names_caller() {
        let span = written.principal.as_ref().map_or(written.span, |principal| principal.span);
        miss(Element::Principal, span, Vec::new());
    }
    if !resource_matches(compiled, layer, request) {
        let span = written.resource.as_ref().map_or(written.span, |resource| resource.span);
        miss(Element::Resource, span, missing_in_resource(compiled, request));
    }
    let mut failing: Vec<_> =
        compiled.conditions.iter().filter(|condition| !condition.holds(request.context)).collect();
    failing.sort_unstable_by_key(|condition| condition.place);
    for condition in failing {
        let place = condition.place as usize;
        let span = written.conditions.get(place).map_or(written.span, |element| element.span);
        miss(Element::Condition(place), span, condition.missing(request.context));
    }
    Some(misses)
}

fn missing_in_resource(compiled: &CompiledStatement, request: &Request<'_>) -> Vec<String> {
    let mut missing = Vec::new();
    if let Some(resource) = &compiled.resource {
        resource.variables(&mut |key| {
            if request.context.values(key) == crate::context::Values::Absent {
                missing.push(key.name().to_owned());
            }
        });
    }
    missing
}

fn action_entry(compiled: &CompiledStatement, written: &Statement, request: &Request<'_>) -> Option<Span> {
    let matcher = &compiled.action;
    let place = matcher.entries.iter().position(|entry| entry.matches(&request.action))?;
    written.action.entries.get(place).map(|entry| entry.span)
}

fn resource_entry(compiled: &CompiledStatement, written: &Statement, request: &Request<'_>) -> Option<Span> {
    let place = compiled.resource.as_ref()?.entry(request)?;
    written.resource.as_ref()?.entries.get(place as usize).map(|entry| entry.span)
}
