//! The root user has no signing certificates.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "root-certificate",
    title: "The root user has no signing certificates",
    severity: Severity::High,
    area: Area::Account,
    why: "A signing certificate is a long-term credential like a key: old interfaces take requests that it signed, with \
          all of the root user's power.",
    judged: "By `cert_1_active` and `cert_2_active` of the root user, else by `AccountSigningCertificatesPresent` of the \
             summary.",
    remediation: "Sign in as the root user and delete the certificates.",
    references: &[ROOT_PRACTICES],
    needs: &[],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let root = judged.root().to_owned();
    let of_report = root_row(auditor, account).map(|row| (i64::from(row.active_certificates), REPORT));
    let of_summary =
        || summary(auditor, account, "AccountSigningCertificatesPresent").map(|it| (it, SUMMARY));
    let Some((number, source)) = of_report.or_else(of_summary) else {
        return needs_report_or_summary(judged);
    };
    if number == 0 {
        return judged.pass();
    }
    judged.tell(&root, "", "the root user has active signing certificates", |finding| {
        finding.principals.push(root.clone());
        finding.evidence.push(Evidence::new(format!("{number} active signing certificates"), source));
        finding.fix = Some(fix(
            "Delete the root user's signing certificates",
            "delete the root user's signing certificates",
            vec![
                "aws iam list-signing-certificates  # signed in as the root user".into(),
                "aws iam delete-signing-certificate --certificate-id ID".into(),
            ],
        ));
    });
}
