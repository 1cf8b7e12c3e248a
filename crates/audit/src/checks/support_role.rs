//! Somebody can work with AWS Support.

use super::kit::*;
use model::PolicyRef;

pub(super) const CHECK: Check = Check {
    id: "support-role",
    title: "Somebody can open a case with AWS Support",
    severity: Severity::Low,
    area: Area::Account,
    why: "In an incident there is no time to find out who may talk to AWS, and the root user is a bad answer.",
    judged: "A role, group or user has the AWS managed policy AWSSupportAccess attached.",
    remediation: "Make a role with AWSSupportAccess that those on call can assume.",
    references: &["https://docs.aws.amazon.com/awssupport/latest/user/accessing-support.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        run(
            auditor,
            account,
            judged,
            "policy/AWSSupportAccess",
            "nobody has AWSSupportAccess",
            "make a role for AWS Support",
        )
    },
};

/// Whether anybody has an AWS managed policy.
pub(super) fn run(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    policy: &str,
    message: &str,
    action: &str,
) {
    let Some(state) = auditor.estate.snapshot.account(account) else { return };
    let has = |attached: &[PolicyRef]| {
        attached.iter().any(|it| matches!(it, PolicyRef::Aws(resource) if resource == policy))
    };
    let found = state.roles.iter().any(|role| has(&role.attached))
        || state.groups.iter().any(|group| has(&group.attached))
        || state.users.iter().any(|user| has(&user.attached));
    if found {
        return judged.pass();
    }
    let root = judged.root().to_owned();
    let arn = format!("arn:{}:iam::aws:{policy}", auditor.estate.partition.id());
    judged.tell(&root, "", message, |finding| {
        finding.evidence.push(Evidence::new("attached to nobody", &arn));
        finding.fix = Some(fix_in_terraform(
            action,
            action,
            vec![
                "aws iam create-role --role-name NAME --assume-role-policy-document file://trust.json".into(),
                format!("aws iam attach-role-policy --role-name NAME --policy-arn {arn}"),
            ],
            "aws_iam_role and aws_iam_role_policy_attachment",
        ));
    });
}
