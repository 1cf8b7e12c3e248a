//! Facts 42 to 56: organizations.

use crate::oracle::Who;
use crate::support::*;
use bailiwick_policy::{Document, DocumentKind, Layer};
use base::json::Style;

const S3: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
const EC2: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

#[test]
fn fact_042_every_level_of_scps_must_allow() {
    let ask = ask_allowed(ALLOW_ALL);
    assert!(ask.clone().scps(&[ALLOW_ALL]).scps(&[EC2, S3]).scps(&[S3]).is_allowed());
    for missing in 0..3 {
        let levels = (0..3)
            .fold(ask.clone(), |ask, level| ask.scps(&[if level == missing { EC2 } else { ALLOW_ALL }]));
        let decision = levels.decide();
        assert_eq!((levels.implicit(), decision.reason.level), (Layer::Scp, missing));
    }
}

#[test]
fn fact_043_a_level_without_scps_denies_but_no_organization_does_not() {
    let ask = ask_allowed(ALLOW_ALL);
    assert!(ask.is_allowed());
    assert_eq!(ask.scps(&[ALLOW_ALL]).scps(&[]).implicit(), Layer::Scp);
}

#[test]
fn fact_044_one_scp_deny_anywhere_denies() {
    let ask = ask_allowed(ALLOW_ALL).scps(&[ALLOW_ALL]).scps(&[ALLOW_ALL, DENY_ALL]).scps(&[ALLOW_ALL]);
    let decision = ask.decide();
    assert_eq!(ask.explicit(), Layer::Scp);
    assert_eq!(
        (decision.reason.level, decision.reason.policy, decision.reason.statement),
        (1, Some(1), Some(0))
    );
}

#[test]
fn fact_045_scps_bind_users_roles_and_root_of_members() {
    for who in [user(), session(), root()] {
        assert!(ask(who.clone()).identity(ALLOW_ALL).scps(&[ALLOW_ALL]).is_allowed());
        assert_eq!(ask(who.clone()).identity(ALLOW_ALL).scps(&[EC2]).implicit(), Layer::Scp);
        assert_eq!(ask(who).identity(ALLOW_ALL).scps(&[ALLOW_ALL, DENY_ALL]).explicit(), Layer::Scp);
    }
}

#[test]
fn fact_046_scps_do_not_bind_the_management_account() {
    for who in [user(), session(), root()] {
        assert!(ask(who).management_account().identity(ALLOW_ALL).scps(&[DENY_ALL]).is_allowed());
    }
}

fn service_linked() -> Who {
    let role_arn = "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    Who::Session { role_arn: role_arn.to_owned(), session: "s".to_owned(), id: None }
}

#[test]
fn fact_047_scps_do_not_bind_service_linked_roles() {
    assert!(ask(service_linked()).identity(ALLOW_ALL).scps(&[DENY_ALL]).is_allowed());
}

#[test]
fn fact_048_scps_do_not_bind_services_and_anonymous_callers() {
    let policy = to("Allow", r#"{"AWS":"*","Service":"s3.amazonaws.com"}"#);
    assert!(
        ask(Who::Service("s3.amazonaws.com".to_owned()))
            .resource_policy(&policy)
            .scps(&[DENY_ALL])
            .is_allowed()
    );
    assert!(ask(Who::Anonymous).resource_policy(&policy).scps(&[DENY_ALL]).is_allowed());
}

#[test]
fn fact_049_scps_take_the_full_language() {
    let ask = ask_allowed(ALLOW_ALL);
    for scp in [
        r#"{"Effect":"Allow","Action":"s3:G*O*t","Resource":"arn:aws:s3:::bucket/*"}"#,
        r#"{"Effect":"Allow","NotAction":"ec2:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::other/*"}"#,
        r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:x":"true"}}}"#,
    ] {
        assert!(ask.clone().scps(&[scp]).is_allowed(), "{scp}");
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{scp}]}}"#);
        assert!(Document::parse_strict(&text, DocumentKind::Scp).is_ok(), "{scp}");
    }
    let principal = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, to("Deny", "\"*\""));
    assert!(Document::parse_strict(&principal, DocumentKind::Scp).is_err());
}

#[test]
fn fact_050_an_rcp_can_only_deny() {
    let ask = ask_allowed(ALLOW_ALL);
    let other = r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}"#;
    assert!(ask.clone().rcps(&[]).rcps(&[other]).is_allowed());
    assert_eq!(ask.rcps(&[]).rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
}

#[test]
fn fact_051_rcps_deny_everyone_and_take_no_exceptions_but_conditions() {
    let strict = |statement: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        Document::parse_strict(&text, DocumentKind::Rcp)
    };
    assert!(strict(&to("Deny", "\"*\"")).is_ok());
    assert!(strict(&to("Allow", "\"*\"")).is_err());
    assert!(strict(&to("Deny", &aws(ACCOUNT))).is_err());
    assert!(strict(&to("Deny", "\"*\"").replace("Principal", "NotPrincipal")).is_err());
    assert!(strict(&to("Deny", "\"*\"").replace("Action", "NotAction")).is_err());
}

#[test]
fn fact_052_rcps_bind_every_principal() {
    let open = to("Allow", r#"{"AWS":["*","123456789012"],"Service":"sqs.amazonaws.com"}"#);
    let foreign = Who::User { arn: format!("arn:aws:iam::{OTHER}:user/Eve"), id: None };
    for who in
        [user(), session(), root(), foreign, Who::Anonymous, Who::Service("sqs.amazonaws.com".to_owned())]
    {
        let ask = ask(who).identity(ALLOW_ALL).resource_policy(&open);
        assert!(ask.is_allowed());
        assert_eq!(ask.rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
    }
}

#[test]
fn fact_053_rcps_bind_only_listed_services() {
    let ask = ask_allowed(ALLOW_ALL).rcps(&[&to("Deny", "\"*\"")]);
    let on = |action: &str| ask.clone().action(action).resource("*");
    for action in [
        "s3:ListAllMyBuckets",
        "sqs:ListQueues",
        "kms:ListKeys",
        "secretsmanager:ListSecrets",
        "sts:GetSessionToken",
    ] {
        assert_eq!(on(action).explicit(), Layer::Rcp, "{action}");
    }
    for action in ["iam:ListUsers", "ec2:DescribeInstances", "lambda:ListFunctions"] {
        assert!(on(action).is_allowed(), "{action}");
    }
}

#[test]
fn fact_054_what_rcps_leave_alone() {
    let denied = ask_allowed(ALLOW_ALL).rcps(&[&to("Deny", "\"*\"")]);
    let key = "arn:aws:kms:us-east-1:123456789012:key/1";
    let key_policy = to("Allow", "\"*\"");
    let on_key = |action: &str| denied.clone().resource_policy(&key_policy).action(action).resource(key);
    assert_eq!(on_key("kms:Decrypt").explicit(), Layer::Rcp);
    assert!(on_key("kms:Decrypt").aws_managed_key().is_allowed());
    assert!(on_key("kms:RetireGrant").is_allowed());
    assert!(ask(service_linked()).identity(ALLOW_ALL).rcps(&[&to("Deny", "\"*\"")]).is_allowed());
}

#[test]
fn fact_055_rcps_apply_when_a_role_is_assumed() {
    let ask = ask(user()).action("sts:AssumeRole").resource(ROLE);
    let ask = ask.resource_policy(r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}"#);
    assert!(ask.is_allowed());
    assert_eq!(ask.rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
}

#[test]
fn fact_056_white_space_counts_in_scps_and_rcps() {
    let compact = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, to("Deny", "\"*\""));
    let pretty = Document::parse_tolerant(&compact).0.unwrap().print(Style::Pretty);
    let pretty = Document::parse_tolerant(&pretty).0.unwrap();
    for kind in [DocumentKind::Scp, DocumentKind::Rcp] {
        assert_eq!(pretty.size_as(kind), pretty.text().chars().count());
    }
    for kind in [DocumentKind::Identity, DocumentKind::Trust, DocumentKind::Session, DocumentKind::Boundary] {
        assert_eq!(pretty.size_as(kind), compact.len());
    }
}
