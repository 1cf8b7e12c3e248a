//! Nobody has all of a service on everything.

use super::kit::*;
use super::wide::{effective, title};
use crate::texts::{self, HeldPolicy, Origin};
use policy::Statement;
use policy::catalogue::{AccessLevel, Catalogue};

pub(super) const CHECK: Check = Check {
    id: "service-wildcard",
    title: "Policies do not allow all actions of a service on everything",
    severity: Severity::Medium,
    area: Area::Privilege,
    why: "`service:*` takes in deleting, opening to the outside, and whatever the service learns next year.",
    judged: "Customer managed and inline policies with an action `service:*` on all resources, without a condition that says \
             on what; where a boundary, a deny or an SCP stops all holders, nothing is told.",
    remediation: "List the actions that are used; services last accessed tells which.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let own = |policy: &&HeldPolicy| policy.origin != Origin::Aws && !policy.people.is_empty();
    for policy in auditor.policies(account).iter().filter(own) {
        let statements: Vec<(&Statement, Vec<String>)> = policy
            .allows()
            .filter(|statement| texts::is_every_resource(statement) && !texts::is_limited(statement))
            .map(|statement| (statement, whole_services(statement)))
            .filter(|(_, services)| !services.is_empty())
            .collect();
        let sampled: Vec<(&Statement, Vec<String>)> = statements
            .iter()
            .map(|(statement, services)| (*statement, services.iter().filter_map(|it| sample(it)).collect()))
            .collect();
        let people = effective(auditor, account, policy, &sampled);
        if people.is_empty() {
            judged.pass();
            continue;
        }
        let mut actions: Vec<String> = statements.iter().flat_map(|(_, services)| services.clone()).collect();
        actions.sort();
        actions.dedup();
        let message =
            format!("{} allows {} on everything to {}", title(policy), some_actions(&actions), some(&people));
        let discriminator = if policy.origin == Origin::Inline { policy.name.as_str() } else { "" };
        judged.tell(&policy.arn, discriminator, message, |finding| {
            for (statement, services) in &statements {
                let what = format!("allows {} on all resources", some_actions(services));
                finding.evidence.push(policy.evidence(statement, what));
            }
            finding.fix = Some(fix(
                format!("List the actions that are used in {}", title(policy)),
                "list actions instead of whole services",
                vec![format!(
                    "aws iam generate-service-last-accessed-details --arn {} --granularity ACTION_LEVEL",
                    policy.arn
                )],
            ));
            finding.principals = people;
            finding.actions = actions;
        });
    }
}

/// The entries of a statement that are all of a service.
fn whole_services(statement: &Statement) -> Vec<String> {
    if statement.action.negated {
        return Vec::new();
    }
    let entries = statement.action.entries.iter().map(|entry| entry.value.to_ascii_lowercase());
    let whole = |entry: &String| {
        entry.strip_suffix(":*").is_some_and(|service| Catalogue::get().service(service).is_some())
    };
    entries.filter(whole).collect()
}

/// An action of the service that changes something: if the service has none, one that reads.
fn sample(entry: &str) -> Option<String> {
    let service = Catalogue::get().service(entry.strip_suffix(":*")?)?;
    let write = service.actions().find(|action| action.access_level() == AccessLevel::Write);
    write.or_else(|| service.actions().next()).map(|action| action.to_string())
}
