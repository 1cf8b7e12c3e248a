//! Policy variables: `${aws:username}`.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use super::checks::{
    BAILIWICK_VARIABLE_RESOLVES_TO_NOTHING, EMPTY_VARIABLE, INVALID_VARIABLE_FOR_OPERATOR,
    MISSING_BRACE_IN_VARIABLE, MISSING_QUOTE_IN_VARIABLE, UNSUPPORTED_SPACE_IN_VARIABLE,
    VARIABLE_UNSUPPORTED_IN_ELEMENT, VARIABLE_UNSUPPORTED_IN_VERSION,
};
use super::condition_keys::known_key;
use super::fix::{Fix, Safety};
use super::view::Entry;
use super::{Finding, Lint, shown};
use crate::catalogue::ConditionKey;
use crate::operator::Comparison;
use base::Span;

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in &policy.statements {
        let actions = statement.actions.iter().flat_map(|list| &list.entries).copied();
        let principals = statement.principals.iter().flat_map(|principals| &principals.entries);
        let principals = principals.map(|entry| Entry { text: entry.text, span: entry.span });
        for entry in actions.chain(principals).chain(statement.sid) {
            report_unsupported(entry, lint);
        }
    }
    if policy.variables {
        check_all(lint);
    } else {
        check_version(lint);
    }
}

/// Actions, principals and ids take none.
fn report_unsupported(entry: Entry<'_>, lint: &mut Lint<'_>) {
    let found = occurrences(entry.text).find_map(|found| found.ok());
    if let Some(name) = found {
        let message = format!("`${{{}}}` is not replaced here", shown(name));
        let finding = Finding::new(&VARIABLE_UNSUPPORTED_IN_ELEMENT, entry.span, message);
        lint.report(finding.help("variables stand in `Resource` and in values of conditions"));
    }
}

/// The texts in which variables may stand.
fn places<'a>(lint: &Lint<'a>) -> Vec<Entry<'a>> {
    let policy = lint.policy;
    let resources = policy.statements.iter().filter_map(|statement| statement.resources.as_ref());
    let resources = resources.flat_map(|list| &list.entries).copied();
    let values = policy.conditions().flat_map(|(_, condition)| &condition.values);
    resources.chain(values.map(|value| Entry { text: value.text, span: value.span })).collect()
}

/// Before 2012-10-17, `${…}` are letters.
fn check_version(lint: &mut Lint<'_>) {
    let is_variable = |name: &str| name.contains(':') || matches!(name, "*" | "?" | "$");
    let meant = |entry: &&Entry<'_>| occurrences(entry.text).any(|found| found.is_ok_and(is_variable));
    let places = places(lint);
    let Some(first) = places.iter().find(meant) else { return };
    let message = "the variable is not replaced: the policy is not of version 2012-10-17";
    let finding = Finding::new(&VARIABLE_UNSUPPORTED_IN_VERSION, first.span, message);
    let version = lint.policy.root.get("Version").filter(|node| node.as_str().is_some());
    let fix = version.map(|node| Fix::string(Safety::ChangesMeaning, node.span, "2012-10-17"));
    lint.report(finding.help("write `\"Version\": \"2012-10-17\"`").fix(fix));
}

fn check_all(lint: &mut Lint<'_>) {
    for entry in places(lint) {
        for found in occurrences(entry.text) {
            match found {
                Ok(inside) => check_variable(entry, inside, lint),
                Err(rest) => {
                    let message = format!("`{}` is not closed", shown(rest));
                    let finding = Finding::new(&MISSING_BRACE_IN_VARIABLE, entry.span, message);
                    lint.report(finding.help("add `}`"));
                }
            }
        }
    }
    let policy = lint.policy;
    for (_, condition) in policy.conditions() {
        let takes = condition.operator.is_none_or(|operator| {
            use Comparison::{Arn, String, StringIgnoreCase, StringLike};
            matches!(operator.comparison, String | StringIgnoreCase | StringLike | Arn)
        });
        for value in condition
            .values
            .iter()
            .filter(|value| !takes && occurrences(value.text).any(|found| found.is_ok()))
        {
            let message = format!("`{}` takes no variables", shown(&condition.operators.key));
            let finding = Finding::new(&INVALID_VARIABLE_FOR_OPERATOR, value.span, message);
            lint.report(finding.help("variables stand in values of string and ARN operators"));
        }
    }
}

/// What stands between `${` and `}`; of one that is not closed, the rest of the text.
fn occurrences(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (_, after) = rest?.split_once("${")?;
        match after.split_once('}') {
            Some((inside, later)) => {
                rest = Some(later);
                Some(Ok(inside))
            }
            None => {
                rest = None;
                Some(Err(after))
            }
        }
    })
}

fn check_variable(entry: Entry<'_>, inside: &str, lint: &mut Lint<'_>) {
    let Entry { text, span } = entry;
    if inside.trim().is_empty() {
        return lint.report(Finding::new(&EMPTY_VARIABLE, span, "`${}` names no condition key"));
    }
    if matches!(inside, "*" | "?" | "$") {
        return;
    }
    let (name, default) = match inside.split_once(',') {
        Some((name, default)) => (name, Some(default.trim())),
        None => (inside, None),
    };
    let is_quoted = |text: &str| text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'');
    if default.is_some_and(|default| !is_quoted(default)) {
        let message = format!("the default of `${{{}}}` is not in single quotes", shown(inside));
        let finding = Finding::new(&MISSING_QUOTE_IN_VARIABLE, span, message);
        return lint.report(finding.help(format!("write `${{{}, 'default'}}`", shown(name.trim()))));
    }
    if name.contains(char::is_whitespace) {
        return report_space(text, span, name, lint);
    }
    check_key(span, name, lint);
}

fn report_space(text: &str, span: Span, name: &str, lint: &mut Lint<'_>) {
    let message = format!("`{}` has a blank in the name of a variable", shown(name));
    let finding = Finding::new(&UNSUPPORTED_SPACE_IN_VARIABLE, span, message);
    let bare = name.trim();
    // Blanks around the name are not read; blanks in it are.
    let fix = (!bare.contains(char::is_whitespace) && !bare.is_empty()).then(|| {
        let written = text.replace(&format!("${{{name}"), &format!("${{{bare}"));
        Fix::string(Safety::Safe, span, &written)
    });
    lint.report(finding.help("take the blank out").fix(fix));
}

fn check_key(span: Span, name: &str, lint: &mut Lint<'_>) {
    let prefix = name.rsplit_once(':').map(|(prefix, _)| prefix);
    // The claims of an identity provider are its own.
    let is_claim = prefix.is_some_and(|prefix| prefix.contains('.') || prefix.eq_ignore_ascii_case("saml"));
    let message = match known_key(name) {
        Some(key) if key.is_multivalued() => {
            format!("`${{{}}}` stands for several values, and so for nothing", shown(name))
        }
        Some(_) => return,
        None if is_claim || name.eq_ignore_ascii_case("aws:arn") => return,
        None => format!("`${{{}}}` is no condition key", shown(name)),
    };
    let finding = Finding::new(&BAILIWICK_VARIABLE_RESOLVES_TO_NOTHING, span, message);
    let is_template =
        known_key(&format!("{}/x", name.trim_end_matches('/'))).is_some_and(ConditionKey::is_template);
    lint.report(if is_template {
        finding.help(format!("write `${{{}/TAG-KEY}}`", shown(name.trim_end_matches('/'))))
    } else {
        finding.help("what names a variable that resolves to nothing matches nothing")
    });
}
