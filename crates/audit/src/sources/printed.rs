//! Documents in what AWS's command line prints.

use super::document::{in_string, is_policy};
use super::{Found, Place, What};
use base::json::{JsonNode, JsonValue, Member};
use policy::DocumentKind;

/// Searches an answer, or a list of them, for documents.
pub(super) fn search(root: &JsonNode, text: &str, found: &mut Found) {
    Finder { text, found }.search(root, &Around::default(), 0);
}

/// SCPs look like identity policies, and RCPs like policies of resources: the file's name may tell.
pub(super) fn hint_of_name(file: &str) -> Option<What> {
    let name = file.rsplit(['/', '\\', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let has =
        |word: &str| name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == word);
    let kind = match () {
        () if has("scp") || has("scps") => DocumentKind::Scp,
        () if has("rcp") || has("rcps") => DocumentKind::Rcp,
        () if has("boundary") => DocumentKind::Boundary,
        () => return None,
    };
    Some(What::of_kind(kind))
}

/// What surrounds a document.
#[derive(Debug, Clone, Default)]
struct Around {
    /// The user, group, role or policy.
    owner: Option<String>,
    /// The inline policy or the version.
    name: Option<String>,
}

struct Finder<'a, 'f> {
    text: &'a str,
    found: &'f mut Found,
}

impl Finder<'_, '_> {
    fn search(&mut self, node: &JsonNode, around: &Around, depth: usize) {
        match &node.value {
            JsonValue::Array(nodes) => nodes.iter().for_each(|node| self.search(node, around, depth + 1)),
            JsonValue::Object(members) => self.search_object(node, members, around, depth),
            _ => {}
        }
    }

    fn search_object(&mut self, node: &JsonNode, members: &[Member], around: &Around, depth: usize) {
        let text = |key: &str| node.get(key).and_then(JsonNode::as_str);
        if text("Arn").is_some_and(|arn| arn.contains(":iam::aws:policy/")) {
            self.found.skipped += 1;
            return;
        }
        let is_old_version =
            matches!(node.get("IsDefaultVersion").map(|node| &node.value), Some(JsonValue::Bool(false)));
        if is_old_version && depth > 2 {
            return;
        }
        let mut here = around.clone();
        let own = ["UserName", "RoleName", "GroupName"].iter().find_map(|key| text(key));
        let of_policy = text("PolicyName").or_else(|| text("policyName"));
        match (own, of_policy) {
            (Some(owner), _) => here.owner = Some(owner.to_owned()),
            (None, Some(policy)) if around.owner.is_none() => here.owner = Some(policy.to_owned()),
            _ => {}
        }
        here.name = of_policy.or_else(|| text("VersionId")).map(str::to_owned).or(here.name);
        for member in members {
            let what = match &*member.key {
                "AssumeRolePolicyDocument" => Some(What::trust()),
                "PolicyDocument" if text("VpcEndpointId").is_some() => {
                    Some(What { kind: DocumentKind::Endpoint, resource_type: Some("AWS::EC2::VPCEndpoint") })
                }
                "PolicyDocument" | "Document" | "Policy" | "ResourcePolicy" | "InlinePolicy"
                | "AccessPolicies" | "PolicyInJson" | "policy" | "policyText" | "policyDocument"
                | "document" => None,
                "Content" => organization_kind(node),
                _ => {
                    self.search(&member.value, &here, depth + 1);
                    continue;
                }
            };
            if !self.take(&member.value, name_of(&here, &member.key), what) {
                self.search(&member.value, &here, depth + 1);
            }
        }
    }

    /// Takes a document, if it is one.
    fn take(&mut self, node: &JsonNode, name: Option<String>, what: Option<What>) -> bool {
        let (place, document) = match &node.value {
            JsonValue::Object(_) if is_policy(node) => {
                (Place::verbatim(node.span), node.span.of(self.text).to_owned())
            }
            JsonValue::String(text) => match in_string(text) {
                Some(document) => (Place::decoded(node.span), document),
                None => return false,
            },
            _ => return false,
        };
        self.found.add(place, name, document, what);
        true
    }
}

/// What `describe-policy` of Organizations says of its document.
fn organization_kind(node: &JsonNode) -> Option<What> {
    What::of_organization(node.get("PolicySummary")?.get("Type")?.as_str()?)
}

fn name_of(around: &Around, key: &str) -> Option<String> {
    let what = if key == "AssumeRolePolicyDocument" { Some("trust policy") } else { around.name.as_deref() };
    match (&around.owner, what) {
        (Some(owner), Some(what)) if owner != what => Some(format!("{owner}: {what}")),
        (Some(name), _) => Some(name.clone()),
        (None, what) => what.map(str::to_owned),
    }
}
