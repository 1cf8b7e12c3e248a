//! From JSON to a document, leaving out what cannot be read.

use super::{
    ConditionElement, Document, Effect, LIMITS, ListElement, PrincipalElement, PrincipalEntry, PrincipalType,
    Statement, Text, Version,
};
use crate::operator::Operator;
use base::json::{Json, JsonNode, JsonValue, Member};
use base::{Diagnostic, Span};
use std::borrow::Cow;

/// What was read, and what is wrong with it.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) document: Option<Document>,
    pub(super) problems: Vec<Problem>,
}

/// Something wrong, and how IAM speaks of it.
pub(super) struct Problem {
    pub(super) stage: Stage,
    pub(super) aws: Cow<'static, str>,
    pub(super) diagnostic: Diagnostic,
}

/// In which order IAM checks; the message is that of the first check that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Syntax,
    Version,
    Legacy,
    Sid,
    Action,
    ResourceFormat,
    ActionFormat,
    Field,
    Principal,
}

pub(super) const SYNTAX: &str = "Syntax errors in policy.";
pub(super) const LEGACY: &str = "The policy failed legacy parsing";

impl Reading {
    pub(super) fn refuse(&mut self, stage: Stage, aws: impl Into<Cow<'static, str>>, diagnostic: Diagnostic) {
        self.problems.push(Problem { stage, aws: aws.into(), diagnostic });
    }

    fn syntax(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: &str) {
        self.refuse(Stage::Syntax, SYNTAX, Diagnostic::error(code, span, message).with_help(help));
    }

    fn wrong_type(&mut self, element: &str, node: &JsonNode, expected: &str) {
        let message = format!("`{element}` is {}", node.kind());
        self.syntax("DATA_TYPE_MISMATCH", node.span, message, &format!("it takes {expected}"));
    }
}

pub(super) fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    match Json::parse(text, LIMITS) {
        Err(error) => reading.syntax("JSON_SYNTAX_ERROR", error.span, error.message, "policies are JSON"),
        Ok(json) => {
            for span in json.duplicates {
                let message = format!("{} stands twice", span.of(text));
                reading.syntax("DUPLICATE_ELEMENT", span, message, "merge the two; only the first is read");
            }
            reading.document = read_policy(text, &json.root, &mut reading);
        }
    }
    reading
}

fn read_policy(text: &str, root: &JsonNode, reading: &mut Reading) -> Option<Document> {
    let Some(members) = root.as_object() else {
        reading.wrong_type("policy", root, "an object with `Version` and `Statement`");
        return None;
    };
    for member in members.iter().filter(|member| !matches!(&*member.key, "Version" | "Id" | "Statement")) {
        let message = format!("a policy has no element `{}`", member.key);
        let help = "its elements are `Version`, `Id` and `Statement`";
        reading.syntax("INVALID_POLICY_ELEMENT", member.key_span, message, help);
    }
    let version = root.get("Version").map_or(Version::V2008, |node| read_version(node, reading));
    let id = root.get("Id").and_then(|node| read_text("Id", node, reading));
    let Some(statements) = root.get("Statement") else {
        reading.syntax("MISSING_STATEMENT", root.span, "the policy has no `Statement`", "add one");
        return None;
    };
    let statements = read_statements(statements, reading)?;
    Some(Document { text: text.into(), version, id, statements })
}

fn read_version(node: &JsonNode, reading: &mut Reading) -> Version {
    match node.as_str() {
        Some("2012-10-17") => return Version::V2012,
        Some("2008-10-17") => {}
        _ => reading.syntax(
            "INVALID_VERSION",
            node.span,
            "no such version of the policy language",
            "write `2012-10-17`; the version is not the date of your policy",
        ),
    }
    Version::V2008
}

fn read_statements(node: &JsonNode, reading: &mut Reading) -> Option<Vec<Statement>> {
    let nodes = match &node.value {
        JsonValue::Object(_) => std::slice::from_ref(node),
        JsonValue::Array(nodes) => nodes.as_slice(),
        _ => {
            reading.wrong_type("Statement", node, "an object or an array of objects");
            return None;
        }
    };
    if nodes.is_empty() {
        reading.syntax("MISSING_STATEMENT", node.span, "`Statement` is empty", "add a statement");
    }
    Some(nodes.iter().enumerate().filter_map(|(index, node)| read_statement(index, node, reading)).collect())
}

fn read_statement(index: usize, node: &JsonNode, reading: &mut Reading) -> Option<Statement> {
    let Some(members) = node.as_object() else {
        reading.wrong_type("Statement", node, "objects");
        return None;
    };
    report_unknown_elements(members, reading);
    let sid = node.get("Sid").and_then(|sid| read_text("Sid", sid, reading));
    let effect = read_effect(node, reading);
    let principal = read_either(members, ["Principal", "NotPrincipal"], reading);
    let principal = principal.and_then(|(member, negated)| read_principals(member, negated, reading));
    let action = read_either(members, ["Action", "NotAction"], reading);
    let action = action.and_then(|(member, negated)| read_list(member, negated, reading));
    let resource = read_either(members, ["Resource", "NotResource"], reading);
    let has_no_resource = resource.is_none();
    let resource = resource.and_then(|(member, negated)| read_list(member, negated, reading));
    let conditions = node.get("Condition").map_or(Some(Vec::new()), |node| read_conditions(node, reading));
    let (effect, effect_span) = effect?;
    let Some(action) = action.filter(|action| !action.entries.is_empty()) else {
        let help = "add `Action` or `NotAction`";
        let diagnostic =
            Diagnostic::error("MISSING_ACTION", node.span, "the statement names no action").with_help(help);
        reading.refuse(Stage::Action, "Policy statement must contain actions.", diagnostic);
        return None;
    };
    // A statement part of which cannot be read must not be read as if that part were not there.
    if (resource.is_none() && !has_no_resource) || (principal.is_none() && has_principal(members)) {
        return None;
    }
    let span = node.span;
    Some(Statement {
        index,
        span,
        sid,
        effect,
        effect_span,
        principal,
        action,
        resource,
        conditions: conditions?,
    })
}

fn has_principal(members: &[Member]) -> bool {
    members.iter().any(|member| matches!(&*member.key, "Principal" | "NotPrincipal"))
}

/// The elements that a statement may have.
pub(crate) const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn report_unknown_elements(members: &[Member], reading: &mut Reading) {
    for member in members.iter().filter(|member| !ELEMENTS.contains(&&*member.key)) {
        let meant = ELEMENTS.iter().find(|known| known.eq_ignore_ascii_case(&member.key));
        let help = meant.map_or_else(
            || format!("its elements are {}", ELEMENTS.map(|name| format!("`{name}`")).join(", ")),
            |known| format!("write `{known}`: names of elements are case-sensitive"),
        );
        let message = format!("a statement has no element `{}`", member.key);
        reading.syntax("INVALID_POLICY_ELEMENT", member.key_span, message, &help);
    }
}

fn read_effect(statement: &JsonNode, reading: &mut Reading) -> Option<(Effect, Span)> {
    let Some(node) = statement.get("Effect") else {
        reading.syntax(
            "MISSING_EFFECT",
            statement.span,
            "the statement has no `Effect`",
            "add `Allow` or `Deny`",
        );
        return None;
    };
    match node.as_str() {
        Some("Allow") => Some((Effect::Allow, node.span)),
        Some("Deny") => Some((Effect::Deny, node.span)),
        Some(text) if text.eq_ignore_ascii_case("allow") || text.eq_ignore_ascii_case("deny") => {
            let message = format!("`Effect` is `{text}`");
            let diagnostic = Diagnostic::error("INVALID_EFFECT", node.span, message);
            let diagnostic = diagnostic.with_help("write `Allow` or `Deny`: the effect is case-sensitive");
            reading.refuse(Stage::Legacy, LEGACY, diagnostic);
            None
        }
        _ => {
            reading.syntax("INVALID_EFFECT", node.span, "no such effect", "write `Allow` or `Deny`");
            None
        }
    }
}

/// The member of one of two names, and whether it is the second; both together are an error.
fn read_either<'a>(
    members: &'a [Member],
    names: [&str; 2],
    reading: &mut Reading,
) -> Option<(&'a Member, bool)> {
    let mut found = members.iter().filter(|member| names.contains(&&*member.key));
    let first = found.next()?;
    let [_, negated] = names;
    if let Some(second) = found.find(|member| member.key != first.key) {
        let [plain, negated] = names;
        let message = format!("`{plain}` and `{negated}` exclude each other");
        reading.syntax("INVALID_POLICY_ELEMENT", second.key_span, message, "make two statements of it");
    }
    Some((first, *first.key == *negated))
}

fn read_list(member: &Member, negated: bool, reading: &mut Reading) -> Option<ListElement> {
    let nodes = one_or_many(&member.value);
    let mut entries = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node.as_str() {
            Some(value) => entries.push(Text { value: value.into(), span: node.span }),
            None => reading.wrong_type(&member.key, node, "a string or an array of strings"),
        }
    }
    let readable = entries.len() == nodes.len();
    readable.then(|| ListElement { negated, span: member.key_span.to(member.value.span), entries })
}

fn one_or_many(node: &JsonNode) -> &[JsonNode] {
    match &node.value {
        JsonValue::Array(nodes) => nodes,
        _ => std::slice::from_ref(node),
    }
}

fn read_principals(member: &Member, negated: bool, reading: &mut Reading) -> Option<PrincipalElement> {
    let span = member.key_span.to(member.value.span);
    let mut entries = Vec::new();
    match &member.value.value {
        JsonValue::String(text) if **text == *"*" => {
            let text = Text { value: text.clone(), span: member.value.span };
            entries.push(PrincipalEntry { kind: PrincipalType::Aws, text });
        }
        JsonValue::Object(keys) => {
            for key in keys {
                read_principals_of_type(key, &mut entries, reading)?;
            }
        }
        _ => {
            reading.wrong_type(&member.key, &member.value, "`\"*\"` or an object such as `{\"AWS\": \"…\"}`");
            return None;
        }
    }
    Some(PrincipalElement { negated, span, entries })
}

fn read_principals_of_type(
    key: &Member,
    entries: &mut Vec<PrincipalEntry>,
    reading: &mut Reading,
) -> Option<()> {
    let kind = match &*key.key {
        "AWS" => PrincipalType::Aws,
        "Service" => PrincipalType::Service,
        "Federated" => PrincipalType::Federated,
        "CanonicalUser" => PrincipalType::CanonicalUser,
        other => {
            let message = format!("there are no principals of type `{other}`");
            let help = "types are `AWS`, `Service`, `Federated` and `CanonicalUser`";
            reading.syntax("UNSUPPORTED_PRINCIPAL", key.key_span, message, help);
            return None;
        }
    };
    for node in one_or_many(&key.value) {
        let Some(text) = scalar_text(node).filter(|_| !matches!(node.value, JsonValue::Bool(_))) else {
            reading.wrong_type(&key.key, node, "a string or an array of strings");
            return None;
        };
        entries.push(PrincipalEntry { kind, text });
    }
    Some(())
}

fn read_conditions(node: &JsonNode, reading: &mut Reading) -> Option<Vec<ConditionElement>> {
    let Some(operators) = node.as_object() else {
        reading.wrong_type("Condition", node, "an object of operators");
        return None;
    };
    let mut conditions = Vec::new();
    for operator in operators {
        let Some(keys) = operator.value.as_object() else {
            reading.wrong_type(&operator.key, &operator.value, "an object of condition keys");
            return None;
        };
        report_operator(operator, reading);
        for key in keys {
            conditions.push(read_condition(operator, key, reading)?);
        }
    }
    Some(conditions)
}

fn report_operator(operator: &Member, reading: &mut Reading) {
    let has_keys = operator.value.as_object().is_some_and(|keys| !keys.is_empty());
    if Operator::is_spelled_exactly(&operator.key) && Operator::parse(&operator.key).is_some() || !has_keys {
        return;
    }
    let known = Operator::parse(&operator.key).is_some();
    let message = format!("there is no condition operator `{}`", operator.key);
    let help = if known {
        "mind upper and lower case"
    } else {
        "a statement with an unknown operator never matches"
    };
    reading.syntax("INVALID_OPERATOR", operator.key_span, message, help);
}

fn read_condition(operator: &Member, key: &Member, reading: &mut Reading) -> Option<ConditionElement> {
    let nodes = one_or_many(&key.value);
    let values: Vec<Text> = nodes.iter().filter_map(scalar_text).collect();
    if values.len() != nodes.len() {
        reading.wrong_type(&key.key, &key.value, "strings, numbers and booleans");
        return None;
    }
    Some(ConditionElement {
        operator: Operator::parse(&operator.key),
        operator_text: Text { value: operator.key.clone(), span: operator.key_span },
        key: Text { value: key.key.clone(), span: key.key_span },
        values,
        span: key.key_span.to(key.value.span),
    })
}

/// Strings, and numbers and booleans without their quotes.
fn scalar_text(node: &JsonNode) -> Option<Text> {
    let value = match &node.value {
        JsonValue::String(text) | JsonValue::Number(text) => text.clone(),
        JsonValue::Bool(true) => "true".into(),
        JsonValue::Bool(false) => "false".into(),
        JsonValue::Null | JsonValue::Array(_) | JsonValue::Object(_) => return None,
    };
    Some(Text { value, span: node.span })
}

fn read_text(element: &str, node: &JsonNode, reading: &mut Reading) -> Option<Text> {
    match node.as_str() {
        Some(value) => Some(Text { value: value.into(), span: node.span }),
        None => {
            reading.wrong_type(element, node, "a string");
            None
        }
    }
}
