//! Who signs in with a password has MFA.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "console-mfa",
    title: "Everybody with a password has MFA",
    severity: Severity::High,
    area: Area::SignIn,
    why: "Passwords are reused and phished; without a second factor each is a way into the console.",
    judged: "By `password_enabled` and `mfa_active` in the credential report.",
    remediation: "Have the user register a passkey or security key, or take the password away.",
    references: &[MFA, BEST_PRACTICES],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account).filter(|row| has_password(row)) {
        if row.mfa_active {
            judged.pass();
            continue;
        }
        let message = format!("{} signs in with a password alone", row.user);
        judged.tell(&row.arn, "", message, |finding| {
            finding.principals.push(row.arn.clone());
            finding.evidence.push(Evidence::new("password_enabled is true, mfa_active is false", REPORT));
            finding.fix = Some(fix(
                format!("Register an MFA device for {}, or delete the password", row.user),
                "give everybody with a password an MFA device",
                vec![
                    format!("aws iam create-virtual-mfa-device --virtual-mfa-device-name {0} --outfile {0}.png --bootstrap-method QRCodePNG", row.user),
                    format!("aws iam delete-login-profile --user-name {}  # if it needs no console", row.user),
                ],
            ));
        });
    }
}
