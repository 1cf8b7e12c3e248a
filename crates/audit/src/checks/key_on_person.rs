//! People have no keys.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "key-on-person",
    title: "People work with sessions, not with keys",
    severity: Severity::Medium,
    area: Area::Credentials,
    why: "A person's key lies in files, shells and repositories of a laptop, works without MFA, and lives on when the \
          laptop is gone.",
    judged: "Users with a password and an active key in the credential report.",
    remediation: "Have people run `aws login` or `aws sso login`, which give sessions of hours, and delete the keys.",
    references: &[BEST_PRACTICES, KEYS],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account).filter(|row| has_password(row)) {
        let active = row.keys.iter().filter(|key| key.active).count();
        if active == 0 {
            judged.pass();
            continue;
        }
        let message = format!("{}, who signs in with a password, has active keys too", row.user);
        judged.tell(&row.arn, "", message, |finding| {
            finding.principals.push(row.arn.clone());
            finding.evidence.push(Evidence::new(format!("a password, and {active} active keys"), REPORT));
            finding.fix = Some(super::key_unused::retire(&row.user, "replace people's keys by sessions"));
        });
    }
}
