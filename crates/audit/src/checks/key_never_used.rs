//! Keys that were never used are gone.

use super::kit::*;
use super::{key_setup, key_unused};
use model::credential_report::LastUse;

pub(super) const CHECK: Check = Check {
    id: "key-never-used",
    title: "Keys that were never used are deleted",
    severity: Severity::Medium,
    area: Area::Credentials,
    why: "Somebody has the secret of a key that nobody needs; it was made in case, and forgotten.",
    judged: "Active keys without any use in the credential report that are older than 45 days (`credential-days`); those \
             made together with the user are another check's.",
    remediation: "Delete the key; one that is needed is made in a minute.",
    references: &[UNUSED, KEYS],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        for key in row.keys.iter().filter(|key| key.active) {
            let age = key.rotated.map(|rotated| auditor.days_since(rotated));
            let is_idle = key.last_used == LastUse::Never
                && age.is_some_and(|age| age > auditor.settings.credential_days);
            if !is_idle || key_setup::is_of_setup(row, key) {
                judged.pass();
                continue;
            }
            let message = format!(
                "access key {} of {} was never used in {}",
                key.slot,
                row.user,
                days(age.unwrap_or(0))
            );
            judged.tell(&row.arn, &key.slot.to_string(), message, |finding| {
                finding.principals.push(row.arn.clone());
                let what = format!("access_key_{}_last_used_date is N/A", key.slot);
                finding.evidence.push(Evidence::new(what, REPORT));
                finding.fix = Some(key_unused::retire(&row.user, "delete keys that were never used"));
            });
        }
    }
}
