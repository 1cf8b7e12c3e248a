//! Permission sets are assigned to somebody.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "unused-permission-set",
    title: "Permission sets are assigned to somebody",
    severity: Severity::Low,
    area: Area::Unused,
    why: "A permission set that nobody has is one that nobody reviews, and one click assigns it anywhere.",
    judged: "Permission sets without an assignment in any account. They are told of once, with the organization's management \
             account or, where that is not audited, the first account.",
    remediation: "Delete the permission set.",
    references: &["https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html"],
    needs: &[Input::SignOn],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(sign_on) = auditor.estate.sign_on.as_ref() else { return };
    if !auditor.speaks_for_all(account) {
        return judged.pass_because("told with another account");
    }
    for set in &sign_on.permission_sets {
        if sign_on.assignments.iter().any(|assignment| assignment.permission_set == set.arn) {
            judged.pass();
            continue;
        }
        judged.tell(&set.arn, "", format!("permission set {} is assigned to nobody", set.name), |finding| {
            finding.evidence.push(Evidence::new("no assignment", &set.arn));
            let instance = sign_on.instance.as_deref().unwrap_or("INSTANCE");
            finding.fix = Some(fix_in_terraform(
                format!("Delete permission set {}", set.name),
                "delete permission sets that nobody has",
                vec![format!(
                    "aws sso-admin delete-permission-set --instance-arn {instance} --permission-set-arn {}",
                    set.arn
                )],
                "aws_ssoadmin_permission_set",
            ));
        });
    }
}
