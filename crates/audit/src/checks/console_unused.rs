//! Passwords that nobody uses are gone.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "console-unused",
    title: "Passwords that are not used are taken away",
    severity: Severity::Medium,
    area: Area::SignIn,
    why: "Nobody notices when a password is tried that nobody misses: of people who left, or who work otherwise now.",
    judged: "By `password_last_used` in the credential report; not used for more than 45 days (`credential-days`). Of \
             passwords that were never used the last change counts.",
    remediation: "Delete the login profile; who needs it again gets a new one.",
    references: &[UNUSED],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account).filter(|row| has_password(row)) {
        let made = row.password_last_changed.or(row.created);
        let Some((idle, never)) = idle_days(auditor, row.password_last_used, made) else {
            judged.not_assessable(&row.arn, "the report does not tell when the password was last used");
            continue;
        };
        if idle <= auditor.settings.credential_days {
            judged.pass();
            continue;
        }
        let message = match never {
            true => format!("the password of {} was never used, and is {} old", row.user, days(idle)),
            false => format!("the password of {} was last used {} ago", row.user, days(idle)),
        };
        judged.tell(&row.arn, "", message, |finding| {
            finding.principals.push(row.arn.clone());
            let used = row.password_last_used.at().map_or("never".to_owned(), |at| at.iso());
            finding.evidence.push(Evidence::new(format!("password_last_used is {used}"), REPORT));
            finding.fix = Some(fix_in_terraform(
                format!("Delete the password of {}", row.user),
                "delete passwords that nobody uses",
                vec![format!("aws iam delete-login-profile --user-name {}", row.user)],
                "aws_iam_user_login_profile",
            ));
        });
    }
}
