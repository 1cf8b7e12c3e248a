//! Who has keys has MFA too.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "key-mfa",
    title: "Users with keys have an MFA device to back them",
    severity: Severity::Low,
    area: Area::SignIn,
    why: "A policy can demand MFA of calls with keys only of users who have a device; without one a stolen key is all \
          that is needed.",
    judged: "Users with an active key, without a password (those are another check's), of whom `mfa_active` is false in the \
             credential report.",
    remediation: "Replace the key by a role; where that cannot be, register a device and demand MFA in the policies.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    ],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let with_keys =
        users(auditor, account).filter(|row| !has_password(row) && row.keys.iter().any(|key| key.active));
    for row in with_keys {
        if row.mfa_active {
            judged.pass();
            continue;
        }
        judged.tell(&row.arn, "", format!("{} has active keys and no MFA device", row.user), |finding| {
            finding.principals.push(row.arn.clone());
            finding.evidence.push(Evidence::new("a key is active, mfa_active is false", REPORT));
            finding.fix = Some(fix(
                format!("Replace the keys of {} by a role", row.user),
                "replace keys by roles, or back them with MFA",
                vec![format!("aws iam list-access-keys --user-name {}", row.user)],
            ));
        });
    }
}
