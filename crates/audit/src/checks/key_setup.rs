//! Keys are not made together with the user.

use super::key_unused;
use super::kit::*;
use model::credential_report::{CredentialKey, CredentialRow, LastUse};

/// Within so many seconds of the user's making a key counts as made together with it.
const TOGETHER: u64 = 60;

pub(super) const CHECK: Check = Check {
    id: "key-setup",
    title: "People get keys when they need them, not with the user",
    severity: Severity::Low,
    area: Area::Credentials,
    why: "A key that came with the user and was never used was handed around for nothing.",
    judged: "Active keys of users with a password that were made within a minute of the user, and never used since.",
    remediation: "Delete the key.",
    references: &[KEYS],
    needs: &[Input::CredentialReport],
    run,
};

/// Whether a key came together with its user, who signs in with a password, and was never used.
pub(super) fn is_of_setup(row: &CredentialRow, key: &CredentialKey) -> bool {
    let together = row.created.zip(key.rotated).is_some_and(|(user, key)| {
        key.since(user).as_secs() <= TOGETHER && user.since(key).as_secs() <= TOGETHER
    });
    key.active && has_password(row) && key.last_used == LastUse::Never && together
}

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account).filter(|row| has_password(row)) {
        for key in row.keys.iter().filter(|key| key.active) {
            if !is_of_setup(row, key) {
                judged.pass();
                continue;
            }
            let message =
                format!("access key {} of {} came with the user and was never used", key.slot, row.user);
            judged.tell(&row.arn, &key.slot.to_string(), message, |finding| {
                finding.principals.push(row.arn.clone());
                let made = key.rotated.map(|at| at.iso()).unwrap_or_default();
                finding.evidence.push(Evidence::new(format!("user and key were made {made}"), REPORT));
                finding.fix = Some(key_unused::retire(&row.user, "delete keys that were never used"));
            });
        }
    }
}
