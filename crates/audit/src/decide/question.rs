//! The request of a question, and its options.

use super::answer::Note;
use super::members::{Members, text};
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
const OF_RESOURCE: [&str; 2] = ["arn", "account_id"];
const OPTIONS: [&str; 3] = ["wildcard_only_action", "s3_abac", "aws_managed_key"];

/// What is asked, policies apart.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) principal: Principal,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) owner: Option<AccountId>,
    pub(super) context: ContextMap,
    pub(super) options: Options,
    /// What is odd about it.
    pub(super) notes: Vec<Note>,
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
        let (resource, owner) = resource(&request, &mut notes)?;
        if options.wildcard_only_action.is_none() && resource != "*" && has_no_resource_type(&action) {
            let message =
                format!("`{action}` has no resource type, though it is judged on `{resource}` here");
            let help = "set `options.wildcard_only_action`, or ask about `*`";
            notes.push(
                Note::of_question("request.resource", "ACTION_WITHOUT_RESOURCE_TYPE", message)
                    .with_help(help),
            );
        }
        let without_tags = options.s3_abac == Some(false) && is_bucket_or_object(&resource);
        let context = context::read(&request, &principal, without_tags, &mut notes)?;
        Ok(Self { principal, action, resource, owner, context, options, notes })
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

/// `{arn, account_id}`, or only the ARN as a text.
fn resource(
    request: &Members<'_>,
    notes: &mut Vec<Note>,
) -> Result<(String, Option<AccountId>), QuestionError> {
    let resource = request.get("resource").ok_or(QuestionError::Missing("request.resource"))?;
    let (arn, owner) = if resource.get().starts_with('"') {
        (text("request.resource", resource)?, None)
    } else {
        let resource = Members::read("request.resource", resource)?;
        unknown(&resource, "request.resource.", &OF_RESOURCE, notes);
        let arn = resource.text("request.resource.arn", "arn")?;
        let arn = arn.ok_or(QuestionError::Missing("request.resource.arn"))?;
        (arn, resource.text("request.resource.account_id", "account_id")?)
    };
    if arn != "*" && ArnRef::parse(&arn).is_none() {
        return Err(QuestionError::NoResource(arn));
    }
    let owner = owner.map(|owner| AccountId::parse(&owner).map_err(|_| QuestionError::NoAccount(owner)));
    Ok((arn, owner.transpose()?))
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
