//! Findings as Compliance Findings of the Open Cybersecurity Schema Framework, version 1.4.0, which SIEMs read.
//!
//! Class 2003 with the `cloud` profile. What is excepted is suppressed; what cannot be judged has the status `Warning`,
//! which the schema defines as no result for want of information. See <https://schema.ocsf.io/1.4.0/classes/compliance_finding>.

use super::{AccountReport, TOOL, VERSION};
use crate::checks::by_id;
use crate::finding::{Finding, Severity, Status};
use base::ArnRef;
use serde_json::{Map, Value, json};

/// The version of the schema.
const SCHEMA: &str = "1.4.0";
/// Findings.
const CATEGORY: u32 = 2;
/// Compliance Finding.
const CLASS: u32 = 2003;
/// Create.
const ACTIVITY: u32 = 1;

pub(super) fn event(finding: &Finding, report: &AccountReport) -> Value {
    let check = by_id(finding.check);
    let title = check.map_or(finding.check, |check| check.title);
    let time = report.generated.millis();
    let (severity_id, severity) = severity(finding);
    let (status_id, status) = match (finding.status, finding.counts()) {
        (Status::Fail, false) => (3, "Suppressed"),
        _ => (1, "New"),
    };
    let (result_id, result) = match finding.status {
        Status::Pass => (1, "Pass"),
        Status::NotAssessable | Status::Error => (2, "Warning"),
        Status::Fail => (3, "Fail"),
    };
    let mut event = json!({
        "activity_id": ACTIVITY,
        "activity_name": "Create",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + ACTIVITY,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": finding.message,
        "metadata": {
            "version": SCHEMA,
            "profiles": ["cloud"],
            "product": { "name": TOOL, "vendor_name": "Bailiwick", "version": VERSION },
            "event_code": finding.check,
        },
        "cloud": {
            "provider": "AWS",
            "account": { "uid": finding.account, "name": report.name, "type": "AWS Account", "type_id": 10 },
        },
        "finding_info": {
            "uid": finding.fingerprint,
            "title": title,
            "desc": finding.message,
            "created_time": time,
            "types": [check.map_or("", |check| check.area.title())],
            "analytic": { "type_id": 1, "type": "Rule", "uid": finding.check, "name": title },
        },
        "compliance": {
            "standards": ["Bailiwick"],
            "control": finding.check,
            "requirements": [title],
            "status_id": result_id,
            "status": result,
            "status_detail": finding.message,
        },
        "resources": [resource(finding)],
    });
    if let Value::Object(event) = &mut event {
        more(event, finding, check.map(|check| check.references));
    }
    without_nulls(event)
}

/// What only some findings have.
fn more(event: &mut Map<String, Value>, finding: &Finding, references: Option<&[&str]>) {
    if let Some(fix) = &finding.fix {
        let desc = std::iter::once(fix.summary.clone()).chain(fix.commands.clone());
        let desc = desc.collect::<Vec<_>>().join("\n");
        event.insert(
            "remediation".to_owned(),
            json!({ "desc": desc, "references": references.unwrap_or(&[]) }),
        );
    }
    if let Some(exception) = &finding.exception {
        let text = format!(
            "excepted until {}: {} (owner {}, approved by {})",
            exception.expires, exception.reason, exception.owner, exception.approver
        );
        event.insert("comment".to_owned(), json!(text));
    }
    // Whatever the schema has no place for.
    event.insert(
        "unmapped".to_owned(),
        json!({
            "risk": finding.risk,
            "principals": finding.principals,
            "actions": finding.actions,
            "path": finding.path,
            "external": finding.external,
            "since": finding.since,
        }),
    );
}

fn severity(finding: &Finding) -> (u32, &'static str) {
    match finding.severity {
        Severity::Critical => (5, "Critical"),
        Severity::High => (4, "High"),
        Severity::Medium => (3, "Medium"),
        Severity::Low => (2, "Low"),
        Severity::Info => (1, "Informational"),
    }
}

fn resource(finding: &Finding) -> Value {
    let parts = ArnRef::parse(&finding.resource);
    let kind = parts.and_then(|parts| parts.typed_resource()).map(|(kind, _)| kind);
    json!({
        "uid": finding.resource,
        "name": parts.map_or(finding.resource.as_str(), |parts| parts.name()),
        "type": parts.map(|parts| kind.map_or(parts.service.to_owned(), |kind| format!("{}:{kind}", parts.service))),
        "cloud_partition": parts.map(|parts| parts.partition),
        "region": parts.map(|parts| parts.region).filter(|region| !region.is_empty()),
    })
}

/// The schema knows no nulls.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
