//! Groups have members.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "unused-group",
    title: "Groups have members",
    severity: Severity::Low,
    area: Area::Unused,
    why: "A group without members waits with its permissions for whoever may add somebody.",
    judged: "Groups without a user that are older than 90 days (`unused-days`).",
    remediation: "Delete the group.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_delete.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    for group in state.groups.iter() {
        let is_young = auditor.days_since(group.created) <= auditor.settings.unused_days;
        if is_young || state.members(group).next().is_some() {
            judged.pass();
            continue;
        }
        let arn = group.arn(auditor.estate.partition).as_str().to_owned();
        judged.tell(&arn, "", format!("group {} has no members", group.name), |finding| {
            finding.evidence.push(Evidence::new("no user is in it", &arn));
            finding.fix = Some(Fix {
                change: Some(Change::Delete { arn: arn.clone() }),
                ..fix_in_terraform(
                    format!("Delete group {}", group.name),
                    "delete groups without members",
                    vec![format!("aws iam delete-group --group-name {}  # after its policies", group.name)],
                    "aws_iam_group",
                )
            });
        });
    }
}
