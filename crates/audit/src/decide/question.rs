//! The request of a question, and its options.

use super::answer::Note;
use super::context::Given;
use super::members::{Members, elements, text};
use super::{QuestionError, context, principal};
use base::{AccountId, ArnRef};
use policy::catalogue::Catalogue;
use policy::{ContextMap, Principal};
use serde_json::value::RawValue;

/// The members of a question.
const MEMBERS: [&str; 10] = [
    "id",
    "request",
    "identity_policies",
    "resource_policy",
    "boundaries",
    "session_policies",
    "scps",
    "rcps",
    "endpoint_policies",
    "options",
];
const OF_REQUEST: [&str; 7] =
    ["principal", "principal_type", "management_account", "issuer", "action", "resource", "context"];
const OF_RESOURCE: [&str; 4] = ["arn", "account_id", "context", "resource_policy"];
const OPTIONS: [&str; 4] = ["wildcard_only_action", "s3_abac", "aws_managed_key", "changes"];

/// What is asked, policies apart.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) principal: Principal,
    pub(super) action: String,
    /// The resources that the request touches; at least one.
    pub(super) resources: Vec<Touched>,
    /// Whether they came as a list.
    pub(super) is_list: bool,
    pub(super) options: Options,
    /// What is odd about it.
    pub(super) notes: Vec<Note>,
}

/// A resource that the request touches.
#[derive(Debug)]
pub(super) struct Touched {
    /// Its ARN, or `*`.
    pub(super) arn: String,
    pub(super) owner: Option<AccountId>,
    /// The condition keys of the request on it.
    pub(super) context: ContextMap,
    /// Where its own policy stands in the question, if it brings one.
    pub(super) policy_part: Option<String>,
}

/// A resource as it is written.
struct Written<'a> {
    part: String,
    /// Empty if only its ARN is given.
    members: Members<'a>,
    arn: String,
    owner: Option<AccountId>,
}

/// What the question says of action and resource, which an engine might know from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// The action has no resource type: it is judged on `*`.
    pub(super) wildcard_only_action: Option<bool>,
    /// The bucket evaluates tags; if it does not, their keys are absent.
    pub(super) s3_abac: Option<bool>,
    /// The key of KMS is one that AWS manages.
    pub(super) aws_managed_key: Option<bool>,
    /// The smallest changes that would turn the decision around are told.
    pub(super) changes: Option<bool>,
}

impl Question {
    pub(super) fn read(members: &Members<'_>) -> Result<Self, QuestionError> {
        members.check_unique("the question")?;
        let mut notes = Vec::new();
        unknown(members, "", &MEMBERS, &mut notes);
        let request = members.get("request").ok_or(QuestionError::Missing("request"))?;
        let request = Members::read("request", request)?;
        unknown(&request, "request.", &OF_REQUEST, &mut notes);
        let options = options(members, &mut notes)?;
        let principal = principal::read(&request)?;
        let action = action(&request)?;
        let (written, is_list) = resources(&request, &mut notes)?;
        let given = Given::read("request", &request)?;
        let mut resources = Vec::with_capacity(written.len());
        for Written { part, members, arn, owner } in written {
            if options.wildcard_only_action.is_none() && arn != "*" && has_no_resource_type(&action) {
                let message = format!("`{action}` has no resource type, though it is judged on `{arn}` here");
                let help = "set `options.wildcard_only_action`, or ask about `*`";
                let note = Note::of_question(&part, "ACTION_WITHOUT_RESOURCE_TYPE", message);
                notes.push(note.with_help(help));
            }
            let without_tags = options.s3_abac == Some(false) && is_bucket_or_object(&arn);
            let own = Given::read(&part, &members)?;
            let context = context::read(&given, Some(&own), &principal, without_tags, &mut notes)?;
            let policy_part = members.get("resource_policy").map(|_| format!("{part}.resource_policy"));
            resources.push(Touched { arn, owner, context, policy_part });
        }
        Ok(Self { principal, action, resources, is_list, options, notes })
    }
}

fn options(members: &Members<'_>, notes: &mut Vec<Note>) -> Result<Options, QuestionError> {
    let Some(options) = members.get("options") else { return Ok(Options::default()) };
    let options = Members::read("options", options)?;
    unknown(&options, "options.", &OPTIONS, notes);
    Ok(Options {
        wildcard_only_action: options.flag("options.wildcard_only_action", "wildcard_only_action")?,
        s3_abac: options.flag("options.s3_abac", "s3_abac")?,
        aws_managed_key: options.flag("options.aws_managed_key", "aws_managed_key")?,
        changes: options.flag("options.changes", "changes")?,
    })
}

fn action(request: &Members<'_>) -> Result<String, QuestionError> {
    let action = request.text("request.action", "action")?;
    let action = action.ok_or(QuestionError::Missing("request.action"))?;
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || "*?:".contains(letter))
    };
    match action.split_once(':') {
        Some((service, name)) if plain(service) && plain(name) => Ok(action),
        _ => Err(QuestionError::NoAction(action)),
    }
}

/// The resource, or a list of those that the request touches; and whether it is a list.
fn resources<'a>(
    request: &Members<'a>,
    notes: &mut Vec<Note>,
) -> Result<(Vec<Written<'a>>, bool), QuestionError> {
    const PART: &str = "request.resource";
    let resource = request.get("resource").ok_or(QuestionError::Missing(PART))?;
    if !resource.get().starts_with('[') {
        return Ok((vec![self::resource(PART.to_owned(), resource, notes)?], false));
    }
    let list = elements(PART, resource)?.into_iter().enumerate();
    let list: Vec<_> = list
        .map(|(place, resource)| self::resource(format!("{PART}[{place}]"), resource, notes))
        .collect::<Result<_, _>>()?;
    if list.is_empty() { Err(QuestionError::Missing(PART)) } else { Ok((list, true)) }
}

/// `{arn, account_id}`, or only the ARN as a text.
fn resource<'a>(
    part: String,
    resource: &'a RawValue,
    notes: &mut Vec<Note>,
) -> Result<Written<'a>, QuestionError> {
    let (members, arn, owner) = if resource.get().starts_with('"') {
        (Members::default(), text(&part, resource)?, None)
    } else {
        let members = Members::read(&part, resource)?;
        unknown(&members, &format!("{part}."), &OF_RESOURCE, notes);
        let arn = members.text("request.resource.arn", "arn")?;
        let arn = arn.ok_or(QuestionError::Missing("request.resource.arn"))?;
        let owner = members.text("request.resource.account_id", "account_id")?;
        (members, arn, owner)
    };
    if arn != "*" && ArnRef::parse(&arn).is_none() {
        return Err(QuestionError::NoResource(arn));
    }
    let owner = owner.map(|owner| AccountId::parse(&owner).map_err(|_| QuestionError::NoAccount(owner)));
    Ok(Written { part, members, arn, owner: owner.transpose()? })
}

fn has_no_resource_type(action: &str) -> bool {
    Catalogue::get().action(action).is_some_and(|facts| facts.is_wildcard_only())
}

/// Whether it is a general purpose bucket of Amazon S3, or an object in one.
fn is_bucket_or_object(resource: &str) -> bool {
    ArnRef::parse(resource)
        .is_some_and(|arn| arn.service == "s3" && arn.region.is_empty() && arn.account.is_empty())
}

/// Tells members that are not known: one that is misspelt would go unheard.
fn unknown(members: &Members<'_>, part: &str, known: &[&str], notes: &mut Vec<Note>) {
    let unknown = members.iter().filter(|(key, _): &(&str, &RawValue)| !known.contains(key));
    notes.extend(unknown.map(|(key, _)| {
        let message = format!("there is no `{part}{key}`; it is not read");
        Note::of_question(&format!("{part}{key}"), "UNKNOWN_MEMBER", message)
    }));
}
