//! Names of condition keys.

use super::checks::{
    DEPRECATED_GLOBAL_CONDITION_KEY, INVALID_CONDITION_KEY_FORMAT, INVALID_GLOBAL_CONDITION_KEY,
    INVALID_SERVICE, INVALID_SERVICE_CONDITION_KEY, MISSING_TAG_KEY_IN_CONDITION,
    UNSUPPORTED_ACTION_FOR_CONDITION_KEY, UNSUPPORTED_GLOBAL_CONDITION_KEY, UNTRUSTWORTHY_CONDITION_KEY,
};
use super::fix::{Fix, Safety};
use super::retired::retired_service;
use super::view::{Condition, Statement};
use super::{Check, Finding, Lint, listed, shown};
use crate::catalogue::{Action, Catalogue, ConditionKey};
use crate::operator::Comparison;

/// Keys that AWS knows without documenting them: the owner of a topic's or queue's resource, older than
/// `aws:SourceAccount`.
const LEGACY_KEYS: [&str; 1] = ["aws:sourceowner"];

/// Prefixes of keys that are no services: `aws:`, claims of SAML, and what AWS's console adds.
const OTHER_PREFIXES: [&str; 4] = ["saml", "saml:sub", "auth", "www.amazon.com"];

/// The key of this name; a name longer than any is none.
pub(super) fn known_key(name: &str) -> Option<ConditionKey> {
    const LONGEST: usize = 512;
    if name.len() > LONGEST { None } else { Catalogue::get().condition_key(name) }
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for (statement, condition) in policy.conditions() {
        if check_name(condition, lint) {
            check_actions_carry(statement, condition, lint);
        }
    }
}

/// Whether the key is known.
fn check_name(condition: &Condition<'_>, lint: &mut Lint<'_>) -> bool {
    let (key, span) = (condition.key(), condition.key_span());
    if key.contains("${") {
        return false;
    }
    let Some((prefix, rest)) = key.split_once(':') else {
        let message = format!("the condition key `{}` names no service", shown(key));
        lint.report(
            Finding::new(&INVALID_CONDITION_KEY_FORMAT, span, message)
                .help("write `aws:Key` or `service:Key`"),
        );
        return false;
    };
    if prefix.is_empty() || rest.is_empty() || prefix.contains(char::is_whitespace) {
        let message = format!("`{}` is no condition key", shown(key));
        lint.report(
            Finding::new(&INVALID_CONDITION_KEY_FORMAT, span, message)
                .help("write `aws:Key` or `service:Key`"),
        );
        return false;
    }
    let lower = key.to_ascii_lowercase();
    if lower == "aws:arn" {
        report_arn(condition, lint);
        return false;
    }
    if matches!(lower.as_str(), "aws:referer" | "aws:useragent") {
        let message = format!("callers choose what `{key}` is");
        let finding = Finding::new(&UNTRUSTWORTHY_CONDITION_KEY, span, message);
        lint.report(
            finding.help("guard with keys that AWS fills in, such as `aws:SourceVpce` or `aws:SourceArn`"),
        );
    }
    if known_key(key).is_some() {
        return true;
    }
    if LEGACY_KEYS.contains(&lower.as_str()) || lacks_tag_key(condition, lint) {
        return false;
    }
    report_unknown(condition, prefix, lint);
    false
}

fn report_arn(condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let span = condition.key_span();
    let fix = Fix::string(Safety::ChangesMeaning, span, "aws:PrincipalArn");
    lint.report(if lint.takes_principals() {
        let message = "`aws:ARN` is no longer supported";
        let finding = Finding::new(&UNSUPPORTED_GLOBAL_CONDITION_KEY, span, message);
        finding
            .help("write `aws:PrincipalArn`, or `aws:SourceArn` for the resource that a service acts for")
            .fix(fix)
    } else {
        let message = "`aws:ARN` is out of date";
        Finding::new(&DEPRECATED_GLOBAL_CONDITION_KEY, span, message)
            .help("write `aws:PrincipalArn`")
            .fix(fix)
    });
}

/// `aws:ResourceTag` without the tag.
fn lacks_tag_key(condition: &Condition<'_>, lint: &mut Lint<'_>) -> bool {
    let key = condition.key();
    let bare = key.trim_end_matches('/');
    let is_template = known_key(&format!("{bare}/x")).is_some_and(ConditionKey::is_template);
    let lower = bare.to_ascii_lowercase();
    if !is_template || !(lower.contains("tag") || lower.contains('/')) || known_key(bare).is_some() {
        return false;
    }
    let message = format!("`{}` does not say which tag", shown(key));
    let finding = Finding::new(&MISSING_TAG_KEY_IN_CONDITION, condition.key_span(), message);
    lint.report(finding.help(format!("write `{bare}/TAG-KEY`")));
    true
}

fn report_unknown(condition: &Condition<'_>, prefix: &str, lint: &mut Lint<'_>) {
    let (key, span) = (condition.key(), condition.key_span());
    let is_provider = prefix.contains('.') || prefix.contains('/');
    if is_provider || OTHER_PREFIXES.iter().any(|known| known.eq_ignore_ascii_case(prefix)) {
        // The claims of an identity provider are its own.
        return;
    }
    let is_global = prefix.eq_ignore_ascii_case("aws");
    if !is_global && Catalogue::get().service(prefix).is_none() {
        if retired_service(prefix).is_some() {
            return;
        }
        let message = format!("there is no service `{}`", shown(prefix));
        let finding = Finding::new(&INVALID_SERVICE, span, message);
        let near = if lint.is_busy(&INVALID_SERVICE) {
            Vec::new()
        } else {
            Catalogue::get().suggest_service(prefix)
        };
        let help = format!("did you mean {}?", listed(&near).replace(" and ", " or "));
        return lint.report(if near.is_empty() { finding } else { finding.help(help) });
    }
    let check: &'static Check =
        if is_global { &INVALID_GLOBAL_CONDITION_KEY } else { &INVALID_SERVICE_CONDITION_KEY };
    let message = match Catalogue::get().service(prefix) {
        Some(service) if !is_global => format!("{} has no condition key `{}`", service.title(), shown(key)),
        _ => format!("there is no condition key `{}`", shown(key)),
    };
    let finding = Finding::new(check, span, message);
    if lint.is_busy(check) || key.len() > 128 {
        return lint.report(finding);
    }
    let start = format!("{}:", prefix.to_ascii_lowercase());
    let near: Vec<_> = Catalogue::get()
        .suggest_condition_key(key)
        .into_iter()
        .filter(|name| name.to_ascii_lowercase().starts_with(&start))
        .collect();
    lint.report(match near.as_slice() {
        [] => finding,
        [one] if !one.contains(['$', '<']) => {
            finding.help(format!("did you mean `{one}`?")).fix(Fix::string(Safety::ChangesMeaning, span, one))
        }
        _ => finding.help(format!("did you mean {}?", listed(&near).replace(" and ", " or "))),
    });
}

/// Some lists write `tag-key` for any tag.
fn is_key(key: ConditionKey, name: &str) -> bool {
    let family = key.name().strip_suffix("tag-key");
    let is_of_family =
        |family: &str| name.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family));
    key.matches(name) || family.is_some_and(is_of_family)
}

/// Actions that are named in full and whose requests do not have the key.
fn check_actions_carry(statement: &Statement<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let Some(operator) = condition.operator else { return };
    let prefix = condition.key().split(':').next().unwrap_or_default();
    let is_service_key = Catalogue::get().service(prefix).is_some();
    let is_global =
        Catalogue::get().global_condition_keys().iter().any(|known| known.matches(condition.key()));
    if !is_service_key || is_global || operator.if_exists || operator.comparison == Comparison::Null {
        return;
    }
    let mut without: Vec<Action> = Vec::new();
    for entry in statement.plain_actions().iter().filter(|entry| !entry.text.contains(['*', '?'])) {
        if !lint.effort.spend(200) {
            return;
        }
        let Some(action) = Catalogue::get().action(entry.text) else { continue };
        // These come with the request that assumes the role, and its keys.
        let comes_along = matches!(action.name(), "TagSession" | "SetSourceIdentity" | "SetContext");
        if comes_along && action.service().prefix() == "sts" {
            continue;
        }
        if !action.all_condition_keys().iter().any(|key| is_key(*key, condition.key())) {
            without.push(action);
        }
    }
    if without.is_empty() {
        return;
    }
    let message = format!("requests for {} do not carry `{}`", listed(&without), shown(condition.key()));
    let finding = Finding::new(&UNSUPPORTED_ACTION_FOR_CONDITION_KEY, condition.key_span(), message);
    lint.report(finding.help("give these actions a statement of their own"));
}
