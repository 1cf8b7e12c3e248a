//! Inactive keys are deleted.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "key-inactive",
    title: "Inactive keys are deleted, not kept",
    severity: Severity::Info,
    area: Area::Credentials,
    why: "Whoever may update keys makes an old one active again, and the secret is long out of sight.",
    judged: "Inactive keys that were made more than 90 days ago (`key-days`), by the credential report.",
    remediation: "Delete the key.",
    references: &[KEYS],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        for key in row.keys.iter().filter(|key| !key.active) {
            let age = key.rotated.map_or(0, |rotated| auditor.days_since(rotated));
            if age <= auditor.settings.key_days {
                judged.pass();
                continue;
            }
            let message = format!("inactive access key {} of {} is still there", key.slot, row.user);
            judged.tell(&row.arn, &key.slot.to_string(), message, |finding| {
                finding.principals.push(row.arn.clone());
                let what = format!("access_key_{}_active is false, made {} ago", key.slot, days(age));
                finding.evidence.push(Evidence::new(what, REPORT));
                finding.fix = Some(super::key_unused::retire(&row.user, "delete inactive keys"));
            });
        }
    }
}
