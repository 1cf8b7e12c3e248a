//! Grammar and sizes.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
    cases
}
