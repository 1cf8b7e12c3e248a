//! Questions that bring everything along: request, policies of every layer, context; one JSON object each.
//!
//! Nothing is looked up and nothing is assumed: the context is what the question gives, and of the principal only
//! what its ARN says ([`Decider`] tells the rules). `docs/cli.md` documents the form of questions and answers.
//!
//! ```
//! use bailiwick_audit::decide::Decider;
//!
//! let question = r#"{"id": 1, "request": {"principal": "arn:aws:iam::123456789012:user/Ann",
//!     "action": "s3:GetObject", "resource": {"arn": "arn:aws:s3:::reports/Ann/1.csv"}},
//!     "identity_policies": [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
//!         "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/${aws:username}/*"}]}]}"#;
//! let reply = serde_json::to_value(Decider::new().answer(question)).unwrap();
//! assert_eq!(reply["decision"], "Allowed");
//! assert_eq!(reply["layer"], "identity");
//! ```

mod answer;
mod context;
mod members;
mod policies;
mod principal;
mod question;

pub use answer::{Answer, Note, Reply, StatementFound, StepFound, Verdict};
pub(crate) use context::keys_of_arn;
pub(crate) use policies::is_loss;
pub(crate) use principal::named;

use answer::Finding;
use members::Members;
use policies::{Library, Shelf};
use policy::{Layers, MultiDecision, PolicySet, Request};
use question::{Options, Question, Touched};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The line is no JSON.
    #[error("the question is no JSON object: {0}")]
    NotJson(String),
    /// A part that must be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A part is of another kind than it must be.
    #[error("`{part}` is not {wanted}")]
    Wrong {
        /// Which part.
        part: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A key stands twice in one object.
    #[error("`{key}` stands twice in {part}")]
    Twice {
        /// The object.
        part: String,
        /// The key.
        key: String,
    },
    /// The text names no principal, or none of the type that is said.
    #[error("`{0}` names no principal{1}")]
    NoPrincipal(String, String),
    /// There is no such type of principals.
    #[error("`{0}` is no type of principals; types are {types}", types = principal::TYPES.join(", "))]
    NoPrincipalType(String),
    /// The action is not `service:Name`.
    #[error("`{0}` is no action; write it as SERVICE:ACTION without wildcards")]
    NoAction(String),
    /// The resource is neither an ARN nor `*`.
    #[error("`{0}` names no resource; write an ARN or `*`")]
    NoResource(String),
    /// The account id is none.
    #[error("`{0}` is no account id; those are twelve digits")]
    NoAccount(String),
    /// All that could be read allows, but not all could be read.
    #[error("what can be read allows it, but {0}")]
    Unsound(String),
}

/// Answers questions, and remembers the policies of those before.
///
/// - A layer that is `null`, absent or empty is not there: no boundary, a session without session policies, no
///   organization. A *level* of SCPs without policies is there, and denies.
/// - Keys that follow from the principal's ARN are filled in if the question does not give them:
///   `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType`, a user's `aws:username`, and `aws:userid` of
///   root and of federated users. One that is given as `null` or `[]` is absent.
/// - Policies are read tolerantly, with diagnostics. Where something that AWS would have refused could not be read,
///   a denial stands, but no permission is told.
#[derive(Debug, Default)]
pub struct Decider {
    library: Library,
}

impl Decider {
    /// One that remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the question in `line`.
    pub fn answer(&mut self, line: &str) -> Reply {
        let read = serde_json::from_str::<Members<'_>>(line);
        let members = match read {
            Ok(members) => members,
            Err(error) => {
                return Reply::new(null(), Err(QuestionError::NotJson(plain(&error))));
            }
        };
        let id = members.get("id").map_or_else(null, RawValue::to_owned);
        Reply::new(id, self.decide(&members))
    }

    fn decide(&mut self, members: &Members<'_>) -> Result<Answer, QuestionError> {
        let mut question = Question::read(members)?;
        let mut shelf = Shelf::new(&mut self.library);
        let identity = shelf.list(members, "identity_policies")?;
        let boundary = shelf.list(members, "boundaries")?;
        let session = shelf.list(members, "session_policies")?;
        let endpoint = shelf.list(members, "endpoint_policies")?;
        let resource = shelf.one(members, "resource_policy")?;
        let (scps, rcps) = (shelf.levels(members, "scps")?, shelf.levels(members, "rcps")?);
        let parts: Vec<_> = question.resources.iter_mut().map(|it| it.policy_part.take()).collect();
        let own_policies = shelf.of_resources(members.get("request"), &parts)?;
        let (notes, unsound) = shelf.into_findings();
        let notes: Vec<_> = std::mem::take(&mut question.notes).into_iter().chain(notes).collect();
        let mut findings = Vec::with_capacity(question.resources.len());
        for (touched, own_policy) in question.resources.iter().zip(&own_policies) {
            let layers = Layers {
                identity: identity.as_deref().unwrap_or(PolicySet::empty()),
                boundary: boundary.as_deref(),
                session: session.as_deref(),
                resource: own_policy.as_deref().or(resource.as_deref()),
                scps: &scps,
                rcps: &rcps,
                endpoint: endpoint.as_deref(),
            };
            let request = question.request(touched);
            let explanation = policy::explain(&layers, &request);
            let flip = (question.options.changes == Some(true)).then(|| policy::flip(&layers, &request));
            findings.push(Finding::new(&touched.arn, &explanation, flip.as_ref()));
        }
        let decisions = findings.iter().map(|finding| finding.decision).collect();
        let all = MultiDecision::of(decisions).ok_or(QuestionError::Missing("request.resource"))?;
        match unsound {
            Some(what) if all.is_allowed() => Err(QuestionError::Unsound(what)),
            _ => Ok(Answer::new(findings, all.deciding, question.is_list, notes)),
        }
    }
}

impl Question {
    fn request<'a>(&'a self, touched: &'a Touched) -> Request<'a> {
        let Options { wildcard_only_action, aws_managed_key, .. } = self.options;
        let request = Request::new(&self.principal, &self.action, &touched.arn, &touched.context)
            .wildcard_only(wildcard_only_action == Some(true))
            .aws_managed_key(aws_managed_key == Some(true));
        match touched.owner {
            Some(owner) => request.resource_account(owner),
            None => request,
        }
    }
}

/// What the reader of JSON says; a question is one line, so that the line's number says nothing.
pub(crate) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    match error.column() {
        0 => what.to_owned(),
        column => format!("{what} at column {column}"),
    }
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

/// A set that a layer of [`Layers`] borrows.
type SharedSet = Arc<PolicySet>;
