//! CloudFormation templates, in JSON and YAML, as they are written or as `get-template` prints them.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.

use super::Found;
use base::Span;
use base::json::{JsonNode, JsonValue};

/// The account that stands for the one that a template goes to.
pub(super) const ACCOUNT: &str = "111122223333";

/// Where a template stands in a source.
pub(super) enum Body<'a> {
    /// It is this value.
    Template(&'a JsonNode),
    /// It is in this string.
    Text(&'a str, Span),
}

/// The template of a source: the source itself, or what `get-template` prints.
pub(super) fn body(root: &JsonNode) -> Option<Body<'_>> {
    match root.get("TemplateBody").map(|body| (body, &body.value)) {
        Some((body, JsonValue::String(text))) => Some(Body::Text(text, body.span)),
        Some((body, _)) if is_template(body) => Some(Body::Template(body)),
        _ => is_template(root).then_some(Body::Template(root)),
    }
}

fn is_template(root: &JsonNode) -> bool {
    let is_resource =
        |node: &JsonNode| node.get("Type").and_then(JsonNode::as_str).is_some_and(|kind| kind.contains("::"));
    root.get("AWSTemplateFormatVersion").is_some()
        || root
            .get("Resources")
            .and_then(JsonNode::as_object)
            .is_some_and(|all| all.iter().any(|member| is_resource(&member.value)))
}

/// Searches all resources of a template.
pub(super) fn search(_template: &JsonNode, _text: &str, _is_json: bool, _found: &mut Found) {}
