//! Findings for programs, with the names of Access Analyzer's `ValidatePolicy` where it has one.

use super::lint::kind;
use crate::commands::lint::{LintedPolicy, Source};
use base::Span;
use base::span::LineIndex;
use policy::validate::{Finding, FindingType, Safety};
use serde_json::{Value, json};

/// One document for all files.
pub(crate) fn report(sources: &[Source], fixed: usize) -> Value {
    let files: Vec<_> = sources.iter().map(file).collect();
    let all = || sources.iter().flat_map(|source| &source.policies).flat_map(|linted| &linted.findings);
    let count = |kind: FindingType| all().filter(|finding| finding.check.finding_type() == kind).count();
    json!({
        "Files": files,
        "Summary": {
            "Policies": sources.iter().map(|source| source.policies.len()).sum::<usize>(),
            "Skipped": sources.iter().map(|source| source.skipped).sum::<usize>(),
            "Errors": count(FindingType::Error),
            "SecurityWarnings": count(FindingType::SecurityWarning),
            "Warnings": count(FindingType::Warning),
            "Suggestions": count(FindingType::Suggestion),
            "FixesApplied": fixed,
        },
    })
}

fn file(source: &Source) -> Value {
    let policies: Vec<_> = source.policies.iter().map(|linted| policy(source, linted)).collect();
    json!({ "File": source.input.name, "Policies": policies, "Notes": source.notes })
}

fn policy(source: &Source, linted: &LintedPolicy) -> Value {
    let (whole, offset) = if linted.is_verbatim {
        (source.input.text.as_str(), linted.place.start)
    } else {
        (linted.text.as_str(), 0)
    };
    let lines = LineIndex::new(whole);
    let findings: Vec<_> =
        linted.findings.iter().map(|found| finding(found, whole, &lines, offset)).collect();
    json!({
        "Name": linted.name,
        "Type": kind(linted),
        "ResourceType": linted.options.resource_kind.map(|kind| kind.as_str()),
        "Detected": !linted.is_told,
        "Findings": findings,
    })
}

fn finding(finding: &Finding, whole: &str, lines: &LineIndex, offset: u32) -> Value {
    let place = |at: u32| {
        let position = lines.position(whole, at + offset);
        json!({ "Line": position.line, "Column": position.column, "Offset": at + offset })
    };
    let span = |span: Span| json!({ "Start": place(span.start), "End": place(span.end) });
    let fix = finding.fix.as_ref().map(|fix| {
        let edits: Vec<_> =
            fix.edits.iter().map(|edit| json!({ "Span": span(edit.span), "Text": edit.text })).collect();
        json!({ "Title": fix.title, "Safe": fix.safety == Safety::Safe, "Edits": edits })
    });
    json!({
        "FindingType": finding.check.finding_type().as_str(),
        "IssueCode": finding.check.code(),
        "FindingDetails": finding.message,
        "Help": finding.help,
        "LearnMoreLink": finding.check.link(),
        "Span": span(finding.span),
        "Fix": fix,
    })
}
