//! Access keys are rotated in time.

use super::{Area, Check, Judged};
use crate::auditor::Auditor;
use crate::estate::Input;
use crate::finding::{Evidence, Fix, Severity};
use base::AccountId;

pub(super) const CHECK: Check = Check {
    id: "key-age",
    title: "Active access keys are rotated in time",
    severity: Severity::Medium,
    area: Area::Credentials,
    why: "The longer a key lives, the more places hold a copy of it, and the longer a lost copy works.",
    judged: "By `access_key_N_last_rotated` of active keys in the credential report; 90 days unless set otherwise.",
    remediation: "Make a second key, move its users over, make the old one inactive, then delete it; better, use a role.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"],
    needs: &[Input::CredentialReport],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let report = auditor.estate.facts(account).and_then(|facts| facts.credential_report.as_ref());
    let keys = report
        .iter()
        .flat_map(|report| &report.rows)
        .flat_map(|row| row.keys.iter().map(move |key| (row, key)));
    for (row, key) in keys.filter(|(_, key)| key.active) {
        let Some(rotated) = key.rotated else { continue };
        let days = auditor.days_since(rotated);
        if days <= auditor.settings.key_days {
            judged.pass();
            continue;
        }
        let message = format!("access key {} is {days} days old", key.slot);
        let Some(finding) = judged.fail(&row.arn, &key.slot.to_string(), message) else { continue };
        finding.principals.push(row.arn.clone());
        finding.evidence.push(Evidence::new(format!("last rotated {}", rotated.iso()), "credential report"));
        finding.fix = Some(if row.is_root() { deleted() } else { rotated_key(&row.user, key.slot) });
    }
}

/// The root user is better off without a key than with a new one.
fn deleted() -> Fix {
    Fix {
        summary: "Delete the root user's access keys".into(),
        action: "delete the root user's access keys".into(),
        commands: vec![
            "aws iam list-access-keys  # signed in as the root user".into(),
            "aws iam delete-access-key --access-key-id KEY".into(),
        ],
        ..Fix::default()
    }
}

fn rotated_key(user: &str, slot: u8) -> Fix {
    Fix {
        summary: format!("Rotate access key {slot} of {user}"),
        action: "rotate old access keys".into(),
        commands: vec![
            format!("aws iam list-access-keys --user-name {user}"),
            format!("aws iam create-access-key --user-name {user}"),
            format!("aws iam update-access-key --user-name {user} --access-key-id OLD --status Inactive"),
            format!("aws iam delete-access-key --user-name {user} --access-key-id OLD"),
        ],
        ..Fix::default()
    }
}
