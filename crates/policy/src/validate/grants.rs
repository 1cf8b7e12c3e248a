//! Grants that are wider than they look: passing roles, making service-linked roles, allowing all but something.

use super::actions::entry_covers;
use super::arn::Pattern;
use super::checks::{
    BAILIWICK_ALLOW_WITH_NOT_ACTION, BAILIWICK_ALLOW_WITH_NOT_RESOURCE,
    CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE, CREATE_SLR_WITH_NOT_RESOURCE,
    CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE, CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE,
    CREATE_SLR_WITH_STAR_IN_RESOURCE, CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION, Check,
    PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE, PASS_ROLE_WITH_NOT_RESOURCE,
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE, PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE,
    PASS_ROLE_WITH_STAR_IN_RESOURCE, PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION,
};
use super::view::{Condition, Entry, List, Statement};
use super::{Finding, Lint, shown};
use crate::document::DocumentKind;
use crate::operator::Comparison;
use base::Span;

/// An action that hands a role on, and the checks of it.
struct Watched {
    action: &'static str,
    /// The condition key that says to which service.
    key: &'static str,
    /// The path of roles that says nothing of the service.
    path: &'static str,
    /// By how the action is named: in full, by a wildcard, by `NotAction`. First with a wildcard in `Resource`, then
    /// with `NotResource`.
    checks: [[&'static Check; 3]; 2],
    /// What the statement lets its holder do.
    says: &'static str,
}

static WATCHED: [Watched; 2] = [
    Watched {
        action: "iam:PassRole",
        key: "iam:PassedToService",
        path: "role/",
        checks: [
            [
                &PASS_ROLE_WITH_STAR_IN_RESOURCE,
                &PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE,
                &PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION,
            ],
            [
                &PASS_ROLE_WITH_NOT_RESOURCE,
                &PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE,
                &PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE,
            ],
        ],
        says: "allows passing every role to every service",
    },
    Watched {
        action: "iam:CreateServiceLinkedRole",
        key: "iam:AWSServiceName",
        path: "role/aws-service-role/",
        checks: [
            [
                &CREATE_SLR_WITH_STAR_IN_RESOURCE,
                &CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE,
                &CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION,
            ],
            [
                &CREATE_SLR_WITH_NOT_RESOURCE,
                &CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE,
                &CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE,
            ],
        ],
        says: "allows making the service-linked role of every service",
    },
];

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in policy.statements.iter().filter(|statement| statement.allows()) {
        if matches!(lint.kind, DocumentKind::Identity | DocumentKind::Session) {
            WATCHED.iter().for_each(|watched| check_watched(statement, watched, lint));
        }
        check_negated(statement, lint);
    }
}

fn check_watched(statement: &Statement<'_>, watched: &'static Watched, lint: &mut Lint<'_>) {
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { return };
    let Some((column, entry)) = how_named(actions, watched, lint) else { return };
    let is_limited = |condition: &Condition<'_>| {
        let is_null = condition.operator.is_some_and(|operator| operator.comparison == Comparison::Null);
        condition.is_on(watched.key) && !is_null
    };
    if statement.conditions.iter().any(is_limited) {
        return;
    }
    let (row, open) = if resources.negated {
        (1, resources.member.key_span)
    } else {
        match resources.entries.iter().find(|entry| is_open(entry.text, watched.path, lint)) {
            Some(open) => (0, open.span),
            None => return,
        }
    };
    let Some(check) = watched.checks.get(row).and_then(|checks| checks.get(column)) else { return };
    let message = match column {
        0 => format!("`{}` here {}", watched.action, watched.says),
        1 => format!("`{}` {}: it covers `{}`", shown(entry.text), watched.says, watched.action),
        _ => format!("`NotAction` here {}", watched.says),
    };
    let help = if column == 0 {
        format!("name the roles, or add a condition on `{}`", watched.key)
    } else {
        format!(
            "give `{}` a statement of its own, with roles or a condition on `{}`",
            watched.action, watched.key
        )
    };
    lint.report(Finding::new(check, entry.span, message).help(help).related(open, "on all of these"));
}

/// How the action comes to be allowed: 0 in full, 1 by a wildcard, 2 by `NotAction`; and where.
fn how_named<'a>(actions: &List<'a>, watched: &Watched, lint: &Lint<'_>) -> Option<(usize, Entry<'a>)> {
    let covers = |entry: &&Entry<'_>| entry_covers(entry.text, watched.action, &lint.effort);
    if actions.negated {
        let key = Entry { text: &actions.member.key, span: actions.member.key_span };
        return (!actions.entries.is_empty() && !actions.entries.iter().any(|entry| covers(&entry)))
            .then_some((2, key));
    }
    let in_full = actions.entries.iter().find(|entry| entry.text.eq_ignore_ascii_case(watched.action));
    let by_wildcard = || actions.entries.iter().find(covers);
    in_full.map(|entry| (0, *entry)).or_else(|| by_wildcard().map(|entry| (1, *entry)))
}

/// Whether the entry says nothing of a role's name: fewer than three letters before the first wildcard.
fn is_open(text: &str, path: &str, lint: &Lint<'_>) -> bool {
    if text == "*" {
        return true;
    }
    let Some(pattern) = Pattern::read(text, lint.policy.variables) else {
        // An ARN cut short is completed with stars.
        return text.starts_with("arn:") && text.ends_with('*');
    };
    if !matches!(pattern.service, "iam") {
        return false;
    }
    let Some(open) = pattern.resource.find(['*', '?']) else { return false };
    let fixed = pattern.resource.get(..open).unwrap_or_default();
    let after = fixed.strip_prefix(path).unwrap_or(if path.starts_with(fixed) { "" } else { "named" });
    // What follows the wildcard names the role as well.
    let letters = pattern.resource.get(open..).unwrap_or_default();
    after.len() + letters.chars().filter(|letter| letter.is_alphanumeric()).count() < 3
}

/// `Allow` with `NotAction` or `NotResource`.
fn check_negated(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    use DocumentKind::{Identity, Resource, Session};
    let key = |list: &Option<List<'_>>| -> Option<Span> {
        list.as_ref().filter(|list| list.negated).map(|list| list.member.key_span)
    };
    if let Some(span) = key(&statement.actions).filter(|_| matches!(lint.kind, Identity | Session | Resource))
    {
        let message = "every action but these is allowed, of every service, future ones too";
        let finding = Finding::new(&BAILIWICK_ALLOW_WITH_NOT_ACTION, span, message);
        lint.report(finding.help("list what is allowed in `Action`"));
    }
    if let Some(span) = key(&statement.resources).filter(|_| matches!(lint.kind, Identity | Session)) {
        let message = "every resource but these is open, future ones too";
        let finding = Finding::new(&BAILIWICK_ALLOW_WITH_NOT_RESOURCE, span, message);
        lint.report(finding.help("list the resources in `Resource`"));
    }
}
