//! Users get permissions from groups.

use super::kit::*;
use crate::texts::{HeldPolicy, Origin};

pub(super) const CHECK: Check = Check {
    id: "user-policies",
    title: "Users have no policies of their own",
    severity: Severity::Low,
    area: Area::Policies,
    why: "Permissions given one by one are never taken back one by one: whoever changes the job keeps them.",
    judged: "Users with inline or attached policies.",
    remediation: "Put the policies on a group, or better on a role.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"],
    needs: &[Input::Entities],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    for user in state.users.iter() {
        let arn = user.arn(auditor.estate.partition).as_str().to_owned();
        let number = user.inline.len() + user.attached.len();
        if number == 0 {
            judged.pass();
            continue;
        }
        let own: Vec<&HeldPolicy> =
            auditor.policies(account).iter().filter(|policy| policy.holders.contains(&arn)).collect();
        let names: Vec<String> = own.iter().map(|policy| policy.name.clone()).collect();
        judged.tell(
            &arn,
            "",
            format!("{} has policies of its own: {}", user.name, some(&names)),
            |finding| {
                finding.principals.push(arn.clone());
                let mut commands = Vec::new();
                for policy in own {
                    let inline = policy.origin == Origin::Inline;
                    let what = if inline { "inline policy" } else { "attached policy" };
                    let source = if inline { &arn } else { &policy.arn };
                    finding
                        .evidence
                        .push(Evidence { policy: Some(policy.name.clone()), ..Evidence::new(what, source) });
                    if !inline {
                        commands.push(format!(
                            "aws iam attach-group-policy --group-name GROUP --policy-arn {}",
                            policy.arn
                        ));
                        commands.push(super::wide::detach(&arn, &policy.arn));
                    }
                }
                commands
                    .push(format!("aws iam add-user-to-group --user-name {} --group-name GROUP", user.name));
                finding.fix = Some(fix_in_terraform(
                    format!("Move the policies of {} to a group", user.name),
                    "move users' policies to groups",
                    commands,
                    "aws_iam_group_policy_attachment instead of aws_iam_user_policy(_attachment)",
                ));
            },
        );
    }
}
