//! What a test expects, and whether an answer is that.

use super::fields::{Fields, Findings, did_you_mean, text};
use crate::explain::{Answer, LayerName, Verdict};
use base::Span;
use base::json::JsonNode;
use serde::Serialize;

/// How a request must be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedDecision {
    /// It is allowed.
    Allowed,
    /// It is denied, in whichever way.
    Denied,
    /// A statement denies it.
    ExplicitlyDenied,
    /// No statement denies it, but an allow is missing.
    ImplicitlyDenied,
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// The decision.
    pub decision: ExpectedDecision,
    /// The layer that must decide, as `decide` names it: `identity`, `boundary` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<&'static str>,
    /// The `Sid` of the statement that must decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The name of the policy that must decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// An answer beside what was expected.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The answer, or why there is none.
    pub answer: Result<Answer, String>,
    /// What is not as expected; none if the case passed.
    pub complaints: Vec<String>,
}

impl Judgement {
    /// Whether the answer is what was expected.
    pub fn passed(&self) -> bool {
        self.complaints.is_empty()
    }
}

/// The layers under the names that `decide` gives them.
const LAYERS: [(&str, LayerName); 7] = [
    ("rcp", LayerName::ResourceControlPolicies),
    ("scp", LayerName::ServiceControlPolicies),
    ("endpoint", LayerName::EndpointPolicy),
    ("resource", LayerName::ResourcePolicy),
    ("identity", LayerName::IdentityPolicies),
    ("boundary", LayerName::PermissionsBoundary),
    ("session", LayerName::SessionPolicies),
];
const DECISIONS: [(&str, ExpectedDecision); 4] = [
    ("allowed", ExpectedDecision::Allowed),
    ("denied", ExpectedDecision::Denied),
    ("explicitly_denied", ExpectedDecision::ExplicitlyDenied),
    ("implicitly_denied", ExpectedDecision::ImplicitlyDenied),
];
const MEMBERS: [&str; 4] = ["decision", "layer", "sid", "policy"];

/// Reads `expect`: a decision, or an object with one.
pub(super) fn read(node: &JsonNode, findings: &mut Findings) -> Option<Expectation> {
    let plain = |decision| Expectation { decision, layer: None, sid: None, policy: None };
    if node.as_object().is_none() {
        return decision(text(node, "expect", findings)?, node.span, findings).map(plain);
    }
    let fields = Fields::of(node, "`expect`", &MEMBERS, findings)?;
    let Some(found) = fields.get("decision") else {
        findings.push(node.span, "`expect` has no `decision`");
        return None;
    };
    let decision = decision(text(found, "expect.decision", findings)?, found.span, findings)?;
    let layer = fields
        .get("layer")
        .and_then(|found| layer(text(found, "expect.layer", findings)?, found.span, findings));
    let owned = |text: &str| text.to_owned();
    let sid = fields.text("sid", findings).map(owned);
    let policy = fields.text("policy", findings).map(owned);
    Some(Expectation { decision, layer, sid, policy })
}

fn decision(text: &str, span: Span, findings: &mut Findings) -> Option<ExpectedDecision> {
    let found = DECISIONS.iter().find(|(known, _)| *known == text).map(|(_, decision)| *decision);
    if found.is_none() {
        let help = did_you_mean(text, &DECISIONS.map(|(known, _)| known));
        findings.push_with_help(span, format!("`{text}` is no decision"), Some(help));
    }
    found
}

fn layer(text: &str, span: Span, findings: &mut Findings) -> Option<&'static str> {
    let found = LAYERS.iter().find(|(known, _)| *known == text).map(|(known, _)| *known);
    if found.is_none() {
        let help = did_you_mean(text, &LAYERS.map(|(known, _)| known));
        findings.push_with_help(span, format!("`{text}` is no layer"), Some(help));
    }
    found
}

impl ExpectedDecision {
    /// The word in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::ExplicitlyDenied => "explicitly denied",
            Self::ImplicitlyDenied => "implicitly denied",
        }
    }

    fn admits(self, verdict: Verdict) -> bool {
        match self {
            Self::Allowed => verdict == Verdict::Allowed,
            Self::Denied => verdict != Verdict::Allowed,
            Self::ExplicitlyDenied => verdict == Verdict::ExplicitDeny,
            Self::ImplicitlyDenied => verdict == Verdict::ImplicitDeny,
        }
    }
}

pub(super) fn judge(expected: &Expectation, answer: Result<Answer, String>) -> Judgement {
    let complaints = match &answer {
        Ok(answer) => complaints(expected, answer),
        Err(error) => vec![format!("it cannot be answered: {error}")],
    };
    Judgement { answer, complaints }
}

fn complaints(expected: &Expectation, answer: &Answer) -> Vec<String> {
    let mut complaints = Vec::new();
    if !expected.decision.admits(answer.verdict) {
        let decided = match answer.verdict {
            Verdict::Allowed => "allowed",
            Verdict::ExplicitDeny => "explicitly denied",
            Verdict::ImplicitDeny => "implicitly denied",
        };
        complaints.push(format!("expected {}, but it is {decided}", expected.decision.word()));
    }
    let layer = answer.layers.iter().find(|layer| layer.decides).map(|layer| layer.layer);
    let decided_by = LAYERS.iter().find(|(_, name)| Some(*name) == layer).map_or("none", |(known, _)| known);
    if let Some(wanted) = expected.layer.filter(|wanted| *wanted != decided_by) {
        complaints.push(format!("expected layer {wanted} to decide, but it is {decided_by}"));
    }
    let deciding = answer.deciding.as_ref();
    let differs = |wanted: &Option<String>, found: Option<&str>, what: &str| {
        let wanted = wanted.as_deref().filter(|wanted| found != Some(*wanted))?;
        let found = found.map_or("none".to_owned(), |found| format!("`{found}`"));
        Some(format!("expected {what} `{wanted}` to decide, but it is {found}"))
    };
    complaints.extend(differs(&expected.sid, deciding.and_then(|it| it.sid.as_deref()), "statement"));
    let policy = deciding.and_then(|it| answer.policies.get(it.policy)).map(|policy| policy.name.as_str());
    complaints.extend(differs(&expected.policy, policy, "policy"));
    complaints
}
