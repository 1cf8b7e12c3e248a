//! The context of a request: what is given, and what the principal's ARN says.

use super::QuestionError;
use super::answer::Note;
use super::members::{Members, elements, text};
use policy::catalogue::Catalogue;
use policy::{ContextMap, Principal, PrincipalForm};
use serde_json::value::RawValue;

/// Roles of IAM Identity Center have a path that the ARNs of their sessions do not show.
const ROLE_OF_IDENTITY_CENTER: &str = "AWSReservedSSO_";

/// Condition keys that are given, and the part of the question that gives them.
pub(super) struct Given<'a> {
    part: String,
    keys: Members<'a>,
}

impl<'a> Given<'a> {
    /// Reads `context` of a part of the question.
    pub(super) fn read(part: &str, members: &Members<'a>) -> Result<Self, QuestionError> {
        let part = format!("{part}.context");
        let keys = members.get("context").map(|context| Members::read(&part, context)).transpose()?;
        Ok(Self { part, keys: keys.unwrap_or_default() })
    }

    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| known.eq_ignore_ascii_case(key))
    }
}

/// Puts the context together: what the request gives, what is given for the resource and goes before it, and what the
/// principal's ARN says. `without_tags` says that the resource's tags are not looked at.
pub(super) fn read(
    of_request: &Given<'_>,
    of_resource: Option<&Given<'_>>,
    principal: &Principal,
    without_tags: bool,
    notes: &mut Vec<Note>,
) -> Result<ContextMap, QuestionError> {
    let goes_before = |key: &str| of_resource.is_some_and(|given| given.has(key));
    let given = of_request.keys.iter().filter(|(key, _)| !goes_before(key)).map(|pair| (of_request, pair));
    let of_resource = of_resource.iter().flat_map(|given| given.keys.iter().map(|pair| (*given, pair)));
    let given: Vec<_> = given.chain(of_resource).collect();
    let mut context = ContextMap::new();
    for (from, (key, value)) in &given {
        if without_tags && is_tag_of_bucket(key) {
            let message = format!("`{key}` is left out, since the bucket does not evaluate tags");
            notes.push(Note::of_question(&from.part, "TAGS_NOT_EVALUATED", message));
            continue;
        }
        let values = values(&from.part, key, value)?;
        // A key of the catalogue is what it is, however it is written; of another one a lone value is a single value.
        let multivalued = Catalogue::get().condition_key(key).is_some_and(|facts| facts.is_multivalued());
        match <[String; 1]>::try_from(values) {
            Ok([value]) if !multivalued => context.insert(key, value),
            Ok(value) => context.insert_many(key, value),
            Err(values) if values.is_empty() => {}
            Err(values) => context.insert_many(key, values),
        }
    }
    for (key, value) in keys_of_arn(principal) {
        if !given.iter().any(|(_, (known, _))| known.eq_ignore_ascii_case(key)) {
            context.insert(key, value);
        }
    }
    Ok(context)
}

/// One value or a list of them; numbers and booleans are their text, `null` is no value.
fn values(part: &str, key: &str, value: &RawValue) -> Result<Vec<String>, QuestionError> {
    if value.get() == "null" {
        return Ok(Vec::new());
    }
    if value.get().starts_with('[') {
        let list = elements(key, value)?;
        return list.into_iter().map(|value| one(part, key, value)).collect();
    }
    Ok(vec![one(part, key, value)?])
}

fn one(part: &str, key: &str, value: &RawValue) -> Result<String, QuestionError> {
    let part = || format!("{part}.{key}");
    match value.get().as_bytes().first() {
        Some(b'"') => text(&part(), value),
        Some(b'{' | b'[' | b'n') | None => Err(QuestionError::Wrong {
            part: part(),
            wanted: "a text, a number, true, false, or a list of them",
        }),
        Some(_) => Ok(value.get().to_owned()),
    }
}

fn is_tag_of_bucket(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("aws:resourcetag/") || key.starts_with("s3:buckettag/")
}

/// The keys that follow from the principal's ARN alone.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
pub(crate) fn keys_of_arn(principal: &Principal) -> Vec<(&'static str, String)> {
    let (Some(account), Some(partition)) = (principal.account(), principal.partition()) else {
        return Vec::new();
    };
    let (kind, arn) = match principal.form() {
        PrincipalForm::Root => ("Account", Some(format!("arn:{partition}:iam::{account}:root"))),
        PrincipalForm::User { arn } => ("User", Some(arn.to_string())),
        // The path of a service-linked role is made up here.
        PrincipalForm::RoleSession { service_linked: true, .. } => ("AssumedRole", None),
        PrincipalForm::RoleSession { role_arn: Some(arn), .. } => ("AssumedRole", Some(arn.to_string())),
        PrincipalForm::RoleSession { role_name, .. } => {
            let arn = format!("arn:{partition}:iam::{account}:role/{role_name}");
            ("AssumedRole", (!role_name.starts_with(ROLE_OF_IDENTITY_CENTER)).then_some(arn))
        }
        PrincipalForm::FederatedUser { arn, .. } => ("FederatedUser", Some(arn.to_string())),
        PrincipalForm::Federated { .. } | PrincipalForm::Service { .. } | PrincipalForm::Anonymous => {
            return Vec::new();
        }
    };
    let mut keys =
        vec![("aws:PrincipalAccount", account.to_string()), ("aws:PrincipalType", kind.to_owned())];
    let name = arn.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned();
    match principal.form() {
        PrincipalForm::Root => keys.push(("aws:userid", account.to_string())),
        PrincipalForm::User { .. } => keys.push(("aws:username", name)),
        PrincipalForm::FederatedUser { .. } => keys.push(("aws:userid", format!("{account}:{name}"))),
        _ => {}
    }
    keys.extend(arn.map(|arn| ("aws:PrincipalArn", arn)));
    keys
}
