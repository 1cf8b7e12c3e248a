//! Roles that nobody uses are gone.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "unused-role",
    title: "Roles that nobody uses are deleted",
    severity: Severity::Medium,
    area: Area::Unused,
    why: "A role that nobody uses keeps its permissions and its trust: a way in that nobody watches.",
    judged: "Roles whose last use is more than 90 days ago (`unused-days`), or that were never used and are older than \
             that. IAM tracks 400 days. Service-linked roles are the services' own.",
    remediation: "Deny everything with an inline policy for some weeks, then delete the role.",
    references: &[LAST_ACCESSED],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let snapshot = &auditor.estate.snapshot;
    let roles: Vec<_> = state.roles.iter().filter(|role| !role.is_service_linked()).collect();
    let is_told = roles.iter().any(|role| snapshot.role_usage(role.id.as_str()).is_some());
    if !is_told && !roles.is_empty() {
        let root = judged.root().to_owned();
        return judged
            .not_assessable(&root, "needs an export that tells when roles were last used (RoleLastUsed)");
    }
    let period = auditor.settings.unused_days;
    for role in roles {
        let last = snapshot.role_usage(role.id.as_str()).map(|usage| usage.at);
        let is_young = auditor.days_since(role.created) <= period;
        if is_young || last.is_some_and(|at| auditor.days_since(at) <= period) {
            judged.pass();
            continue;
        }
        let arn = role.arn(auditor.estate.partition).as_str().to_owned();
        let message = match last {
            Some(at) => format!("{} was last used {} ago", role.name, days(auditor.days_since(at))),
            None => format!(
                "{} was not used in the {} that IAM looks back",
                role.name,
                days(tracked(auditor, role.created))
            ),
        };
        judged.tell(&arn, "", message, |finding| {
            finding.principals.push(arn.clone());
            let used = last.map_or("never".to_owned(), |at| at.iso());
            finding.evidence.push(Evidence::new(format!("RoleLastUsed: {used}"), &arn));
            finding.fix = Some(Fix {
                change: Some(Change::Delete { arn: arn.clone() }),
                ..fix_in_terraform(
                    format!("Delete role {}", role.name),
                    "delete roles that nobody uses",
                    vec![
                        format!("aws iam get-role --role-name {} --query Role.RoleLastUsed", role.name),
                        format!("aws iam delete-role --role-name {}  # after its policies", role.name),
                    ],
                    "aws_iam_role",
                )
            });
        });
    }
}

/// Of how many days of a role's life IAM knows whether it was used.
fn tracked(auditor: &Auditor<'_>, made: base::Timestamp) -> u64 {
    auditor.days_since(made).min(400)
}
