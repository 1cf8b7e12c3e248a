//! Every check with a document in which it finds something and one in which it does not.

use bailiwick_policy::DocumentKind::{self, Boundary, Endpoint, Identity, Rcp, Resource, Scp, Trust};
use bailiwick_policy::validate::{CHECKS, Finding, ResourceKind, ValidateOptions, validate};
use std::collections::HashSet;

/// A check, the kind of document, a document that has the fault and one that has not. What does not begin with a
/// brace is the inside of one statement.
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
    let s = |text: &str| text.to_owned();
    let mut cases = Vec::new();
    let mut add = |code, kind, bad: String, good: String| cases.push(case(code, kind, &bad, &good));
    // Grammar.
    add("JSON_SYNTAX_ERROR", Identity, s("{"), action("*"));
    add("DATA_TYPE_MISMATCH", Identity, s(r#""Action":["s3:GetObject",1],"Resource":"*""#), action("*"));
    add("INVALID_POLICY_ELEMENT", Identity, s(r#""action":"*","Resource":"*""#), action("*"));
    add("MISSING_STATEMENT", Identity, s(r#"{"Version":"2012-10-17","Statement":[]}"#), action("*"));
    add(
        "MISSING_EFFECT",
        Identity,
        s(r#"{"Version":"2012-10-17","Statement":{"Action":"*","Resource":"*"}}"#),
        action("*"),
    );
    add("INVALID_EFFECT", Identity, s(r#""Effect":"allow","Action":"*","Resource":"*""#), action("*"));
    add("MISSING_ACTION", Identity, s(r#""Resource":"*""#), s(r#""NotAction":"iam:*","Resource":"*""#));
    add("MISSING_RESOURCE", Identity, s(r#""Action":"*""#), resource("*"));
    add("MISSING_PRINCIPAL", Resource, action("s3:GetObject"), to(ACCOUNT));
    add(
        "MISSING_VERSION",
        Identity,
        s(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        action("*"),
    );
    add(
        "INVALID_VERSION",
        Identity,
        s(r#"{"Version":"2026-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#),
        action("*"),
    );
    add(
        "UNSUPPORTED_ELEMENT_COMBINATION",
        Identity,
        s(r#""Action":"s3:*","NotAction":"iam:*","Resource":"*""#),
        action("s3:*"),
    );
    add(
        "BAILIWICK_DUPLICATE_ELEMENT",
        Identity,
        s(r#""Action":"s3:*","Action":"iam:*","Resource":"*""#),
        action("s3:*"),
    );
    add(
        "BAILIWICK_INVALID_CHARACTER",
        Identity,
        s(r#""Sid":"€","Action":"s3:*","Resource":"*""#),
        action("s3:*"),
    );
    add("EMPTY_ARRAY_ACTION", Identity, s(r#""Action":[],"Resource":"*""#), action("s3:*"));
    add("EMPTY_ARRAY_RESOURCE", Identity, s(r#""Action":"s3:*","Resource":[]"#), resource("*"));
    add("EMPTY_ARRAY_PRINCIPAL", Resource, to(r#"{"AWS":[]}"#), to(ACCOUNT));
    add("EMPTY_OBJECT_PRINCIPAL", Resource, to("{}"), to(ACCOUNT));
    add("EMPTY_OBJECT_CONDITION", Identity, when(""), when(r#""StringEquals":{"aws:username":"a"}"#));
    add("EMPTY_SID_VALUE", Identity, s(r#""Sid":"","Action":"s3:*","Resource":"*""#), action("s3:*"));
    add(
        "UNSUPPORTED_SID",
        Identity,
        s(r#""Sid":"a b","Action":"s3:*","Resource":"*""#),
        s(r#""Sid":"ab1","Action":"s3:*","Resource":"*""#),
    );
    let sids = |first: &str, second: &str| {
        statements(&[
            &format!(r#""Sid":"{first}","Action":"s3:*","Resource":"*""#),
            &format!(r#""Sid":"{second}","Action":"sqs:*","Resource":"*""#),
        ])
    };
    add("UNIQUE_SIDS_REQUIRED", Identity, sids("a", "a"), sids("a", "b"));
    add("UNIQUE_SIDS_RECOMMENDED", Resource, sids("a", "a"), sids("a", "b"));
    // Sizes.
    add("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", Identity, large(6_300), large(5_000));
    add(
        "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        Trust,
        large(2_300),
        trusts(ACCOUNT, r#""sts:AssumeRole""#),
    );
    add("POLICY_SIZE_EXCEEDS_SCP_QUOTA", Scp, large(5_300), large(4_000));
    add("POLICY_SIZE_EXCEEDS_RCP_QUOTA", Rcp, large(5_300), large(4_000));
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
    // Trust.
    let assume = r#""sts:AssumeRole""#;
    add(
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
        Trust,
        trusts(ACCOUNT, assume).replace("\"Principal\"", "\"NotPrincipal\""),
        trusts(ACCOUNT, assume),
    );
    add(
        "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        Trust,
        trusts("\"*\"", assume),
        trusts(r#"{"AWS":"*"}"#, assume),
    );
    add(
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        Trust,
        format!("{},\"Resource\":\"*\"", trusts(ACCOUNT, assume)),
        trusts(ACCOUNT, assume),
    );
    add(
        "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
        Trust,
        trusts(r#"{"Federated":"corp"}"#, WEB),
        trusts(r#"{"Federated":"accounts.google.com"}"#, WEB),
    );
    add(
        "MISMATCHED_ACTION_FOR_PRINCIPAL",
        Trust,
        trusts(SAML, WEB),
        trusts(SAML, r#""sts:AssumeRoleWithSAML""#),
    );
    add("MISMATCHED_ACTION_FOR_PRINCIPAL", Trust, trusts(ACCOUNT, WEB), trusts(ACCOUNT, assume));
    let anywhere = r#"{"Service":"rolesanywhere.amazonaws.com"}"#;
    add(
        "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
        Trust,
        trusts(anywhere, assume),
        trusts(anywhere, r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#),
    );
    add(
        "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        Trust,
        trusts(r#"{"Federated":"accounts.google.com"}"#, WEB),
        trusts_when(
            r#"{"Federated":"accounts.google.com"}"#,
            WEB,
            r#""StringEquals":{"accounts.google.com:aud":"x"}"#,
        ),
    );
    add("MISSING_GITHUB_REPO_CONDITION_KEY", Trust, trusts(GITHUB, WEB), trusts_when(GITHUB, WEB, SUB));
    add(
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        Trust,
        trusts_when(
            GITHUB,
            WEB,
            &SUB.replace("StringEquals", "StringLike").replace("r:ref:refs/heads/main", "*"),
        ),
        trusts_when(GITHUB, WEB, SUB),
    );
    add(
        "MISSING_ACTION_FOR_CONDITION_KEY",
        Trust,
        trusts_when(ACCOUNT, assume, r#""StringEquals":{"sts:SourceIdentity":"ann"}"#),
        trusts_when(
            ACCOUNT,
            r#"["sts:AssumeRole","sts:SetSourceIdentity"]"#,
            r#""StringEquals":{"sts:SourceIdentity":"ann"}"#,
        ),
    );
    add(
        "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        Trust,
        trusts(
            r#"{"AWS":["arn:aws:iam::111122223333:role/a","arn:aws:sts::111122223333:assumed-role/a/s"]}"#,
            assume,
        ),
        trusts(
            r#"{"AWS":["arn:aws:iam::111122223333:role/b","arn:aws:sts::111122223333:assumed-role/a/s"]}"#,
            assume,
        ),
    );
    let audience = |operator: &str| {
        trusts_when(
            GITHUB,
            WEB,
            &format!(
                r#"{SUB},"{operator}":{{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#
            ),
        )
    };
    add(
        "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
        Trust,
        audience("ForAnyValue:StringEquals"),
        audience("StringEqualsIgnoreCase"),
    );
    add(
        "CONFIRM_AUDIENCE_CLAIM_TYPE",
        Trust,
        audience("ForAllValues:StringEquals"),
        audience("StringEqualsIgnoreCase"),
    );
    add("UNSUPPORTED_ACTION_IN_POLICY", Trust, trusts(ACCOUNT, r#""s3:GetObject""#), trusts(ACCOUNT, assume));
    // RCPs.
    add(
        "RCP_SYNTAX_ERROR_PRINCIPAL",
        Rcp,
        RCP.replace("\"*\",\"Action\"", "{\"AWS\":\"111122223333\"},\"Action\""),
        s(RCP),
    );
    add(
        "RCP_SYNTAX_ERROR_ALLOW",
        Rcp,
        RCP.replace("Deny", "Allow"),
        s(r#""Principal":"*","Action":"*","Resource":"*""#),
    );
    add("RCP_SYNTAX_ERROR_NOTACTION", Rcp, RCP.replace("\"Action\"", "\"NotAction\""), s(RCP));
    add("RCP_SYNTAX_ERROR_ACTION", Rcp, RCP.replace("s3:*", "ec2:*"), s(RCP));
    add(
        "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
        Rcp,
        rcp(r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}"#),
        rcp(
            r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#,
        ),
    );
    let source = r#""StringNotEqualsIfExists":{"aws:SourceOrgID":"o-1"}"#;
    add(
        "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
        Rcp,
        rcp(source),
        rcp(&format!(r#"{source},"Bool":{{"aws:PrincipalIsAWSService":"true"}}"#)),
    );
    add(
        "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
        Rcp,
        rcp(source),
        rcp(&format!(r#"{source},"Null":{{"aws:SourceAccount":"false"}}"#)),
    );
    // Operators and keys.
    let name = r#"{"aws:username":"a"}"#;
    add(
        "INVALID_CONDITION_OPERATOR",
        Identity,
        when(&format!(r#""StringMatches":{name}"#)),
        when(&format!(r#""StringLikeIfExists":{name}"#)),
    );
    add(
        "INVALID_CONDITION_OPERATOR",
        Identity,
        when(&format!(r#""stringequals":{name}"#)),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "NULL_WITH_IF_EXISTS",
        Identity,
        when(r#""NullIfExists":{"aws:username":"true"}"#),
        when(r#""Null":{"aws:username":"true"}"#),
    );
    add(
        "NULL_WITH_QUALIFIER",
        Identity,
        when(r#""ForAllValues:Null":{"aws:TagKeys":"true"}"#),
        when(r#""Null":{"aws:TagKeys":"true"}"#),
    );
    add(
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        Identity,
        when(r#""StringEquals":{"aws:username":"a","aws:UserName":"b"}"#),
        when(r#""StringEquals":{"aws:username":"a","aws:userid":"b"}"#),
    );
    add(
        "EMPTY_ARRAY_CONDITION",
        Identity,
        when(r#""StringEquals":{"aws:username":[]}"#),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        Identity,
        when(r#""ForAllValues:StringEquals":{"aws:TagKeys":[]}"#),
        when(r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#),
    );
    add(
        "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        Identity,
        when(r#""ForAnyValue:StringEquals":{"aws:TagKeys":[]}"#),
        when(r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}"#),
    );
    add(
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
        Identity,
        when(r#""StringEqualsIfExists":{"aws:username":[]}"#),
        when(&format!(r#""StringEqualsIfExists":{name}"#)),
    );
    add(
        "INVALID_CONDITION_DATA_TYPE",
        Identity,
        when(r#""StringEquals":{"aws:username":["a",1]}"#),
        when(r#""StringEquals":{"aws:username":["a","1"]}"#),
    );
    add(
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        Identity,
        when(r#""Bool":{"aws:SecureTransport":["true","false"]}"#),
        when(r#""Bool":{"aws:SecureTransport":"true"}"#),
    );
    add(
        "MISSING_QUALIFIER",
        Identity,
        when(r#""StringEquals":{"aws:TagKeys":"a"}"#),
        when(r#""ForAnyValue:StringEquals":{"aws:TagKeys":"a"}"#),
    );
    add(
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        Identity,
        when(&format!(r#""ForAllValues:StringEquals":{name}"#)),
        when(r#""ForAllValues:StringEquals":{"aws:TagKeys":"a"}"#),
    );
    add(
        "TYPE_MISMATCH",
        Identity,
        when(r#""StringEquals":{"aws:SecureTransport":"true"}"#),
        when(r#""Bool":{"aws:SecureTransport":"true"}"#),
    );
    add(
        "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        Identity,
        when(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
    );
    add(
        "INVALID_CONDITION_KEY_FORMAT",
        Identity,
        when(r#""StringEquals":{"username":"a"}"#),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "INVALID_GLOBAL_CONDITION_KEY",
        Identity,
        when(r#""StringEquals":{"aws:usernam":"a"}"#),
        when(r#""StringEquals":{"AWS:UserName":"a"}"#),
    );
    add(
        "INVALID_SERVICE_CONDITION_KEY",
        Identity,
        when(r#""StringEquals":{"s3:prefiks":"a"}"#),
        when(r#""StringEquals":{"s3:ExistingObjectTag/a":"a"}"#),
    );
    add(
        "UNSUPPORTED_GLOBAL_CONDITION_KEY",
        Resource,
        to_when("\"*\"", r#""ArnLike":{"aws:ARN":"arn:aws:iam::*:role/a"}"#),
        to_when("\"*\"", r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
    );
    add(
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        Identity,
        when(r#""ArnLike":{"aws:arn":"arn:aws:iam::*:role/a"}"#),
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"}"#),
    );
    add(
        "MISSING_TAG_KEY_IN_CONDITION",
        Identity,
        when(r#""StringEquals":{"aws:RequestTag":"a"}"#),
        when(r#""StringEquals":{"aws:RequestTag/team":"a"}"#),
    );
    add(
        "UNTRUSTWORTHY_CONDITION_KEY",
        Identity,
        when(r#""StringEquals":{"aws:UserAgent":"a"}"#),
        when(&format!(r#""StringEquals":{name}"#)),
    );
    add(
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        Identity,
        does_when(r#"["s3:ListBucket","s3:GetObject"]"#, r#""StringEquals":{"s3:prefix":"a"}"#),
        does_when(r#""s3:ListBucket""#, r#""StringEquals":{"s3:prefix":"a"}"#),
    );
    add(
        "MISSING_PAIRED_CONDITION_KEYS",
        Identity,
        when(r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}"#),
        when(
            r#""IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"},"StringEquals":{"aws:SourceVpc":"vpc-12345678"}"#,
        ),
    );
    add(
        "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES",
        Identity,
        does_when(r#""ec2:RunInstances""#, r#""StringEquals":{"aws:VpceAccount":"111122223333"}"#),
        when(r#""StringEquals":{"aws:VpceAccount":"111122223333"}"#),
    );
    let tagged = r#""StringEquals":{"aws:ResourceTag/a":"b"}"#;
    add(
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        does_when(r#""ec2:DescribeInstances""#, tagged),
        does_when(r#""ec2:StartInstances""#, tagged),
    );
    add(
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        denies_when(r#""ec2:DescribeInstances""#, tagged),
        denies_when(r#""ec2:StartInstances""#, tagged),
    );
    let not = |text: String| text.replace("\"Action\"", "\"NotAction\"");
    add(
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        not(does_when(r#""iam:*""#, tagged)),
        does_when(r#""ec2:*""#, tagged),
    );
    add(
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        Identity,
        not(denies_when(r#""iam:*""#, tagged)),
        denies_when(r#""ec2:*""#, tagged),
    );
    let attributes = r#""ForAllValues:StringEquals":{"dynamodb:Attributes":["a"]}"#;
    add(
        "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
        Identity,
        does_when(r#""dynamodb:GetItem""#, attributes),
        does_when(
            r#""dynamodb:Query""#,
            &format!(r#"{attributes},"StringEquals":{{"dynamodb:Select":"SPECIFIC_ATTRIBUTES"}}"#),
        ),
    );
    let prefix = |operator: &str| format!(r#""{operator}":{{"s3:prefix":"a/*"}}"#);
    add(
        "S3_PREFIX_IN_NEGATIVE_CONTEXT",
        Identity,
        denies_when(r#""s3:ListBucket""#, &prefix("StringLike")),
        denies_when(r#""s3:ListBucket""#, &prefix("StringNotLike")),
    );
    // Values.
    add(
        "TYPE_MISMATCH_NUMBER",
        Identity,
        when(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"1h"}"#),
        when(r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#),
    );
    add(
        "TYPE_MISMATCH_DATE",
        Identity,
        when(r#""DateLessThan":{"aws:CurrentTime":"tomorrow"}"#),
        when(r#""DateLessThan":{"aws:CurrentTime":"2026-01-31"}"#),
    );
    add(
        "TYPE_MISMATCH_BOOLEAN",
        Identity,
        when(r#""Bool":{"aws:SecureTransport":"yes"}"#),
        when(r#""Bool":{"aws:SecureTransport":true}"#),
    );
    add(
        "TYPE_MISMATCH_STRING",
        Identity,
        when(r#""BinaryEquals":{"aws:username":"?"}"#),
        when(r#""BinaryEquals":{"aws:username":"QQ=="}"#),
    );
    add(
        "TYPE_MISMATCH_IP_RANGE",
        Identity,
        when(r#""IpAddress":{"aws:SourceIp":"8.8.8.8/33"}"#),
        when(r#""IpAddress":{"aws:SourceIp":"8.8.8.8/32"}"#),
    );
    add(
        "INVALID_DATE_VALUE",
        Identity,
        when(r#""DateLessThan":{"aws:CurrentTime":"1790000000"}"#),
        when(r#""DateLessThan":{"aws:CurrentTime":"2026-01-31T00:00:00Z"}"#),
    );
    add(
        "IMPROVE_IP_RANGE",
        Identity,
        when(r#""IpAddress":{"aws:SourceIp":"203.0.113.7/24"}"#),
        when(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#),
    );
    let from = |operator: &str, values: &str| when(&format!(r#""{operator}":{{"aws:SourceIp":{values}}}"#));
    add(
        "PRIVATE_IP_ADDRESS",
        Identity,
        from("IpAddress", r#""10.0.0.0/8""#),
        from("IpAddress", r#""8.8.8.0/24""#),
    );
    add(
        "PRIVATE_NOT_IP_ADDRESS",
        Identity,
        from("NotIpAddress", r#""10.0.0.0/8""#),
        from("NotIpAddress", r#""8.8.8.0/24""#),
    );
    add(
        "PRIVATE_IP_ADDRESS_SUBSET",
        Identity,
        from("IpAddress", r#"["10.0.0.0/8","8.8.8.0/24"]"#),
        from("IpAddress", r#"["9.9.9.0/24","8.8.8.0/24"]"#),
    );
    add(
        "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        Identity,
        from("NotIpAddress", r#"["10.0.0.0/8","8.8.8.0/24"]"#),
        from("NotIpAddress", r#"["9.9.9.0/24","8.8.8.0/24"]"#),
    );
    add(
        "INVALID_REGION",
        Identity,
        when(r#""StringEquals":{"aws:RequestedRegion":"eu-mars-1"}"#),
        when(r#""StringLike":{"aws:RequestedRegion":"eu-*"}"#),
    );
    add(
        "INVALID_VPC_FORMAT",
        Identity,
        when(r#""StringEquals":{"aws:SourceVpc":"my-vpc"}"#),
        when(r#""StringEquals":{"aws:SourceVpc":"vpc-12345678"}"#),
    );
    add(
        "INVALID_VPCE_FORMAT",
        Identity,
        when(r#""StringEquals":{"aws:SourceVpce":"vpc-12345678"}"#),
        when(r#""StringEquals":{"aws:SourceVpce":"vpce-11223344556677889"}"#),
    );
    let key = |value: &str| {
        does_when(
            r#""s3:PutObject""#,
            &format!(r#""ArnLike":{{"s3:x-amz-server-side-encryption-aws-kms-key-id":"{value}"}}"#),
        )
    };
    add(
        "INVALID_KMS_KEY_VALUE",
        Identity,
        key("alias/mine"),
        key("arn:aws:kms:eu-west-1:111122223333:key/*"),
    );
    add(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        Identity,
        when(r#""StringEquals":{"aws:username":"a*"}"#),
        when(r#""StringLike":{"aws:username":"a*"}"#),
    );
    add(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#),
        when(r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#),
    );
    add(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""StringLike":{"aws:userid":"AROA*"}"#),
        when(r#""StringLike":{"aws:userid":"AROAEXAMPLE:*"}"#),
    );
    add(
        "WILDCARD_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:*:iam::1:role/x"}"#),
        when(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}"#),
    );
    add(
        "VARIABLE_USAGE_TOO_PERMISSIVE",
        Identity,
        when(r#""StringEquals":{"aws:SourceVpce":"${aws:PrincipalTag/vpce}"}"#),
        when(r#""StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}"#),
    );
    let star = |operator: &str, key: &str| when(&format!(r#""{operator}":{{"{key}":"*"}}"#));
    add(
        "EQUIVALENT_TO_NULL_FALSE",
        Identity,
        star("StringLike", "aws:username"),
        star("Null", "aws:username").replace("\"*\"}}", "\"false\"}}"),
    );
    add(
        "EQUIVALENT_TO_NULL_TRUE",
        Identity,
        star("StringNotLike", "aws:username"),
        star("StringLike", "aws:username"),
    );
    add(
        "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
        Identity,
        star("StringLikeIfExists", "aws:username"),
        star("StringLike", "aws:username"),
    );
    add(
        "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
        Identity,
        star("ForAnyValue:StringNotLike", "aws:TagKeys"),
        star("ForAnyValue:StringLike", "aws:TagKeys"),
    );
    add(
        "REDUNDANT_CONDITION_VALUE_NUM",
        Identity,
        when(r#""NumericLessThan":{"aws:MultiFactorAuthAge":["2700","3600"]}"#),
        when(r#""NumericEquals":{"aws:MultiFactorAuthAge":["2700","3600"]}"#),
    );
    // Variables.
    let home = |variable: &str| resource(&format!("arn:aws:s3:::b/{variable}/*"));
    add("MISSING_BRACE_IN_VARIABLE", Identity, home("${aws:username"), home("${aws:username}"));
    add("EMPTY_VARIABLE", Identity, home("${}"), home("${*}"));
    add("UNSUPPORTED_SPACE_IN_VARIABLE", Identity, home("${ aws:username }"), home("${aws:username, 'a b'}"));
    add(
        "MISSING_QUOTE_IN_VARIABLE",
        Identity,
        home("${aws:username, nobody}"),
        home("${aws:username, 'nobody'}"),
    );
    add("VARIABLE_UNSUPPORTED_IN_ELEMENT", Identity, action("s3:${aws:username}"), home("${aws:username}"));
    let old = |version: &str| {
        format!(r#"{{"Version":"{version}","Statement":{{"Effect":"Allow",{}}}}}"#, home("${aws:username}"))
    };
    add("VARIABLE_UNSUPPORTED_IN_VERSION", Identity, old("2008-10-17"), old("2012-10-17"));
    add(
        "INVALID_VARIABLE_FOR_OPERATOR",
        Identity,
        when(r#""NumericEquals":{"aws:MultiFactorAuthAge":"${aws:username}"}"#),
        when(r#""StringEquals":{"s3:prefix":"${aws:username}"}"#),
    );
    add(
        "BAILIWICK_VARIABLE_RESOLVES_TO_NOTHING",
        Identity,
        home("${aws:usernam}"),
        home("${aws:PrincipalTag/team}"),
    );
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
