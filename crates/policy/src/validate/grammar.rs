//! Which elements there are, and which must be there.

use super::checks::{
    BAILIWICK_DUPLICATE_ELEMENT, BAILIWICK_INVALID_CHARACTER, DATA_TYPE_MISMATCH, EMPTY_ARRAY_ACTION,
    EMPTY_ARRAY_PRINCIPAL, EMPTY_ARRAY_RESOURCE, EMPTY_OBJECT_CONDITION, EMPTY_OBJECT_PRINCIPAL,
    EMPTY_SID_VALUE, INVALID_EFFECT, INVALID_POLICY_ELEMENT, INVALID_VERSION, MISSING_ACTION, MISSING_EFFECT,
    MISSING_PRINCIPAL, MISSING_RESOURCE, MISSING_STATEMENT, MISSING_VERSION, UNIQUE_SIDS_RECOMMENDED,
    UNIQUE_SIDS_REQUIRED, UNSUPPORTED_ELEMENT_COMBINATION, UNSUPPORTED_SID,
};
use super::fix::{Edit, Fix, Safety};
use super::view::{Policy, Statement, nodes};
use super::{Finding, Lint, ResourceKind, listed, shown};
use crate::document::{DocumentKind, ELEMENTS};
use base::Span;
use base::json::{Json, JsonNode, JsonValue, Member};
use std::collections::HashMap;

const POLICY_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

pub(super) fn check(lint: &mut Lint<'_>) {
    check_characters(lint);
    let policy = lint.policy;
    let Some(members) = policy.root.as_object() else {
        return wrong_type(policy.root, "an object with `Version` and `Statement`", lint);
    };
    check_elements(members, &POLICY_ELEMENTS, "a policy", lint);
    check_version(policy, members, lint);
    if let Some(id) = policy.root.get("Id").filter(|id| id.as_str().is_none()) {
        wrong_type(id, "a string", lint);
    }
    check_statement_list(policy, lint);
    for statement in &policy.statements {
        check_statement(statement, lint);
    }
    check_sids(policy, lint);
}

/// Keys that stand twice in their object.
pub(super) fn check_duplicates(json: &Json, lint: &mut Lint<'_>) {
    for span in &json.duplicates {
        let message = format!("{} stands twice", shown(span.of(lint.policy.text)));
        let finding = Finding::new(&BAILIWICK_DUPLICATE_ELEMENT, *span, message);
        lint.report(finding.help("merge the two; only one of them is read"));
    }
}

/// U+0009, U+000A, U+000D and U+0020 to U+00FF, as the IAM API demands of policy documents.
fn check_characters(lint: &mut Lint<'_>) {
    let foreign = |letter: &char| !matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
    for (at, letter) in lint.policy.text.char_indices().filter(|(_, letter)| foreign(letter)) {
        let span = Span::new(at, at + letter.len_utf8());
        let message = format!("the character U+{:04X} must not stand in a policy", u32::from(letter));
        let help =
            "policies take the characters up to U+00FF, of control characters only tab and line breaks";
        lint.report(Finding::new(&BAILIWICK_INVALID_CHARACTER, span, message).help(help));
    }
}

fn wrong_type(node: &JsonNode, expected: &str, lint: &mut Lint<'_>) {
    let message = format!("this is {}, where {expected} belongs", node.kind());
    lint.report(Finding::new(&DATA_TYPE_MISMATCH, node.span, message));
}

/// Names of elements are known and, in their case, exact.
fn check_elements(members: &[Member], known: &[&str], of: &str, lint: &mut Lint<'_>) {
    for member in members.iter().filter(|member| !known.contains(&&*member.key)) {
        let message = format!("{of} has no element `{}`", shown(&member.key));
        let finding = Finding::new(&INVALID_POLICY_ELEMENT, member.key_span, message);
        let meant = known.iter().find(|name| name.eq_ignore_ascii_case(&member.key));
        lint.report(match meant {
            Some(name) => {
                let is_free = lint.wants_fix(&INVALID_POLICY_ELEMENT)
                    && !members.iter().any(|other| *other.key == **name);
                let fix = Fix::string(Safety::ChangesMeaning, member.key_span, name);
                finding
                    .help(format!("write `{name}`: names of elements are case-sensitive"))
                    .fix(is_free.then_some(fix))
            }
            None => finding.help(format!("its elements are {}", known.map_listed())),
        });
    }
}

trait Listed {
    fn map_listed(&self) -> String;
}

impl Listed for [&str] {
    fn map_listed(&self) -> String {
        self.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }
}

/// What 2008-10-17 and 2012-10-17 read differently is `${…}` alone.
fn safety_of_version(policy: &Policy<'_>) -> Safety {
    if policy.text.contains("${") || policy.text.contains("\\u") {
        Safety::ChangesMeaning
    } else {
        Safety::Safe
    }
}

fn check_version(policy: &Policy<'_>, members: &[Member], lint: &mut Lint<'_>) {
    let Some(version) = policy.root.get("Version") else {
        let span = Span { start: policy.root.span.start, end: policy.root.span.start + 1 };
        let message = "the policy tells no version, and is read as one of 2008";
        let help = "begin with `\"Version\": \"2012-10-17\"`; policy variables need it";
        let fix = members.first().map(|first| {
            let at = Span { start: first.key_span.start, end: first.key_span.start };
            let gap = Span { start: span.end, end: first.key_span.start }.of(policy.text);
            let text = format!("\"Version\": \"2012-10-17\",{}", if gap.is_empty() { " " } else { gap });
            Fix::new(safety_of_version(policy), "add the version", vec![Edit { span: at, text }])
        });
        return lint.report(Finding::new(&MISSING_VERSION, span, message).help(help).fix(fix));
    };
    match version.as_str() {
        Some("2012-10-17" | "2008-10-17") => {}
        Some(other) => {
            let message = format!("`{}` is no version of the policy language", shown(other));
            let help =
                "write `2012-10-17`: the version names the language and is not the date of your policy";
            let fix = Fix::string(safety_of_version(policy), version.span, "2012-10-17");
            lint.report(Finding::new(&INVALID_VERSION, version.span, message).help(help).fix(fix));
        }
        None => wrong_type(version, "a string", lint),
    }
}

fn check_statement_list(policy: &Policy<'_>, lint: &mut Lint<'_>) {
    let Some(node) = policy.statement else {
        let span = Span { start: policy.root.span.start, end: policy.root.span.start + 1 };
        return lint.report(Finding::new(&MISSING_STATEMENT, span, "the policy has no `Statement`"));
    };
    match &node.value {
        JsonValue::Object(_) => {}
        JsonValue::Array(list) if list.is_empty() => {
            lint.report(Finding::new(&MISSING_STATEMENT, node.span, "the list of statements is empty"));
        }
        JsonValue::Array(list) => {
            for node in list.iter().filter(|node| node.as_object().is_none()) {
                wrong_type(node, "a statement, an object,", lint);
            }
        }
        _ => wrong_type(node, "an object or an array of objects", lint),
    }
}

fn check_statement(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let Some(members) = statement.node.as_object() else { return };
    check_elements(members, &ELEMENTS, "a statement", lint);
    for names in [["Action", "NotAction"], ["Resource", "NotResource"], ["Principal", "NotPrincipal"]] {
        let both: Vec<_> = members.iter().filter(|member| names.contains(&&*member.key)).collect();
        if let [first, .., second] = both.as_slice()
            && first.key != second.key
        {
            let message = format!("{} exclude each other", listed(names));
            let finding = Finding::new(&UNSUPPORTED_ELEMENT_COMBINATION, second.key_span, message);
            lint.report(finding.help("make two statements of it").related(first.key_span, "the other"));
        }
    }
    check_effect(statement, lint);
    check_actions_and_resources(statement, lint);
    check_principal(statement, lint);
    check_condition(statement, members, lint);
}

/// Where a finding about a whole statement is shown: its `Sid`, else its opening brace.
fn place(statement: &Statement<'_>) -> Span {
    let start = statement.node.span.start;
    statement.sid.map_or(Span { start, end: start + 1 }, |sid| sid.span)
}

fn check_effect(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let Some(node) = statement.node.get("Effect") else {
        let message = "the statement neither allows nor denies";
        let finding = Finding::new(&MISSING_EFFECT, place(statement), message);
        return lint.report(finding.help("add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`"));
    };
    match node.as_str() {
        Some("Allow" | "Deny") => {}
        Some(other) => {
            let message = format!("there is no effect `{}`", shown(other));
            let meant = ["Allow", "Deny"].into_iter().find(|known| known.eq_ignore_ascii_case(other.trim()));
            let finding = Finding::new(&INVALID_EFFECT, node.span, message).help("write `Allow` or `Deny`");
            let fix = meant.map(|known| Fix::string(Safety::ChangesMeaning, node.span, known));
            lint.report(finding.fix(fix));
        }
        None => wrong_type(node, "`\"Allow\"` or `\"Deny\"`", lint),
    }
}

fn check_actions_and_resources(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    match &statement.actions {
        None => {
            let message = "the statement names no action";
            let finding = Finding::new(&MISSING_ACTION, place(statement), message);
            lint.report(finding.help("add `Action` or `NotAction`"));
        }
        Some(list) => {
            check_strings(&list.member.value, lint);
            if nodes(&list.member.value).is_empty() {
                let message = format!("`{}` is an empty list, so the statement does nothing", list.name());
                lint.report(Finding::new(&EMPTY_ARRAY_ACTION, list.member.value.span, message));
            }
        }
    }
    // Policies of container repositories speak of their repository without naming it.
    let may_lack =
        lint.kind == DocumentKind::Trust || lint.resource_kind == Some(ResourceKind::EcrRepository);
    match &statement.resources {
        None if may_lack => {}
        None => {
            let message = "the statement names no resource";
            let finding = Finding::new(&MISSING_RESOURCE, place(statement), message);
            lint.report(finding.help("add `Resource` or `NotResource`"));
        }
        Some(list) => {
            check_strings(&list.member.value, lint);
            if nodes(&list.member.value).is_empty() {
                let message = format!("`{}` is an empty list, so the statement does nothing", list.name());
                lint.report(Finding::new(&EMPTY_ARRAY_RESOURCE, list.member.value.span, message));
            }
        }
    }
}

fn check_strings(node: &JsonNode, lint: &mut Lint<'_>) {
    for node in nodes(node).iter().filter(|node| node.as_str().is_none()) {
        wrong_type(node, "a string or an array of strings", lint);
    }
}

fn check_principal(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let Some(principals) = &statement.principals else {
        if lint.takes_principals() {
            let message = "the statement names no principal";
            let finding = Finding::new(&MISSING_PRINCIPAL, place(statement), message);
            lint.report(finding.help("say who: `\"Principal\": {\"AWS\": \"123456789012\"}`, for instance"));
        }
        return;
    };
    let value = &principals.member.value;
    let Some(keys) = value.as_object() else { return };
    if keys.is_empty() {
        let message = format!("`{}` names nobody, so the statement does nothing", principals.member.key);
        lint.report(Finding::new(&EMPTY_OBJECT_PRINCIPAL, value.span, message));
    }
    for key in keys {
        if nodes(&key.value).is_empty() {
            let message = format!("`{}` is an empty list and names nobody", shown(&key.key));
            lint.report(Finding::new(&EMPTY_ARRAY_PRINCIPAL, key.value.span, message));
        }
        let is_name = |node: &&JsonNode| matches!(node.value, JsonValue::String(_) | JsonValue::Number(_));
        for node in nodes(&key.value).iter().filter(|node| !is_name(node)) {
            wrong_type(node, "a string or an array of strings", lint);
        }
    }
}

fn check_condition(statement: &Statement<'_>, members: &[Member], lint: &mut Lint<'_>) {
    let Some(member) = members.iter().find(|member| *member.key == *"Condition") else { return };
    let Some(operators) = member.value.as_object() else {
        return wrong_type(&member.value, "an object of operators", lint);
    };
    if operators.is_empty() {
        let message = "the condition is empty and always holds";
        let finding = Finding::new(&EMPTY_OBJECT_CONDITION, member.key_span.to(member.value.span), message);
        lint.report(finding.fix(Fix::without_member(Safety::Safe, members, member.key_span)));
    }
    for operator in operators {
        match operator.value.as_object() {
            None => wrong_type(&operator.value, "an object of condition keys", lint),
            Some([]) => {
                let message = format!("`{}` has no condition keys and always holds", shown(&operator.key));
                let span = operator.key_span.to(operator.value.span);
                let wants_fix = lint.wants_fix(&EMPTY_OBJECT_CONDITION);
                let fix = wants_fix
                    .then(|| Fix::without_member(Safety::Safe, operators, operator.key_span))
                    .flatten();
                lint.report(Finding::new(&EMPTY_OBJECT_CONDITION, span, message).fix(fix));
            }
            Some(_) => {}
        }
    }
    for condition in &statement.conditions {
        let is_scalar = |node: &&JsonNode| {
            matches!(node.value, JsonValue::String(_) | JsonValue::Number(_) | JsonValue::Bool(_))
        };
        for node in nodes(&condition.member.value).iter().filter(|node| !is_scalar(node)) {
            wrong_type(node, "a string, a number or a boolean", lint);
        }
    }
}

fn check_sids(policy: &Policy<'_>, lint: &mut Lint<'_>) {
    use DocumentKind::{Boundary, Endpoint, Identity, Resource, Session, Trust};
    let letters_only = matches!(lint.kind, Identity | Boundary | Session | Trust);
    let unique = if matches!(lint.kind, Resource | Endpoint) {
        &UNIQUE_SIDS_RECOMMENDED
    } else {
        &UNIQUE_SIDS_REQUIRED
    };
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for statement in &policy.statements {
        let members = statement.node.as_object().unwrap_or_default();
        let Some(member) = members.iter().find(|member| *member.key == *"Sid") else { continue };
        let Some(sid) = statement.sid else {
            wrong_type(&member.value, "a string", lint);
            continue;
        };
        if sid.text.is_empty() {
            let finding = Finding::new(&EMPTY_SID_VALUE, sid.span, "the statement id is empty");
            lint.report(finding.fix(Fix::without_member(Safety::Safe, members, member.key_span)));
            continue;
        }
        if letters_only && !sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let kept: String = sid.text.chars().filter(char::is_ascii_alphanumeric).collect();
            let message = format!("`{}` is no statement id", shown(sid.text));
            let finding = Finding::new(&UNSUPPORTED_SID, sid.span, message);
            let fix = (!kept.is_empty()).then(|| Fix::string(Safety::ChangesMeaning, sid.span, &kept));
            lint.report(finding.help("it takes the letters A to Z, a to z and digits").fix(fix));
        }
        if let Some(first) = seen.get(sid.text) {
            let message = format!("the statement id `{}` stands twice", shown(sid.text));
            let finding = Finding::new(unique, sid.span, message);
            lint.report(finding.help("give every statement its own").related(*first, "here first"));
        } else {
            seen.insert(sid.text, sid.span);
        }
    }
}
