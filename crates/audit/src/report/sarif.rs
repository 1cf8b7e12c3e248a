//! Findings in SARIF 2.1.0, which code-scanning services read.
//!
//! What failed is a result; what is excepted is a suppressed one; what an older audit had and this one has not is absent.
//! What could not be judged is a notification of the run: it is no result.
//! See <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use super::{Summary, TOOL, VERSION};
use crate::baseline::Gone;
use crate::checks::{ALL, Check};
use crate::finding::{Finding, Severity, Since};
use base::ArnRef;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn begin(out: &mut dyn Write) -> io::Result<()> {
    let driver = json!({
        "name": TOOL,
        "informationUri": "https://github.com/bailiwick/bailiwick",
        "semanticVersion": VERSION,
        "rules": ALL.iter().map(|check| rule(check)).collect::<Vec<_>>(),
    });
    write!(
        out,
        "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\n\"runs\":[{{\"tool\":{{\"driver\":{driver}}},\n\"results\":["
    )
}

pub(super) fn end(summary: &Summary, first: bool, out: &mut dyn Write) -> io::Result<()> {
    // The last thing before the results' end: what is absent now.
    let fixed = summary.baseline.iter().flat_map(|progress| &progress.fixed);
    for (place, gone) in fixed.enumerate() {
        let separator = if first && place == 0 { "\n" } else { ",\n" };
        write!(out, "{separator}{}", absent(gone))?;
    }
    let notes: Vec<Value> =
        summary.notes.iter().map(|note| json!({ "level": "note", "message": { "text": note } })).collect();
    let invocations = json!([{ "executionSuccessful": true, "toolExecutionNotifications": notes }]);
    write!(out, "\n],\n\"columnKind\":\"unicodeCodePoints\",\"invocations\":{invocations}}}]}}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// What code-scanning services rank security findings by: from 0 to 10.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.5",
    }
}

fn rule(check: &Check) -> Value {
    let mut rule = json!({
        "id": check.id,
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": check.why },
        "help": { "text": format!("{}\n\n{}", check.judged, check.remediation) },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": {
            "tags": ["security", "iam", check.area.title()],
            "security-severity": security_severity(check.severity),
        },
    });
    if let (Value::Object(rule), Some(page)) = (&mut rule, check.references.first()) {
        rule.insert("helpUri".to_owned(), json!(page));
    }
    rule
}

pub(super) fn result(finding: &Finding) -> Value {
    let mut result = Map::new();
    let mut set = |name: &str, value: Value| drop(result.insert(name.to_owned(), value));
    set("ruleId", json!(finding.check));
    if let Some(place) = ALL.iter().position(|check| check.id == finding.check) {
        set("ruleIndex", json!(place));
    }
    set("level", json!(level(finding.severity)));
    set("message", json!({ "text": sentence(finding) }));
    let line = finding.evidence.iter().find_map(|evidence| evidence.line);
    set("locations", json!([location(&finding.resource, line)]));
    set("partialFingerprints", json!({ "bailiwick/v1": finding.fingerprint }));
    if let Some(risk) = &finding.risk {
        set("rank", json!(risk.score));
    }
    match finding.since {
        Some(Since::New) => set("baselineState", json!("new")),
        Some(Since::Unchanged) => set("baselineState", json!("unchanged")),
        None => {}
    }
    if let Some(exception) = finding.exception.as_ref().filter(|exception| !exception.expired) {
        let text = format!(
            "{} (owner {}, approved by {}, until {})",
            exception.reason, exception.owner, exception.approver, exception.expires
        );
        set("suppressions", json!([{ "kind": "external", "status": "accepted", "justification": text }]));
    }
    if let Some(path) = &finding.path {
        let steps: Vec<Value> = path
            .iter()
            .map(|step| {
                let mut place = location(&step.to, None);
                if let Value::Object(place) = &mut place {
                    place.insert(
                        "message".to_owned(),
                        json!({ "text": format!("{}: {}", step.id, step.how) }),
                    );
                }
                json!({ "location": place })
            })
            .collect();
        set("codeFlows", json!([{ "threadFlows": [{ "locations": steps }] }]));
    }
    set(
        "properties",
        json!({
            "account": finding.account,
            "severity": finding.severity,
            "security-severity": security_severity(finding.severity),
            "principals": finding.principals,
        }),
    );
    Value::Object(result)
}

fn sentence(finding: &Finding) -> String {
    match &finding.fix {
        Some(fix) => format!("{}: {}. {}", finding.resource, finding.message, fix.summary),
        None => format!("{}: {}", finding.resource, finding.message),
    }
}

fn absent(gone: &Gone) -> Value {
    json!({
        "ruleId": gone.check,
        "level": "none",
        "kind": "pass",
        "baselineState": "absent",
        "message": { "text": format!("{}: {}", gone.resource, gone.message) },
        "locations": [location(&gone.resource, None)],
        "partialFingerprints": { "bailiwick/v1": gone.fingerprint },
    })
}

/// A resource is no file: services that want one get a path of its ARN's parts.
fn location(arn: &str, line: Option<u32>) -> Value {
    let name = ArnRef::parse(arn).map_or(arn, |parts| parts.name());
    let mut physical = json!({ "artifactLocation": { "uri": uri(arn) } });
    if let (Value::Object(physical), Some(line)) = (&mut physical, line) {
        physical.insert("region".to_owned(), json!({ "startLine": line.max(1) }));
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{ "name": name, "fullyQualifiedName": arn, "kind": "resource" }],
    })
}

/// `aws/iam/111122223333/role/app`: a relative reference with everything odd escaped.
fn uri(arn: &str) -> String {
    let path = match ArnRef::parse(arn) {
        Some(parts) => {
            let all = [parts.partition, parts.service, parts.region, parts.account, parts.resource];
            all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
        }
        None => arn.to_owned(),
    };
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
