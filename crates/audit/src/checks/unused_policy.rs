//! Policies are attached to somebody.

use super::kit::*;
use model::PolicyRef;
use std::collections::HashSet;

pub(super) const CHECK: Check = Check {
    id: "unused-policy",
    title: "Managed policies are attached to somebody",
    severity: Severity::Low,
    area: Area::Unused,
    why: "A policy that nobody has is one that nobody reviews, and one call attaches it.",
    judged: "Customer managed policies that are neither attached nor a boundary, and were not changed for 90 days \
             (`unused-days`). Those that permission sets name count as used.",
    remediation: "Delete the policy.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-delete.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let users = state.users.iter().flat_map(|user| user.attached.iter().chain(&user.boundary));
    let roles = state.roles.iter().flat_map(|role| role.attached.iter().chain(&role.boundary));
    let groups = state.groups.iter().flat_map(|group| &group.attached);
    let used: HashSet<&str> = users
        .chain(roles)
        .chain(groups)
        .filter_map(|reference| match reference {
            PolicyRef::Customer(id) => Some(id.as_str()),
            PolicyRef::Aws(_) => None,
        })
        .collect();
    let sets = auditor.estate.sign_on.iter().flat_map(|sign_on| &sign_on.permission_sets);
    let named: HashSet<&str> = sets
        .flat_map(|set| set.customer_managed.iter().chain(&set.boundary))
        .map(|name| name_of(name))
        .collect();
    for policy in state.policies.iter() {
        let is_young = auditor.days_since(policy.updated.max(policy.created)) <= auditor.settings.unused_days;
        if is_young || used.contains(policy.id.as_str()) || named.contains(policy.name.as_str()) {
            judged.pass();
            continue;
        }
        let arn = policy.arn(auditor.estate.partition).as_str().to_owned();
        judged.tell(&arn, "", format!("policy {} is attached to nobody", policy.name), |finding| {
            let what = format!("no attachments, last changed {}", policy.updated.iso());
            finding.evidence.push(Evidence::new(what, &arn));
            finding.fix = Some(Fix {
                change: Some(Change::Delete { arn: arn.clone() }),
                ..fix_in_terraform(
                    format!("Delete policy {}", policy.name),
                    "delete policies that nobody has",
                    vec![format!("aws iam delete-policy --policy-arn {arn}  # after its other versions")],
                    "aws_iam_policy",
                )
            });
        });
    }
}
