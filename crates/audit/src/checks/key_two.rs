//! Nobody has two active keys.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "key-two",
    title: "Nobody has two active keys",
    severity: Severity::Low,
    area: Area::Credentials,
    why: "The second key is for the days of a rotation; two that stay are two secrets to lose, and usually one is \
          forgotten.",
    judged: "Users with two active keys in the credential report.",
    remediation: "Find out which key is still used and retire the other one.",
    references: &[KEYS],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        let active: Vec<_> = row.keys.iter().filter(|key| key.active).collect();
        if active.len() < 2 {
            judged.pass();
            continue;
        }
        judged.tell(&row.arn, "", format!("{} has two active keys", row.user), |finding| {
            finding.principals.push(row.arn.clone());
            for key in &active {
                let used = key.last_used.at().map_or("never".to_owned(), |at| at.iso());
                finding
                    .evidence
                    .push(Evidence::new(format!("key {} was last used {used}", key.slot), REPORT));
            }
            // The one that rests longer is the one to go.
            let old =
                active.iter().min_by_key(|key| (key.last_used.at(), key.rotated)).map_or(1, |key| key.slot);
            finding.fix = Some(super::key_unused::retire(&row.user, "retire the second key"));
            if let Some(fix) = &mut finding.fix {
                fix.summary = format!("Retire access key {old} of {}, which rested longer", row.user);
            }
        });
    }
}
