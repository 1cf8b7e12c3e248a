//! Users are in a group.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "user-no-group",
    title: "Every user is in a group",
    severity: Severity::Info,
    area: Area::Governance,
    why: "The group says what a user is for; without one every permission is a single decision.",
    judged: "Users in no group.",
    remediation: "Put the user into the group of its job.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    for user in state.users.iter() {
        if !user.groups.is_empty() {
            judged.pass();
            continue;
        }
        let arn = user.arn(auditor.estate.partition).as_str().to_owned();
        judged.tell(&arn, "", format!("{} is in no group", user.name), |finding| {
            finding.principals.push(arn.clone());
            finding.evidence.push(Evidence::new("no groups", &arn));
            finding.fix = Some(fix_in_terraform(
                format!("Put {} into the group of its job", user.name),
                "put users into groups",
                vec![format!("aws iam add-user-to-group --user-name {} --group-name GROUP", user.name)],
                "aws_iam_user_group_membership",
            ));
        });
    }
}
