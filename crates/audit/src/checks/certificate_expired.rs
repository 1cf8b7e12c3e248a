//! Server certificates that are over are gone.

use super::kit::*;
use crate::estate::ServerCertificate;

pub(super) const CHECK: Check = Check {
    id: "certificate-expired",
    title: "No server certificate is over",
    severity: Severity::Medium,
    area: Area::Credentials,
    why: "A load balancer that is given one by mistake turns every visitor away.",
    judged: "By the expiration of the server certificates kept in IAM.",
    remediation: "Delete it; keep certificates in ACM, which renews them.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html"],
    needs: &[Input::Certificates],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for certificate in certificates(auditor, account) {
        match certificate.expiration {
            Some(end) if end < auditor.now => {
                let ago = days(auditor.days_since(end));
                let message = format!("server certificate {} is over since {ago}", certificate.name);
                judged.tell(&certificate.arn, "", message, |finding| {
                    finding.evidence.push(Evidence::new(format!("expired {}", end.iso()), &certificate.arn));
                    finding.fix = Some(fix_in_terraform(
                        format!("Delete server certificate {}", certificate.name),
                        "delete expired server certificates",
                        vec![format!(
                            "aws iam delete-server-certificate --server-certificate-name {}",
                            certificate.name
                        )],
                        "aws_iam_server_certificate",
                    ));
                });
            }
            _ => judged.pass(),
        }
    }
}

/// The account's server certificates.
pub(super) fn certificates<'a>(auditor: &Auditor<'a>, account: AccountId) -> &'a [ServerCertificate] {
    let facts = auditor.estate.facts(account);
    facts.and_then(|facts| facts.certificates.as_deref()).unwrap_or(&[])
}
