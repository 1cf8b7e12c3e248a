//! Trust policies and RCPs.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let s = |text: &str| text.to_owned();
    let mut cases = Vec::new();
    let mut add = |code, kind, bad: String, good: String| cases.push(case(code, kind, &bad, &good));
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
    cases
}
