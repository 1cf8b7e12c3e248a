//! What could go without changing anything.
//!
//! Lists may have tens of thousands of entries, so that not every two can be compared: equal ones are found by a
//! hash, those under a prefix (`s3:Get*`) by the hash of their beginnings, and only other patterns are compared with
//! all, as far as the effort lasts.

use super::arn::Pattern;
use super::checks::{
    REDUNDANT_ACTION, REDUNDANT_CONDITION_VALUE_NUM, REDUNDANT_RESOURCE, REDUNDANT_STATEMENT,
};
use super::effort::Effort;
use super::fix::{Fix, Safety};
use super::overlap::{covers, tokens};
use super::view::{Condition, Entry, List, Policy};
use super::{Check, Finding, Lint, shown};
use crate::operator::{Comparison, Order};
use crate::value::Number;
use base::json::Style;
use std::collections::{BTreeSet, HashMap};

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in &policy.statements {
        if let Some(actions) = &statement.actions {
            let items: Vec<_> = actions.entries.iter().map(Item::action).collect();
            report(actions, &items, &REDUNDANT_ACTION, lint);
        }
        if let Some(resources) = &statement.resources {
            let items: Vec<_> =
                resources.entries.iter().map(|entry| Item::resource(entry, policy.variables)).collect();
            report(resources, &items, &REDUNDANT_RESOURCE, lint);
        }
        statement.conditions.iter().for_each(|condition| check_numbers(condition, lint));
    }
    check_statements(policy, lint);
}

/// An entry of a list, as it is compared.
struct Item<'a> {
    /// Equal keys mean the same.
    key: String,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// `*` alone.
    All,
    /// Everything that begins so.
    Prefix(String),
    /// Another pattern: parts, each to be covered by its counterpart.
    Parts(Vec<(&'a str, bool)>),
    /// Covers nothing but itself.
    Exact(Vec<(&'a str, bool)>),
}

impl<'a> Item<'a> {
    fn action(entry: &Entry<'a>) -> Self {
        let key = entry.text.to_ascii_lowercase();
        // Case does not count: what is compared part by part is the key, so none is kept here.
        let kind = match key.split_once(':') {
            None if key == "*" => Kind::All,
            // No wildcard stands for a service.
            Some((service, name)) if !service.contains(['*', '?']) && name.contains(['*', '?']) => {
                match prefix(&key) {
                    Some(prefix) => Kind::Prefix(prefix),
                    None => Kind::Parts(Vec::new()),
                }
            }
            _ => Kind::Exact(Vec::new()),
        };
        Self { key, kind }
    }

    fn resource(entry: &Entry<'a>, variables: bool) -> Self {
        let key = entry.text.to_owned();
        let kind = match Pattern::read(entry.text, variables) {
            None if entry.text == "*" => Kind::All,
            None => Kind::Exact(Vec::new()),
            Some(pattern) => {
                let head = [pattern.partition, pattern.service, pattern.region, pattern.account];
                let mut parts: Vec<_> = head.into_iter().map(|part| (part, false)).collect();
                parts.push((pattern.resource, variables));
                let is_open = |text: &str| text.contains(['*', '?']);
                if is_open(pattern.service) {
                    Kind::Exact(parts)
                } else if head.into_iter().any(|part| part.contains(['*', '?', '$'])) {
                    Kind::Parts(parts)
                } else if let Some(prefix) = prefix(entry.text) {
                    Kind::Prefix(prefix)
                } else if is_open(pattern.resource) {
                    Kind::Parts(parts)
                } else {
                    Kind::Exact(parts)
                }
            }
        };
        Self { key, kind }
    }

    /// Whether this pattern covers the other entry.
    fn covers(&self, other: &Item<'_>, effort: &Effort) -> bool {
        if !effort.spend(self.key.len() + other.key.len()) {
            return false;
        }
        let own = match &self.kind {
            Kind::Parts(parts) => parts,
            _ => return false,
        };
        if own.is_empty() {
            return same_service(&self.key, &other.key)
                && covers(&tokens(&self.key, false), &tokens(&other.key, false), effort);
        }
        let others = match &other.kind {
            Kind::Parts(parts) | Kind::Exact(parts) => parts.clone(),
            // Whole up to the star at its end.
            Kind::Prefix(_) => {
                match Pattern::read(&other.key, own.last().is_some_and(|(_, variables)| *variables)) {
                    Some(pattern) => return self.covers_pattern(pattern, effort),
                    None => return false,
                }
            }
            Kind::All => return false,
        };
        own.len() == others.len()
            && own.iter().zip(&others).all(|((own, variables), (other, _))| {
                covers(&tokens(own, *variables), &tokens(other, *variables), effort)
            })
    }

    fn covers_pattern(&self, other: Pattern<'_>, effort: &Effort) -> bool {
        let Kind::Parts(own) = &self.kind else { return false };
        let parts = [other.partition, other.service, other.region, other.account, other.resource];
        own.iter().zip(parts).all(|((own, variables), other)| {
            covers(&tokens(own, *variables), &tokens(other, *variables), effort)
        })
    }
}

fn same_service(left: &str, right: &str) -> bool {
    left.split(':').next() == right.split(':').next()
}

/// The text before the one star at its end. A dollar sign could begin a variable.
fn prefix(text: &str) -> Option<String> {
    let prefix = text.strip_suffix('*')?;
    (!prefix.contains(['*', '?', '$'])).then(|| prefix.to_owned())
}

/// For each entry that another covers, that other one. Of entries that cover each other the first stays.
fn covered_by(items: &[Item<'_>], effort: &Effort) -> Vec<(usize, usize)> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut prefixes: HashMap<&str, usize> = HashMap::new();
    let mut patterns = Vec::new();
    let mut all = None;
    for (place, item) in items.iter().enumerate() {
        first.entry(&item.key).or_insert(place);
        match &item.kind {
            Kind::All => all = all.or(Some(place)),
            Kind::Prefix(prefix) => drop(prefixes.entry(prefix).or_insert(place)),
            Kind::Parts(_) => patterns.push(place),
            Kind::Exact(_) => {}
        }
    }
    let lengths: BTreeSet<usize> = prefixes.keys().map(|prefix| prefix.len()).collect();
    let find = |place: usize, item: &Item<'_>| -> Option<usize> {
        let same = first.get(item.key.as_str()).copied().filter(|first| *first < place);
        if same.is_some() {
            return same;
        }
        if let Some(all) = all.filter(|all| *all != place) {
            return Some(all);
        }
        for length in lengths.range(..=item.key.len()) {
            if !effort.spend(1 + length / 64) {
                return None;
            }
            let found = item.key.get(..*length).and_then(|start| prefixes.get(start)).copied();
            if let Some(found) = found.filter(|found| *found != place) {
                return Some(found);
            }
        }
        let others = patterns.iter().copied().take_while(|_| !effort.is_spent());
        others.filter(|other| *other != place).find(|other| {
            let Some(pattern) = items.get(*other) else { return false };
            let mutual = || *other < place || !item.covers(pattern, effort);
            pattern.covers(item, effort) && mutual()
        })
    };
    items.iter().enumerate().filter_map(|(place, item)| Some((place, find(place, item)?))).collect()
}

fn report(list: &List<'_>, items: &[Item<'_>], check: &'static Check, lint: &mut Lint<'_>) {
    let covered = covered_by(items, &lint.effort);
    let Some((place, by)) = covered.first().copied() else { return };
    let (Some(entry), Some(other)) = (list.entries.get(place), list.entries.get(by)) else { return };
    let message = match covered.len() {
        1 => format!("`{}` is covered by `{}`", shown(entry.text), shown(other.text)),
        more => format!(
            "{more} entries are covered by others, such as `{}` by `{}`",
            shown(entry.text),
            shown(other.text)
        ),
    };
    let gone: Vec<usize> = covered.iter().map(|(place, _)| *place).collect();
    let nodes = list.member.value.as_array().filter(|nodes| nodes.len() == list.entries.len());
    let fix = nodes.and_then(|nodes| Fix::without_elements(Safety::Safe, nodes, &gone));
    lint.report(Finding::new(check, entry.span, message).related(other.span, "covers it").fix(fix));
}

/// Of several limits, the widest decides.
fn check_numbers(condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let Some(Comparison::Numeric(order)) = condition.operator.map(|operator| operator.comparison) else {
        return;
    };
    let numbers: Vec<Option<Number>> =
        condition.values.iter().map(|value| Number::parse(value.text)).collect();
    let all: Option<Vec<Number>> = numbers.into_iter().collect();
    let Some(all) = all.filter(|all| all.len() > 1 && order != Order::Equal) else { return };
    let greatest = matches!(order, Order::Less | Order::LessOrEqual);
    let decides = if greatest { all.iter().max() } else { all.iter().min() };
    let Some(place) = decides.and_then(|number| all.iter().position(|other| other == number)) else { return };
    let Some(value) = condition.values.get(place) else { return };
    let gone: Vec<usize> = (0..all.len()).filter(|other| *other != place).collect();
    let nodes = condition.member.value.as_array().filter(|nodes| nodes.len() == all.len());
    let fix = nodes.and_then(|nodes| Fix::without_elements(Safety::Safe, nodes, &gone));
    let which = if greatest { "greatest" } else { "least" };
    let message = format!("of these numbers only the {which}, `{}`, decides", shown(value.text));
    lint.report(Finding::new(&REDUNDANT_CONDITION_VALUE_NUM, condition.member.value.span, message).fix(fix));
}

/// Statements that differ in their id only.
fn check_statements(policy: &Policy<'_>, lint: &mut Lint<'_>) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (place, statement) in policy.statements.iter().enumerate() {
        let members = statement.node.as_object().unwrap_or_default();
        let mut said: Vec<_> = members
            .iter()
            .filter(|member| *member.key != *"Sid")
            .map(|member| format!("{}\0{}", member.key, member.value.print(Style::Compact)))
            .collect();
        said.sort();
        let Some(other) = first.get(&said.join("\0")).and_then(|first| policy.statements.get(*first)) else {
            first.insert(said.join("\0"), place);
            continue;
        };
        let start =
            |node: &base::json::JsonNode| base::Span { start: node.span.start, end: node.span.start + 1 };
        let span = statement.sid.map_or_else(|| start(statement.node), |sid| sid.span);
        let nodes = policy.statement.and_then(|node| node.as_array()).unwrap_or_default();
        let wants_fix = lint.wants_fix(&REDUNDANT_STATEMENT);
        // Statements that are no objects have no place among the policy's, so the two may differ.
        let gone = nodes.binary_search_by_key(&statement.node.span.start, |node| node.span.start).ok();
        let fix =
            gone.filter(|_| wants_fix).and_then(|gone| Fix::without_elements(Safety::Safe, nodes, &[gone]));
        let finding = Finding::new(&REDUNDANT_STATEMENT, span, "another statement says the same");
        let there = other.sid.map_or_else(|| start(other.node), |sid| sid.span);
        lint.report(finding.related(there, "this one").fix(fix));
    }
}
