//! What looks wide and is not is not told of.

use crate::audit;
use crate::worlds::{OWN, allow, estate, managed, policy, role, trusts, user};
use bailiwick_audit::estate::Estate;
use bailiwick_audit::finding::{Change, Status};
use serde_json::{Value, json};

/// The resources that a check failed.
fn failed(estate: &Estate, check: &str) -> Vec<String> {
    let outcome = audit(estate);
    let failed = outcome.findings.into_iter().filter(|it| it.check == check && it.status == Status::Fail);
    failed.map(|finding| finding.resource).collect()
}

fn with(statements: &[Value]) -> Estate {
    estate(&[user("ann", &[("p", policy(statements))], &[])], &[], &[], &[], &[])
}

fn ann() -> Vec<String> {
    vec![format!("arn:aws:iam::{OWN}:user/ann")]
}

#[test]
fn a_boundary_that_stops_everybody_counts() {
    let bound = policy(&[allow(json!("s3:ListBucket"), json!("arn:aws:s3:::b"))]);
    let mut bounded = user("ann", &[("all", policy(&[allow(json!("*"), json!("*"))]))], &[]);
    let free = estate(std::slice::from_ref(&bounded), &[], &[], &[managed("bound", 1, bound.clone())], &[]);
    assert_eq!(failed(&free, "full-access-inline"), ann());
    bounded["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": format!("arn:aws:iam::{OWN}:policy/bound")});
    let bounded = estate(&[bounded], &[], &[], &[managed("bound", 1, bound)], &[]);
    assert!(failed(&bounded, "full-access-inline").is_empty());
    assert!(failed(&bounded, "boundary-removal").is_empty());
}

#[test]
fn a_deny_elsewhere_counts() {
    let deny = json!({"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"});
    let pass = allow(json!("iam:PassRole"), json!("*"));
    assert_eq!(failed(&with(std::slice::from_ref(&pass)), "pass-role-wide"), ann());
    assert!(failed(&with(&[pass, deny]), "pass-role-wide").is_empty());
}

#[test]
fn passing_to_a_named_service_is_no_wide_pass() {
    let mut pass = allow(json!("iam:PassRole"), json!("*"));
    pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}});
    assert!(failed(&with(&[pass]), "pass-role-wide").is_empty());
    let mut pass = allow(json!("iam:PassRole"), json!("*"));
    pass["Condition"] = json!({"Bool": {"aws:SecureTransport": "true"}});
    assert_eq!(failed(&with(&[pass]), "pass-role-wide"), ann());
}

#[test]
fn wildcards_in_names_are_seen_through() {
    let reads =
        |resource: &str| failed(&with(&[allow(json!("s3:Get*"), json!(resource))]), "data-exfiltration");
    assert_eq!(reads("arn:aws:s3:::*"), ann());
    assert_eq!(reads("arn:aws:s3:::*/*"), ann());
    assert!(reads("arn:aws:s3:::reports-*/*").is_empty());
    assert!(reads("arn:aws:dynamodb:*:*:*").is_empty());
    let secrets = |resource: &str| {
        let statement = allow(json!("secretsmanager:GetSecretValue"), json!(resource));
        failed(&with(&[statement]), "data-exfiltration")
    };
    assert_eq!(secrets("arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"), ann());
    assert_eq!(secrets("arn:aws:secretsmanager:us-east-1:111122223333:secret:*"), ann());
    assert!(secrets("arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/*").is_empty());
}

#[test]
fn what_is_young_is_not_unused() {
    let trust = trusts(json!({"Service": "ec2.amazonaws.com"}), Value::Null);
    let used = role("used", trust.clone(), &[], &[]);
    let mut young = role("young", trust.clone(), &[], &[]);
    young["RoleLastUsed"] = json!({});
    young["CreateDate"] = json!("2026-11-01T00:00:00Z");
    let mut old = role("old", trust, &[], &[]);
    old["RoleLastUsed"] = json!({});
    let estate = estate(&[], &[], &[used, young, old], &[], &[]);
    assert_eq!(failed(&estate, "unused-role"), [format!("arn:aws:iam::{OWN}:role/old")]);
}

#[test]
fn an_export_that_does_not_tell_of_use_is_not_assessable() {
    let mut silent = role("r", trusts(json!({"Service": "ec2.amazonaws.com"}), Value::Null), &[], &[]);
    silent.as_object_mut().unwrap().remove("RoleLastUsed");
    let outcome = audit(&estate(&[], &[], &[silent], &[], &[]));
    let finding = outcome.findings.iter().find(|it| it.check == "unused-role").unwrap();
    assert_eq!(finding.status, Status::NotAssessable);
}

#[test]
fn the_statement_at_fault_is_taken_out_and_the_rest_stays() {
    let fine = allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*"));
    let outcome = audit(&with(&[fine, allow(json!("*"), json!("*"))]));
    let finding = outcome.failed().find(|it| it.check == "full-access-inline").unwrap();
    assert_eq!(finding.evidence[0].statement.as_deref(), Some("2"));
    let Some(Change::PutInline { text, .. }) = finding.fix.as_ref().and_then(|fix| fix.change.clone()) else {
        panic!()
    };
    assert!(text.contains("s3:GetObject") && !text.contains(r#""Action":"*""#), "{text}");
}

#[test]
fn mfa_that_is_demanded_is_demanded() {
    let rows = ["ann | - | true | true 2026-11-01T00:00:00Z 2026-11-20T00:00:00Z s3 | - | false"];
    let admin = allow(json!("*"), json!("*"));
    let deny = |operator: &str| {
        json!({"Effect": "Deny", "NotAction": "sts:GetSessionToken", "Resource": "*",
            "Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}}})
    };
    let world = |statements: &[Value]| {
        estate(&[user("ann", &[("p", policy(statements))], &[])], &[], &[], &[], &rows)
    };
    assert_eq!(failed(&world(std::slice::from_ref(&admin)), "mfa-privileged"), ann());
    assert_eq!(failed(&world(&[admin.clone(), deny("Bool")]), "mfa-privileged"), ann());
    assert_eq!(failed(&world(&[admin.clone(), deny("Bool")]), "mfa-condition"), ann());
    assert!(failed(&world(&[admin, deny("BoolIfExists")]), "mfa-privileged").is_empty());
}
