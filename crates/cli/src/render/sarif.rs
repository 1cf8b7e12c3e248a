//! Findings in SARIF 2.1.0, which code-scanning services read.
//!
//! See <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use crate::commands::lint::{LintedPolicy, Source};
use base::Span;
use base::span::LineIndex;
use policy::validate::{CHECKS, Check, Finding, FindingType, Safety};
use serde_json::{Value, json};

/// The log of one run.
pub(crate) fn report(sources: &[Source]) -> Value {
    let mut used: Vec<&Check> = CHECKS.to_vec();
    used.retain(|check| {
        let all = sources.iter().flat_map(|source| &source.policies).flat_map(|linted| &linted.findings);
        all.into_iter().any(|finding| finding.check == *check)
    });
    let rules: Vec<_> = used.iter().map(|check| rule(check)).collect();
    let results: Vec<_> = sources.iter().flat_map(|source| source_results(source, &used)).collect();
    let notes: Vec<_> = sources.iter().flat_map(source_notes).collect();
    log(rules, results, notes)
}

/// A log of these rules and results.
pub(super) fn log(rules: Vec<Value>, results: Vec<Value>, notes: Vec<Value>) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "bailiwick",
                    "informationUri": "https://github.com/bailiwick/bailiwick",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(kind: FindingType) -> &'static str {
    match kind {
        FindingType::Error => "error",
        FindingType::SecurityWarning | FindingType::Warning => "warning",
        FindingType::Suggestion => "note",
    }
}

fn rule(check: &Check) -> Value {
    let mut properties = json!({ "tags": ["iam", check.finding_type().words()] });
    // What code-scanning services rank security findings by: from 0 to 10.
    let severity = ("security-severity".to_owned(), json!("7.0"));
    if let Value::Object(properties) = &mut properties {
        properties.extend((check.finding_type() == FindingType::SecurityWarning).then_some(severity));
    }
    json!({
        "id": check.code(),
        "shortDescription": { "text": check.summary() },
        "help": { "text": format!("{}: see {}", check.summary(), check.link()) },
        "helpUri": check.link(),
        "defaultConfiguration": { "level": level(check.finding_type()) },
        "properties": properties,
    })
}

/// What could not be read or had to be assumed.
fn source_notes(source: &Source) -> Vec<Value> {
    let note = |note: &String| {
        json!({
            "level": "note",
            "message": { "text": note },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&source.input.name) } } }],
        })
    };
    source.notes.iter().map(note).collect()
}

fn source_results(source: &Source, rules: &[&Check]) -> Vec<Value> {
    let lines = LineIndex::new(&source.input.text);
    let results = source.policies.iter().flat_map(|linted| {
        let lines = &lines;
        linted.findings.iter().map(move |finding| result(source, linted, finding, lines, rules))
    });
    results.collect()
}

fn result(
    source: &Source,
    linted: &LintedPolicy,
    finding: &Finding,
    lines: &LineIndex,
    rules: &[&Check],
) -> Value {
    // A document in a string is shown by the string.
    let at = |span: Span| match linted.is_verbatim {
        true => Span { start: span.start + linted.place.start, end: span.end + linted.place.start },
        false => linted.place,
    };
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message = format!("{message}: {help}");
    }
    let mut result = json!({
        "ruleId": finding.check.code(),
        "ruleIndex": rules.iter().position(|rule| *rule == finding.check),
        "level": level(finding.check.finding_type()),
        "message": { "text": message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&source.input.name) },
                "region": region(at(finding.span), source, lines),
            },
            "logicalLocations": linted.name.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        }],
    });
    if let Some(fix) = finding.fix.as_ref().filter(|_| linted.is_verbatim) {
        let replacements: Vec<_> = fix
            .edits
            .iter()
            .map(|edit| {
                json!({
                    "deletedRegion": region(at(edit.span), source, lines),
                    "insertedContent": { "text": edit.text },
                })
            })
            .collect();
        let effect = if fix.safety == Safety::Safe { "" } else { " (changes what is allowed)" };
        let fixes = json!([{
            "description": { "text": format!("{}{effect}", fix.title) },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(&source.input.name) },
                "replacements": replacements,
            }],
        }]);
        if let Value::Object(result) = &mut result {
            result.insert("fixes".to_owned(), fixes);
        }
    }
    result
}

fn region(span: Span, source: &Source, lines: &LineIndex) -> Value {
    let (start, end) =
        (lines.position(&source.input.text, span.start), lines.position(&source.input.text, span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A relative reference: slashes, and everything odd escaped.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
