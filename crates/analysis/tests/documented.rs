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

/// `identity-policies/check-for-tag-based-access/act-on-ec2-instance-with-tag.md`
#[test]
fn a_tag_of_the_resource() {
    let reference = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"ec2:TerminateInstances","Resource":"*","Condition":{"Null":{"aws:ResourceTag/owner":"true"}}}]}"#;
    let allowed = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*",
        "Condition":{"StringEquals":{"aws:ResourceTag/owner":"blue"}}}]}"#;
    let denied = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:TerminateInstances","Resource":"*"},
        {"Effect":"Deny","Action":"ec2:TerminateInstances","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/owner":"blue"}}}]}"#;
    check(
        DocumentKind::Identity,
        reference,
        &[
            (true, allowed),
            (true, &allow(r#""ec2:RunInstances""#, r#""*""#)),
            (true, denied),
            (false, &allow(r#""ec2:TerminateInstances""#, r#""*""#)),
            (false, &allow(r#""ec2:*""#, r#""*""#)),
        ],
    );
}

/// `identity-policies/check-for-privilege-escalation/via-iam-and-sts.md`
#[test]
fn ways_to_more_privileges() {
    let reference = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"iam:PassRole","NotResource":"arn:aws:iam::*:role/passable/*"},
        {"Effect":"Deny","Action":"sts:AssumeRole","NotResource":"arn:aws:iam::*:role/assumable/*"},
        {"Effect":"Deny","Resource":"*","Action":["iam:CreateUser","iam:CreateAccessKey","iam:CreateLoginProfile",
         "iam:AttachUserPolicy","iam:PutUserPolicy","iam:UpdateLoginProfile","iam:AttachGroupPolicy","iam:PutGroupPolicy",
         "iam:AddUserToGroup","iam:CreateRole","iam:AttachRolePolicy","iam:PutRolePolicy","iam:CreatePolicyVersion",
         "iam:SetDefaultPolicyVersion","iam:UpdateAssumeRolePolicy"]}]}"#;
    let confined = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},
        {"Effect":"Deny","Action":"sts:AssumeRole","NotResource":"arn:aws:iam::*:role/assumable/worker"}]}"#;
    let role = |name: &str| format!(r#""arn:aws:iam::111111111111:role/{name}""#);
    check(
        DocumentKind::Identity,
        reference,
        &[
            (true, &allow(r#""iam:PassRole""#, &role("passable/worker"))),
            (true, &allow(r#""ec2:RunInstances""#, r#""*""#)),
            (true, confined),
            (false, &allow(r#""iam:PassRole""#, &role("other/worker"))),
            (false, &allow(r#""iam:PutRolePolicy""#, &role("privileged"))),
        ],
    );
}

/// `identity-policies/check-access-to-sensitive-resource/iam-role.md`: the service of the fourth has a star after it.
#[test]
fn access_to_a_sensitive_role() {
    let reference = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":["iam:AttachRolePolicy","iam:DeleteRole","iam:GetRole","iam:PassRole","iam:PutRolePolicy",
         "iam:TagRole","iam:UpdateAssumeRolePolicy","sts:AssumeRole"],"Resource":"arn:aws:iam::*:role/Sensitive"}]}"#;
    let denied = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::*:role/Sensitive"}]}"#;
    check(
        DocumentKind::Identity,
        reference,
        &[
            (
                true,
                &allow(r#"["iam:AttachRolePolicy","iam:PassRole"]"#, r#""arn:aws:iam::*:role/NotSensitive""#),
            ),
            (true, denied),
            (false, &allow(r#""iam:DeleteRole""#, r#""arn:aws:iam::*:role/Sensitive""#)),
            (false, &allow(r#""iam:PassRole""#, r#""arn:aws:iam:*:*:role/*Sens*""#)),
            (false, &allow(r#""iam:*""#, r#""*""#)),
        ],
    );
}

/// `resource-policies/check-who-is-granted-access/s3-all-actions.md`
#[test]
fn who_may_do_anything_to_a_bucket() {
    let buckets = r#"["arn:aws:s3:::ledger","arn:aws:s3:::ledger/*"]"#;
    let roles = r#"["arn:aws:iam::111111111111:role/clerk","arn:aws:iam::111111111111:role/auditor"]"#;
    let reference = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Sid":"ByElement","Effect":"Allow","Principal":{{"AWS":{roles}}},"Action":"s3:*","Resource":{buckets}}},
        {{"Sid":"ByKey","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"s3:*","Resource":{buckets},
         "Condition":{{"ArnLike":{{"aws:PrincipalArn":{roles}}}}}}}]}}"#
    );
    let candidate = |principal: &str, action: &str, arn: Option<&str>| {
        let condition = arn.map_or(String::new(), |role| {
            format!(
                r#","Condition":{{"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/{role}"}}}}"#
            )
        });
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"arn:aws:s3:::ledger/*"{condition}}}]}}"#
        )
    };
    check(
        DocumentKind::Resource,
        &reference,
        &[
            (true, &candidate("*", "s3:GetObject", Some("clerk"))),
            (true, &candidate("arn:aws:iam::111111111111:role/clerk", "s3:PutObject", None)),
            (false, &candidate("*", "s3:GetObject", None)),
            (false, &candidate("arn:aws:iam::111111111111:role/other", "s3:PutObject", None)),
            (false, &candidate("*", "s3:PutObject", Some("other"))),
        ],
    );
}

fn trusts(statements: &[(&str, &str, &str)]) -> String {
    let statement = |(effect, principal, action): &(&str, &str, &str)| {
        format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":"{action}"}}"#)
    };
    let statements: Vec<_> = statements.iter().map(statement).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

const OIDC: &str = "sts:AssumeRoleWithWebIdentity";
const SAML: &str = "sts:AssumeRoleWithSAML";

fn provider(name: &str) -> String {
    format!(r#"{{"Federated":"arn:aws:iam::111111111111:{name}"}}"#)
}

/// A trust policy that admits one provider by one action, and asks nothing of others but the two of federation.
fn only_provider(name: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{},"Action":"{action}"}},
        {{"Effect":"Allow","Principal":"*","NotAction":["{SAML}","{OIDC}"]}}]}}"#,
        provider(name)
    )
}

/// `resource-policies/role-trust-policies/allowlist-federated-access-oidc.md`
#[test]
fn which_oidc_provider_is_trusted() {
    let all = r#"{"Federated":"*"}"#;
    check(
        DocumentKind::Trust,
        &only_provider("oidc-provider/ours", OIDC),
        &[
            (true, &trusts(&[("Allow", &provider("oidc-provider/ours"), OIDC)])),
            (true, &trusts(&[("Allow", r#"{"Service":"ec2.amazonaws.com"}"#, "sts:AssumeRole")])),
            (false, &trusts(&[("Allow", &provider("saml-provider/ours"), SAML)])),
            (false, &trusts(&[("Allow", r#"{"Federated":"graph.facebook.com"}"#, OIDC)])),
            (false, &trusts(&[("Allow", all, OIDC), ("Deny", &provider("oidc-provider/theirs"), OIDC)])),
        ],
    );
}

/// `resource-policies/role-trust-policies/allowlist-federated-access-saml.md`
#[test]
fn which_saml_provider_is_trusted() {
    let all = r#"{"Federated":"*"}"#;
    check(
        DocumentKind::Trust,
        &only_provider("saml-provider/ours", SAML),
        &[
            (true, &trusts(&[("Allow", &provider("saml-provider/ours"), SAML)])),
            (true, &trusts(&[("Allow", r#"{"Service":"ec2.amazonaws.com"}"#, "sts:AssumeRole")])),
            (false, &trusts(&[("Allow", &provider("oidc-provider/ours"), OIDC)])),
            (false, &trusts(&[("Allow", &provider("saml-provider/theirs"), SAML)])),
            (false, &trusts(&[("Allow", all, SAML), ("Deny", &provider("saml-provider/theirs"), SAML)])),
        ],
    );
}

/// `resource-policies/role-trust-policies/allowlist-aws-service-principal.md`
#[test]
fn which_services_are_trusted() {
    let reference = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com","ecs-tasks.amazonaws.com"]}},
        {"Effect":"Allow","Principal":"*","NotAction":"sts:AssumeRole"}]}"#;
    let by = |principal: &str| trusts(&[("Allow", principal, "sts:AssumeRole")]);
    check(
        DocumentKind::Trust,
        reference,
        &[
            (true, &by(r#"{"Service":"ec2.amazonaws.com"}"#)),
            (true, &trusts(&[("Allow", &provider("oidc-provider/ours"), OIDC)])),
            (false, &by(r#"{"Service":"glue.amazonaws.com"}"#)),
            (false, &by(r#"{"AWS":"111111111111"}"#)),
            (false, &by(r#"{"AWS":"arn:aws:iam::111111111111:role/worker"}"#)),
        ],
    );
}

/// `README.md`, its first and second examples. AWS's check does not know that an action is only ever asked on no
/// resource, so that a reference that denies all actions on a bucket finds such an action wider; `Realistic` knows.
#[test]
fn what_checks_do_not_know_of_actions() {
    let reference = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"{action}","Resource":"arn:aws:s3:::ledger"}}]}}"#
        )
    };
    check(
        DocumentKind::Identity,
        &reference("s3:PutBucketPolicy"),
        &[
            (true, &allow(r#""s3:PutBucketPolicy""#, r#""arn:aws:s3:::other""#)),
            (true, &allow(r#""s3:GetBucketPolicy""#, r#""arn:aws:s3:::ledger""#)),
            (false, &allow(r#""s3:PutBucket*""#, r#""arn:aws:s3:::*""#)),
        ],
    );
    let list = access(&allow(r#""s3:ListAllMyBuckets""#, r#""*""#), DocumentKind::Identity);
    let all = access(&reference("s3:*"), DocumentKind::Identity);
    let ask = |mode| no_new_access(&list, &all, &Scope::default(), Options { mode, ..Options::default() });
    assert!(ask(Mode::AwsCompat).refutation().is_some());
    assert_eq!(ask(Mode::Realistic), Verdict::Proved);
}
