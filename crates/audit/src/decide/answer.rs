//! The answer to a question.

use base::{Diagnostic, Severity, span};
use policy::{
    Cause, Decision, Effect, Element, Explanation, Flip, Layer, LayerExplanation, Miss, Outcome,
    StatementExplanation, Step,
};
use serde::Serialize;

/// What a line is answered with: a decision, or why there is none.
pub type Reply = crate::reply::Reply<Answer>;

impl Reply {
    /// The decision; `None` if the question could not be answered.
    pub fn verdict(&self) -> Option<Verdict> {
        self.answer().map(|answer| answer.deciding.decision)
    }
}

/// The decision on the request, and what led to it.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// What stands for all resources: the finding of the one that decides.
    #[serde(flatten)]
    deciding: Told,
    /// Of a list of resources: each one's own finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Vec<OfResource>>,
    diagnostics: Vec<Note>,
}

/// What the request on one resource comes to.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) decision: Decision,
    arn: String,
    told: Told,
}

#[derive(Debug, Serialize)]
struct OfResource {
    arn: String,
    #[serde(flatten)]
    told: Told,
}

#[derive(Debug, Clone, Serialize)]
struct Told {
    decision: Verdict,
    /// The layer that decided.
    layer: &'static str,
    /// For SCPs and RCPs: the level that decided, root first, from zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u32>,
    cause: &'static str,
    statements: Vec<StatementFound>,
    missing_context: Vec<String>,
    /// If they were asked for: the smallest changes that turn the decision around, each a list of steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<Vec<StepFound>>>,
}

/// A step of a change that would turn the decision around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepFound {
    /// `lift` a denial, `remove` an allow, or have the layer `allow`.
    pub step: &'static str,
    /// The layer.
    pub layer: &'static str,
    /// For SCPs and RCPs: the level, root first, from zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Whether the allow has to name the principal itself, not only its account or role.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub directly: bool,
    /// The statement to lift or to remove; where an allow is missing, the one that comes nearest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementFound>,
    /// What of the nearest statement would have to change: `action`, `resource`, `principal`, or the condition keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fails: Vec<String>,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Verdict {
    /// Everything that must allow does, and nothing denies.
    Allowed,
    /// A statement denies.
    ExplicitlyDenied,
    /// No statement denies, but an allow is missing.
    ImplicitlyDenied,
}

/// A statement that matches the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementFound {
    /// Its layer.
    pub layer: &'static str,
    /// Its policy's place in the question, as in `scps[0][1]`.
    pub policy: String,
    /// The name that the question gave the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its place in the policy, from zero.
    pub statement: usize,
    /// Its `Sid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// Whether it is the one that decided.
    pub decides: bool,
    /// The line in the policy's text at which it starts, from one.
    pub line: u32,
    /// The character of the line, from one.
    pub column: u32,
}

/// Something that is odd about the question or wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Which part of the question, as in `identity_policies[0]`.
    pub part: String,
    /// `error`, `warning` …
    pub severity: &'static str,
    /// A stable code.
    pub code: String,
    /// What is so.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The line in the policy's text, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The character of the line, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl Note {
    /// What the reader of policies says of a document.
    pub(crate) fn of_policy(part: &str, text: &str, diagnostic: &Diagnostic) -> Self {
        let place = span::position(text, diagnostic.span.start);
        Self {
            part: part.to_owned(),
            severity: diagnostic.severity.word(),
            code: diagnostic.code.to_string(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            line: Some(place.line),
            column: Some(place.column),
        }
    }

    /// A warning about the question itself.
    pub(super) fn of_question(part: &str, code: &str, message: String) -> Self {
        Self {
            part: part.to_owned(),
            severity: Severity::Warning.word(),
            code: code.to_owned(),
            message,
            help: None,
            line: None,
            column: None,
        }
    }

    pub(super) fn with_help(self, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..self }
    }
}

impl Answer {
    /// From the findings on all resources, of which one decides.
    pub(super) fn new(
        findings: Vec<Finding>,
        deciding: usize,
        is_list: bool,
        diagnostics: Vec<Note>,
    ) -> Self {
        let mut told: Vec<OfResource> =
            findings.into_iter().map(|Finding { arn, told, .. }| OfResource { arn, told }).collect();
        if is_list {
            let deciding = told.get(deciding).map(|it| it.told.clone()).unwrap_or_default();
            return Self { deciding, resources: Some(told), diagnostics };
        }
        let deciding = told.pop().map(|it| it.told).unwrap_or_default();
        Self { deciding, resources: None, diagnostics }
    }
}

impl Finding {
    pub(super) fn new(arn: &str, explanation: &Explanation, flip: Option<&Flip>) -> Self {
        let told = Told::new(explanation, flip);
        Self { decision: explanation.decision, arn: arn.to_owned(), told }
    }
}

impl Default for Told {
    /// Nothing was found, so that nothing is allowed.
    fn default() -> Self {
        let (decision, layer, cause) = (Verdict::ImplicitlyDenied, "identity", "no_allow");
        let (statements, missing_context) = (Vec::new(), Vec::new());
        Self { decision, layer, level: None, cause, statements, missing_context, changes: None }
    }
}

impl Told {
    fn new(explanation: &Explanation, flip: Option<&Flip>) -> Self {
        let reason = explanation.decision.reason;
        let leveled = matches!(reason.layer, Layer::Scp | Layer::Rcp);
        let decision = match explanation.decision.outcome {
            Outcome::Allowed => Verdict::Allowed,
            Outcome::ExplicitlyDenied => Verdict::ExplicitlyDenied,
            Outcome::ImplicitlyDenied => Verdict::ImplicitlyDenied,
        };
        Self {
            decision,
            layer: layer_name(reason.layer),
            level: leveled.then_some(reason.level),
            cause: cause_name(reason.cause),
            statements: statements(explanation),
            missing_context: missing_context(explanation),
            changes: flip.map(changes),
        }
    }
}

/// None if no policy decides, or nothing but a new denial would do.
fn changes(flip: &Flip) -> Vec<Vec<StepFound>> {
    let Flip::Changes(changes) = flip else { return Vec::new() };
    changes.iter().map(|change| change.steps.iter().map(step).collect()).collect()
}

fn step(step: &Step) -> StepFound {
    let (step, layer, level, found, directly) = match step {
        Step::Lift(it) => ("lift", it.layer, it.level, Some(&it.statement), false),
        Step::Remove(it) => ("remove", it.layer, it.level, Some(&it.statement), false),
        Step::Allow(it) => ("allow", it.layer, it.level, it.nearest.as_ref(), it.directly),
    };
    StepFound {
        step,
        layer: layer_name(layer),
        level: matches!(layer, Layer::Scp | Layer::Rcp).then_some(level),
        directly,
        statement: found.map(|found| statement(layer, found, false)),
        fails: found.iter().flat_map(|found| found.misses.iter().map(|miss| element(found, miss))).collect(),
    }
}

fn element(found: &StatementExplanation, miss: &Miss) -> String {
    match miss.element {
        Element::Action => "action".to_owned(),
        Element::Resource => "resource".to_owned(),
        Element::Principal => "principal".to_owned(),
        Element::Condition(place) => {
            let condition = found.statement().and_then(|statement| statement.conditions.get(place));
            condition.map_or_else(|| "condition".to_owned(), |condition| condition.key.value.to_string())
        }
    }
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Rcp => "rcp",
        Layer::Scp => "scp",
        Layer::Endpoint => "endpoint",
        Layer::Resource => "resource",
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
    }
}

fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Statement => "statement",
        Cause::NoAllow => "no_allow",
        Cause::RootUser => "root_user",
        Cause::AlwaysAllowed => "always_allowed",
        Cause::OtherPartition => "other_partition",
        Cause::AwsOwned => "aws_owned",
    }
}

/// The statements that match, in the order of layers, policies and statements. Of an explicit denial only those that
/// deny are of interest.
fn statements(explanation: &Explanation) -> Vec<StatementFound> {
    let denied = explanation.decision.outcome == Outcome::ExplicitlyDenied;
    let deciding = explanation.deciding_statement();
    let of_layer = |layer: &'_ LayerExplanation| {
        let found = layer.statements.iter();
        let found = found.filter(|it| it.matches() && (!denied || it.effect == Effect::Deny));
        let decides = |it: &StatementExplanation| deciding.is_some_and(|known| std::ptr::eq(known, it));
        found.map(|it| statement(layer.layer, it, decides(it))).collect::<Vec<_>>()
    };
    explanation.layers.iter().flat_map(of_layer).collect()
}

fn statement(layer: Layer, found: &StatementExplanation, decides: bool) -> StatementFound {
    let label = found.policy.label();
    let written = found.statement();
    let start = written.map_or(0, |statement| statement.span.start);
    let place = span::position(found.policy.document().text(), start);
    let sid = written.and_then(|statement| statement.sid.as_ref());
    StatementFound {
        layer: layer_name(layer),
        policy: label.id.to_string(),
        name: Some(label.name.to_string()).filter(|name| !name.is_empty()),
        statement: written.map_or(0, |statement| statement.index),
        sid: sid.map(|sid| sid.value.to_string()).filter(|sid| !sid.is_empty()),
        effect: match found.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        },
        decides,
        line: place.line,
        column: place.column,
    }
}

/// The keys that the request lacks, spelt as the statements that ask for them spell them.
fn missing_context(explanation: &Explanation) -> Vec<String> {
    let statements = explanation.layers.iter().flat_map(|layer| &layer.statements);
    let conditions = statements.filter_map(StatementExplanation::statement).flat_map(|it| &it.conditions);
    let written: Vec<&str> = conditions.map(|condition| &*condition.key.value).collect();
    let spelt = |key: &String| written.iter().find(|known| known.eq_ignore_ascii_case(key)).copied();
    explanation.missing_context.iter().map(|key| spelt(key).unwrap_or(key).to_owned()).collect()
}
