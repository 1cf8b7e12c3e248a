//! Every check with a document in which it finds something and one in which it does not.

#[path = "cases/access.rs"]
mod access;
#[path = "cases/conditions.rs"]
mod conditions;
#[path = "cases/documents.rs"]
mod documents;
#[path = "cases/elements.rs"]
mod elements;
#[path = "cases/kinds.rs"]
mod kinds;

use bailiwick_policy::DocumentKind::{self, Boundary, Endpoint, Identity, Rcp, Resource, Scp, Trust};
use bailiwick_policy::validate::{CHECKS, Finding, ResourceKind, ValidateOptions, validate};
use std::collections::HashSet;

/// A check, the kind of document, a document that has the fault and one that has not. What does not begin with a
/// brace is the inside of one statement.
#[derive(Clone)]
struct Case {
    code: &'static str,
    kind: DocumentKind,
    bad: String,
    good: String,
}

fn case(code: &'static str, kind: DocumentKind, bad: &str, good: &str) -> Case {
    Case { code, kind, bad: document(bad), good: document(good) }
}

pub fn document(text: &str) -> String {
    if text.starts_with('{') || text.is_empty() {
        return text.to_owned();
    }
    let mut statement = text.to_owned();
    if !text.contains("\"Effect\"") {
        statement = format!("\"Effect\":\"Allow\",{statement}");
    }
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{{{statement}}}]}}")
}

fn statements(texts: &[&str]) -> String {
    let inside: Vec<_> = texts.iter().map(|text| format!("{{\"Effect\":\"Allow\",{text}}}")).collect();
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", inside.join(","))
}

/// An identity statement with this action.
fn action(action: &str) -> String {
    format!(r#""Action":"{action}","Resource":"*""#)
}

fn resource(resource: &str) -> String {
    format!(r#""Action":"*","Resource":"{resource}""#)
}

/// An identity statement with this condition.
fn when(condition: &str) -> String {
    format!(r#""Action":"s3:GetObject","Resource":"*","Condition":{{{condition}}}"#)
}

fn does_when(action: &str, condition: &str) -> String {
    format!(r#""Action":{action},"Resource":"*","Condition":{{{condition}}}"#)
}

fn denies_when(action: &str, condition: &str) -> String {
    format!(r#""Effect":"Deny","Action":{action},"Resource":"*","Condition":{{{condition}}}"#)
}

/// A bucket's statement with this principal.
fn to(principal: &str) -> String {
    format!(r#""Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#)
}

fn to_when(principal: &str, condition: &str) -> String {
    format!("{},\"Condition\":{{{condition}}}", to(principal))
}

/// A trust policy's statement.
fn trusts(principal: &str, action: &str) -> String {
    format!(r#""Principal":{principal},"Action":{action}"#)
}

fn trusts_when(principal: &str, action: &str, condition: &str) -> String {
    format!(r#""Principal":{principal},"Action":{action},"Condition":{{{condition}}}"#)
}

const ACCOUNT: &str = r#"{"AWS":"111122223333"}"#;
const GITHUB: &str =
    r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#;
const SAML: &str = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#;
const SUB: &str =
    r#""StringEquals":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/heads/main"}"#;
const WEB: &str = r#""sts:AssumeRoleWithWebIdentity""#;
const RCP: &str = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#;

fn rcp(condition: &str) -> String {
    format!("{RCP},\"Condition\":{{{condition}}}")
}

fn large(letters: usize) -> String {
    let resources: Vec<_> =
        (0..letters / 40).map(|n| format!("\"arn:aws:s3:::bucket-number-{n:014}\"")).collect();
    format!(r#""Action":"s3:ListBucket","Resource":[{}]"#, resources.join(","))
}

fn all() -> Vec<Case> {
    [documents::cases(), elements::cases(), kinds::cases(), conditions::cases(), access::cases()].concat()
}

pub fn findings(text: &str, kind: DocumentKind) -> Vec<Finding> {
    validate(text, ValidateOptions::new(kind))
}

fn has(found: &[Finding], code: &str) -> bool {
    found.iter().any(|finding| finding.check.code() == code)
}

#[test]
fn each_check_finds_what_it_is_for() {
    for Case { code, kind, bad, .. } in all() {
        let found = findings(&bad, kind);
        let codes: Vec<_> = found.iter().map(|finding| finding.check.code()).collect();
        assert!(has(&found, code), "{code} is not found in {bad}: {codes:?}");
    }
}

#[test]
fn each_check_leaves_alone_what_is_right() {
    for Case { code, kind, good, .. } in all() {
        let found = findings(&good, kind);
        let finding = found.iter().find(|finding| finding.check.code() == code);
        assert!(finding.is_none(), "{code} is found in {good}: {finding:?}");
    }
}

#[test]
fn policies_of_known_resources_are_judged_by_their_type() {
    let bucket = ValidateOptions::of_resource(ResourceKind::S3Bucket);
    let found = |statement: &str, options| validate(&document(statement), options);
    let with = |action: &str, resource: &str| {
        format!(r#""Principal":{ACCOUNT},"Action":"{action}","Resource":"{resource}""#)
    };
    let fine = found(&with("s3:GetObject", "arn:aws:s3:::b/*"), bucket);
    assert!(fine.is_empty(), "{fine:?}");
    for action in ["kms:Decrypt", "s3:ListAllMyBuckets", "s3:CreateJob"] {
        assert!(
            has(&found(&with(action, "arn:aws:s3:::b"), bucket), "UNSUPPORTED_ACTION_IN_POLICY"),
            "{action}"
        );
    }
    for arn in ["arn:aws:kms:eu-west-1:111122223333:key/1", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a"]
    {
        assert!(has(&found(&with("s3:*", arn), bucket), "UNSUPPORTED_RESOURCE_ARN_IN_POLICY"), "{arn}");
    }
    let point = ValidateOptions::of_resource(ResourceKind::S3AccessPoint);
    let arn = "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/*";
    let fine = found(&with("s3:GetObject", arn), point);
    assert!(fine.is_empty(), "{fine:?}");
    assert!(has(
        &found(&with("s3:GetObject", "arn:aws:s3:::b/*"), point),
        "UNSUPPORTED_RESOURCE_ARN_IN_POLICY"
    ));
    let owner = to_when(ACCOUNT, r#""StringEquals":{"s3:ResourceAccount":"111122223333"}"#);
    assert!(has(&found(&owner, bucket), "IRRELEVANT_CONDITION_KEY_IN_POLICY"));
    assert!(!has(&findings(&document(&owner), Resource), "IRRELEVANT_CONDITION_KEY_IN_POLICY"));
    let repository = format!(r#""Principal":{ACCOUNT},"Action":"ecr:BatchGetImage""#);
    let options = ValidateOptions::of_resource(ResourceKind::EcrRepository);
    assert!(found(&repository, options).is_empty());
    assert!(has(&findings(&document(&repository), Resource), "MISSING_RESOURCE"));
    let size = validate(&document(&large(21_000)), bucket);
    assert!(has(&size, "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"));
    assert!(!has(&validate(&document(&large(15_000)), bucket), "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"));
}

#[test]
fn every_check_of_the_table_has_a_case() {
    let mut tested: HashSet<_> = all().iter().map(|case| case.code).collect();
    // Judged with a type of resource, in the test above, and by its own test.
    tested.extend([
        "UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
        "IRRELEVANT_CONDITION_KEY_IN_POLICY",
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        "BAILIWICK_LIMITED",
    ]);
    let untested: Vec<_> =
        CHECKS.iter().map(|check| check.code()).filter(|code| !tested.contains(code)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn good_policies_have_no_findings() {
    for (kind, text) in [
        (
            Identity,
            r#""Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/${aws:username}/*"]"#,
        ),
        (
            Identity,
            r#""Sid":"Deny1","Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]},"BoolIfExists":{"aws:ViaAWSService":"false"}}"#,
        ),
        (
            Identity,
            r#""Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app-*","Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}"#,
        ),
        (Boundary, r#""Action":"*","Resource":"*""#),
        (
            Scp,
            r#""Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrgAdmin"}}"#,
        ),
        (Scp, r#""Action":"*","Resource":"*""#),
        (Rcp, r#""Principal":"*","Action":"*","Resource":"*""#),
        (
            Rcp,
            r#""Effect":"Deny","Principal":"*","Action":["s3:*","sqs:*"],"Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a1b2c3d4e5"},"Null":{"aws:SourceAccount":"false"},"Bool":{"aws:PrincipalIsAWSService":"true"}}"#,
        ),
        (Trust, r#""Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole""#),
        (
            Trust,
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"x"}}"#,
        ),
        (
            Trust,
            r#""Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#,
        ),
        (
            Resource,
            r#""Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cloudfront::111122223333:distribution/E1"}}"#,
        ),
        (Endpoint, r#""Principal":"*","Action":"*","Resource":"*""#),
    ] {
        let found = findings(&document(text), kind);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}
