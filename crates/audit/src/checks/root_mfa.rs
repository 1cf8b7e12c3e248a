//! The root user signs in with MFA.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "root-mfa",
    title: "The root user signs in with MFA",
    severity: Severity::Critical,
    area: Area::Account,
    why: "A password alone is guessed, reused or phished, and with the root user's the whole account is lost.",
    judged: "By `mfa_active` of the root user in the credential report, else by `AccountMFAEnabled` of the summary. A \
             root user without a password needs none.",
    remediation: "Sign in as the root user and register at least two passkeys or security keys.",
    references: &[
        ROOT_PRACTICES,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",
    ],
    needs: &[],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let root = judged.root().to_owned();
    let evidence = match root_row(auditor, account) {
        Some(row) if row.mfa_active => return judged.pass(),
        Some(row) if row.password_enabled == Some(false) => {
            return judged.pass_because("the root user has no password");
        }
        Some(_) => Evidence::new("mfa_active is false", REPORT),
        None => match summary(auditor, account, "AccountMFAEnabled") {
            Some(0) => Evidence::new("AccountMFAEnabled is 0", SUMMARY),
            Some(_) => return judged.pass(),
            None => return needs_report_or_summary(judged),
        },
    };
    judged.tell(&root, "", "the root user signs in with a password alone", |finding| {
        finding.principals.push(root.clone());
        finding.evidence.push(evidence);
        finding.fix = Some(fix(
            "Register MFA devices for the root user",
            "register MFA for the root user",
            vec!["# sign in as the root user: Security credentials, Assign MFA device".into()],
        ));
    });
}
