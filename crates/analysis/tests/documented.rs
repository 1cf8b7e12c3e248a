//! What AWS documents of its checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_analysis::*;
use policy::{Document, DocumentKind};
use std::sync::Arc;

fn access(text: &str, kind: DocumentKind) -> Access {
    let (document, problems) = Document::parse_tolerant(text);
    assert!(problems.is_empty(), "{problems:?}");
    Access::of(Arc::new(document.unwrap()), kind)
}

#[track_caller]
fn check(kind: DocumentKind, reference: &str, candidates: &[(bool, &str)]) {
    for (passes, candidate) in candidates {
        for mode in [Mode::AwsCompat, Mode::Realistic] {
            let options = Options { mode, ..Options::default() };
            let verdict =
                no_new_access(&access(candidate, kind), &access(reference, kind), &Scope::default(), options);
            match &verdict {
                Verdict::Proved => assert!(passes, "{mode:?} {candidate}"),
                Verdict::Refuted(found) => assert!(!passes, "{mode:?} {candidate} {found:?}"),
                Verdict::Undetermined(reasons) => panic!("{mode:?} {candidate} {reasons:?}"),
            }
        }
    }
}

fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{action},"Resource":{resource}}}]}}"#
    )
}

/// <https://github.com/aws-samples/iam-access-analyzer-custom-policy-check-samples>,
/// `identity-policies/check-access-to-sensitive-resource/cloudformation-stack.md`
#[test]
fn access_to_a_sensitive_stack() {
    let reference = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":["cloudformation:DeleteStack","cloudformation:UpdateStack","cloudformation:RollbackStack"],
         "Resource":"arn:aws:cloudformation:*:*:stack/MySensitiveStack/*"}]}"#;
    let denied = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cloudformation:*","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudformation:*:*:stack/MySensitiveStack/*"}]}"#;
    let other = allow(
        r#"["cloudformation:UpdateStack","cloudformation:DeleteStack","cloudformation:RollbackStack"]"#,
        r#""arn:aws:cloudformation:*:*:stack/NotMySensitiveStack/*""#,
    );
    let own =
        allow(r#""cloudformation:DeleteStack""#, r#""arn:aws:cloudformation:*:*:stack/MySensitiveStack/*""#);
    let wide =
        allow(r#""cloudformation:DeleteStack""#, r#""arn:aws:cloudformation:*:*:stack/*Sensitive*/*""#);
    let all = allow(r#""cloudformation:*""#, r#""*""#);
    check(
        DocumentKind::Identity,
        reference,
        &[(true, &other), (true, denied), (false, &own), (false, &wide), (false, &all)],
    );
}

/// `identity-policies/check-for-tag-based-access/run-ec2-instance-with-tag.md`
#[test]
fn a_tag_in_the_request() {
    let reference = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"ec2:RunInstances","Resource":"*","Condition":{"Null":{"aws:RequestTag/key":"true"}}}]}"#;
    let with = |effect: &str, condition: &str| {
        let plain = r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},"#;
        let first = if effect == "Deny" { plain } else { "" };
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{first}{{"Effect":"{effect}","Action":"ec2:RunInstances","Resource":"*","Condition":{condition}}}]}}"#
        )
    };
    check(
        DocumentKind::Identity,
        reference,
        &[
            (true, &with("Allow", r#"{"StringEquals":{"aws:RequestTag/key":"tag-value"}}"#)),
            (true, &allow(r#""ec2:DescribeInstanceAttribute""#, r#""*""#)),
            (true, &with("Deny", r#"{"StringNotEquals":{"aws:RequestTag/key":"tag-value"}}"#)),
            (true, &with("Allow", r#"{"Null":{"aws:RequestTag/key":"false"}}"#)),
            (false, &allow(r#""ec2:RunInstances""#, r#""*""#)),
            (false, &allow(r#""ec2:*""#, r#""*""#)),
        ],
    );
}

/// `resource-policies/check-who-is-granted-access/s3-specific-actions.md`
#[test]
fn who_may_put_objects() {
    let reference = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"AllowPrincipalElement","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:role/MyPrivilegedRole",
         "arn:aws:iam::111111111111:role/MyPrivilegedRole2"]},"Action":"s3:PutObject","Resource":"*"},
        {"Sid":"AllowPrincipalArnKey","Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:PutObject","Resource":"*",
         "Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111111111111:role/MyPrivilegedRole",
         "arn:aws:iam::111111111111:role/MyPrivilegedRole2"]}}},
        {"Sid":"IgnoreAnythingNotPutObjectAction","Effect":"Allow","Principal":"*","NotAction":"s3:PutObject","Resource":"*"}]}"#;
    let candidate = |principal: &str, action: &str, arn: Option<&str>| {
        let condition = arn.map_or(String::new(), |arn| {
            format!(
                r#","Condition":{{"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/{arn}"}}}}"#
            )
        });
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"arn:aws:s3:::my-sensitive-bucket/*"{condition}}}]}}"#
        )
    };
    check(
        DocumentKind::Resource,
        reference,
        &[
            (true, &candidate("*", "s3:GetObject", Some("SomeOtherRole"))),
            (true, &candidate("arn:aws:iam::111111111111:role/MyPrivilegedRole", "s3:PutObject", None)),
            (true, &candidate("*", "s3:PutObject", Some("MyPrivilegedRole"))),
            (false, &candidate("*", "s3:*", None)),
            (false, &candidate("arn:aws:iam::111111111111:role/MyOtherRole", "s3:PutObject", None)),
            (false, &candidate("*", "s3:PutObject", Some("MyOtherRole"))),
        ],
    );
}

/// `resource-policies/role-trust-policies/allowlist-account-principals.md`
#[test]
fn who_may_assume_a_role() {
    let reference = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"AllowPrincipalsInTheseAccounts","Effect":"Allow","Principal":{"AWS":["111111111111","222222222222"]},"Action":"sts:AssumeRole"},
        {"Sid":"AllowOtherSTSActions","Effect":"Allow","Principal":"*","NotAction":"sts:AssumeRole"}]}"#;
    let candidate = |principal: &str, action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"{action}"}}]}}"#
        )
    };
    check(
        DocumentKind::Trust,
        reference,
        &[
            (true, &candidate(r#"{"AWS":"111111111111"}"#, "sts:AssumeRole")),
            (true, &candidate(r#"{"AWS":"arn:aws:iam::222222222222:role/MyRole"}"#, "sts:AssumeRole")),
            (
                true,
                &candidate(
                    r#"{"Federated":"arn:aws:iam::111111111111:oidc-provider/MyProvider"}"#,
                    "sts:AssumeRoleWithWebIdentity",
                ),
            ),
            (false, &candidate(r#"{"Service":"glue.amazonaws.com"}"#, "sts:AssumeRole")),
            (false, &candidate(r#"{"AWS":"333333333333"}"#, "sts:AssumeRole")),
            (false, &candidate(r#"{"AWS":"arn:aws:iam::333333333333:role/NotMyRole"}"#, "sts:AssumeRole")),
        ],
    );
}
