//! Passwords are not older than they may be.

use super::kit::*;
use super::password::max_days;

pub(super) const CHECK: Check = Check {
    id: "password-age",
    title: "Passwords are changed as often as the standard asks",
    severity: Severity::Low,
    area: Area::SignIn,
    why: "A password that leaked unnoticed works until it is changed.",
    judged: "By `password_last_changed` in the credential report against the days that the chosen profile asks for \
             (`seed` 365, `pci` 90); `cis` and `nist` ask for none.",
    remediation: "Have the user change the password, and let the password policy expire them.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
    ],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let Some(most) = max_days(auditor.settings.password_profile) else {
        return judged.pass_because("the chosen password profile asks for no regular change");
    };
    for row in users(auditor, account).filter(|row| has_password(row)) {
        let Some(changed) = row.password_last_changed else {
            judged.not_assessable(&row.arn, "the report does not tell when the password was changed");
            continue;
        };
        let age = auditor.days_since(changed);
        if age <= u64::from(most) {
            judged.pass();
            continue;
        }
        judged.tell(&row.arn, "", format!("the password of {} is {} old", row.user, days(age)), |finding| {
            finding.principals.push(row.arn.clone());
            finding
                .evidence
                .push(Evidence::new(format!("password_last_changed is {}", changed.iso()), REPORT));
            finding.fix = Some(fix(
                format!("Have {} change the password", row.user),
                "have old passwords changed",
                vec![format!(
                    "aws iam update-login-profile --user-name {} --password-reset-required",
                    row.user
                )],
            ));
        });
    }
}
