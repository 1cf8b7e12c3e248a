//! Nobody has signing certificates.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "signing-certificate",
    title: "Nobody has signing certificates",
    severity: Severity::Low,
    area: Area::Credentials,
    why: "They are long-term credentials of interfaces that AWS has given up, and nobody looks after them.",
    judged: "By `cert_1_active` and `cert_2_active` in the credential report.",
    remediation: "Delete the certificates.",
    references: &[UNUSED],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account) {
        if row.active_certificates == 0 {
            judged.pass();
            continue;
        }
        judged.tell(&row.arn, "", format!("{} has active signing certificates", row.user), |finding| {
            finding.principals.push(row.arn.clone());
            let what = format!("{} active signing certificates", row.active_certificates);
            finding.evidence.push(Evidence::new(what, REPORT));
            finding.fix = Some(fix_in_terraform(
                format!("Delete the signing certificates of {}", row.user),
                "delete signing certificates",
                vec![
                    format!("aws iam list-signing-certificates --user-name {}", row.user),
                    format!(
                        "aws iam delete-signing-certificate --user-name {} --certificate-id ID",
                        row.user
                    ),
                ],
                "aws_iam_signing_certificate",
            ));
        });
    }
}
