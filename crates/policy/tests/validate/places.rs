//! Where findings stand, in which order, and what they advise.

use crate::cases::{document, findings};
use bailiwick_policy::DocumentKind::{self, Identity, Resource, Trust};
use bailiwick_policy::validate::{Detected, FindingType, ResourceKind, detect};

#[test]
fn findings_are_at_the_element_in_the_order_of_the_text() {
    let text = r#"{
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObjekt", "sqs:*"], "Resource": "arn:aws:s3:::b"},
    {"Effect": "allow", "Action": "iam:*", "Resource": "my-bucket"}
  ]
}"#;
    let found = findings(text, Identity);
    let shown: Vec<_> = found.iter().map(|finding| (finding.check.code(), finding.span.of(text))).collect();
    assert_eq!(
        shown,
        [
            ("MISSING_VERSION", "{"),
            ("INVALID_ACTION", "\"s3:GetObjekt\""),
            ("INVALID_EFFECT", "\"allow\""),
            ("INVALID_ARN_PREFIX", "\"my-bucket\""),
        ]
    );
    assert_eq!(found[1].help.as_deref(), Some("did you mean `s3:GetObject`?"));
    assert!(found[1].check.link().ends_with("#access-analyzer-reference-policy-checks-error-invalid-action"));
}

#[test]
fn messages_are_clauses_and_bounded() {
    let long = "x".repeat(10_000);
    for text in [
        document(&format!(r#""Action":"s3:{long}","Resource":"{long}""#)),
        document(&format!(r#""{long}":"{long}","Sid":"{long}","Action":"*","Resource":"arn:{long}:s3:::b""#)),
        document(&format!(r#""Action":"*","Resource":"*","Condition":{{"{long}":{{"{long}":"{long}"}}}}"#)),
        document(&format!(
            r#""Action":"*","Resource":"*","Condition":{{"NumericEquals":{{"aws:{long}":"{long}"}}}}"#
        )),
    ] {
        for finding in findings(&text, Identity) {
            let message = &finding.message;
            assert!(message.len() < 600, "{message}");
            assert!(finding.help.as_ref().is_none_or(|help| help.len() < 900), "{:?}", finding.help);
            assert!(!message.ends_with('.'), "{message}");
        }
    }
}

#[test]
fn grave_findings_of_a_place_come_first() {
    assert!(FindingType::Error < FindingType::SecurityWarning);
    assert!(FindingType::Warning < FindingType::Suggestion);
    assert_eq!(FindingType::SecurityWarning.as_str(), "SECURITY_WARNING");
}

#[test]
fn kinds_are_told_by_what_documents_say() {
    let told = |text: &str| {
        let Detected { kind, resource_kind } = detect(&document(text));
        (kind, resource_kind)
    };
    assert_eq!(told(r#""Action":"*","Resource":"*""#), (Identity, None));
    assert_eq!(
        told(r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#),
        (Trust, Some(ResourceKind::IamRole))
    );
    assert_eq!(
        told(r#""Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#),
        (Resource, Some(ResourceKind::S3Bucket))
    );
    assert_eq!(
        told(r#""Principal":"*","Action":"kms:*","Resource":"*""#),
        (Resource, Some(ResourceKind::KmsKey))
    );
    assert_eq!(
        told(r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#),
        (DocumentKind::Rcp, None)
    );
    assert_eq!(
        told(r#""Principal":"*","Action":["s3:*","sqs:*"],"Resource":"arn:aws:s3:::b/*""#),
        (Resource, None)
    );
    assert_eq!(told("{"), (Identity, None));
}
