//! What is granted, and what is said twice.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let s = |text: &str| text.to_owned();
    let not = |text: String| text.replace("\"Action\"", "\"NotAction\"");
    let mut cases = Vec::new();
    let mut add = |code, kind, bad: String, good: String| cases.push(case(code, kind, &bad, &good));
    // Grants.
    for (code, action, condition) in [
        ("PASS_ROLE", "PassRole", "iam:PassedToService"),
        ("CREATE_SLR", "CreateServiceLinkedRole", "iam:AWSServiceName"),
    ] {
        let code =
            |rest: &str| CHECKS.iter().find(|check| check.code() == format!("{code}_{rest}")).unwrap().code();
        let exact = format!("\"iam:{action}\"");
        let limit = format!(r#""StringEquals":{{"{condition}":"ec2.amazonaws.com"}}"#);
        let on = |action: &str, resource: &str| format!(r#""Action":{action},{resource}"#);
        let (all, others) = (r#""Resource":"*""#, r#""NotResource":"arn:aws:iam::111122223333:role/admin""#);
        add(code("WITH_STAR_IN_RESOURCE"), Identity, on(&exact, all), does_when(&exact, &limit));
        add(
            code("WITH_STAR_IN_ACTION_AND_RESOURCE"),
            Identity,
            on("\"iam:*\"", all),
            on("\"iam:Get*\"", all),
        );
        add(
            code("WITH_NOT_RESOURCE"),
            Identity,
            on(&exact, others),
            on(&exact, r#""Resource":"arn:aws:iam::111122223333:role/app""#),
        );
        add(
            code("WITH_STAR_IN_ACTION_AND_NOT_RESOURCE"),
            Identity,
            on("\"*\"", others),
            on("\"s3:*\"", others),
        );
        let except = format!(r#"["iam:{action}","s3:*"]"#);
        add(
            code("WITH_STAR_IN_RESOURCE_AND_NOT_ACTION"),
            Identity,
            not(on("\"s3:*\"", all)),
            not(on(&except, all)),
        );
        add(
            code("WITH_NOT_ACTION_AND_NOT_RESOURCE"),
            Identity,
            not(on("\"s3:*\"", others)),
            not(on(&except, others)),
        );
    }
    add(
        "BAILIWICK_ALLOW_WITH_NOT_ACTION",
        Identity,
        not(action("iam:*")),
        not(s(r#""Effect":"Deny","Action":"iam:*","Resource":"*""#)),
    );
    add(
        "BAILIWICK_ALLOW_WITH_NOT_RESOURCE",
        Identity,
        s(r#""Action":"s3:*","NotResource":"arn:aws:s3:::b""#),
        s(r#""Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::b""#),
    );
    // Redundancy.
    let many = |actions: &str| format!(r#""Action":{actions},"Resource":"*""#);
    add(
        "REDUNDANT_ACTION",
        Identity,
        many(r#"["s3:Get*","s3:GetObject"]"#),
        many(r#"["iam:Get*","iam:*CredentialReport"]"#),
    );
    add(
        "REDUNDANT_ACTION",
        Identity,
        many(r#"["s3:*Object","s3:getobject","s3:PutBucketAcl"]"#),
        many(r#"["s3:*Object","s3:GetObjectAcl"]"#),
    );
    let places = |resources: &str| format!(r#""Action":"s3:*","Resource":{resources}"#);
    add(
        "REDUNDANT_RESOURCE",
        Identity,
        places(r#"["arn:aws:s3:::b*","arn:aws:s3:::bucket/*"]"#),
        places(r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#),
    );
    add(
        "REDUNDANT_RESOURCE",
        Identity,
        places(r#"["arn:aws:sqs:*:111122223333:q*","arn:aws:sqs:eu-west-1:111122223333:queue"]"#),
        places(r#"["arn:aws:sqs:*:111122223333:q*","arn:aws:sqs:eu-west-1:*:queue"]"#),
    );
    add(
        "REDUNDANT_STATEMENT",
        Identity,
        statements(&[r#""Sid":"a","Action":"s3:*","Resource":"*""#, r#""Resource":"*","Action":"s3:*""#]),
        statements(&[r#""Action":"s3:*","Resource":"*""#, r#""Action":"sqs:*","Resource":"*""#]),
    );
    cases
}
