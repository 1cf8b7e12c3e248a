//! What every check takes: the types, and short ways to what is known of an account.

pub(super) use super::{Area, Check, Judged};
pub(super) use crate::auditor::Auditor;
pub(super) use crate::estate::Input;
pub(super) use crate::finding::{Change, Evidence, Fix, Severity};
pub(super) use base::AccountId;

use base::Timestamp;
use model::credential_report::{CredentialRow, LastUse};

/// How the credential report is called in evidence.
pub(super) const REPORT: &str = "credential report";
/// How the account summary is called in evidence.
pub(super) const SUMMARY: &str = "account summary";

pub(super) const BEST_PRACTICES: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html";
pub(super) const ROOT_PRACTICES: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html";
pub(super) const KEYS: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html";
pub(super) const MFA: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html";
pub(super) const UNUSED: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html";
pub(super) const LAST_ACCESSED: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html";

/// The users of the credential report, the root user left out.
pub(super) fn users<'a>(
    auditor: &Auditor<'a>,
    account: AccountId,
) -> impl Iterator<Item = &'a CredentialRow> + use<'a> {
    let report = auditor.estate.facts(account).and_then(|facts| facts.credential_report.as_ref());
    report.into_iter().flat_map(|report| &report.rows).filter(|row| !row.is_root())
}

/// The root user's row of the credential report.
pub(super) fn root_row<'a>(auditor: &Auditor<'a>, account: AccountId) -> Option<&'a CredentialRow> {
    let report = auditor.estate.facts(account)?.credential_report.as_ref()?;
    report.rows.iter().find(|row| row.is_root())
}

/// A number of the account summary.
pub(super) fn summary(auditor: &Auditor<'_>, account: AccountId, name: &str) -> Option<i64> {
    auditor.estate.facts(account)?.summary.as_ref()?.get(name).copied()
}

/// Says that neither the credential report nor the summary tells.
pub(super) fn needs_report_or_summary(judged: &mut Judged<'_>) {
    let missing = [Input::CredentialReport, Input::Summary].map(Input::missing).join(" or ");
    let root = judged.root().to_owned();
    judged.not_assessable(&root, format!("needs {missing}"));
}

/// Whether somebody signs in with this row's password.
pub(super) fn has_password(row: &CredentialRow) -> bool {
    row.password_enabled == Some(true)
}

/// How many days ago something was last used; of what was never used, how many days ago it was made, and `true`.
pub(super) fn idle_days(
    auditor: &Auditor<'_>,
    used: LastUse,
    made: Option<Timestamp>,
) -> Option<(u64, bool)> {
    match used {
        LastUse::At(at) => Some((auditor.days_since(at), false)),
        LastUse::Never => made.map(|made| (auditor.days_since(made), true)),
        LastUse::Unknown => None,
    }
}

/// A fix by words and commands; findings with the same `action` are one thing to do.
pub(super) fn fix(summary: impl Into<String>, action: &str, commands: Vec<String>) -> Fix {
    Fix { summary: summary.into(), action: action.into(), commands, ..Fix::default() }
}

/// The same with a hint for Terraform.
pub(super) fn fix_in_terraform(
    summary: impl Into<String>,
    action: &str,
    commands: Vec<String>,
    terraform: &str,
) -> Fix {
    Fix { terraform: Some(terraform.into()), ..fix(summary, action, commands) }
}

/// The last part of an ARN's resource: a name.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// `user`, `group` or `role`, as the AWS CLI's commands say it.
pub(super) fn kind_of(arn: &str) -> &'static str {
    let resource = base::ArnRef::parse(arn).map_or("", |arn| arn.resource);
    match resource.split('/').next() {
        Some("user") => "user",
        Some("group") => "group",
        _ => "role",
    }
}

/// Some names in a sentence: the first three, and how many more.
pub(super) fn some(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(3).map(|name| name_of(name)).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Some actions in a sentence.
pub(super) fn some_actions(actions: &[String]) -> String {
    let shown: Vec<&str> = actions.iter().take(3).map(String::as_str).collect();
    match actions.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `1 day`, `2 days`.
pub(super) fn days(number: u64) -> String {
    if number == 1 { "1 day".into() } else { format!("{number} days") }
}
