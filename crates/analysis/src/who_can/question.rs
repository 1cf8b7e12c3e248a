//! What is asked.

use base::{AccountId, ArnRef};
use policy::catalogue::Catalogue;
use policy::{CompiledPolicy, ConditionKey};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who can do this action on this resource?
#[derive(Debug, Clone)]
pub struct Question {
    /// The action, in the catalogue's spelling if it is known there.
    pub(super) action: String,
    /// What is judged: an ARN, or `*` for an action on no resource.
    pub(super) resource: String,
    pub(super) resource_account: Option<AccountId>,
    /// Condition keys by their names in lower case; one without values is not in the request.
    pub(super) context: BTreeMap<String, Vec<String>>,
    pub(super) closed: bool,
    pub(super) resource_policy: Option<Arc<CompiledPolicy>>,
}

/// Why a question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The action has a wildcard.
    #[error("`{0}` is a pattern, not one action")]
    ActionPattern(String),
    /// The action is not `service:Name`.
    #[error("`{0}` is no action")]
    NotAnAction(String),
    /// The resource has a wildcard.
    #[error("`{0}` is a pattern, not one resource")]
    ResourcePattern(String),
    /// The resource is neither an ARN nor `*`.
    #[error("`{0}` names no resource")]
    NotAResource(String),
    /// `*` was given for an action on resources.
    #[error("`{0}` acts on resources, so it must be asked of one")]
    NeedsResource(String),
}

impl QuestionError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::ActionPattern(_) => "ask for each action by itself, as in s3:GetObject",
            Self::NotAnAction(_) => "write it as SERVICE:ACTION, as in s3:GetObject",
            Self::ResourcePattern(_) => "name one resource by its ARN, such as one object of the bucket",
            Self::NotAResource(_) => "write an ARN, or `*` for an action that has no resources",
            Self::NeedsResource(_) => "name the resource by its ARN",
        }
    }
}

impl Question {
    /// A question about one action (`s3:GetObject`) and one resource: an ARN, or `*` for actions that act on none, of
    /// which any resource is judged as `*`.
    ///
    /// # Errors
    /// If action or resource are patterns or nothing of the kind, or the action needs another resource than `*`.
    pub fn new(action: &str, resource: &str) -> Result<Self, QuestionError> {
        let (action, wildcard_only) = known_action(action.trim())?;
        let resource = resource.trim();
        if resource != "*" {
            if ArnRef::parse(resource).is_none() {
                return Err(QuestionError::NotAResource(resource.to_owned()));
            }
            if resource.contains(['*', '?']) {
                return Err(QuestionError::ResourcePattern(resource.to_owned()));
            }
        } else if wildcard_only == Some(false) {
            return Err(QuestionError::NeedsResource(action));
        }
        let resource = if wildcard_only == Some(true) { "*" } else { resource };
        Ok(Self {
            action,
            resource: resource.to_owned(),
            resource_account: None,
            context: BTreeMap::new(),
            closed: false,
            resource_policy: None,
        })
    }

    /// The same with one more value of a condition key; an empty one says that the request does not have the key.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        let values = self.context.entry(ConditionKey::new(key).name().to_owned()).or_default();
        if !value.is_empty() {
            values.push(value.to_owned());
        }
        self
    }

    /// The same with the account that owns the resource, where the ARN does not tell. Without it every principal is
    /// taken to be of the owner's account.
    #[must_use]
    pub fn resource_account(mut self, account: AccountId) -> Self {
        self.resource_account = Some(account);
        self
    }

    /// The same with the policy of the resource; of an action that assumes a role, the role's trust policy.
    #[must_use]
    pub fn resource_policy(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.resource_policy = Some(policy);
        self
    }

    /// The same about a request that has no other condition keys than those of the question, of the resource and of
    /// the principal. Nothing stays open then.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.closed = true;
        self
    }

    /// What the question says of a condition key: its values, none if the request does not have it; `None` if nothing.
    pub fn known(&self, key: &str) -> Option<&[String]> {
        self.context.get(ConditionKey::new(key).name()).map(Vec::as_slice)
    }

    /// The action, in the catalogue's spelling if it is known there.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The resource that is judged.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The account that owns the resource: given, or in the ARN.
    pub fn owner(&self) -> Option<AccountId> {
        self.resource_account.or_else(|| AccountId::parse(ArnRef::parse(&self.resource)?.account).ok())
    }
}

/// The action in the catalogue's spelling, and whether it acts on no resources, if that is known.
fn known_action(text: &str) -> Result<(String, Option<bool>), QuestionError> {
    if text.contains(['*', '?']) {
        return Err(QuestionError::ActionPattern(text.to_owned()));
    }
    let plain = |part: &str, others: &str| {
        !part.is_empty()
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
    };
    match text.split_once(':') {
        Some((service, name)) if plain(service, "-") && plain(name, "-_.") => {
            let known = Catalogue::get().action(text);
            Ok(known.map_or_else(
                || (text.to_owned(), None),
                |facts| (facts.to_string(), Some(facts.is_wildcard_only())),
            ))
        }
        _ => Err(QuestionError::NotAnAction(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_action_and_one_resource_are_asked() {
        let error = |action, resource| Question::new(action, resource).map(|_| ()).unwrap_err();
        assert_eq!(error("s3:Get*", "*"), QuestionError::ActionPattern("s3:Get*".into()));
        assert_eq!(error("GetObject", "*"), QuestionError::NotAnAction("GetObject".into()));
        assert_eq!(error("s3:GetObject", "bucket"), QuestionError::NotAResource("bucket".into()));
        assert_eq!(error("s3:GetObject", "*"), QuestionError::NeedsResource("s3:GetObject".into()));
        let pattern = "arn:aws:s3:::bucket/*";
        assert_eq!(error("s3:GetObject", pattern), QuestionError::ResourcePattern(pattern.into()));
    }

    #[test]
    fn actions_without_resources_are_judged_on_a_star() {
        let question = Question::new("S3:listallmybuckets", "arn:aws:s3:::bucket").unwrap();
        assert_eq!((question.action(), question.resource()), ("s3:ListAllMyBuckets", "*"));
        assert!(Question::new("made:Up", "*").is_ok());
    }
}
