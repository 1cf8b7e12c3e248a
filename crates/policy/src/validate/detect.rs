//! What kind of document a text is, by what it says.

use super::ResourceKind;
use super::actions::entry_covers;
use super::arn::Pattern;
use super::effort::Effort;
use super::view::{Policy, Statement};
use crate::document::{DocumentKind, LIMITS};
use base::json::Json;

/// What a document seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    /// The kind of document.
    pub kind: DocumentKind,
    /// Of a resource's policy: the type of the resource, if all its actions and resources are of one.
    pub resource_kind: Option<ResourceKind>,
}

/// Guesses from the text. With principals it is a resource's policy: a trust policy if all actions assume roles, an
/// RCP if it denies everybody everything on `*`. Without, it is an identity policy; SCPs and boundaries look the
/// same.
pub fn detect(text: &str) -> Detected {
    let plain = |kind| Detected { kind, resource_kind: None };
    let Ok(json) = Json::parse(text, LIMITS) else { return plain(DocumentKind::Identity) };
    let policy = Policy::read(text, &json);
    let statements = &policy.statements;
    if !statements.iter().any(|statement| statement.principals.is_some()) {
        return plain(DocumentKind::Identity);
    }
    let all = |is: fn(&Statement<'_>) -> bool| !statements.is_empty() && statements.iter().all(is);
    if all(is_trust) {
        return Detected { kind: DocumentKind::Trust, resource_kind: Some(ResourceKind::IamRole) };
    }
    if all(is_rcp) {
        return plain(DocumentKind::Rcp);
    }
    let found = ResourceKind::ALL.iter().copied().find(|kind| is_of(&policy, *kind));
    Detected { kind: DocumentKind::Resource, resource_kind: found }
}

fn is_trust(statement: &Statement<'_>) -> bool {
    let effort = Effort::default();
    let actions = statement.plain_actions();
    let assumes = |text: &str| {
        text.to_ascii_lowercase().starts_with("sts:assumerole")
            || ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"]
                .iter()
                .any(|action| entry_covers(text, action, &effort))
    };
    !actions.is_empty()
        && actions.iter().all(|entry| entry.text != "*" && assumes(entry.text))
        && statement.resources.is_none()
}

fn is_rcp(statement: &Statement<'_>) -> bool {
    let is_star = |text: Option<&str>| text == Some("*");
    let resources = statement.resources.as_ref().filter(|list| list.entries.len() == 1);
    let principals = statement.plain_principals();
    statement.denies()
        && principals.len() == 1
        && is_star(principals.first().map(|entry| entry.text))
        && is_star(resources.and_then(|list| list.entries.first()).map(|entry| entry.text))
}

/// Whether every action and every ARN is of the type's service.
fn is_of(policy: &Policy<'_>, kind: ResourceKind) -> bool {
    if kind == ResourceKind::IamRole {
        return false;
    }
    let service = kind.service();
    let mut told = false;
    for statement in &policy.statements {
        for entry in statement.plain_actions() {
            match entry.text.split_once(':') {
                Some((found, _)) if found.eq_ignore_ascii_case(service) => told = true,
                None if entry.text == "*" => {}
                _ => return false,
            }
        }
        for entry in
            statement.resources.iter().flat_map(|list| &list.entries).filter(|entry| entry.text != "*")
        {
            match Pattern::read(entry.text, policy.variables) {
                Some(pattern) if pattern.service == service && kind.fits_detected(pattern.resource) => {
                    told = true
                }
                _ => return false,
            }
        }
    }
    told
}
