//! Auditors have a role of their own.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "audit-role",
    title: "Auditors have a role of their own",
    severity: Severity::Low,
    area: Area::Account,
    why: "Without one, whoever reviews the account does so with somebody's administrator rights.",
    judged: "A role, group or user has the AWS managed policy SecurityAudit attached.",
    remediation: "Make a role with SecurityAudit that the reviewers can assume.",
    references: &["https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html"],
    needs: &[Input::Entities],
    run: |auditor, account, judged| {
        super::support_role::run(
            auditor,
            account,
            judged,
            "policy/SecurityAudit",
            "nobody has SecurityAudit",
            "make a role for auditors",
        )
    },
};
