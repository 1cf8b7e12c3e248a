//! `Action` and `NotAction` against the catalogue.

use super::checks::{
    BAILIWICK_ACTION_MATCHES_NOTHING, BAILIWICK_RETIRED_ACTION, BAILIWICK_UNPUBLISHED_ACTION, INVALID_ACTION,
    INVALID_SERVICE_IN_ACTION, WILDCARD_IN_SERVICE_NAME,
};
use super::effort::Effort;
use super::fix::{Fix, Safety};
use super::overlap::{covers, tokens};
use super::retired::{retired_action, retired_service, unpublished_action};
use super::view::Entry;
use super::{Finding, Lint, listed, shown};
use crate::catalogue::{Action, Catalogue, Service};
use std::collections::HashMap;
use std::rc::Rc;

pub(super) fn check(lint: &mut Lint<'_>) {
    for list in lint.policy.statements.iter().filter_map(|statement| statement.actions.as_ref()) {
        for entry in &list.entries {
            check_entry(*entry, lint);
        }
    }
}

fn check_entry(entry: Entry<'_>, lint: &mut Lint<'_>) {
    let Entry { text, span } = entry;
    if text == "*" {
        return;
    }
    let help = "write `service:Action`; `*` and `?` may stand in the action's name";
    let Some((service, name)) = text.split_once(':') else {
        let message = format!("the action `{}` names no service", shown(text));
        return lint.report(Finding::new(&INVALID_ACTION, span, message).help(help));
    };
    if text.contains("${") {
        // A variable, which has a check of its own.
        return;
    }
    if name.is_empty() || name.contains(':') || text.contains(char::is_whitespace) {
        let message = format!("`{}` is no action", shown(text));
        return lint.report(Finding::new(&INVALID_ACTION, span, message).help(help));
    }
    if service == "*" {
        let message = format!("`{}` names no service: a wildcard does not stand for services", shown(text));
        let finding = Finding::new(&BAILIWICK_ACTION_MATCHES_NOTHING, span, message);
        let all = name.chars().all(|letter| letter == '*');
        return lint.report(if all {
            let help = "write `*` for all actions; as it stands it can be read as all or as none";
            finding.help(help).fix(Fix::string(Safety::ChangesMeaning, span, "*"))
        } else {
            finding.help("name the services one by one")
        });
    }
    if service.contains(['*', '?']) {
        let message = format!("the service of `{}` has a wildcard, which IAM refuses", shown(text));
        return lint.report(
            Finding::new(&WILDCARD_IN_SERVICE_NAME, span, message).help("name the services one by one"),
        );
    }
    match Catalogue::get().service(service) {
        None => report_unknown_service(entry, service, name, lint),
        Some(service) => check_name(entry, service, name, lint),
    }
}

fn report_unknown_service(entry: Entry<'_>, service: &str, name: &str, lint: &mut Lint<'_>) {
    if let Some(reason) = retired_service(service) {
        return report_retired(entry, reason, lint);
    }
    if unpublished_action(service, name).is_some() {
        return report_unpublished(entry, lint);
    }
    let message = format!("there is no service `{}`", shown(service));
    let finding = Finding::new(&INVALID_SERVICE_IN_ACTION, entry.span, message);
    if lint.is_busy(&INVALID_SERVICE_IN_ACTION) {
        return lint.report(finding);
    }
    let near = Catalogue::get().suggest_service(service);
    lint.report(match near.as_slice() {
        [] => finding.help("the service may be newer than our facts; if not, nothing is matched"),
        [one, ..] => {
            let written = format!("{one}:{name}");
            let fix = Fix::string(Safety::ChangesMeaning, entry.span, &written);
            let fix = (near.len() == 1).then_some(fix);
            finding.help(format!("did you mean {}?", listed(&near).replace(" and ", " or "))).fix(fix)
        }
    });
}

fn report_retired(entry: Entry<'_>, reason: &str, lint: &mut Lint<'_>) {
    let message = format!("`{}` does nothing any more: {reason}", shown(entry.text));
    lint.report(Finding::new(&BAILIWICK_RETIRED_ACTION, entry.span, message).help("take it out"));
}

fn report_unpublished(entry: Entry<'_>, lint: &mut Lint<'_>) {
    let message = format!("AWS's list of actions does not have `{}`", shown(entry.text));
    let finding = Finding::new(&BAILIWICK_UNPUBLISHED_ACTION, entry.span, message);
    lint.report(finding.help("it exists: a managed policy of AWS's names it"));
}

fn check_name(entry: Entry<'_>, service: &'static Service, name: &str, lint: &mut Lint<'_>) {
    let is_pattern = name.contains(['*', '?']);
    if is_pattern {
        if lint.names.matches_any(service, name, &lint.effort) {
            return;
        }
    } else if service.action(name).is_some() {
        return;
    }
    if let Some(reason) = retired_action(service.prefix(), name) {
        return report_retired(entry, reason, lint);
    }
    if unpublished_action(service.prefix(), name).is_some() {
        return report_unpublished(entry, lint);
    }
    let message = if is_pattern {
        format!("no action of {} matches `{}`", service.title(), shown(entry.text))
    } else {
        format!("{} has no action `{}`", service.title(), shown(name))
    };
    let finding = Finding::new(&INVALID_ACTION, entry.span, message);
    if lint.is_busy(&INVALID_ACTION) || name.len() > 128 {
        return lint.report(finding);
    }
    let bare = name.trim_matches(['*', '?']);
    let near = Catalogue::get().suggest_action(&format!("{}:{bare}", service.prefix()));
    lint.report(match near.as_slice() {
        [] => finding,
        [one] if !is_pattern => finding.help(format!("did you mean `{one}`?")).fix(Fix::string(
            Safety::ChangesMeaning,
            entry.span,
            one,
        )),
        _ => finding.help(format!("did you mean {}?", listed(&near).replace(" and ", " or "))),
    });
}

/// Whether an entry of `Action` covers an action (`iam:PassRole`).
pub(super) fn entry_covers(entry: &str, action: &str, effort: &Effort) -> bool {
    if entry == "*" || entry.eq_ignore_ascii_case(action) {
        return true;
    }
    let (Some((service, name)), Some((wanted, action))) = (entry.split_once(':'), action.split_once(':'))
    else {
        return false;
    };
    service.eq_ignore_ascii_case(wanted)
        && name.contains(['*', '?'])
        && covers(
            &tokens(&name.to_ascii_lowercase(), false),
            &tokens(&action.to_ascii_lowercase(), false),
            effort,
        )
}

/// The names of services' actions in lower case and order, so that patterns find theirs quickly.
#[derive(Debug, Default)]
pub(super) struct ActionNames {
    of: HashMap<&'static str, Rc<[String]>>,
}

impl ActionNames {
    fn of(&mut self, service: &'static Service) -> Rc<[String]> {
        let names = self.of.entry(service.prefix()).or_insert_with(|| {
            let mut names: Vec<_> =
                service.actions().map(|action| action.name().to_ascii_lowercase()).collect();
            names.sort();
            names.into()
        });
        Rc::clone(names)
    }

    /// The names of the service's actions that a pattern of a name covers, in lower case. When the effort is spent:
    /// none.
    pub(super) fn matching(&mut self, service: &'static Service, name: &str, effort: &Effort) -> Vec<String> {
        let all = self.of(service);
        let name = name.to_ascii_lowercase();
        let fixed = name.split(['*', '?']).next().unwrap_or_default();
        let from = all.partition_point(|known| known.as_str() < fixed);
        let candidates = all.iter().skip(from).take_while(|known| known.starts_with(fixed));
        let pattern = tokens(&name, false);
        let mut found = Vec::new();
        for known in candidates {
            if !effort.spend(4) {
                return Vec::new();
            }
            if covers(&pattern, &tokens(known, false), effort) {
                found.push(known.clone());
            }
        }
        found
    }

    /// Whether the pattern covers some action of the service; also `true` when the effort is spent.
    fn matches_any(&mut self, service: &'static Service, name: &str, effort: &Effort) -> bool {
        let all = self.of(service);
        let name = name.to_ascii_lowercase();
        let fixed = name.split(['*', '?']).next().unwrap_or_default();
        let from = all.partition_point(|known| known.as_str() < fixed);
        let pattern = tokens(&name, false);
        let mut candidates = all.iter().skip(from).take_while(|known| known.starts_with(fixed));
        candidates.any(|known| effort.is_spent() || covers(&pattern, &tokens(known, false), effort))
            || effort.is_spent()
    }
}

/// The actions that entries cover, of which there may be many: each service with its entry, or nothing for a lone
/// `*`, for which nothing is listed.
pub(super) fn covered(entry: &Entry<'_>, lint: &mut Lint<'_>) -> Option<(&'static Service, Vec<Action>)> {
    let (service, name) = entry.text.split_once(':')?;
    let service = Catalogue::get().service(service)?;
    if !name.contains(['*', '?']) {
        return Some((service, service.action(name).into_iter().collect()));
    }
    let names = lint.names.matching(service, name, &lint.effort);
    Some((service, names.iter().filter_map(|name| service.action(name)).collect()))
}
