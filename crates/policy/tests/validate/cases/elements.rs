//! Actions, resources and principals.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let s = |text: &str| text.to_owned();
    let mut cases = Vec::new();
    let mut add = |code, kind, bad: String, good: String| cases.push(case(code, kind, &bad, &good));
    // Actions.
    add("INVALID_ACTION", Identity, action("s3:GetObjekt"), action("S3:getobject"));
    add("INVALID_ACTION", Identity, action("s3:Fetch*"), action("s3:Get*"));
    add("INVALID_ACTION", Identity, action("GetObject"), action("s3:GetObject"));
    add("INVALID_SERVICE_IN_ACTION", Identity, action("s33:GetObject"), action("s3:GetObject"));
    add(
        "BAILIWICK_RETIRED_ACTION",
        Identity,
        action("codestar:ListProjects"),
        action("codebuild:ListProjects"),
    );
    add(
        "BAILIWICK_UNPUBLISHED_ACTION",
        Identity,
        action("payments:GetAccountBalance"),
        action("payments:ListPaymentPreferences"),
    );
    add("BAILIWICK_ACTION_MATCHES_NOTHING", Identity, action("*:*"), action("*"));
    add("WILDCARD_IN_SERVICE_NAME", Identity, action("s*:GetObject"), action("s3:GetObject"));
    add(
        "WILDCARD_IN_SERVICE_NAME",
        Identity,
        resource("arn:aws:*code*::111122223333:*"),
        resource("arn:aws:codecommit:*:111122223333:*"),
    );
    // Resources.
    add("INVALID_ARN_PREFIX", Identity, resource("my-bucket"), resource("arn:aws:s3:::my-bucket"));
    add("MISSING_ARN_FIELD", Identity, resource("arn:aws:s3::b"), resource("arn:aws:s3:::b"));
    add("INVALID_PARTITION", Identity, resource("arn:amazon:s3:::b"), resource("arn:aws-*:s3:::b"));
    add(
        "INVALID_ARN_REGION",
        Identity,
        resource("arn:aws:sqs:eu-mars-1:111122223333:q"),
        resource("arn:aws:sqs:eu-*:111122223333:q"),
    );
    add(
        "INVALID_ARN_REGION",
        Identity,
        resource("arn:aws:sqs:cn-north-1:111122223333:q"),
        resource("arn:aws-cn:sqs:cn-north-1:111122223333:q"),
    );
    add(
        "INVALID_ARN_ACCOUNT",
        Identity,
        resource("arn:aws:sqs:eu-west-1:1234:q"),
        resource("arn:aws:sqs:eu-west-1:1234*:q"),
    );
    add("INVALID_ARN_SERVICE_CASE", Identity, resource("arn:aws:S3:::b"), resource("arn:aws:s3:::b"));
    add("INVALID_SERVICE", Identity, resource("arn:aws:s33:::b"), resource("arn:aws:execute-api:*:*:a/*"));
    add(
        "INVALID_SERVICE",
        Identity,
        when(r#""StringEquals":{"s33:prefix":"x"}"#),
        when(r#""StringEquals":{"login.example.org:sub":"x"}"#),
    );
    add(
        "INVALID_ARN_RESOURCE",
        Identity,
        resource("arn:aws:iam::111122223333:rolle/x"),
        resource("arn:aws:iam::111122223333:role/x"),
    );
    add(
        "ARN_REGION_NOT_ALLOWED",
        Identity,
        resource("arn:aws:iam:eu-west-1:111122223333:user/x"),
        resource("arn:aws:iam:*:111122223333:user/x"),
    );
    add(
        "ARN_ACCOUNT_NOT_ALLOWED",
        Identity,
        resource("arn:aws:s3::111122223333:bucket"),
        resource("arn:aws:s3::*:bucket"),
    );
    add(
        "MISSING_ARN_REGION",
        Identity,
        resource("arn:aws:sqs::111122223333:q"),
        resource("arn:aws:sqs:*:111122223333:q"),
    );
    add(
        "MISSING_ARN_ACCOUNT",
        Identity,
        resource("arn:aws:sqs:eu-west-1::q"),
        resource("arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"),
    );
    add(
        "BAILIWICK_STAR_CROSSES_COLON",
        Identity,
        resource("arn:aws:dynamodb:*:table/prod-*"),
        resource("arn:aws:dynamodb:*:*:table/prod-*"),
    );
    add(
        "BAILIWICK_VARIABLE_IN_ARN_HEAD",
        Identity,
        resource("arn:aws:iam::${aws:PrincipalAccount}:user/x"),
        resource("arn:aws:iam::*:user/${aws:username}"),
    );
    add(
        "BAILIWICK_ACTION_WITHOUT_RESOURCE",
        Identity,
        s(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b""#),
        s(r#""Action":"s3:GetObject","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#),
    );
    add(
        "BAILIWICK_ACTION_WITHOUT_RESOURCE",
        Identity,
        s(r#""Action":"ec2:DescribeInstances","Resource":"arn:aws:ec2:*:*:instance/i-1"}"#)
            .replace("\"}", "\""),
        s(r#""Action":"ec2:DescribeInstances","Resource":"*""#),
    );
    // Principals.
    add("UNSUPPORTED_PRINCIPAL", Identity, to(ACCOUNT), action("s3:GetObject"));
    add("UNSUPPORTED_PRINCIPAL", Boundary, to(ACCOUNT), action("s3:GetObject"));
    add("SCP_SYNTAX_ERROR_PRINCIPAL", Scp, to(ACCOUNT), action("s3:GetObject"));
    add("INVALID_PRINCIPAL_FORMAT", Resource, to(r#""111122223333""#), to(ACCOUNT));
    add("INVALID_PRINCIPAL_KEY", Resource, to(r#"{"aws":"111122223333"}"#), to(ACCOUNT));
    add(
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        Resource,
        to(r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#),
        to(r#"{"AWS":"arn:aws:iam::111122223333:role/a"}"#),
    );
    add("INVALID_ROLE_REFERENCE", Resource, to(r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#), to(ACCOUNT));
    add("INVALID_USER_REFERENCE", Resource, to(r#"{"AWS":"AIDAEXAMPLEEXAMPLE123"}"#), to(ACCOUNT));
    add(
        "BAILIWICK_INVALID_PRINCIPAL",
        Resource,
        to(r#"{"AWS":"arn:aws:iam::111122223333:group/g"}"#),
        to(r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}"#),
    );
    add(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        Resource,
        to(r#"{"Service":"EC2.amazonaws.com"}"#),
        to(r#"{"Service":"ec2.amazonaws.com"}"#),
    );
    add(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        Identity,
        does_when(r#""iam:PassRole""#, r#""StringEquals":{"iam:PassedToService":"lambda"}"#),
        does_when(r#""iam:PassRole""#, r#""StringLike":{"iam:PassedToService":"lambda.*"}"#),
    );
    add(
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        Identity,
        does_when(r#""kms:Decrypt""#, r#""StringEquals":{"kms:ViaService":"s3.amazonaws.com"}"#),
        does_when(r#""kms:Decrypt""#, r#""StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}"#),
    );
    add(
        "ALLOW_WITH_NOT_PRINCIPAL",
        Resource,
        to(ACCOUNT).replace("\"Principal\"", "\"NotPrincipal\""),
        format!("\"Effect\":\"Deny\",{}", to(ACCOUNT).replace("\"Principal\"", "\"NotPrincipal\"")),
    );
    add("FEDERATED_PRINCIPAL_NOT_SUPPORTED", Resource, to(SAML), to(ACCOUNT));
    add(
        "BAILIWICK_PUBLIC_PRINCIPAL",
        Resource,
        to("\"*\""),
        to_when("\"*\"", r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#),
    );
    let service = r#"{"Service":"logging.s3.amazonaws.com"}"#;
    add(
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        Resource,
        to(service),
        to_when(service, r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#),
    );
    add(
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        Resource,
        to_when(service, r#""StringEquals":{"aws:Referer":"111122223333"}"#),
        to_when(service, r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#),
    );
    add(
        "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        Resource,
        to_when(service, r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#),
        to_when(service, r#""StringEquals":{"aws:SourceOrgID":"o-1"}"#),
    );
    cases
}
