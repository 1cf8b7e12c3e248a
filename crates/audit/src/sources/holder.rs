//! Where resources of Terraform and CloudFormation keep their policies.

use super::What;
use base::json::{JsonNode, JsonValue};
use policy::DocumentKind;

/// A member of a resource that holds policies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The type of the resource: `aws_iam_policy`, `AWS::IAM::ManagedPolicy`.
    pub(super) resource: &'static str,
    /// The way to the document: `policy`, `inline_policy[].policy`.
    pub(super) path: &'static str,
    kind: DocumentKind,
    of: Option<&'static str>,
}

/// A policy of a resource of this CloudFormation type.
pub(super) const fn resource(resource: &'static str, path: &'static str, of: &'static str) -> Holder {
    Holder { resource, path, kind: DocumentKind::Resource, of: Some(of) }
}

/// A policy of a user, group or role.
pub(super) const fn identity(resource: &'static str, path: &'static str) -> Holder {
    Holder { resource, path, kind: DocumentKind::Identity, of: None }
}

/// A role's trust policy.
pub(super) const fn trust(resource: &'static str, path: &'static str) -> Holder {
    Holder { resource, path, kind: DocumentKind::Trust, of: None }
}

/// A session policy.
pub(super) const fn session(resource: &'static str, path: &'static str) -> Holder {
    Holder { resource, path, kind: DocumentKind::Session, of: None }
}

/// The policy of a VPC endpoint.
pub(super) const fn endpoint(resource: &'static str, path: &'static str) -> Holder {
    Holder { resource, path, kind: DocumentKind::Endpoint, of: Some("AWS::EC2::VPCEndpoint") }
}

impl Holder {
    pub(super) fn what(&self) -> What {
        match self.kind {
            DocumentKind::Trust => What::trust(),
            kind => What { kind, resource_type: self.of },
        }
    }

    /// What tells several policies of a resource apart.
    pub(super) fn label(&self, member: &Held<'_>) -> Option<String> {
        if self.kind == DocumentKind::Trust {
            return Some("trust policy".to_owned());
        }
        let index = member.index?;
        let name = member.within.and_then(|within| {
            ["name", "PolicyName", "Region"].iter().find_map(|key| within.get(key)?.as_str())
        });
        Some(match name {
            Some(name) => format!("inline policy {name}"),
            None => format!("policy {}", index + 1),
        })
    }
}

/// What stands at the end of a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    /// The value; `None` if it is known only later.
    pub(super) value: Option<&'a JsonNode>,
    /// The element of a list that it belongs to.
    pub(super) within: Option<&'a JsonNode>,
    index: Option<usize>,
}

/// Everything at the end of a path. `unknown` has `true` where Terraform does not know the value yet.
pub(super) fn held<'a>(values: &'a JsonNode, unknown: Option<&'a JsonNode>, path: &str) -> Vec<Held<'a>> {
    let mut out = Vec::new();
    let start = Held { value: Some(values), within: None, index: None };
    walk(start, unknown, &path.split('.').collect::<Vec<_>>(), &mut out);
    out
}

fn walk<'a>(at: Held<'a>, unknown: Option<&'a JsonNode>, path: &[&str], out: &mut Vec<Held<'a>>) {
    if is_true(unknown) {
        out.push(Held { value: None, ..at });
        return;
    }
    let Some((step, rest)) = path.split_first() else {
        if at.value.is_some_and(|value| value.value != JsonValue::Null) {
            out.push(at);
        }
        return;
    };
    let (name, is_list) = step.strip_suffix("[]").map_or((*step, false), |name| (name, true));
    let value = at.value.and_then(|value| value.get(name));
    let unknown = unknown.and_then(|unknown| unknown.get(name));
    let Some(list) = value.filter(|_| is_list && !is_true(unknown)) else {
        return walk(Held { value, ..at }, unknown, rest, out);
    };
    // A block that stands once may be written without a list.
    let elements = list.as_array().unwrap_or(std::slice::from_ref(list));
    for (index, element) in elements.iter().enumerate() {
        let unknown = unknown.and_then(|unknown| unknown.as_array()?.get(index));
        let at = Held { value: Some(element), within: Some(element), index: Some(index) };
        walk(at, unknown, rest, out);
    }
}

fn is_true(node: Option<&JsonNode>) -> bool {
    node.is_some_and(|node| node.value == JsonValue::Bool(true))
}
