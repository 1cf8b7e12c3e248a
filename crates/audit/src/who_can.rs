//! Who can do this, of all principals of a snapshot?
//!
//! Users with the policies of their groups, roles, each account's root user; boundaries; SCPs if they are brought along;
//! the resource's policy if it is, and trust policies of roles without being asked. What depends on keys of the request
//! that are not known is shown as conditions; see [`analysis::who_can`], which answers.
//!
//! ```
//! # let export = br#"{"UserDetailList": [{"UserName": "Ann", "UserId": "AIDAEXAMPLEANN",
//! #     "Arn": "arn:aws:iam::123456789012:user/Ann", "UserPolicyList": [{"PolicyName": "read", "PolicyDocument":
//! #     {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}]}]}"#;
//! # let now = base::Timestamp::from_seconds(1_790_000_000);
//! # let import = bailiwick_audit::import::authorization_details(export, &bailiwick_audit::import::ImportOptions::at(now)).unwrap();
//! use bailiwick_audit::who_can::{Question, ask};
//!
//! let question = Question::new("s3:GetObject", "arn:aws:s3:::reports/2026.csv");
//! let answer = ask(&import.snapshot(), base::Partition::aws(), &question)?;
//! let [root, ann] = &answer.people[..] else { panic!() };
//! assert_eq!((root.kind.as_str(), &*ann.principal), ("root", "arn:aws:iam::123456789012:user/Ann"));
//! # Ok::<(), bailiwick_audit::who_can::WhoCanError>(())
//! ```

mod answer;

pub use answer::{Answer, Clause, Count, Part, PersonAnswer, StatementShown, Verdict};

use crate::explain::{ExplainError, Setting, subject};
use crate::people::Limits;
use analysis::who_can::{Joint, Population, QuestionError};
use base::{AccountId, ArnRef, Partition, Timestamp};
use model::Snapshot;
use policy::{CompiledPolicy, Document, DocumentKind, PolicyKind, PolicyLabel};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who can do this?
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The action, as in `s3:GetObject`; no pattern.
    pub action: String,
    /// The resource's ARN, `*` for actions that have none; of IAM's own resources also `role/NAME` and the like.
    pub resource: String,
    /// The account that owns the resource, where the ARN does not tell it.
    pub resource_account: Option<AccountId>,
    /// Condition keys with their values; one without values, or with an empty one, is not in the request. Others stay
    /// open.
    pub context: BTreeMap<String, Vec<String>>,
    /// The resource's own policy; a role's trust policy is known without it.
    pub resource_policy: Option<String>,
    /// SCPs: a list for each level, root first. None: there is no organization.
    pub scps: Vec<Vec<String>>,
    /// The organization's management account, whose principals SCPs do not bind.
    pub management_account: Option<AccountId>,
    /// How many principals are listed at most; all if it is not said.
    pub limit: Option<usize>,
}

impl Question {
    /// A question without further context.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), ..Self::default() }
    }
}

/// Why a question cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhoCanError {
    /// Action or resource cannot be asked of.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The resource's name is no name.
    #[error(transparent)]
    Resource(ExplainError),
    /// A policy that came with the question cannot be read.
    #[error("the {what} cannot be read: {message}")]
    BadPolicy {
        /// `resource policy` or `SCP`.
        what: &'static str,
        /// What is wrong, with its place.
        message: String,
    },
}

impl WhoCanError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Question(error) => error.help().to_owned(),
            Self::Resource(error) => error.help(),
            Self::BadPolicy { .. } => "pass the policy's JSON".to_owned(),
        }
    }
}

/// Answers a question from a snapshot; ARNs are those of `partition`.
///
/// # Errors
/// If the question names what cannot be asked of; see [`WhoCanError`].
pub fn ask(snapshot: &Snapshot, partition: Partition, question: &Question) -> Result<Answer, WhoCanError> {
    let scps = question.scps.iter().map(|level| scp_level(level)).collect::<Result<Vec<_>, _>>()?;
    let limits = |account| Limits {
        scps: scps.clone(),
        management: question.management_account == Some(account),
        ..Limits::default()
    };
    let (population, _) = crate::people::population(snapshot, partition, limits);
    let asked = asked(snapshot, partition, question)?;
    let solution = population.who_can_with(&asked.question, &Joint::new(&population, &asked.question));
    Ok(answer::answer(&population, &solution, &asked, question))
}

/// A question as it is asked of a population.
struct Asked {
    question: analysis::who_can::Question,
    /// Whether the resource's policy is known.
    has_policy: bool,
}

fn asked(snapshot: &Snapshot, partition: Partition, question: &Question) -> Result<Asked, WhoCanError> {
    let setting = Setting { partition, account: None, now: Timestamp::default() };
    let text = question.resource.trim();
    let resource = match text.contains(['*', '?']) {
        true => text.to_owned(),
        false => subject::resource(snapshot, text, &setting).map_err(WhoCanError::Resource)?,
    };
    let mut asked = analysis::who_can::Question::new(&question.action, &resource)?;
    let target = subject::target(snapshot, asked.resource());
    for tag in target.iter().flat_map(|target| target.tags.iter()) {
        for key in ["aws:ResourceTag", "iam:ResourceTag"].map(|key| format!("{key}/{}", tag.key)) {
            let given = question.context.keys().any(|known| known.eq_ignore_ascii_case(&key));
            asked = if given { asked } else { asked.with(&key, &tag.value) };
        }
    }
    for (key, values) in &question.context {
        asked = match values.as_slice() {
            [] => asked.with(key, ""),
            values => values.iter().fold(asked, |asked, value| asked.with(key, value)),
        };
    }
    if let Some(owner) = question.resource_account {
        asked = asked.resource_account(owner);
    }
    let policy = resource_policy(snapshot, partition, question, &asked)?;
    let has_policy = policy.is_some();
    let question = policy.into_iter().fold(asked, |asked, policy| asked.resource_policy(policy));
    Ok(Asked { question, has_policy })
}

/// The policy of the resource: the one that came with the question, or the trust policy of a role to be assumed.
fn resource_policy(
    snapshot: &Snapshot,
    partition: Partition,
    question: &Question,
    asked: &analysis::who_can::Question,
) -> Result<Option<Arc<CompiledPolicy>>, WhoCanError> {
    if let Some(text) = &question.resource_policy {
        let label = PolicyLabel::new(PolicyKind::Resource, asked.resource(), "given");
        return given(text, DocumentKind::Resource, "resource policy", label).map(Some);
    }
    let target = subject::target(snapshot, asked.resource()).filter(|_| asked.action().starts_with("sts:"));
    Ok(target.and_then(|target| {
        let role = target.role?;
        snapshot.account(role.account)?.compiled_trust(&role, partition)
    }))
}

fn scp_level(texts: &[String]) -> Result<Vec<Arc<CompiledPolicy>>, WhoCanError> {
    let label = |place: usize| PolicyLabel::new(PolicyKind::Scp, "", &format!("SCP {}", place + 1));
    let texts = texts.iter().enumerate();
    texts.map(|(place, text)| given(text, DocumentKind::Scp, "SCP", label(place))).collect()
}

fn given(
    text: &str,
    kind: DocumentKind,
    what: &'static str,
    label: PolicyLabel,
) -> Result<Arc<CompiledPolicy>, WhoCanError> {
    let document = Document::parse_strict(text, kind);
    let document = document.map_err(|error| WhoCanError::BadPolicy { what, message: error.render(text) })?;
    Ok(Arc::new(CompiledPolicy::compile(Arc::new(document), label)))
}

/// What was left out, or taken for granted.
fn notes(asked: &Asked, population: &Population, question: &Question) -> Vec<String> {
    let mut notes = Vec::new();
    let about = &asked.question;
    let arn = ArnRef::parse(about.resource());
    let on_resource = arn.is_some();
    // Nothing of IAM has a policy of its own but roles, and that is known.
    if arn.is_some_and(|arn| arn.service != "iam") && !asked.has_policy {
        let key = arn.is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/"));
        notes.push(match key && about.action().starts_with("kms:") {
            true => "nobody can use a key without its key policy, which is not known here".to_owned(),
            false => {
                "the resource's own policy is not known: what it grants or denies is not counted".to_owned()
            }
        });
    }
    let owner = about.owner().filter(|_| on_resource && !asked.has_policy);
    if let Some(owner) = owner.filter(|owner| !population.has_account(*owner)) {
        notes.push(format!("account {owner}, which owns the resource, is in none of the exports"));
    }
    if owner.is_some() && population.accounts() > 1 {
        notes.push("principals of other accounts need the resource's policy, so none is listed".to_owned());
    }
    if on_resource && about.owner().is_none() && population.accounts() > 1 {
        notes.push("the ARN names no account: everybody is taken to be of the owner's".to_owned());
    }
    if question.scps.is_empty() {
        notes.push("no SCPs are known".to_owned());
    }
    notes.push("roles are judged by sessions without session policies".to_owned());
    notes
}
