//! Powerful people have hardware MFA.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "mfa-hardware",
    title: "Powerful people have a passkey or hardware MFA",
    severity: Severity::Medium,
    area: Area::SignIn,
    why: "Codes of virtual devices can be phished, and their secret lies in a phone's backup; who administers is worth it.",
    judged: "Users with a password and MFA who can give permissions (attach or write policies, make keys of others). A virtual \
             device whose serial ends with the user's name is theirs; where no virtual device is in use all are hardware; \
             else it cannot be told.",
    remediation: "Register a security key or passkey, then remove the virtual device.",
    references: &[MFA],
    needs: &[Input::Entities, Input::CredentialReport, Input::VirtualMfa],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let devices = auditor.estate.facts(account).and_then(|facts| facts.virtual_mfa.as_deref()).unwrap_or(&[]);
    let powerful = auditor.powerful(account);
    let people = users(auditor, account).filter(|row| has_password(row) && row.mfa_active);
    for row in people.filter(|row| powerful.contains_key(&row.arn)) {
        let own = devices.iter().find(|serial| name_of(serial) == row.user);
        let Some(serial) = own else {
            match devices.is_empty() {
                true => judged.pass(),
                false => judged.not_assessable(
                    &row.arn,
                    "needs the user of each virtual MFA device: none has the user's name",
                ),
            }
            continue;
        };
        judged.tell(&row.arn, "", format!("the MFA device of {} is virtual", row.user), |finding| {
            finding.principals.push(row.arn.clone());
            finding.evidence.push(Evidence::new("a virtual device", "virtual MFA devices").text(serial));
            finding.fix = Some(fix(
                format!("Register a security key for {} and remove the virtual device", row.user),
                "give powerful people hardware MFA",
                vec![format!("aws iam deactivate-mfa-device --user-name {} --serial-number {serial}  # after the new one", row.user)],
            ));
        });
    }
}
