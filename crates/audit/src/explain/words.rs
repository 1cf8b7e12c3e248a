//! The sentences of an answer.

use super::Question;
use super::assemble::Scene;
use super::subject::Asker;
use base::Partition;
use policy::{
    Cause, ConditionElement, Effect, Element, Explanation, Layer, ListElement, Miss, Outcome, PolicyKind,
    PolicyLabel, Principal, PrincipalElement, PrincipalForm, Statement,
};

/// How many values of a key are spelt out.
const VALUES: usize = 3;

/// Whether it is an action of STS, judged on the role that is to be assumed.
pub(super) fn is_sts(action: &str) -> bool {
    is_of("sts", action)
}

/// Whether it is an action of this service.
pub(super) fn is_of(service: &str, action: &str) -> bool {
    action.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(service))
}

/// The principal by its ARN; a service or provider by its name.
pub(super) fn principal_name(
    asker: &Asker,
    principal: &Principal,
    partition: Partition,
    question: &Question,
) -> String {
    match (asker, principal.form()) {
        (Asker::Known(identity), _) => identity.arn(partition).into(),
        (_, PrincipalForm::Service { name }) => name.to_string(),
        (_, PrincipalForm::Federated { provider }) => provider.to_string(),
        (_, PrincipalForm::Anonymous) => "anonymous".to_owned(),
        _ => question.principal.trim().to_owned(),
    }
}

/// Where a policy comes from.
pub(crate) fn kind(label: &PolicyLabel, layer: Layer) -> &'static str {
    match label.kind {
        _ if layer == Layer::Boundary => "permissions boundary",
        PolicyKind::Managed if label.id.contains("::aws:policy/") => "AWS managed policy",
        PolicyKind::Managed => "managed policy",
        PolicyKind::Inline => "inline policy",
        PolicyKind::Boundary => "permissions boundary",
        PolicyKind::Session => "session policy",
        PolicyKind::Resource => "resource policy",
        PolicyKind::Trust => "trust policy",
        PolicyKind::Scp => "service control policy",
        PolicyKind::Rcp => "resource control policy",
        PolicyKind::Endpoint => "VPC endpoint policy",
    }
}

/// Why the decision came out as it did; `policy` is the title of the deciding statement's policy.
pub(super) fn summary(scene: &Scene<'_>, explanation: &Explanation, policy: Option<&str>) -> String {
    let reason = explanation.decision.reason;
    match (reason.cause, explanation.decision.outcome, policy) {
        (Cause::Statement, Outcome::Allowed, Some(policy)) => format!("{policy} allows it"),
        (Cause::Statement, _, Some(policy)) => {
            format!("{policy} denies it, and a denial outweighs every permission")
        }
        (Cause::NoAllow | Cause::Statement, ..) => lacking(scene, reason.layer),
        (Cause::RootUser, ..) => "the root user needs no policy".to_owned(),
        (Cause::AlwaysAllowed, ..) => "every signed caller may do this, whatever the policies say".to_owned(),
        (Cause::OtherPartition, ..) => "principal and resource are in different partitions".to_owned(),
        (Cause::AwsOwned, ..) => "the resource belongs to AWS and cannot be changed".to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

fn lacking(scene: &Scene<'_>, layer: Layer) -> String {
    match layer {
        Layer::Identity if scene.layers.identity.is_empty() => "the principal has no policies".to_owned(),
        Layer::Identity => "none of the principal's policies allows it".to_owned(),
        Layer::Resource if is_of("iam", scene.request.action()) => {
            "the resource belongs to another account, and nothing of IAM's is open to other accounts"
                .to_owned()
        }
        Layer::Resource if scene.layers.resource.is_none() && scene.alone => {
            "the resource's own policy would have to allow it, and there is none".to_owned()
        }
        Layer::Resource if scene.layers.resource.is_none() => {
            "the resource's own policy would have to allow it, and is not known here".to_owned()
        }
        Layer::Resource if is_sts(scene.request.action()) => {
            "the role's trust policy does not let it in".to_owned()
        }
        Layer::Resource => "the resource's policy does not allow it".to_owned(),
        Layer::Boundary => "the permissions boundary does not allow it".to_owned(),
        Layer::Session => "no session policy allows it".to_owned(),
        Layer::Scp => "no service control policy allows it".to_owned(),
        Layer::Rcp => "no resource control policy allows it".to_owned(),
        Layer::Endpoint => "the VPC endpoint's policy does not allow it".to_owned(),
    }
}

/// Of the deciding action entry.
pub(super) fn covers_action(scene: &Scene<'_>, effect: Effect, statement: &Statement) -> String {
    let verb = if effect == Effect::Allow { "allows" } else { "denies" };
    let action = scene.request.action();
    if statement.action.negated {
        format!("{verb} all but these, `{action}` among them")
    } else {
        format!("{verb} `{action}`")
    }
}

/// Of the deciding resource entry.
pub(super) fn covers_resource(element: &ListElement) -> &'static str {
    if element.negated { "does not leave out the resource" } else { "covers the resource" }
}

/// Of the deciding principal element.
pub(super) fn names_principal(element: &PrincipalElement) -> &'static str {
    if element.negated { "does not leave out the principal" } else { "names the principal" }
}

/// Of a condition that holds; it is said of its key.
pub(super) fn holds(scene: &Scene<'_>, condition: &ConditionElement) -> String {
    format!("holds: {}", value_of(scene, &condition.key.value))
}

/// Why an element of a statement does not match.
pub(super) fn miss(scene: &Scene<'_>, statement: &Statement, miss: &Miss) -> String {
    let (action, resource) = (scene.request.action(), scene.request.resource());
    match miss.element {
        Element::Action if statement.action.negated => format!("leaves out `{action}`"),
        Element::Action => format!("does not cover `{action}`"),
        Element::Resource => resource_miss(statement, resource, miss),
        Element::Principal => match &statement.principal {
            None => "names no principal".to_owned(),
            Some(element) if element.negated => "leaves out the principal".to_owned(),
            Some(_) => "not the principal".to_owned(),
        },
        Element::Condition(place) => match statement.conditions.get(place) {
            Some(condition) => condition_miss(scene, condition, miss),
            None => "does not hold".to_owned(),
        },
    }
}

fn resource_miss(statement: &Statement, resource: &str, miss: &Miss) -> String {
    if let Some(key) = miss.missing_keys.first() {
        return format!("needs `{key}`, which is not in the request");
    }
    match &statement.resource {
        Some(element) if element.negated => "leaves out the resource".to_owned(),
        Some(_) if resource == "*" => {
            "does not cover `*`: the action is granted on every resource or not at all".to_owned()
        }
        Some(_) => "does not cover the resource".to_owned(),
        None => "names no resource".to_owned(),
    }
}

fn condition_miss(scene: &Scene<'_>, condition: &ConditionElement, miss: &Miss) -> String {
    if condition.operator.is_none() {
        return format!("there is no operator `{}`, so this never holds", condition.operator_text.value);
    }
    let key = &*condition.key.value;
    match miss.missing_keys.first() {
        Some(missing) if missing.eq_ignore_ascii_case(key) => "not in the request".to_owned(),
        Some(missing) => format!("needs `{missing}`, which is not in the request"),
        None => format!("does not hold: {}", value_of(scene, key)),
    }
}

/// What the request has for a key.
fn value_of(scene: &Scene<'_>, key: &str) -> String {
    match scene.keys.values(key) {
        None | Some([]) => "it is not in the request".to_owned(),
        Some([value]) => format!("it is `{value}`"),
        Some(values) => {
            let shown: Vec<_> = values.iter().take(VALUES).map(|value| format!("`{value}`")).collect();
            let more = if values.len() > VALUES { " …" } else { "" };
            format!("it is {}{more}", shown.join(", "))
        }
    }
}
