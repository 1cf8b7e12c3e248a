//! Operators of conditions and how they go with their keys.

use super::checks::{
    DUPLICATE_KEYS_WITH_DIFFERENT_CASE, EMPTY_ARRAY_CONDITION, EMPTY_ARRAY_CONDITION_FORALLVALUES,
    EMPTY_ARRAY_CONDITION_FORANYVALUE, EMPTY_ARRAY_CONDITION_IFEXISTS, FORALLVALUES_WITH_SINGLE_VALUED_KEY,
    INVALID_CONDITION_DATA_TYPE, INVALID_CONDITION_MULTIPLE_BOOLEAN, INVALID_CONDITION_OPERATOR,
    MISSING_QUALIFIER, NULL_WITH_IF_EXISTS, NULL_WITH_QUALIFIER,
    STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS, TYPE_MISMATCH,
};
use super::condition_keys::known_key;
use super::fix::{Fix, Safety};
use super::view::{Condition, Statement, nodes};
use super::{Finding, Lint, shown};
use crate::catalogue::{ConditionKey, ValueType};
use crate::operator::{Comparison, NAMES, Operator, Quantifier};
use base::Span;
use base::json::{JsonValue, Member};
use std::collections::HashMap;

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in &policy.statements {
        let operators = statement.node.get("Condition").and_then(|node| node.as_object()).unwrap_or_default();
        for operator in operators {
            check_operator(operator, operators, lint);
            check_case(operator, lint);
        }
        for condition in &statement.conditions {
            check_values(condition, lint);
            if let Some(operator) = condition.operator {
                check_key_with_operator(statement, condition, operator, lint);
            }
        }
    }
}

/// The operator by itself.
fn check_operator(member: &Member, operators: &[Member], lint: &mut Lint<'_>) {
    let (text, span) = (&*member.key, member.key_span);
    let bare = text.strip_prefix("ForAnyValue:").or_else(|| text.strip_prefix("ForAllValues:"));
    if bare.unwrap_or(text).eq_ignore_ascii_case("NullIfExists") {
        let message = "`Null` takes no `IfExists`: it asks itself whether the key exists";
        let fix = (bare.is_none() && lint.wants_fix(&NULL_WITH_IF_EXISTS))
            .then(|| Fix::string(Safety::ChangesMeaning, span, "Null"));
        let fix = fix.filter(|_| !operators.iter().any(|other| *other.key == *"Null"));
        return lint.report(Finding::new(&NULL_WITH_IF_EXISTS, span, message).help("write `Null`").fix(fix));
    }
    match Operator::parse(text) {
        Some(operator) if Operator::is_spelled_exactly(text) => {
            if operator.comparison == Comparison::Null && operator.quantifier != Quantifier::Single {
                let always = match operator.quantifier {
                    Quantifier::ForAllValues => "always holds",
                    _ => "never holds",
                };
                let message = format!("`{text}` {always}");
                lint.report(
                    Finding::new(&NULL_WITH_QUALIFIER, span, message).help("`Null` takes no set prefix"),
                );
            }
        }
        Some(operator) => {
            let exact = spelled(operator);
            let message = format!("there is no condition operator `{}`", shown(text));
            let is_free = lint.wants_fix(&INVALID_CONDITION_OPERATOR)
                && !operators.iter().any(|other| *other.key == *exact);
            let fix = is_free.then(|| Fix::string(Safety::Safe, span, &exact));
            let finding = Finding::new(&INVALID_CONDITION_OPERATOR, span, message);
            lint.report(finding.help(format!("write `{exact}`: operators are case-sensitive")).fix(fix));
        }
        None => {
            let message = format!("there is no condition operator `{}`", shown(text));
            let finding = Finding::new(&INVALID_CONDITION_OPERATOR, span, message);
            let near = near_operator(text);
            lint.report(match near {
                Some(name) => {
                    finding.help(format!("did you mean `{name}`? The statement never matches as it is"))
                }
                None => finding.help("the statement never matches"),
            });
        }
    }
}

/// The operator in AWS's spelling.
pub(super) fn spelled(operator: Operator) -> String {
    let name = NAMES
        .iter()
        .find(|(_, comparison, negated)| *comparison == operator.comparison && *negated == operator.negated);
    let prefix = match operator.quantifier {
        Quantifier::Single => "",
        Quantifier::ForAnyValue => "ForAnyValue:",
        Quantifier::ForAllValues => "ForAllValues:",
    };
    let suffix = if operator.if_exists { "IfExists" } else { "" };
    format!("{prefix}{}{suffix}", name.map_or("", |(name, ..)| name))
}

/// An operator that begins like the text does: people leave out `Equals` or write `s` too many.
fn near_operator(text: &str) -> Option<&'static str> {
    let bare = text.rsplit(':').next()?.to_ascii_lowercase();
    let begins = |name: &str| {
        let name = name.to_ascii_lowercase();
        bare.len() > 3 && (name.starts_with(&bare) || bare.starts_with(&name))
    };
    NAMES.iter().map(|(name, ..)| *name).find(|name| begins(name))
}

/// Keys of one operator that differ in case only.
fn check_case(operator: &Member, lint: &mut Lint<'_>) {
    let mut seen: HashMap<String, (&str, Span)> = HashMap::new();
    for key in operator.value.as_object().unwrap_or_default() {
        match seen.get(&key.key.to_ascii_lowercase()) {
            Some((first, span)) if *first != &*key.key => {
                let message = format!("`{}` stands here already, in another case", shown(&key.key));
                let finding = Finding::new(&DUPLICATE_KEYS_WITH_DIFFERENT_CASE, key.key_span, message);
                lint.report(finding.help("merge the two").related(*span, "here first"));
            }
            Some(_) => {}
            None => drop(seen.insert(key.key.to_ascii_lowercase(), (&key.key, key.key_span))),
        }
    }
}

/// How many values there are, and of which JSON types.
fn check_values(condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let value = &condition.member.value;
    if nodes(value).is_empty() {
        let key = shown(condition.key());
        let operator = condition.operator;
        let is = |quantifier| operator.is_some_and(|operator| operator.quantifier == quantifier);
        let finding = if is(Quantifier::ForAllValues) {
            let message = format!("without values, this holds only if `{key}` is absent");
            Finding::new(&EMPTY_ARRAY_CONDITION_FORALLVALUES, value.span, message).help("`Null` asks that")
        } else if is(Quantifier::ForAnyValue) {
            let message = format!("without values for `{key}`, this never holds");
            Finding::new(&EMPTY_ARRAY_CONDITION_FORANYVALUE, value.span, message)
        } else if operator.is_some_and(|operator| operator.if_exists) {
            let message = format!("without values, this holds only if `{key}` is absent");
            Finding::new(&EMPTY_ARRAY_CONDITION_IFEXISTS, value.span, message).help("`Null` asks that")
        } else {
            Finding::new(&EMPTY_ARRAY_CONDITION, value.span, format!("there are no values for `{key}`"))
        };
        return lint.report(finding);
    }
    let kinds = |condition: &Condition<'_>, other: fn(&JsonValue) -> bool| {
        condition.values.iter().any(|value| other(&value.node.value))
    };
    let types = [
        kinds(condition, |value| matches!(value, JsonValue::String(_))),
        kinds(condition, |value| matches!(value, JsonValue::Number(_))),
        kinds(condition, |value| matches!(value, JsonValue::Bool(_))),
    ];
    if types.iter().filter(|is_there| **is_there).count() > 1 {
        let message = "the values are of different JSON types";
        lint.report(
            Finding::new(&INVALID_CONDITION_DATA_TYPE, value.span, message)
                .help("write all of them as strings"),
        );
    }
    let is_bool = condition.operator.is_some_and(|operator| {
        matches!(operator.comparison, Comparison::Bool | Comparison::Null)
            && operator.quantifier == Quantifier::Single
    });
    if is_bool && condition.values.len() > 1 {
        let message = format!("`{}` has several boolean values", shown(condition.key()));
        lint.report(
            Finding::new(&INVALID_CONDITION_MULTIPLE_BOOLEAN, value.span, message)
                .help("keep one: both together hold for everything"),
        );
    }
}

/// The operator against what is known of the key.
fn check_key_with_operator(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    operator: Operator,
    lint: &mut Lint<'_>,
) {
    if operator.comparison == Comparison::Null {
        return;
    }
    let Some(key) = known_key(condition.key()) else { return };
    let (name, span) = (shown(condition.key()), condition.operators.key_span);
    match (operator.quantifier, key.is_multivalued()) {
        (Quantifier::Single, true) => {
            let message = format!("a request can have several values for `{name}`");
            let finding = Finding::new(&MISSING_QUALIFIER, condition.key_span(), message);
            let help =
                format!("write `ForAnyValue:{0}` or `ForAllValues:{0}`", shown(&condition.operators.key));
            lint.report(finding.help(help));
        }
        (Quantifier::ForAllValues, false) => {
            let message = format!("`{name}` is one value: without it in the request, this holds");
            let finding = Finding::new(&FORALLVALUES_WITH_SINGLE_VALUED_KEY, span, message);
            lint.report(
                finding.help("take `ForAllValues:` off").fix(
                    lint.wants_fix(&FORALLVALUES_WITH_SINGLE_VALUED_KEY)
                        .then(|| without_prefix(statement, condition))
                        .flatten(),
                ),
            );
        }
        _ => {}
    }
    check_type(statement, condition, operator, key, lint);
}

fn check_type(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    operator: Operator,
    key: ConditionKey,
    lint: &mut Lint<'_>,
) {
    use Comparison::{Arn, Binary, Bool, Date, IpAddress, Numeric, StringLike};
    let is_string =
        matches!(operator.comparison, Comparison::String | Comparison::StringIgnoreCase | StringLike);
    let (fits, wanted) = match key.value_type() {
        // What is typed as text may hold anything that has a form.
        ValueType::String => (is_string || matches!(operator.comparison, Arn | Binary), "a string operator"),
        ValueType::Arn => (is_string || operator.comparison == Arn, "an ARN operator"),
        ValueType::Bool => (operator.comparison == Bool, "`Bool`"),
        ValueType::Numeric => (matches!(operator.comparison, Numeric(_)), "a numeric operator"),
        ValueType::Date => (matches!(operator.comparison, Date(_) | Numeric(_)), "a date operator"),
        ValueType::IpAddress => (operator.comparison == IpAddress, "`IpAddress` or `NotIpAddress`"),
    };
    let (name, span) = (shown(condition.key()), condition.operators.key_span);
    if !fits {
        let written = shown(&condition.operators.key);
        let message = format!("`{written}` is not for `{name}`, whose type is {}", key.value_type());
        lint.report(
            Finding::new(&TYPE_MISMATCH, span, message)
                .help(format!("use {wanted}"))
                .related(condition.key_span(), "the key"),
        );
    } else if key.value_type() == ValueType::Arn && operator.comparison == StringLike {
        let message = format!(
            "`{name}` is an ARN, and under `{}` a `*` crosses its parts",
            shown(&condition.operators.key)
        );
        let finding = Finding::new(&STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS, span, message);
        let other = Operator { comparison: Arn, ..operator };
        let exact = spelled(other).replace("Equals", "Like");
        lint.report(
            finding.help(format!("write `{exact}`")).fix(
                lint.wants_fix(&STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS)
                    .then(|| with_operator(statement, condition, &exact))
                    .flatten(),
            ),
        );
    }
}

/// Writes another operator, if the condition's operator has this one key and the other one is not there yet.
pub(super) fn with_operator(statement: &Statement<'_>, condition: &Condition<'_>, name: &str) -> Option<Fix> {
    let operators = statement.node.get("Condition")?.as_object()?;
    let is_alone = condition.operators.value.as_object()?.len() == 1;
    let is_free = !operators.iter().any(|other| other.key.eq_ignore_ascii_case(name));
    (is_alone && is_free).then(|| Fix::string(Safety::ChangesMeaning, condition.operators.key_span, name))
}

/// Takes `ForAllValues:` or `ForAnyValue:` off.
pub(super) fn without_prefix(statement: &Statement<'_>, condition: &Condition<'_>) -> Option<Fix> {
    let (_, name) = condition.operators.key.split_once(':')?;
    with_operator(statement, condition, name)
}
