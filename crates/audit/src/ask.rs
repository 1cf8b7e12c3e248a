//! Exact questions about policies, one JSON object each: is it wider, does it grant this, is it public, is it the same.
//!
//! Each answer holds for all requests there are: `PASS` is proved, `FAIL` comes with a request that the engine has
//! confirmed, and what neither could be shown of is `UNDETERMINED`. `docs/questions.md` tells what the questions mean.
//!
//! ```
//! let question = r#"{"id": 1, "kind": "no_new_access",
//!     "policy": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
//!     "reference": {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}}"#;
//! let reply = serde_json::to_value(bailiwick_audit::ask::answer(question)).unwrap();
//! assert_eq!(reply["verdict"], "FAIL");
//! assert_eq!(reply["reasons"][0], "New access in the statement with index: 0.");
//! ```

mod answer;
mod policy;
mod question;

pub use answer::{Answer, BlamedStatement, Reply, Verdict, WitnessShown};
pub use policy::{ReadPolicy, kind_named, service_of};

use analysis::{Access, Blamed, Mode, Options, Scope, Verdict as Found, denying, no_new_access};
use answer::Told;
use question::{Item, Kind, Question};

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
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
    /// There is no such kind of questions.
    #[error(
        "`{0}` is no kind of questions; kinds are no_new_access, access_not_granted, public and equivalent"
    )]
    NoKind(String),
    /// There is no such kind of policies.
    #[error(
        "`{0}` is no type of policies; types are identity, resource, trust, scp, rcp, boundary, session and endpoint"
    )]
    NoPolicyType(String),
    /// There is no such mode.
    #[error("`{0}` is no mode; modes are realistic and aws-compat")]
    NoMode(String),
    /// Not `service:Name`.
    #[error("`{0}` is no action; write it as SERVICE:ACTION")]
    NoAction(String),
    /// Neither an ARN nor `*`.
    #[error("`{0}` names no resource; write an ARN or `*`")]
    NoResource(String),
    /// A policy is none.
    #[error("`{part}` cannot be read: {message}")]
    NoPolicy {
        /// Which part.
        part: String,
        /// What is wrong, with its place.
        message: String,
    },
}

/// Answers the question in `line`.
pub fn answer(line: &str) -> Reply {
    match Question::members(line) {
        Ok(members) => {
            let id = members.id();
            Reply::new(id, Question::read(&members).and_then(|question| decide(&question)))
        }
        Err(error) => Reply::new(question::null(), Err(error)),
    }
}

fn decide(question: &Question) -> Result<Answer, AskError> {
    let options = Options { mode: question.mode, ..Options::default() };
    let policy = ReadPolicy::read("policy", &question.policy, question.kind_of_policy)?;
    let access = policy.access();
    let mut answer = Answer::new(policy.notes.clone());
    match &question.kind {
        Kind::NoNewAccess(reference) => {
            let reference = ReadPolicy::read("reference", reference, question.kind_of_policy)?;
            let (verdict, denied) = new_access(&access, &reference.access(), options);
            answer.take(Told::NewAccess, verdict, &policy, &denied);
            answer.note(&policy, &reference);
        }
        Kind::Equivalent(reference) => {
            let reference = ReadPolicy::read("reference", reference, question.kind_of_policy)?;
            let other = reference.access();
            let (verdict, denied) = new_access(&access, &other, options);
            answer.take(Told::NewAccess, verdict, &policy, &denied);
            let (verdict, denied) = new_access(&other, &access, options);
            answer.take(Told::LostAccess, verdict, &reference, &denied);
            answer.note(&policy, &reference);
        }
        Kind::AccessNotGranted(items) => {
            for item in items {
                let told = if item.resources.is_some() { Told::Listed } else { Told::ListedActions };
                let verdict = no_new_access(&access, &Access::nothing(), &scope(item), options);
                answer.take(told, verdict, &policy, &[]);
            }
            answer.note(&policy, &policy);
        }
        Kind::Public(resource_type) => {
            let scope = public_scope(resource_type.as_deref(), question.mode);
            let verdict = no_new_access(&access, &Access::nothing(), &scope, options);
            answer.take(Told::Public, verdict, &policy, &[]);
            answer.note(&policy, &policy);
        }
    }
    Ok(answer)
}

/// What one allows and the other does not, and the statements of the other that deny such requests.
fn new_access(wide: &Access, narrow: &Access, options: Options) -> (Found, Vec<Blamed>) {
    let verdict = no_new_access(wide, narrow, &Scope::default(), options);
    let denied = match verdict.refutation() {
        Some(_) => denying(wide, narrow, &Scope::default(), options),
        None => Vec::new(),
    };
    (verdict, denied)
}

fn scope(item: &Item) -> Scope {
    Scope { actions: item.actions.clone(), resources: item.resources.clone(), ..Scope::default() }
}

/// The requests of whom nobody trusts, on a resource of this type.
pub fn public_scope(resource_type: Option<&str>, mode: Mode) -> Scope {
    let service = resource_type.filter(|_| mode == Mode::Realistic).and_then(service_of);
    Scope { untrusted: true, service, ..Scope::default() }
}

/// Makes sure that this is an action, or a pattern of actions.
///
/// # Errors
/// If it is none.
pub fn check_action(text: &str) -> Result<(), AskError> {
    let is_action =
        text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if text == "*" || is_action { Ok(()) } else { Err(AskError::NoAction(text.to_owned())) }
}

/// Makes sure that this is an ARN, or a pattern of ARNs.
///
/// # Errors
/// If it is none.
pub fn check_resource(text: &str) -> Result<(), AskError> {
    let is_arn = text.splitn(6, ':').count() == 6;
    if text == "*" || is_arn { Ok(()) } else { Err(AskError::NoResource(text.to_owned())) }
}
