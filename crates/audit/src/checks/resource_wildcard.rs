//! Policies name the resources of actions that change something.

use super::kit::*;
use super::wide::title;
use crate::texts::{self, HeldPolicy, Origin};
use policy::Statement;
use policy::catalogue::{AccessLevel, Catalogue};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const CHECK: Check = Check {
    id: "resource-wildcard",
    title: "Policies name the resources that may be changed",
    severity: Severity::Low,
    area: Area::Privilege,
    why: "A program that is meant to write one table can then empty all of them.",
    judged: "Customer managed and inline policies with `Resource: \"*\"` and actions that change something and could be \
             limited to resources (access level and resource types by the catalogue), without a condition that says on what. \
             Statements on all actions or all of a service are other checks'.",
    remediation: "Name the resources; actions that know no resources stay in a statement of their own.",
    references: &[
        "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    ],
    needs: &[Input::Entities],
    run,
};

/// What the entries of `Action` come to, each looked up once.
type Known = HashMap<Box<str>, Arc<[String]>>;

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let mut known = Known::new();
    let own = |policy: &&HeldPolicy| policy.origin != Origin::Aws && !policy.people.is_empty();
    for policy in auditor.policies(account).iter().filter(own) {
        let statements: Vec<(&Statement, Vec<String>)> = policy
            .allows()
            .filter(|statement| texts::is_every_resource(statement) && !texts::is_limited(statement))
            .map(|statement| (statement, changing(statement, &mut known)))
            .filter(|(_, actions)| !actions.is_empty())
            .collect();
        if statements.is_empty() {
            judged.pass();
            continue;
        }
        let mut actions: Vec<String> = statements.iter().flat_map(|(_, actions)| actions.clone()).collect();
        actions.sort();
        actions.dedup();
        let message = format!("{} allows {} on everything", title(policy), some_actions(&actions));
        let discriminator = if policy.origin == Origin::Inline { policy.name.as_str() } else { "" };
        judged.tell(&policy.arn, discriminator, message, |finding| {
            for (statement, actions) in &statements {
                let what = format!("`Resource` is `*` for {}", some_actions(actions));
                finding.evidence.push(policy.evidence(statement, what));
            }
            finding.principals = policy.people.clone();
            finding.fix = Some(fix(
                format!("Name the resources in {}", title(policy)),
                "name resources instead of `*`",
                Vec::new(),
            ));
            finding.actions = actions;
        });
    }
}

fn changing(statement: &Statement, known: &mut Known) -> Vec<String> {
    if statement.action.negated {
        return Vec::new();
    }
    let entries =
        statement.action.entries.iter().filter(|entry| !entry.value.ends_with(":*") && &*entry.value != "*");
    let mut all = Vec::new();
    for entry in entries {
        let found = known.entry(entry.value.clone()).or_insert_with(|| looked_up(&entry.value));
        all.extend(found.iter().cloned());
    }
    all.sort();
    all.dedup();
    all
}

fn looked_up(entry: &str) -> Arc<[String]> {
    let changes = |level| matches!(level, AccessLevel::Write | AccessLevel::PermissionsManagement);
    let actions = Catalogue::get().actions_matching(entry);
    let actions = actions.filter(|action| changes(action.access_level()) && !action.is_wildcard_only());
    actions.map(|action| action.to_string()).collect()
}
