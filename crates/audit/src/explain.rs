//! Questions asked of a snapshot: may this principal do this, and why?
//!
//! The principal's policies, its groups', its boundary and, when a role is assumed, the role's trust policy are
//! taken from the snapshot; condition keys that follow from principal and resource are filled in. The [`Answer`]
//! is data that holds everything needed to print it, so that it can come from a server as well.
//!
//! ```
//! # let export = br#"{"UserDetailList": [{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN",
//! #     "Arn": "arn:aws:iam::123456789012:user/Ann"}]}"#;
//! # let now = base::Timestamp::from_seconds(1_790_000_000);
//! # let import = bailiwick_audit::import::authorization_details(export, &bailiwick_audit::import::ImportOptions::at(now)).unwrap();
//! use bailiwick_audit::explain::{Question, Setting, Verdict, ask};
//!
//! let question = Question::new("user/Ann", "s3:GetObject", "arn:aws:s3:::reports/2026.csv");
//! let answer = ask(&import.snapshot(), &question, &Setting::at(now))?;
//! assert_eq!(answer.verdict, Verdict::ImplicitDeny);
//! # Ok::<(), bailiwick_audit::explain::ExplainError>(())
//! ```

mod answer;
mod assemble;
mod brought;
mod changes;
mod keys;
mod notes;
mod shown;
pub(crate) mod subject;
pub(crate) mod words;

pub use answer::{
    Answer, Asked, ChangeAnswer, ContextEntry, Effect, LayerAnswer, LayerName, Mark, Part, Place,
    ShownPolicy, Source, StatementAnswer, StepAnswer, StepKind, Verdict,
};
pub use brought::Brought;

use base::{AccountId, ArnRef, Partition, Timestamp};
use keys::Keys;
use model::{EffectivePolicies, Identity, Snapshot};
use policy::catalogue::Catalogue;
use policy::{
    CompiledPolicy, Document, DocumentKind, Layers, PolicyKind, PolicyLabel, PolicySet, Principal, Request,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use subject::{Asker, Target};

/// May this principal do this action on this resource?
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Question {
    /// The ARN of a user, role, role session or root; `user/NAME`, `role/NAME`, `role/NAME/SESSION`, `root`, a bare
    /// name; a service such as `ec2.amazonaws.com`; `anonymous`.
    pub principal: String,
    /// The action, as in `s3:GetObject`.
    pub action: String,
    /// The resource's ARN, or `*`; of IAM's own resources also `user/NAME`, `role/NAME` and the like.
    pub resource: String,
    /// The account that owns the resource, where the ARN does not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_account: Option<AccountId>,
    /// Condition keys with their values; an empty list says that the request does not have the key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, Vec<String>>,
    /// The resource's own policy; a role's trust policy is known without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<String>,
    /// Session policies; empty: the session was made without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub session_policies: Vec<String>,
}

impl Question {
    /// A question without further context.
    pub fn new(principal: impl Into<String>, action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            principal: principal.into(),
            action: action.into(),
            resource: resource.into(),
            ..Self::default()
        }
    }

    /// The same with one more value of a condition key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.context.entry(key.to_owned()).or_default().push(value.to_owned());
        self
    }
}

/// What a question is asked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The partition of ARNs that are made from names.
    pub partition: Partition,
    /// The account in which names are looked up; all if there is none.
    pub account: Option<AccountId>,
    /// The time of the request.
    pub now: Timestamp,
}

impl Setting {
    /// Partition `aws`, every account.
    pub fn at(now: Timestamp) -> Self {
        Self { partition: Partition::aws(), account: None, now }
    }
}

/// Why a question cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The text names no kind of principal.
    #[error("`{0}` names no principal")]
    NotAPrincipal(String),
    /// There is no such user or role.
    #[error("there is no user or role `{text}`")]
    NoSuchPrincipal {
        /// As it was asked.
        text: String,
        /// Users and roles of similar names.
        near: Vec<String>,
    },
    /// Several things have that name.
    #[error("`{text}` can mean several: {}", .candidates.join(", "))]
    Ambiguous {
        /// As it was asked.
        text: String,
        /// What it can mean.
        candidates: Vec<String>,
    },
    /// The principal's account is not here, so that its policies are not known.
    #[error("account {0} is not here, so the policies of its principals are not known")]
    NoSuchAccount(AccountId),
    /// The action is not `service:Name`.
    #[error("`{0}` is no action")]
    NotAnAction(String),
    /// The resource is neither an ARN nor `*`.
    #[error("`{0}` names no resource")]
    NotAResource(String),
    /// There is no such resource.
    #[error("there is no `{0}` here")]
    NoSuchResource(String),
    /// A policy that came with the question cannot be read.
    #[error("the {what} of the question cannot be read: {message}")]
    BadPolicy {
        /// `resource policy` or `session policy`.
        what: &'static str,
        /// What is wrong, with its place.
        message: String,
    },
}

impl ExplainError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NoSuchPrincipal { near, .. } if !near.is_empty() => {
                format!("is one of these meant: {}", near.join(", "))
            }
            Self::NotAPrincipal(_) | Self::NoSuchPrincipal { .. } => {
                "name it as user/NAME, role/NAME, role/NAME/SESSION, root, or by its ARN".into()
            }
            Self::Ambiguous { .. } => "use the ARN".into(),
            Self::NoSuchAccount(_) => "ask the account that the principal belongs to".into(),
            Self::NotAnAction(_) => "write it as SERVICE:ACTION without wildcards, as in s3:GetObject".into(),
            Self::NotAResource(_) | Self::NoSuchResource(_) => {
                "write an ARN, `*`, or user/NAME, role/NAME, group/NAME, policy/NAME of this account".into()
            }
            Self::BadPolicy { .. } => "pass the policy's JSON".into(),
        }
    }
}

/// Answers a question from a snapshot.
///
/// # Errors
/// If the question names something that is not there or cannot be; see [`ExplainError`].
pub fn ask(snapshot: &Snapshot, question: &Question, setting: &Setting) -> Result<Answer, ExplainError> {
    ask_with(Some(snapshot), question, &Brought::default(), setting)
}

/// Answers a question that brings layers along, from a snapshot or from nothing else.
///
/// Of a principal that the snapshot does not hold nothing is known but what its ARN says, and its requests have no
/// condition keys but those and the ones of the question.
///
/// # Errors
/// As [`ask`].
pub fn ask_with(
    snapshot: Option<&Snapshot>,
    question: &Question,
    brought: &Brought,
    setting: &Setting,
) -> Result<Answer, ExplainError> {
    let action = action(&question.action)?;
    let (asker, partition, alone) = brought.asker(snapshot, question.principal.trim(), setting)?;
    let nothing = Snapshot::default();
    let snapshot = snapshot.unwrap_or(&nothing);
    let resource = subject::resource(snapshot, question.resource.trim(), setting)?;
    let target = subject::target(snapshot, &resource);
    let principal = principal(&asker, partition)?;
    let principal = if brought.management_account { principal.in_management_account() } else { principal };
    let owner = owner(question, &resource, &principal);
    let keys = match alone {
        true => Keys::alone(question, &principal),
        false => Keys::of(question, &asker, partition, (&resource, owner, target.as_ref()), setting),
    };
    let context = keys.context();
    let own = policies(snapshot, &asker, partition);
    let own_identity = PolicySet::new(own.identity);
    let own_boundary = own.boundary.map(PolicySet::new);
    let session = session(question)?;
    let given = resource_policy(snapshot, question, &action, (&resource, target.as_ref()), partition)?;
    let layers = Layers {
        identity: brought.identity.as_deref().unwrap_or(&own_identity),
        boundary: brought.boundary.as_deref().or(own_boundary.as_ref()),
        session: brought.session.as_deref().or(session.as_ref()),
        resource: brought.resource.as_deref().or(given.as_ref()),
        endpoint: brought.endpoint.as_deref(),
        scps: &brought.scps,
        rcps: &brought.rcps,
    };
    let facts = Catalogue::get().action(&action);
    let wildcard_only =
        brought.wildcard_only.unwrap_or_else(|| facts.is_some_and(|facts| facts.is_wildcard_only()));
    let mut request = Request::new(&principal, &action, &resource, &context)
        .wildcard_only(wildcard_only)
        .aws_managed_key(brought.aws_managed_key);
    if let Some(owner) = owner {
        request = request.resource_account(owner);
    }
    let explanation = policy::explain(&layers, &request);
    let scene =
        assemble::Scene { snapshot, partition, alone, request: &request, layers: &layers, keys: &keys };
    let mut answer = assemble::assemble(&scene, &explanation);
    answer.notes = notes::notes(&scene, &asker, question, &explanation);
    answer.request = Asked {
        principal: words::principal_name(&asker, &principal, partition, question),
        action: request.action().to_owned(),
        resource: request.resource().to_owned(),
        resource_account: owner,
        context: keys.into_entries(),
    };
    Ok(answer)
}

/// The action in the catalogue's spelling, if it is known there.
fn action(text: &str) -> Result<String, ExplainError> {
    let text = text.trim();
    let bad = || ExplainError::NotAnAction(text.to_owned());
    let (service, name) = text.split_once(':').ok_or_else(bad)?;
    let plain = |part: &str, others: &str| {
        !part.is_empty()
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
    };
    if !plain(service, "-") || !plain(name, "-_.") {
        return Err(bad());
    }
    let known = Catalogue::get().action(text);
    Ok(known.map_or_else(|| text.to_owned(), |facts| facts.to_string()))
}

fn principal(asker: &Asker, partition: Partition) -> Result<Principal, ExplainError> {
    match asker {
        Asker::Outside(principal) => Ok(principal.clone()),
        Asker::Known(identity) => {
            identity.to_principal(partition).map_err(|error| ExplainError::NotAPrincipal(error.0))
        }
    }
}

/// Who owns the resource: the account given, that of the ARN, or the principal's own.
fn owner(question: &Question, resource: &str, principal: &Principal) -> Option<AccountId> {
    let in_arn = || AccountId::parse(ArnRef::parse(resource)?.account).ok();
    question.resource_account.or_else(in_arn).or_else(|| principal.account())
}

/// The policies of the asker itself.
fn policies(snapshot: &Snapshot, asker: &Asker, partition: Partition) -> EffectivePolicies {
    let Asker::Known(identity) = asker else { return EffectivePolicies::default() };
    let Some(account) = snapshot.account(identity.account()) else { return EffectivePolicies::default() };
    match identity {
        Identity::User(user) => account.effective_of_user(user, partition),
        Identity::Role { role, .. } => account.effective_of_role(role, partition),
        Identity::FederatedUser { user, .. } => account.effective_of_user(user, partition),
        Identity::Root(_) | Identity::Operator(_) | Identity::Outsider(_) => EffectivePolicies::default(),
    }
}

fn session(question: &Question) -> Result<Option<PolicySet>, ExplainError> {
    if question.session_policies.is_empty() {
        return Ok(None);
    }
    let label =
        |place: usize| PolicyLabel::new(PolicyKind::Session, "", &format!("session policy {}", place + 1));
    let policies = question.session_policies.iter().enumerate();
    let policies = policies
        .map(|(place, text)| given_policy(text, DocumentKind::Session, "session policy", label(place)));
    policies.collect::<Result<Vec<_>, _>>().map(|policies| Some(PolicySet::new(policies)))
}

/// The policy of the resource: the one that came with the question, or the trust policy of a role to be assumed.
fn resource_policy(
    snapshot: &Snapshot,
    question: &Question,
    action: &str,
    (resource, target): (&str, Option<&Target>),
    partition: Partition,
) -> Result<Option<PolicySet>, ExplainError> {
    if let Some(text) = &question.resource_policy {
        let label = PolicyLabel::new(PolicyKind::Resource, resource, "given");
        return given_policy(text, DocumentKind::Resource, "resource policy", label)
            .map(|it| Some(it.into()));
    }
    let role = target.and_then(|target| target.role.as_ref()).filter(|_| words::is_sts(action));
    Ok(role.map(|role| {
        let account = snapshot.account(role.account);
        let trust = account.and_then(|account| account.compiled_trust(role, partition));
        PolicySet::new(trust.into_iter().collect())
    }))
}

fn given_policy(
    text: &str,
    kind: DocumentKind,
    what: &'static str,
    label: PolicyLabel,
) -> Result<Arc<CompiledPolicy>, ExplainError> {
    let document = Document::parse_strict(text, kind);
    let document = document.map_err(|error| ExplainError::BadPolicy { what, message: error.render(text) })?;
    Ok(Arc::new(CompiledPolicy::compile(Arc::new(document), label)))
}
