//! The root user has no access keys.

use super::{Area, Check, Judged};
use crate::auditor::Auditor;
use crate::estate::Input;
use crate::finding::{Evidence, Fix, Severity};
use base::AccountId;

pub(super) const CHECK: Check = Check {
    id: "root-access-key",
    title: "The root user has no access keys",
    severity: Severity::Critical,
    area: Area::Account,
    why: "A key of the root user can do everything in the account, is bound by no policy of the account, and cannot be \
          limited; whoever finds it owns the account.",
    judged: "By `access_key_1_active` and `access_key_2_active` of the root user in the credential report, else by \
             `AccountAccessKeysPresent` of the account summary.",
    remediation: "Sign in as the root user, delete its access keys, and use a role instead.",
    references: &["https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"],
    needs: &[],
    run,
};

fn run(auditor: &Auditor<'_>, account: AccountId, judged: &mut Judged<'_>) {
    let root = judged.root().to_owned();
    let Some(facts) = auditor.estate.facts(account) else { return };
    let report =
        facts.credential_report.as_ref().and_then(|report| report.rows.iter().find(|row| row.is_root()));
    let (keys, evidence) = if let Some(row) = report {
        let keys = row.keys.iter().filter(|key| key.active).count();
        (keys, Evidence::new(format!("{keys} active access keys"), "credential report"))
    } else if let Some(present) =
        facts.summary.as_ref().and_then(|summary| summary.get("AccountAccessKeysPresent"))
    {
        (
            usize::try_from(*present).unwrap_or(0),
            Evidence::new(format!("AccountAccessKeysPresent is {present}"), "account summary"),
        )
    } else {
        let missing = [Input::CredentialReport, Input::Summary].map(Input::missing).join(" or ");
        return judged.not_assessable(&root, format!("needs {missing}"));
    };
    if keys == 0 {
        return judged.pass();
    }
    let Some(finding) = judged.fail(&root, "", "the root user has access keys") else { return };
    finding.principals.push(root);
    finding.evidence.push(evidence);
    finding.fix = Some(Fix {
        summary: "Delete the root user's access keys".into(),
        action: "delete the root user's access keys".into(),
        commands: vec![
            "aws iam list-access-keys  # signed in as the root user".into(),
            "aws iam delete-access-key --access-key-id KEY".into(),
        ],
        ..Fix::default()
    });
}
