//! What matters needs MFA.

use super::kit::*;
use model::credential_report::CredentialRow;

/// Actions after which an account is another one, or its records are gone.
const SENSITIVE: [&str; 12] = [
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreatePolicyVersion",
    "cloudtrail:StopLogging",
    "kms:ScheduleKeyDeletion",
    "s3:PutBucketPolicy",
    "s3:DeleteBucket",
    "rds:DeleteDBInstance",
];

pub(super) const CHECK: Check = Check {
    id: "mfa-privileged",
    title: "Administration needs MFA",
    severity: Severity::High,
    area: Area::SignIn,
    why: "A stolen key has no second factor: whatever it may do without one, the thief does.",
    judged: "Of users with an active key it is asked whether they can do a dozen actions of administration (iam:AttachRolePolicy, \
             cloudtrail:StopLogging, kms:ScheduleKeyDeletion …) on resources that nobody named in a request without \
             aws:MultiFactorAuthPresent, given all their policies, boundary and SCPs; of users with a password and no device, \
             in one where it is false.",
    remediation: "Deny what matters with `BoolIfExists` aws:MultiFactorAuthPresent false, or move it to a role that demands MFA.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    ],
    needs: &[Input::Entities, Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        let Some(value) = way_in(row) else {
            judged.pass();
            continue;
        };
        let context = [("aws:MultiFactorAuthPresent", value)];
        let can: Vec<String> = SENSITIVE
            .iter()
            .filter(|action| auditor.reach_with(account, action, &context).has(&row.arn))
            .map(|action| (*action).to_owned())
            .collect();
        if can.is_empty() {
            judged.pass();
            continue;
        }
        let message = format!("{} can do {} without MFA", row.user, some_actions(&can));
        judged.tell(&row.arn, "", message, |finding| {
            finding.principals.push(row.arn.clone());
            let how = if value.is_empty() { "an active key" } else { "a password and no MFA device" };
            finding.evidence.push(Evidence::new(how, REPORT));
            finding.witness = can.first().map(|action| crate::finding::Witness {
                principal: row.arn.clone(),
                action: action.clone(),
                resource: crate::texts::probe(action, account, auditor.estate.partition),
                context: [("aws:MultiFactorAuthPresent".to_owned(), Vec::from_iter((!value.is_empty()).then(|| value.to_owned())))].into(),
            });
            finding.actions = can;
            finding.fix = Some(fix_in_terraform(
                format!("Deny administration without MFA to {}", row.user),
                "demand MFA for administration",
                vec![format!(
                    "aws iam put-user-policy --user-name {} --policy-name require-mfa --policy-document file://require-mfa.json",
                    row.user
                )],
                "aws_iam_user_policy, or better a policy of the user's group",
            ));
        });
    }
}

/// How somebody comes in without a second factor: the value of the key in such a request.
fn way_in(row: &CredentialRow) -> Option<&'static str> {
    if row.keys.iter().any(|key| key.active) {
        return Some("");
    }
    (has_password(row) && !row.mfa_active).then_some("false")
}
