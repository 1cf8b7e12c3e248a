//! Keys that nobody uses are gone.

use super::kit::*;
use model::credential_report::LastUse;

pub(super) const CHECK: Check = Check {
    id: "key-unused",
    title: "Keys that are not used any more are made inactive",
    severity: Severity::Medium,
    area: Area::Credentials,
    why: "A key that nobody needs can only do harm, and nobody notices when somebody else uses it.",
    judged: "Active keys whose last use in the credential report is more than 45 days ago (`credential-days`); keys that were \
             never used are another check's.",
    remediation: "Make the key inactive, wait a week, delete it.",
    references: &[UNUSED, KEYS],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        for key in row.keys.iter().filter(|key| key.active) {
            let LastUse::At(at) = key.last_used else { continue };
            let idle = auditor.days_since(at);
            if idle <= auditor.settings.credential_days {
                judged.pass();
                continue;
            }
            let message = format!("access key {} of {} was last used {} ago", key.slot, row.user, days(idle));
            judged.tell(&row.arn, &key.slot.to_string(), message, |finding| {
                finding.principals.push(row.arn.clone());
                let service = key.last_service.as_deref().unwrap_or("an unknown service");
                let what = format!("access_key_{}_last_used_date is {}, with {service}", key.slot, at.iso());
                finding.evidence.push(Evidence::new(what, REPORT));
                finding.fix = Some(retire(&row.user, "retire keys that nobody uses"));
            });
        }
    }
}

/// How a key is retired.
pub(super) fn retire(user: &str, action: &str) -> Fix {
    fix_in_terraform(
        format!("Make the key of {user} inactive, then delete it"),
        action,
        vec![
            format!("aws iam list-access-keys --user-name {user}"),
            format!("aws iam update-access-key --user-name {user} --access-key-id KEY --status Inactive"),
            format!("aws iam delete-access-key --user-name {user} --access-key-id KEY"),
        ],
        "aws_iam_access_key",
    )
}
