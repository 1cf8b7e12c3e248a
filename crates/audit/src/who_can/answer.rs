//! The answer, as data.

use super::{Asked, Question, notes};
use analysis::who_can::{Gate, Ground, Grounds, Kind, PersonId, Population, Solution};
use base::AccountId;
use policy::{ConditionElement, Layer, PolicyKind};
use serde::{Deserialize, Serialize};

/// Who can do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// The action, in the catalogue's spelling.
    pub action: String,
    /// The resource that is judged.
    pub resource: String,
    /// The account that owns the resource, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_account: Option<AccountId>,
    /// How many principals there are of each verdict.
    pub count: Count,
    /// Those that can, users before roles, account by account.
    pub people: Vec<PersonAnswer>,
    /// How many more can that are not listed.
    pub omitted: u64,
    /// What the answer rests on, and what it does not know.
    pub notes: Vec<String>,
}

/// How many principals there are of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Count {
    /// They can, whatever the conditions.
    pub always: u64,
    /// They can if conditions hold.
    #[serde(rename = "If")]
    pub conditional: u64,
    /// They cannot.
    pub never: u64,
}

/// Whether somebody can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Whatever the conditions.
    Always,
    /// If conditions hold.
    If,
}

/// Somebody who can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PersonAnswer {
    /// The ARN of the user, role, or account's root.
    pub principal: String,
    /// `user`, `role`, `service-linked role` or `root`.
    pub kind: String,
    /// Whether always.
    pub verdict: Verdict,
    /// What lets it in, or may keep it out, in the order in which it is to be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Clause>,
}

/// A statement, and how it goes together with the ones before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Clause {
    /// How.
    pub part: Part,
    /// The statement.
    pub statement: StatementShown,
}

/// How a statement goes together with the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// It allows, if its conditions hold; the first.
    Allows,
    /// Also this layer must allow.
    And,
    /// Or this statement of the same layer.
    Or,
    /// Or in another way altogether, from here on.
    OrElse,
    /// Unless it denies, if its conditions hold.
    Unless,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatementShown {
    /// What kind of policy: `managed policy`, `inline policy`, `permissions boundary`, `SCP`, …
    pub kind: String,
    /// The policy's name.
    pub policy: String,
    /// The policy's ARN; of an inline policy that of the entity that holds it.
    pub policy_id: String,
    /// Of SCPs and RCPs: the level, root first, from zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Its place in the policy, from zero.
    pub index: usize,
    /// `Sid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Conditions of it that are open: all must hold. `KEY OPERATOR VALUE | VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// Puts the answer together.
pub(super) fn answer(
    population: &Population,
    solution: &Solution,
    asked: &Asked,
    question: &Question,
) -> Answer {
    let count = solution.count(population);
    let limit = question.limit.unwrap_or(usize::MAX);
    let people: Vec<PersonId> = solution.people(population).map(|(person, _)| person).take(limit).collect();
    let grounds = solution.grounds(population, &people);
    let people = people.iter().zip(&grounds).map(|(person, grounds)| shown(population, *person, grounds));
    let people: Vec<PersonAnswer> = people.collect();
    Answer {
        action: asked.question.action().to_owned(),
        resource: asked.question.resource().to_owned(),
        resource_account: asked.question.owner(),
        count: Count { always: count.always, conditional: count.conditional, never: count.never },
        omitted: count.always + count.conditional - people.len() as u64,
        people,
        notes: notes(asked, population, question),
    }
}

fn shown(population: &Population, person: PersonId, grounds: &Grounds<'_>) -> PersonAnswer {
    PersonAnswer {
        principal: population.arn(person).to_owned(),
        kind: match population.kind(person) {
            Kind::User => "user",
            Kind::Role => "role",
            Kind::LinkedRole => "service-linked role",
            Kind::Root => "root",
        }
        .to_owned(),
        verdict: match grounds.verdict {
            analysis::who_can::Verdict::Always => Verdict::Always,
            _ => Verdict::If,
        },
        because: because(grounds),
    }
}

/// What is to be read: of a way that is settled one statement a gate; else of every way the gates that grant, and those
/// that are open.
fn because(grounds: &Grounds<'_>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let settled = grounds.ways.iter().find(|way| way.gates.iter().all(|gate| gate.settled));
    let ways = settled.map_or(&grounds.ways[..], std::slice::from_ref);
    for (number, way) in ways.iter().enumerate() {
        let mut part = if number == 0 { Part::Allows } else { Part::OrElse };
        for gate in way.gates.iter().filter(|gate| is_telling(gate)) {
            let statements = if gate.settled { 1 } else { gate.statements.len() };
            for ground in gate.statements.iter().take(statements) {
                clauses.push(Clause { part, statement: statement(ground) });
                part = Part::Or;
            }
            part = Part::And;
        }
    }
    let denies = grounds.denies.iter();
    clauses.extend(denies.map(|ground| Clause { part: Part::Unless, statement: statement(ground) }));
    clauses
}

/// Layers that only limit are of interest if they may.
fn is_telling(gate: &Gate<'_>) -> bool {
    !gate.settled || matches!(gate.layer, Layer::Identity | Layer::Resource)
}

fn statement(ground: &Ground<'_>) -> StatementShown {
    let mut conditions: Vec<String> = ground.conditions.iter().map(|element| condition(element)).collect();
    if !ground.resources.is_empty() {
        let entries: Vec<&str> = ground.resources.iter().map(|text| &*text.value).collect();
        let negated = ground.statement.resource.as_ref().is_some_and(|element| element.negated);
        let word = if negated { "is not" } else { "is" };
        conditions.push(format!("the resource {word} {}", entries.join(" | ")));
    }
    StatementShown {
        kind: kind(ground.label.kind, ground.layer).to_owned(),
        policy: ground.label.name.to_string(),
        policy_id: ground.label.id.to_string(),
        level: matches!(ground.layer, Layer::Scp | Layer::Rcp).then_some(ground.level),
        index: ground.statement.index,
        sid: ground.statement.sid.as_ref().map(|sid| sid.value.to_string()),
        conditions,
    }
}

fn condition(element: &ConditionElement) -> String {
    let values: Vec<&str> = element.values.iter().map(|value| &*value.value).collect();
    format!("{} {} {}", element.key.value, element.operator_text.value, values.join(" | "))
}

fn kind(kind: PolicyKind, layer: Layer) -> &'static str {
    match (layer, kind) {
        (Layer::Boundary, _) => "permissions boundary",
        (Layer::Rcp, _) => "RCP",
        (Layer::Scp, _) => "SCP",
        (Layer::Resource, PolicyKind::Trust) => "trust policy",
        (Layer::Resource, _) => "resource policy",
        (_, PolicyKind::Inline) => "inline policy",
        _ => "managed policy",
    }
}
