//! What an answer rests on, and what it does not know.

use super::Question;
use super::assemble::Scene;
use super::subject::{Asker, SESSION_NAME};
use base::Severity;
use model::Identity;
use policy::catalogue::Catalogue;
use policy::{Cause, CompiledPolicy, Document, Explanation, Layer, Outcome, PolicyKind};
use std::sync::Arc;

/// Services whose resources commonly have policies of their own, sorted.
const WITH_RESOURCE_POLICIES: [&str; 18] = [
    "backup",
    "codeartifact",
    "dynamodb",
    "ecr",
    "elasticfilesystem",
    "es",
    "events",
    "execute-api",
    "glacier",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "ses",
    "sns",
    "sqs",
];

/// The notes of an answer, what matters most first.
pub(super) fn notes(
    scene: &Scene<'_>,
    asker: &Asker,
    question: &Question,
    explanation: &Explanation,
) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(action_note(scene, question));
    notes.extend(resource_note(scene));
    notes.extend(resource_policy_note(scene, explanation));
    notes.extend(account_note(scene, explanation));
    notes.extend(session_note(asker));
    notes.extend(faulty(scene));
    notes
}

fn action_note(scene: &Scene<'_>, question: &Question) -> Option<String> {
    let action = scene.request.action();
    let catalogue = Catalogue::get();
    let Some(facts) = catalogue.action(action) else {
        let near = catalogue.suggest_action(action);
        let near =
            if near.is_empty() { String::new() } else { format!("; is `{}` meant?", near.join("` or `")) };
        return Some(format!("`{action}` is no action that AWS documents{near}"));
    };
    let has_resource = question.resource.trim() != "*";
    (facts.is_wildcard_only() && has_resource)
        .then(|| format!("`{action}` acts on no single resource, so it was judged on `*`"))
}

fn resource_note(scene: &Scene<'_>) -> Option<String> {
    let resource = scene.request.resource();
    let facts = Catalogue::get().action(scene.request.action());
    if resource == "*" {
        let on_resources = facts.is_some_and(|facts| !facts.is_wildcard_only());
        return on_resources.then(|| {
            "the action is done on single resources; on `*` only statements for every resource count"
                .to_owned()
        });
    }
    let has_wildcard = resource.contains(['*', '?']);
    has_wildcard.then(|| {
        format!("`{resource}` was taken as one resource of that very name: a request has no wildcards")
    })
}

fn resource_policy_note(scene: &Scene<'_>, explanation: &Explanation) -> Option<String> {
    if scene.alone
        || scene.layers.resource.is_some()
        || explanation.decision.outcome == Outcome::ExplicitlyDenied
    {
        return None;
    }
    let service = scene.request.action().split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_object = scene.request.resource() != "*";
    let has = is_object && WITH_RESOURCE_POLICIES.binary_search(&service.as_str()).is_ok();
    let turn = if explanation.decision.is_allowed() { "deny" } else { "allow" };
    has.then(|| {
        format!("the resource's own policy, if it has one, is not known here and could still {turn} this")
    })
}

fn account_note(scene: &Scene<'_>, explanation: &Explanation) -> Option<String> {
    let (home, owner) = (scene.request.principal().account()?, scene.request.owner()?);
    let lacks = explanation.decision.reason.cause == Cause::NoAllow
        && explanation.decision.reason.layer == Layer::Resource;
    (home != owner && lacks && scene.layers.resource.is_none() && scene.can_have_resource_policy()).then(
        || format!("the resource belongs to account {owner}: across accounts its policy must allow as well"),
    )
}

fn session_note(asker: &Asker) -> Option<String> {
    match asker {
        Asker::Known(Identity::Role { role, session }) if **session == *SESSION_NAME => Some(format!(
            "answered for a fresh session `{SESSION_NAME}` of the role without MFA; name another as role/{}/SESSION",
            role.name
        )),
        _ => None,
    }
}

/// Policies with statements that cannot be read.
fn faulty(scene: &Scene<'_>) -> Vec<String> {
    let layers = [Some(scene.layers.identity), scene.layers.boundary, scene.layers.resource];
    let policies = layers.into_iter().flatten().flat_map(|set| set.policies());
    policies.filter_map(faulty_policy).collect()
}

fn faulty_policy(policy: &Arc<CompiledPolicy>) -> Option<String> {
    let label = policy.label();
    if label.kind == PolicyKind::Managed && label.id.contains("::aws:policy/") {
        return None;
    }
    let text = policy.document().text();
    let (_, diagnostics) = Document::parse_tolerant(text);
    let first = diagnostics.iter().find(|found| found.severity == Severity::Error)?;
    Some(format!(
        "policy `{}` has errors, and what cannot be read has no effect: {}",
        label.name,
        first.render(text)
    ))
}
