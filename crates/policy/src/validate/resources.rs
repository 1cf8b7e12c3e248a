//! `Resource` and `NotResource`: ARNs against the forms that services document.

use super::arn::{Form, Part, Pattern, acts_on, forms, split};
use super::checks::{
    ARN_ACCOUNT_NOT_ALLOWED, ARN_REGION_NOT_ALLOWED, BAILIWICK_ACTION_WITHOUT_RESOURCE,
    BAILIWICK_STAR_CROSSES_COLON, BAILIWICK_VARIABLE_IN_ARN_HEAD, INVALID_ARN_ACCOUNT, INVALID_ARN_PREFIX,
    INVALID_ARN_REGION, INVALID_ARN_RESOURCE, INVALID_ARN_SERVICE_CASE, INVALID_PARTITION, INVALID_SERVICE,
    MISSING_ARN_ACCOUNT, MISSING_ARN_FIELD, MISSING_ARN_REGION, WILDCARD_IN_SERVICE_NAME,
};
use super::effort::Effort;
use super::fix::{Fix, Safety};
use super::overlap::{Token, overlap, tokens};
use super::retired::retired_service;
use super::view::{Entry, Statement};
use super::{Finding, Lint, listed, shown};
use crate::catalogue::{Action, Catalogue};
use crate::document::DocumentKind;
use base::{AccountId, Partition};

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in &policy.statements {
        let Some(list) = &statement.resources else { continue };
        for entry in &list.entries {
            check_entry(*entry, lint);
        }
        if !list.negated && matches!(lint.kind, DocumentKind::Identity | DocumentKind::Session) {
            check_actions_have_resources(statement, lint);
        }
    }
}

fn check_entry(entry: Entry<'_>, lint: &mut Lint<'_>) {
    let Entry { text, span } = entry;
    if text == "*" {
        return;
    }
    let variables = lint.policy.variables;
    let parts = split(text, variables);
    if parts.first() != Some(&"arn") || parts.len() < 2 {
        let message = format!("`{}` is no ARN", shown(text));
        let finding = Finding::new(&INVALID_ARN_PREFIX, span, message);
        return lint.report(finding.help("write `*`, or `arn:partition:service:region:account:resource`"));
    }
    let Some(pattern) = Pattern::read(text, variables) else {
        let message = format!("`{}` has {} of the six parts of an ARN", shown(text), parts.len());
        let finding = Finding::new(&MISSING_ARN_FIELD, span, message);
        lint.report(
            finding.help("write `arn:partition:service:region:account:resource`; parts may be empty or `*`"),
        );
        return report_crossing_star(entry, &parts, lint);
    };
    for part in [pattern.partition, pattern.service, pattern.region, pattern.account] {
        if variables && part.contains("${") {
            let message = format!("`{}` is not replaced here", shown(part));
            let finding = Finding::new(&BAILIWICK_VARIABLE_IN_ARN_HEAD, span, message);
            return lint
                .report(finding.help("variables stand after the fifth colon only; `*` may stand here"));
        }
    }
    if is_placed_right(entry, pattern, lint) && is_of_a_known_service(entry, pattern, lint) {
        check_form(entry, pattern, lint);
    }
}

/// Partition, region and account by themselves.
fn is_placed_right(entry: Entry<'_>, pattern: Pattern<'_>, lint: &mut Lint<'_>) -> bool {
    let Entry { span, .. } = entry;
    let partitions = partitions(pattern.partition, &lint.effort);
    if partitions.is_empty() {
        let message = format!("there is no partition `{}`", shown(pattern.partition));
        let help =
            format!("partitions are {} and others", listed(Partition::all().map(Partition::id).take(3)));
        lint.report(Finding::new(&INVALID_PARTITION, span, message).help(help));
        return false;
    }
    let forms = forms(pattern.service);
    let region_is_known = is_region(pattern.region, &partitions, &lint.effort)
        || forms.iter().any(|form| matches!(form.region(), Part::Fixed(text) if text == pattern.region));
    // Some accounts of AWS have names.
    let account_is_known = is_account(pattern.account, &lint.effort)
        || matches!(pattern.account, "aws" | "cloudfront" | "aws-marketplace" | "third-party" | "amazon")
        || forms.iter().any(|form| matches!(form.account(), Part::Fixed(text) if text == pattern.account));
    if !region_is_known {
        let message = match Partition::of_region(pattern.region) {
            Some(other) => format!("the region `{}` is in the partition `{other}`", shown(pattern.region)),
            None => format!("there is no region `{}`", shown(pattern.region)),
        };
        lint.report(Finding::new(&INVALID_ARN_REGION, span, message).help("`*` stands for all regions"));
    }
    if !account_is_known {
        let message = format!("`{}` is no account", shown(pattern.account));
        lint.report(Finding::new(&INVALID_ARN_ACCOUNT, span, message).help("an account has twelve digits"));
    }
    region_is_known && account_is_known
}

fn partitions(pattern: &str, effort: &Effort) -> Vec<Partition> {
    if !pattern.contains(['*', '?']) {
        return Partition::by_id(pattern).into_iter().collect();
    }
    let pattern = tokens(pattern, false);
    Partition::all().filter(|known| overlap(&pattern, &tokens(known.id(), false), effort)).collect()
}

fn is_region(pattern: &str, partitions: &[Partition], effort: &Effort) -> bool {
    if pattern.is_empty() || pattern == "*" {
        return true;
    }
    if !pattern.contains(['*', '?']) {
        return Partition::of_region(pattern).is_some_and(|found| partitions.contains(&found));
    }
    let pattern = tokens(pattern, false);
    let mut known = partitions.iter().flat_map(|partition| partition.facts().regions);
    overlap(&pattern, &[], effort) || known.any(|region| overlap(&pattern, &tokens(region, false), effort))
}

fn is_account(pattern: &str, effort: &Effort) -> bool {
    if pattern.is_empty() || AccountId::parse(pattern).is_ok() {
        return true;
    }
    let is_pattern = pattern.contains(['*', '?'])
        && pattern.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '*' | '?'));
    is_pattern && overlap(&tokens(pattern, false), &[Token::One; 12], effort)
}

fn is_of_a_known_service(entry: Entry<'_>, pattern: Pattern<'_>, lint: &mut Lint<'_>) -> bool {
    let Entry { text, span } = entry;
    let service = pattern.service;
    if service.contains(['*', '?']) {
        let message = format!("the service of `{}` has a wildcard, which IAM refuses", shown(text));
        lint.report(Finding::new(&WILDCARD_IN_SERVICE_NAME, span, message).help("name the service"));
        return false;
    }
    let lower = service.to_ascii_lowercase();
    let is_known = |name: &str| !forms(name).is_empty() || Catalogue::get().service(name).is_some();
    if lower != service {
        let message = format!("the service `{}` of the ARN is not in lower case", shown(service));
        let written = text.replacen(&format!(":{service}:"), &format!(":{lower}:"), 1);
        let fix = is_known(&lower).then(|| Fix::string(Safety::ChangesMeaning, span, &written));
        lint.report(
            Finding::new(&INVALID_ARN_SERVICE_CASE, span, message).help(format!("write `{lower}`")).fix(fix),
        );
        return false;
    }
    if is_known(service) || retired_service(service).is_some() {
        return true;
    }
    let message = format!("there is no service `{}`", shown(service));
    let finding = Finding::new(&INVALID_SERVICE, span, message);
    let near =
        if lint.is_busy(&INVALID_SERVICE) { Vec::new() } else { Catalogue::get().suggest_service(service) };
    let help = format!("did you mean {}?", listed(&near).replace(" and ", " or "));
    lint.report(if near.is_empty() { finding } else { finding.help(help) });
    false
}

/// The whole ARN against the forms of its service.
fn check_form(entry: Entry<'_>, pattern: Pattern<'_>, lint: &mut Lint<'_>) {
    let variables = lint.policy.variables;
    let all = forms(pattern.service);
    if all.is_empty() {
        // The service names no resources in policies, or is retired.
        return;
    }
    let resource = tokens(pattern.resource, variables);
    let alike: Vec<&Form> = all.iter().filter(|form| form.meets_resource(&resource, &lint.effort)).collect();
    let region_fits = |form: &&&Form| form.region().meets(pattern.region, variables);
    let account_fits = |form: &&&Form| form.account().meets(pattern.account, variables);
    if alike.iter().any(|form| region_fits(&form) && account_fits(&form)) {
        return;
    }
    let span = entry.span;
    let form =
        match alike.iter().find(account_fits).or_else(|| alike.iter().find(region_fits)).or(alike.first()) {
            Some(form) => *form,
            None => {
                let title =
                    Catalogue::get().service(pattern.service).map_or(pattern.service, |known| known.title());
                let message = format!("`{}` is no resource of {title}", shown(pattern.resource));
                let finding = Finding::new(&INVALID_ARN_RESOURCE, span, message);
                let known: Vec<_> =
                    all.iter().filter(|form| form.prefix == pattern.service).map(|form| form.text).collect();
                let help = match known.as_slice() {
                    [one] => format!("its ARNs are `{one}`"),
                    _ => format!("its resource types are {}", listed(all.iter().map(|form| form.name))),
                };
                return lint.report(finding.help(help));
            }
        };
    let help = format!("the form is `{}`", form.text);
    let head = |region: &str, account: &str| {
        format!("arn:{}:{}:{region}:{account}:{}", pattern.partition, pattern.service, pattern.resource)
    };
    if !form.region().meets(pattern.region, variables) {
        let finding = if pattern.region.is_empty() {
            let message = format!("an ARN of the type `{}` has a region", form.name);
            Finding::new(&MISSING_ARN_REGION, span, message)
        } else {
            let message = format!("an ARN of the type `{}` has no region", form.name);
            let fix = Fix::string(Safety::ChangesMeaning, span, &head("", pattern.account));
            Finding::new(&ARN_REGION_NOT_ALLOWED, span, message).fix(fix)
        };
        return lint.report(finding.help(help));
    }
    let finding = if pattern.account.is_empty() {
        let message = format!("an ARN of the type `{}` has an account", form.name);
        Finding::new(&MISSING_ARN_ACCOUNT, span, message)
    } else {
        let message = format!("an ARN of the type `{}` has no account", form.name);
        let fix = (form.account() == Part::Empty)
            .then(|| Fix::string(Safety::ChangesMeaning, span, &head(pattern.region, "")));
        Finding::new(&ARN_ACCOUNT_NOT_ALLOWED, span, message).fix(fix)
    };
    lint.report(finding.help(help));
}

/// A star that must stand for several parts of an ARN with fewer than six. The guide says that it may, earlier guides
/// and other readers of policies did not: see fact 78 in `docs/semantics.md`.
fn report_crossing_star(entry: Entry<'_>, parts: &[&str], lint: &mut Lint<'_>) {
    let (Some(service), Some(head)) = (parts.get(2), parts.get(1..parts.len().saturating_sub(1))) else {
        return;
    };
    if service.contains(['*', '?']) || !head.iter().any(|part| part.ends_with('*')) {
        return;
    }
    let whole = tokens(entry.text, lint.policy.variables);
    let found = forms(service).iter().find(|form| overlap(&whole, &tokens(form.text, true), &lint.effort));
    let message = format!("a `*` of `{}` must stand for several parts of the ARN", shown(entry.text));
    let finding = Finding::new(&BAILIWICK_STAR_CROSSES_COLON, entry.span, message);
    lint.report(match found {
        Some(form) => finding
            .help(format!("not every reader of policies allows that; write all parts: `{}`", form.text)),
        None => finding.help("not every reader of policies allows that; write all parts"),
    });
}

/// Actions that are named in full and act on none of the resources.
fn check_actions_have_resources(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let Some(resources) = statement.resources.as_ref().filter(|list| !list.entries.is_empty()) else {
        return;
    };
    if resources.entries.iter().any(|entry| entry.text == "*") || !statement.allows() {
        return;
    }
    let variables = lint.policy.variables;
    let mut idle: Vec<(Entry<'_>, Action)> = Vec::new();
    for entry in statement.plain_actions().iter().filter(|entry| !entry.text.contains(['*', '?'])) {
        let Some(action) = Catalogue::get().action(entry.text) else { continue };
        // What cannot be judged counts as a resource.
        let acts =
            |resource: &Entry<'_>| acts_on(action, resource.text, variables, &lint.effort) != Some(false);
        if !resources.entries.iter().any(acts) {
            idle.push((*entry, action));
        }
    }
    for of_all in [true, false] {
        let group: Vec<_> = idle.iter().filter(|(_, action)| action.is_wildcard_only() == of_all).collect();
        let Some((first, action)) = group.first() else { continue };
        let names = listed(group.iter().map(|(entry, _)| entry.text));
        let finding = |message: String| Finding::new(&BAILIWICK_ACTION_WITHOUT_RESOURCE, first.span, message);
        let finding = if of_all {
            finding(format!("no resource narrows {names}"))
                .help("grant it on `\"Resource\": \"*\"`, in a statement of its own")
        } else {
            let forms: Vec<_> =
                action.resource_types().map(|used| used.resource_type().arn_pattern()).collect();
            let finding = finding(format!("none of the statement's resources fits {names}"));
            finding.help(format!("`{action}` acts on {}", listed(forms)))
        };
        lint.report(finding.related(resources.member.value.span, "the resources"));
    }
}
