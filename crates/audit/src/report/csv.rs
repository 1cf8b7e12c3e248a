//! Findings as rows: RFC 4180, a finding a row, every field quoted.
//!
//! Spreadsheets take fields that begin with `=`, `+`, `-`, `@` or a control character for formulas; names in an account
//! are chosen by its users, so such fields get an apostrophe before them.
//! See <https://www.rfc-editor.org/rfc/rfc4180> and <https://owasp.org/www-community/attacks/CSV_Injection>.

use super::AccountReport;
use crate::checks::by_id;
use crate::finding::{Finding, Since, Status};
use std::io::{self, Write};

const COLUMNS: [&str; 19] = [
    "fingerprint",
    "check",
    "title",
    "area",
    "status",
    "severity",
    "risk",
    "account",
    "account_name",
    "resource",
    "message",
    "principals",
    "path",
    "external",
    "actions",
    "fix",
    "exception",
    "exception_expires",
    "since",
];

pub(super) fn begin(out: &mut dyn Write) -> io::Result<()> {
    record(COLUMNS.map(str::to_owned), out)
}

pub(super) fn row(finding: &Finding, report: &AccountReport, out: &mut dyn Write) -> io::Result<()> {
    let check = by_id(finding.check);
    let steps = finding.path.iter().flatten().map(|step| format!("{} {} → {}", step.id, step.from, step.to));
    let status = match finding.status {
        Status::Fail => "fail",
        Status::Pass => "pass",
        Status::NotAssessable => "not_assessable",
        Status::Error => "error",
    };
    let since = match finding.since {
        Some(Since::New) => "new",
        Some(Since::Unchanged) => "unchanged",
        None => "",
    };
    let exception = finding.exception.as_ref();
    record(
        [
            finding.fingerprint.clone(),
            finding.check.to_owned(),
            check.map_or("", |check| check.title).to_owned(),
            check.map_or("", |check| check.area.title()).to_owned(),
            status.to_owned(),
            finding.severity.as_str().to_owned(),
            finding.risk.as_ref().map(|risk| risk.score.to_string()).unwrap_or_default(),
            finding.account.to_string(),
            report.name.clone().unwrap_or_default(),
            finding.resource.clone(),
            finding.message.clone(),
            finding.principals.join(" "),
            steps.collect::<Vec<_>>().join("; "),
            finding.external.as_ref().map(|external| external.who.clone()).unwrap_or_default(),
            finding.actions.join(" "),
            finding.fix.as_ref().map(|fix| fix.summary.clone()).unwrap_or_default(),
            exception.map(|it| format!("{} ({}, {})", it.reason, it.owner, it.approver)).unwrap_or_default(),
            exception.map(|it| it.expires.clone()).unwrap_or_default(),
            since.to_owned(),
        ],
        out,
    )
}

fn record<const N: usize>(fields: [String; N], out: &mut dyn Write) -> io::Result<()> {
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        write!(out, "\"{}\"", guarded(field).replace('"', "\"\""))?;
    }
    out.write_all(b"\r\n")
}

/// The field with an apostrophe before it if a spreadsheet would calculate it.
fn guarded(field: &str) -> String {
    let is_formula =
        |letter: char| matches!(letter, '=' | '+' | '-' | '@' | '|' | '%') || letter.is_control();
    match field.chars().next() {
        Some(first) if is_formula(first) => format!("'{field}"),
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_guarded() {
        let mut out = Vec::new();
        record(
            ["a \"b\", c\nd", "=HYPERLINK(\"x\")", "@x", "\tx", "-1", "plain"].map(str::to_owned),
            &mut out,
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a \"\"b\"\", c\nd\",\"'=HYPERLINK(\"\"x\"\")\",\"'@x\",\"'\tx\",\"'-1\",\"plain\"\r\n"
        );
    }
}
