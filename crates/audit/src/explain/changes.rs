//! The smallest changes that would turn a decision around, for people.

use super::answer::{ChangeAnswer, ShownPolicy, StatementAnswer, StepAnswer, StepKind};
use super::assemble::{Scene, Shelf};
use super::words;
use policy::{Change, Element, Flip, Layer, Statement, StatementExplanation, Step};

/// How many equally small changes are told.
const CHANGES: usize = 5;

/// The changes, the one most at hand first. None if no policy decides, or nothing but a new denial would do.
pub(super) fn changes(shelf: &mut Shelf<'_>, flip: &Flip) -> Vec<ChangeAnswer> {
    let Flip::Changes(changes) = flip else { return Vec::new() };
    let tell = |change: &Change| ChangeAnswer {
        steps: change.steps.iter().map(|step| self::step(shelf, step)).collect(),
    };
    changes.iter().take(CHANGES).map(tell).collect()
}

fn step(shelf: &mut Shelf<'_>, step: &Step) -> StepAnswer {
    let (kind, layer, level, found, directly) = match step {
        Step::Lift(place) => (StepKind::Lift, place.layer, place.level, Some(&place.statement), false),
        Step::Remove(place) => (StepKind::Remove, place.layer, place.level, Some(&place.statement), false),
        Step::Allow(missing) => {
            (StepKind::Allow, missing.layer, missing.level, missing.nearest.as_ref(), missing.directly)
        }
    };
    let statement = found.map(|found| shelf.statement(layer, found));
    let title = statement.as_ref().map(|statement| statement_title(statement, shelf.policy(statement)));
    let says = match (kind, title) {
        (StepKind::Lift, Some(title)) => format!("{title} did not deny it"),
        (StepKind::Remove, Some(title)) => title,
        (_, Some(title)) => format!("{title} {}", would_match(found)),
        (_, None) => format!("{} allowed it{}", author(shelf.scene(), layer, level), to_whom(directly)),
    };
    let leveled = matches!(layer, Layer::Scp | Layer::Rcp);
    StepAnswer { kind, layer: layer.into(), level: leveled.then_some(level), directly, statement, says }
}

/// `statement 2, `NoStop`, of managed policy `x``.
fn statement_title(statement: &StatementAnswer, policy: Option<&ShownPolicy>) -> String {
    let number = statement.statement + 1;
    let of = policy.map(|policy| format!(" of {}", policy.title())).unwrap_or_default();
    match &statement.sid {
        Some(sid) => format!("statement {number}, `{sid}`,{of}"),
        None => format!("statement {number}{of}"),
    }
}

/// What the nearest statement would have to do: `covered the action and its condition on `k` held`.
fn would_match(found: Option<&StatementExplanation>) -> String {
    let Some(found) = found else { return "allowed it".to_owned() };
    let statement = found.statement();
    let parts: Vec<String> = found.misses.iter().map(|miss| would_be_met(miss.element, statement)).collect();
    words::joined(&parts)
}

fn would_be_met(element: Element, statement: Option<&Statement>) -> String {
    match element {
        Element::Action => "covered the action".to_owned(),
        Element::Resource => "covered the resource".to_owned(),
        Element::Principal => "named the principal itself".to_owned(),
        Element::Condition(place) => {
            let key =
                statement.and_then(|it| it.conditions.get(place)).map(|condition| &*condition.key.value);
            format!("held in its condition on `{}`", key.unwrap_or("the key"))
        }
    }
}

/// Who would have to allow.
fn author(scene: &Scene<'_>, layer: Layer, level: u32) -> String {
    match layer {
        Layer::Identity => "a policy of the principal".to_owned(),
        Layer::Resource if words::is_sts(scene.action()) => "the role's trust policy".to_owned(),
        Layer::Resource => "the resource's own policy".to_owned(),
        Layer::Boundary => "the permissions boundary".to_owned(),
        Layer::Session => "a session policy".to_owned(),
        Layer::Endpoint => "the VPC endpoint's policy".to_owned(),
        Layer::Scp => format!("a service control policy of level {} below the root", level),
        Layer::Rcp => format!("a resource control policy of level {} below the root", level),
    }
}

fn to_whom(directly: bool) -> &'static str {
    if directly { " to the principal itself, not only to its account" } else { "" }
}
