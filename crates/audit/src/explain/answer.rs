//! The answer to a question, as data: everything that is needed to print it, and nothing that lives elsewhere.

use base::AccountId;
use serde::{Deserialize, Serialize};

/// Whether a request is allowed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// The decision.
    pub verdict: Verdict,
    /// Why, in one sentence without a full stop.
    pub summary: String,
    /// What was asked, with everything that was filled in.
    pub request: Asked,
    /// Each layer's part, in the order in which AWS asks them.
    pub layers: Vec<LayerAnswer>,
    /// The statement that decided, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deciding: Option<StatementAnswer>,
    /// Statements that nearly matched: of a denial those that could have allowed, of a permission those that could
    /// have denied; nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<StatementAnswer>,
    /// The smallest changes of policies that would turn the decision around; any one of them does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeAnswer>,
    /// Condition keys that statements asked for and the request does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_context: Vec<String>,
    /// What the answer rests on, and what it does not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The policies that statements are of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<ShownPolicy>,
}

/// The decision, in the words of `SimulatePrincipalPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Everything that must allow does, and nothing denies.
    Allowed,
    /// A statement denies.
    ExplicitDeny,
    /// No statement denies, but an allow is missing.
    ImplicitDeny,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Asked {
    /// The principal's ARN, or a service's name.
    pub principal: String,
    /// The action.
    pub action: String,
    /// The resource that was judged.
    pub resource: String,
    /// The account that owns the resource, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_account: Option<AccountId>,
    /// The condition keys of the request.
    pub context: Vec<ContextEntry>,
}

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContextEntry {
    /// The key.
    pub key: String,
    /// Its values.
    pub values: Vec<String>,
    /// Where they come from.
    pub source: Source,
}

/// Where a condition key's values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// From the question.
    Given,
    /// They follow from the principal.
    Principal,
    /// They follow from the resource.
    Resource,
    /// Every request has the key; the values are those of an ordinary one.
    Assumed,
}

/// The part of one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LayerAnswer {
    /// The layer.
    pub layer: LayerName,
    /// What it says.
    pub part: Part,
    /// How many policies it has.
    pub policies: usize,
    /// Whether it decided.
    pub decides: bool,
    /// The statement by which it allows or denies: its policy by its place in [`Answer::policies`], and its place in
    /// the policy from zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<(usize, usize)>,
    /// The statements that match, and those that nearly do, with what they fail on: in order of policies and
    /// statements, those that match first, and not more than a hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementAnswer>,
}

/// A layer of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LayerName {
    /// Resource control policies.
    ResourceControlPolicies,
    /// Service control policies.
    ServiceControlPolicies,
    /// The policy of a VPC endpoint.
    EndpointPolicy,
    /// The resource's policy; for roles the trust policy.
    ResourcePolicy,
    /// Policies of the user and its groups, or of the role.
    IdentityPolicies,
    /// The permissions boundary.
    PermissionsBoundary,
    /// Session policies.
    SessionPolicies,
}

/// What a layer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    /// A statement denies.
    Denies,
    /// A statement allows, and none denies.
    Allows,
    /// No statement matches.
    Silent,
    /// There is no policy in this layer, so that it limits nothing.
    Absent,
    /// The policy of this layer is not known here.
    Unknown,
}

/// A statement and what it has to do with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatementAnswer {
    /// The layer.
    pub layer: LayerName,
    /// Its policy, by its place in [`Answer::policies`].
    pub policy: usize,
    /// Its place in the policy, from zero.
    pub statement: usize,
    /// `Sid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: Effect,
    /// Whether it matches the request.
    #[serde(default)]
    pub matches: bool,
    /// From its first to its last character.
    pub place: Place,
    /// What is to be said of its elements; the first is what matters most.
    pub marks: Vec<Mark>,
}

/// A change of policies that would turn the decision around: all of its steps are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeAnswer {
    /// The steps.
    pub steps: Vec<StepAnswer>,
}

/// A step of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StepAnswer {
    /// What to do.
    pub kind: StepKind,
    /// The layer.
    pub layer: LayerName,
    /// For policies of organizations: the level, root first, from zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Whether the allow has to name the principal itself, not only its account or role.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub directly: bool,
    /// The statement to lift or to remove; where an allow is missing, the one that comes nearest, with marks at the
    /// elements that would have to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementAnswer>,
    /// The step in words, as the end of `it would be allowed if` or `it would be denied without`.
    pub says: String,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StepKind {
    /// Lift a denial.
    Lift,
    /// Take an allowing statement away.
    Remove,
    /// Have the layer allow it.
    Allow,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// Something to be said of a piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Mark {
    /// The piece.
    pub place: Place,
    /// Whether it matches the request.
    pub matches: bool,
    /// What is to be said.
    pub label: String,
}

/// A piece of a policy's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Place {
    /// Offset of its first byte in [`ShownPolicy::text`].
    pub start: u32,
    /// Offset after its last byte.
    pub end: u32,
    /// Its line, from one.
    pub line: u32,
    /// Its first character in the line, from one.
    pub column: u32,
}

/// A policy that statements are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownPolicy {
    /// Where it comes from, as in `inline policy`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its ARN; of an inline or trust policy, that of what holds it.
    pub of: String,
    /// Its text as people read it: with ARNs for unique ids, and laid out if it was one long line.
    pub text: String,
}

impl ShownPolicy {
    /// Its name with its kind and, if the name alone does not say it, what holds it.
    pub fn title(&self) -> String {
        let holder = || self.of.split_once(':').map_or(self.of.as_str(), |_| last_part(&self.of));
        match self.kind.as_str() {
            "inline policy" => format!("inline policy `{}` of {}", self.name, holder()),
            "trust policy" => format!("trust policy of {}", holder()),
            kind => format!("{kind} `{}`", self.name),
        }
    }
}

/// `user/crew/nadia` of an ARN.
fn last_part(arn: &str) -> &str {
    arn.splitn(6, ':').last().unwrap_or(arn)
}

impl Answer {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allowed
    }
}

impl LayerName {
    /// The layer in plain words.
    pub fn words(self) -> &'static str {
        match self {
            LayerName::ResourceControlPolicies => "resource control policies",
            LayerName::ServiceControlPolicies => "service control policies",
            LayerName::EndpointPolicy => "VPC endpoint policy",
            LayerName::ResourcePolicy => "resource policy",
            LayerName::IdentityPolicies => "identity policies",
            LayerName::PermissionsBoundary => "permissions boundary",
            LayerName::SessionPolicies => "session policies",
        }
    }
}

impl From<policy::Layer> for LayerName {
    fn from(layer: policy::Layer) -> Self {
        match layer {
            policy::Layer::Rcp => LayerName::ResourceControlPolicies,
            policy::Layer::Scp => LayerName::ServiceControlPolicies,
            policy::Layer::Endpoint => LayerName::EndpointPolicy,
            policy::Layer::Resource => LayerName::ResourcePolicy,
            policy::Layer::Identity => LayerName::IdentityPolicies,
            policy::Layer::Boundary => LayerName::PermissionsBoundary,
            policy::Layer::Session => LayerName::SessionPolicies,
        }
    }
}

impl From<policy::Outcome> for Verdict {
    fn from(outcome: policy::Outcome) -> Self {
        match outcome {
            policy::Outcome::Allowed => Verdict::Allowed,
            policy::Outcome::ExplicitlyDenied => Verdict::ExplicitDeny,
            policy::Outcome::ImplicitlyDenied => Verdict::ImplicitDeny,
        }
    }
}

impl From<policy::Effect> for Effect {
    fn from(effect: policy::Effect) -> Self {
        match effect {
            policy::Effect::Allow => Effect::Allow,
            policy::Effect::Deny => Effect::Deny,
        }
    }
}
