//! The root user's MFA device is hardware.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "root-hardware-mfa",
    title: "The root user's MFA device is a passkey or hardware",
    severity: Severity::High,
    area: Area::Account,
    why: "The secret of a virtual device lies on a phone and in its backups, and its codes can be phished; a security \
          key answers only to AWS.",
    judged: "MFA is on (credential report or summary), and no virtual device is the root user's: one with the serial \
             `…:mfa/root-account-mfa-device`.",
    remediation: "Register a security key for the root user, then remove the virtual device.",
    references: &[ROOT_PRACTICES, MFA],
    needs: &[Input::VirtualMfa],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let root = judged.root().to_owned();
    let row = root_row(auditor, account);
    if row.is_some_and(|row| row.password_enabled == Some(false) && !row.mfa_active) {
        return judged.pass_because("the root user has no password");
    }
    let enabled = row
        .map(|row| row.mfa_active)
        .or_else(|| summary(auditor, account, "AccountMFAEnabled").map(|enabled| enabled != 0));
    let devices = auditor.estate.facts(account).and_then(|facts| facts.virtual_mfa.as_deref()).unwrap_or(&[]);
    let is_virtual = devices.iter().find(|serial| serial.ends_with(":mfa/root-account-mfa-device"));
    let (message, evidence) = match (enabled, is_virtual) {
        (_, Some(serial)) => (
            "the root user's MFA device is virtual",
            Evidence::new("a virtual device of the root user", "virtual MFA devices").text(serial),
        ),
        (Some(false), None) => {
            ("the root user has no MFA device at all", Evidence::new("no MFA device is active", REPORT))
        }
        (Some(true), None) => return judged.pass(),
        (None, None) => return needs_report_or_summary(judged),
    };
    judged.tell(&root, "", message, |finding| {
        finding.principals.push(root.clone());
        finding.evidence.push(evidence);
        finding.fix = Some(fix(
            "Register a security key for the root user and remove the virtual device",
            "give the root user a hardware MFA device",
            vec!["# sign in as the root user: Security credentials, Assign MFA device, Security key".into()],
        ));
    });
}
