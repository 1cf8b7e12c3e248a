//! Server certificates are renewed in time.

use super::certificate_expired::certificates;
use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "certificate-expiring",
    title: "No server certificate is about to end",
    severity: Severity::Low,
    area: Area::Credentials,
    why: "Certificates in IAM are not renewed by themselves; the day they end, what uses them fails.",
    judged: "Server certificates that end within the next 30 days (`certificate-days`).",
    remediation: "Move it to ACM, or upload the renewed one.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html"],
    needs: &[Input::Certificates],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for certificate in certificates(auditor, account) {
        let Some(end) = certificate.expiration.filter(|end| *end >= auditor.now) else { continue };
        let left = end.since(auditor.now).as_secs() / 86_400;
        if left > auditor.settings.certificate_days {
            judged.pass();
            continue;
        }
        let message = format!("server certificate {} ends in {}", certificate.name, days(left));
        judged.tell(&certificate.arn, "", message, |finding| {
            finding.evidence.push(Evidence::new(format!("expires {}", end.iso()), &certificate.arn));
            finding.fix = Some(fix_in_terraform(
                format!("Replace server certificate {}", certificate.name),
                "move server certificates to ACM",
                vec!["aws acm request-certificate --domain-name DOMAIN --validation-method DNS".into()],
                "aws_acm_certificate",
            ));
        });
    }
}
