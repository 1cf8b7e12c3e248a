//! Questions as they are written.

use super::{AskError, check_action, check_resource, kind_named};
use analysis::Mode;
use policy::DocumentKind;
use policy::validate::{ResourceKind, detect};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A question with its policies as text.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) kind: Kind,
    pub(super) kind_of_policy: DocumentKind,
    pub(super) policy: String,
    pub(super) mode: Mode,
}

/// What is asked of the policy.
#[derive(Debug)]
pub(super) enum Kind {
    /// Whether it allows nothing that this one does not.
    NoNewAccess(String),
    /// Whether it allows the same as this one.
    Equivalent(String),
    /// Whether it allows nothing of these.
    AccessNotGranted(Vec<Item>),
    /// Whether it lets in nobody that it does not trust, being of a resource of this type.
    Public(Option<String>),
}

/// Actions on resources; any if there is no list.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) actions: Option<Vec<String>>,
    pub(super) resources: Option<Vec<String>>,
}

/// The members of a question. Policies stay text: they are read by their own reader, with its own places.
#[derive(Debug, Deserialize)]
pub(super) struct Members<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    policy_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    resource_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    policy: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reference: Option<&'a RawValue>,
    #[serde(borrow, default)]
    access: Option<&'a RawValue>,
    #[serde(borrow, default)]
    mode: Option<&'a RawValue>,
}

/// An access as it is written.
#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(default)]
    actions: Option<OneOrMany<String>>,
    #[serde(default)]
    resources: Option<OneOrMany<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_list(self) -> Vec<T> {
        match self {
            Self::Many(all) => all,
            Self::One(one) => vec![one],
        }
    }
}

impl Members<'_> {
    /// What the answer is to be told by.
    pub(super) fn id(&self) -> Box<RawValue> {
        self.id.map_or_else(null, ToOwned::to_owned)
    }
}

impl Question {
    /// Reads the line.
    pub(super) fn members(line: &str) -> Result<Members<'_>, AskError> {
        if !line.trim_start().starts_with('{') {
            return Err(AskError::NotJson("it does not start with `{`".to_owned()));
        }
        serde_json::from_str(line).map_err(|error| AskError::NotJson(crate::decide::plain(&error)))
    }

    /// Makes sense of the members.
    pub(super) fn read(members: &Members<'_>) -> Result<Self, AskError> {
        let named = text("kind", members.kind)?.ok_or(AskError::Missing("kind"))?;
        let resource_type = text("resource_type", members.resource_type)?;
        let policy_type = text("policy_type", members.policy_type)?;
        let policy_type =
            policy_type.map(|name| kind_named(&name).ok_or(AskError::NoPolicyType(name))).transpose()?;
        let reference = || document("reference", members.reference);
        let kind = match named.as_str() {
            "no_new_access" => Kind::NoNewAccess(reference()?),
            "equivalent" => Kind::Equivalent(reference()?),
            "access_not_granted" => Kind::AccessNotGranted(items(members.access)?),
            "public" => Kind::Public(resource_type.clone()),
            _ => return Err(AskError::NoKind(named)),
        };
        let is_trust = resource_type.as_deref() == Some(ResourceKind::IamRole.as_str());
        let policy = document("policy", members.policy)?;
        let kind_of_policy = match (policy_type, &kind) {
            (Some(DocumentKind::Resource) | None, _) if is_trust => DocumentKind::Trust,
            // Only policies that name principals can let in everybody.
            (Some(kind @ (DocumentKind::Trust | DocumentKind::Endpoint)), Kind::Public(_)) => kind,
            (_, Kind::Public(_)) => DocumentKind::Resource,
            (Some(told), _) => told,
            // Identity policies name no principals.
            (None, _) => match detect(&policy).kind {
                kind @ (DocumentKind::Resource | DocumentKind::Trust) => kind,
                _ => DocumentKind::Identity,
            },
        };
        let mode = match text("mode", members.mode)?.as_deref() {
            None | Some("realistic") => Mode::Realistic,
            Some("aws-compat") => Mode::AwsCompat,
            Some(other) => return Err(AskError::NoMode(other.to_owned())),
        };
        Ok(Self { kind, kind_of_policy, policy, mode })
    }
}

fn items(access: Option<&RawValue>) -> Result<Vec<Item>, AskError> {
    let access = access.ok_or(AskError::Missing("access"))?;
    let wanted = "a list of objects with lists of texts, `actions` and `resources`";
    let read: OneOrMany<Listed> = serde_json::from_str(access.get())
        .map_err(|_| AskError::Wrong { part: "access".to_owned(), wanted })?;
    let read = read.into_list();
    if read.is_empty() {
        return Err(AskError::Wrong { part: "access".to_owned(), wanted: "a list with something in it" });
    }
    let item = |listed: Listed| {
        let list = |found: Option<OneOrMany<String>>| {
            found.map(OneOrMany::into_list).filter(|list| !list.is_empty())
        };
        let (actions, resources) = (list(listed.actions), list(listed.resources));
        actions.iter().flatten().try_for_each(|action| check_action(action))?;
        resources.iter().flatten().try_for_each(|resource| check_resource(resource))?;
        Ok(Item { actions, resources })
    };
    read.into_iter().map(item).collect()
}

/// A document: an object, or a text that holds one.
fn document(part: &'static str, value: Option<&RawValue>) -> Result<String, AskError> {
    let value = value.ok_or(AskError::Missing(part))?.get();
    match value.bytes().next() {
        Some(b'{') => Ok(value.to_owned()),
        Some(b'"') => serde_json::from_str(value).map_err(|_| wrong(part)),
        _ => Err(wrong(part)),
    }
}

fn wrong(part: &str) -> AskError {
    AskError::Wrong { part: part.to_owned(), wanted: "a policy: an object, or a text with one" }
}

fn text(part: &str, value: Option<&RawValue>) -> Result<Option<String>, AskError> {
    let wrong = |_| AskError::Wrong { part: part.to_owned(), wanted: "a text" };
    value.map(|value| serde_json::from_str(value.get()).map_err(wrong)).transpose()
}

/// The id of a question that has none.
pub(super) fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}
