//! Programs run as roles.

use super::kit::*;

pub(super) const CHECK: Check = Check {
    id: "key-on-workload",
    title: "Programs run as roles, not with keys",
    severity: Severity::Medium,
    area: Area::Credentials,
    why: "A role's credentials renew themselves and end within hours; a program's key is copied into configuration, images \
          and pipelines, and works from anywhere.",
    judged: "Users without a password whose active key was used within the last 45 days (`credential-days`), by the credential \
             report; the service it was used with last is told.",
    remediation: "Inside AWS attach a role to what runs; outside use IAM Roles Anywhere or an OIDC provider, as pipelines \
                  have one.",
    references: &[
        BEST_PRACTICES,
        "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/introduction.html",
    ],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    for row in users(auditor, account).filter(|row| !has_password(row)) {
        let recent = |at| auditor.days_since(at) <= auditor.settings.credential_days;
        let in_use: Vec<_> =
            row.keys.iter().filter(|key| key.active && key.last_used.at().is_some_and(recent)).collect();
        if in_use.is_empty() {
            judged.pass();
            continue;
        }
        let services: Vec<&str> = in_use.iter().filter_map(|key| key.last_service.as_deref()).collect();
        let with = if services.is_empty() {
            String::new()
        } else {
            format!(", last with {}", services.join(" and "))
        };
        judged.tell(&row.arn, "", format!("a program works with a key of {}{with}", row.user), |finding| {
            finding.principals.push(row.arn.clone());
            for key in &in_use {
                let at = key.last_used.at().map(|at| at.iso()).unwrap_or_default();
                let region = key.last_region.as_deref().unwrap_or("an unknown region");
                finding
                    .evidence
                    .push(Evidence::new(format!("key {} was last used {at} in {region}", key.slot), REPORT));
            }
            finding.fix = Some(fix_in_terraform(
                format!("Replace the key of {} by a role", row.user),
                "replace programs' keys by roles",
                vec![
                    "aws iam create-role --role-name NAME --assume-role-policy-document file://trust.json"
                        .into(),
                    format!("aws iam list-attached-user-policies --user-name {}", row.user),
                    format!("aws iam delete-access-key --user-name {} --access-key-id KEY", row.user),
                ],
                "aws_iam_role instead of aws_iam_user and aws_iam_access_key",
            ));
        });
    }
}
