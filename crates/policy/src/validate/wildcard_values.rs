//! Wildcards and variables in values of conditions: where they are letters, where they match too much, and where
//! they make a condition say nothing.

use super::checks::{
    EQUIVALENT_TO_NULL_FALSE, EQUIVALENT_TO_NULL_TRUE, REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION,
    REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION, VARIABLE_USAGE_TOO_PERMISSIVE,
    WILDCARD_USAGE_TOO_PERMISSIVE, WILDCARD_WITHOUT_LIKE_OPERATOR,
};
use super::conditions::{spelled, with_operator};
use super::fix::{Fix, Safety};
use super::overlap::{Token, tokens};
use super::view::{Condition, Statement, Value};
use super::{Finding, Lint, shown};
use crate::operator::{Comparison, Operator, Quantifier};

/// Keys whose values are ids: part of one means nothing. See
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive>.
const SENSITIVE_KEYS: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// Keys that tell who or where from, whose values begin with what is the same for many.
const GUARDING_KEYS: [&str; 7] = [
    "aws:principalarn",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:sourcearn",
    "aws:sourceorgpaths",
    "aws:sourcevpcarn",
    "aws:vpceorgpaths",
];

/// Before a wildcard so many letters must stand.
const LETTERS: usize = 6;

/// What AWS knows of the request and no caller chooses: one id may be compared with another.
const TRUSTED_VARIABLES: [&str; 8] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for (statement, condition) in policy.conditions() {
        let Some(operator) = condition.operator else { continue };
        let is_like = matches!(operator.comparison, Comparison::StringLike | Comparison::Arn);
        let is_text = matches!(operator.comparison, Comparison::String | Comparison::StringIgnoreCase);
        if !is_like && !is_text {
            continue;
        }
        let mut is_guard_broken = false;
        for value in &condition.values {
            let pattern = tokens(value.text, policy.variables);
            let has_wildcard = pattern.iter().any(|token| matches!(token, Token::Any | Token::One));
            if is_text && has_wildcard {
                report_letter(statement, condition, operator, *value, lint);
            }
            if is_like && has_wildcard {
                is_guard_broken |= check_guard(condition, *value, &pattern, lint);
            }
            check_variable(condition, *value, &pattern, lint);
        }
        let is_star = |value: &Value<'_>| tokens(value.text, policy.variables) == [Token::Any];
        if operator.comparison == Comparison::StringLike
            && !is_guard_broken
            && condition.values.iter().any(is_star)
        {
            report_star(statement, condition, operator, lint);
        }
    }
}

fn report_letter(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    operator: Operator,
    value: Value<'_>,
    lint: &mut Lint<'_>,
) {
    let written = shown(&condition.operators.key);
    let message = format!("the wildcard in `{}` is a letter to `{written}`", shown(value.text));
    let finding = Finding::new(&WILDCARD_WITHOUT_LIKE_OPERATOR, value.span, message);
    let like = spelled(Operator { comparison: Comparison::StringLike, ..operator });
    let fix = match operator.comparison {
        Comparison::String if lint.wants_fix(&WILDCARD_WITHOUT_LIKE_OPERATOR) => {
            with_operator(statement, condition, &like)
        }
        // There is no `Like` that ignores case.
        _ => None,
    };
    let finding = finding.help(format!("if a wildcard is meant, write `{like}`"));
    lint.report(finding.related(condition.operators.key_span, "the operator").fix(fix));
}

/// Whether a wildcard stands where it opens too much.
fn check_guard(
    condition: &Condition<'_>,
    value: Value<'_>,
    pattern: &[Token<'_>],
    lint: &mut Lint<'_>,
) -> bool {
    let (family, key) = (condition.family(), shown(condition.key()));
    let is_wild = |token: &Token<'_>| matches!(token, Token::Any | Token::One);
    let (message, help) = if SENSITIVE_KEYS.contains(&family.as_str()) {
        (format!("`{key}` is an id, and part of one means nothing"), "write the ids in full")
    } else if GUARDING_KEYS.contains(&family.as_str())
        && pattern.iter().position(is_wild).is_some_and(|letters| letters < LETTERS)
    {
        (
            format!("`{}` matches almost every `{key}`", shown(value.text)),
            "let six letters or more stand before the wildcard",
        )
    } else if family == "aws:userid" && !is_of_one_side(pattern, is_wild) {
        let message = format!("`{}` leaves open whose sessions are meant", shown(value.text));
        (message, "write the id, a colon, then the wildcard: `AROAEXAMPLEID:*`")
    } else {
        return false;
    };
    lint.report(Finding::new(&WILDCARD_USAGE_TOO_PERMISSIVE, value.span, message).help(help));
    true
}

/// What is open stands right of the colon, or is all that stands left of it.
fn is_of_one_side(pattern: &[Token<'_>], is_open: impl Fn(&Token<'_>) -> bool) -> bool {
    let mut sides = pattern.splitn(2, |token| *token == Token::Letter(':'));
    let (left, right) = (sides.next().unwrap_or_default(), sides.next());
    right.is_some() && (left.len() == 1 || !left.iter().any(is_open))
}

fn check_variable(condition: &Condition<'_>, value: Value<'_>, pattern: &[Token<'_>], lint: &mut Lint<'_>) {
    let name = |token: &Token<'_>| match token {
        Token::Variable(text) => {
            let inside = text.trim_start_matches("${").trim_end_matches('}');
            Some(inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase())
        }
        _ => None,
    };
    let is_open =
        |token: &Token<'_>| name(token).is_some_and(|name| !TRUSTED_VARIABLES.contains(&name.as_str()));
    let Some(before) = pattern.iter().position(is_open) else { return };
    let (family, key) = (condition.family(), shown(condition.key()));
    let (message, help) = if SENSITIVE_KEYS.contains(&family.as_str()) {
        (format!("whoever sets the variable chooses the `{key}` that is let in"), "write the ids in full")
    } else if GUARDING_KEYS.contains(&family.as_str()) && before < LETTERS {
        let message = format!("whoever sets the variable chooses the `{key}` that is let in");
        (message, "let six letters or more stand before the variable")
    } else if family == "aws:userid" && !is_of_one_side(pattern, is_open) {
        let message = format!("`{}` leaves open whose sessions are meant", shown(value.text));
        (message, "let the variable stand right of the colon")
    } else {
        return;
    };
    lint.report(Finding::new(&VARIABLE_USAGE_TOO_PERMISSIVE, value.span, message).help(help));
}

/// `*` under `StringLike` matches every value there is.
fn report_star(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    operator: Operator,
    lint: &mut Lint<'_>,
) {
    let (key, written, span) =
        (shown(condition.key()), shown(&condition.operators.key), condition.member.value.span);
    let null = |value: &str| format!("write `\"Null\": {{\"{key}\": \"{value}\"}}`");
    let all = operator.quantifier == Quantifier::ForAllValues;
    let any = operator.quantifier == Quantifier::ForAnyValue;
    let finding = match (operator.negated, operator.if_exists) {
        (false, true) | (false, false) if all || (operator.if_exists && !any) => {
            let message = format!("`{written}` with `*` always holds");
            let wants_fix = lint.wants_fix(&REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION);
            let fix = if all && wants_fix { without_key(statement, condition) } else { None };
            Finding::new(&REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION, span, message)
                .help("take it out")
                .fix(fix)
        }
        (false, _) => {
            let message = format!("`{written}` with `*` only asks whether `{key}` is there");
            Finding::new(&EQUIVALENT_TO_NULL_FALSE, span, message).help(null("false"))
        }
        (true, false) if any => {
            let message = format!("`{written}` with `*` never holds");
            Finding::new(&REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION, span, message)
                .help("the statement does nothing")
        }
        (true, _) => {
            let message = format!("`{written}` with `*` only asks whether `{key}` is absent");
            Finding::new(&EQUIVALENT_TO_NULL_TRUE, span, message).help(null("true"))
        }
    };
    lint.report(finding);
}

/// Takes a key out of its operator, or the operator out of the condition, or the condition out of the statement:
/// whichever says nothing more afterwards.
fn without_key(statement: &Statement<'_>, condition: &Condition<'_>) -> Option<Fix> {
    let keys = condition.operators.value.as_object()?;
    if keys.len() > 1 {
        return Fix::without_member(Safety::Safe, keys, condition.member.key_span);
    }
    let operators = statement.node.get("Condition")?.as_object()?;
    if operators.len() > 1 {
        return Fix::without_member(Safety::Safe, operators, condition.operators.key_span);
    }
    let members = statement.node.as_object()?;
    let whole = members.iter().find(|member| *member.key == *"Condition")?;
    Fix::without_member(Safety::Safe, members, whole.key_span)
}
