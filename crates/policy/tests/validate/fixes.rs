//! Fixes: what they write, and that safe ones change no decision.

use crate::cases::document;
use bailiwick_policy::validate::{Check, Safety, ValidateOptions, fix_all, validate};
use bailiwick_policy::{
    CompiledPolicy, ContextMap, Decision, Document, DocumentKind, Layers, PolicyKind, PolicyLabel, PolicySet,
    Principal, Request, evaluate,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::sync::Arc;

const IDENTITY: DocumentKind = DocumentKind::Identity;

fn safely_fixed(text: &str) -> String {
    fix_all(text, ValidateOptions::new(IDENTITY), |_, fix| fix.safety == Safety::Safe).0
}

fn all_fixed(text: &str, kind: DocumentKind) -> String {
    fix_all(text, ValidateOptions::new(kind), |_, _| true).0
}

#[test]
fn safe_fixes_take_out_what_says_nothing() {
    for (bad, good) in [
        (
            r#""Action":["s3:Get*","s3:GetObject","s3:GetObject"],"Resource":"*""#,
            r#""Action":["s3:Get*"],"Resource":"*""#,
        ),
        (r#""Sid":"","Action":"s3:*","Resource":"*""#, r#""Action":"s3:*","Resource":"*""#),
        (r#""Action":"s3:*","Resource":"*","Condition":{}"#, r#""Action":"s3:*","Resource":"*""#),
        (
            r#""Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.9/24"}}"#,
            r#""Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        ),
        (
            r#""Action":"s3:*","Resource":"arn:aws:s3:::${ aws:username }""#,
            r#""Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}""#,
        ),
        (
            r#""Action":"s3:*","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":["10","20"]}}"#,
            r#""Action":"s3:*","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":["20"]}}"#,
        ),
        (
            r#""Action":"s3:*","Resource":"*","Condition":{"stringequals":{"aws:username":"a"}}"#,
            r#""Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"a"}}"#,
        ),
    ] {
        assert_eq!(safely_fixed(&document(bad)), document(good));
    }
    let bad = "{\n  \"Statement\": {\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}\n}";
    let good = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}\n}";
    assert_eq!(safely_fixed(bad), good);
}

#[test]
fn other_fixes_say_what_was_meant() {
    for (kind, bad, good) in [
        (
            IDENTITY,
            r#""Effect":"allow","Action":"s3:*","Resource":"*""#,
            r#""Effect":"Allow","Action":"s3:*","Resource":"*""#,
        ),
        (IDENTITY, r#""Action":"s3:GetObjekt","Resource":"*""#, r#""Action":"s3:GetObject","Resource":"*""#),
        (IDENTITY, r#""Action":"*:*","Resource":"*""#, r#""Action":"*","Resource":"*""#),
        (
            IDENTITY,
            r#""Action":"s3:*","Resource":"arn:aws:S3:us-east-1:111122223333:b""#,
            r#""Action":"s3:*","Resource":"arn:aws:s3:::b""#,
        ),
        (
            IDENTITY,
            r#""Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"a*"}}"#,
            r#""Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:username":"a*"}}"#,
        ),
        (
            DocumentKind::Trust,
            r#""Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":"sts:AssumeRole""#,
            r#""Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]"#,
        ),
    ] {
        assert_eq!(all_fixed(&document(bad), kind), document(good));
        assert_eq!(safely_fixed(&document(bad)), document(bad), "none of this is safe");
    }
}

#[test]
fn nothing_is_fixed_where_an_element_stands_twice() {
    let text = document(r#""Action":["s3:*","s3:Get*"],"Action":"iam:*","Resource":"*""#);
    assert_eq!(all_fixed(&text, IDENTITY), text);
}

#[test]
fn fixes_are_of_the_kind_that_the_table_tells() {
    for case in ["MISSING_VERSION", "INVALID_EFFECT", "REDUNDANT_ACTION"] {
        assert!(Check::by_code(case).unwrap().fix().is_some());
    }
}

const ACTIONS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "S3:getobject",
    "s3:*Object",
    "iam:*",
    "s*:GetObject",
    "*:*",
    "s3:P?tObject",
    "a",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/a?",
    "arn:aws:s3:::*/ann",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::b/${ aws:username }",
    "arn:aws:s3:::b/${aws:username}*",
    "arn:aws:s3:::b/${",
    "arn:aws:s3:*:*:b/*",
    "arn:aws*:s3:::b/*",
    "arn:aws:s3:*:b/*",
    "arn:aws:*:::b/*",
    "arn:aws:s3",
    "arn:aws:s3:::b/$*",
    "x",
];
const CONDITIONS: &[&str] = &[
    "",
    r#""StringEquals":{}"#,
    r#""stringequals":{"aws:username":"ann"}"#,
    r#""StringEqualsIgnoreCase":{"aws:username":"${aws:username}"}"#,
    r#""StringLikeIfExists":{"aws:username":"*"}"#,
    r#""ForAllValues:StringLike":{"aws:TagKeys":"*"}"#,
    r#""ForAllValues:StringLike":{"aws:TagKeys":"*","aws:username":"b"}"#,
    r#""ForAllValues:StringNotLike":{"aws:TagKeys":["*","a"]}"#,
    r#""IpAddress":{"aws:SourceIp":["203.0.113.77/24","10.0.0.1/8"]}"#,
    r#""NotIpAddress":{"aws:SourceIp":"2001:db8::1/32"}"#,
    r#""NumericLessThan":{"s3:max-keys":["5","10","7"]}"#,
    r#""NumericGreaterThanEquals":{"s3:max-keys":[5,10]}"#,
    r#""ForAllValues:NumericLessThan":{"s3:max-keys":["5","10"]}"#,
    r#""NullIfExists":{"aws:username":"true"}"#,
];

fn strings(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(select(pool), 1..5).prop_map(|chosen| {
        let quoted: Vec<_> = chosen.iter().map(|text| format!("{text:?}")).collect();
        format!("[{}]", quoted.join(", "))
    })
}

prop_compose! {
    fn statement()(
        sid in select(&["", "\"Sid\":\"\",", "\"Sid\":\"a\","][..]),
        effect in select(&["Allow", "Allow", "Deny", "allow"][..]),
        not_action in prop::bool::weighted(0.2),
        actions in strings(ACTIONS),
        not_resource in prop::bool::weighted(0.2),
        resources in strings(RESOURCES),
        conditions in subsequence(CONDITIONS, 0..3),
    ) -> String {
        let conditions: Vec<_> = conditions.into_iter().filter(|text| !text.is_empty()).collect();
        let condition = format!(", \"Condition\": {{{}}}", conditions.join(", "));
        format!(
            "{{{sid}\"Effect\":\"{effect}\", \"{}Action\":{actions},\n\"{}Resource\":{resources}{condition}}}",
            if not_action { "Not" } else { "" },
            if not_resource { "Not" } else { "" },
        )
    }
}

prop_compose! {
    fn policy()(
        version in select(&["", "\"Version\":\"2012-10-17\",", "\"Version\":\"2008-10-17\",", "\"Version\": \"x\","][..]),
        statements in prop::collection::vec(statement(), 1..4),
        again in any::<bool>(),
    ) -> String {
        let mut statements = statements;
        if again {
            statements.push(statements[0].clone());
        }
        format!("{{{version}\"Statement\":[{}]}}", statements.join(", "))
    }
}

fn decide(text: &str, action: &str, resource: &str, context: &ContextMap) -> Option<Decision> {
    let document = Arc::new(Document::parse_tolerant(text).0?);
    let label = PolicyLabel::new(PolicyKind::Inline, "arn:aws:iam::111122223333:user/ann", "own");
    let identity = PolicySet::new(vec![Arc::new(CompiledPolicy::compile(document, label))]);
    let ann = Principal::user("arn:aws:iam::111122223333:user/ann").unwrap();
    let request = Request::new(&ann, action, resource, context);
    Some(evaluate(&Layers { identity: &identity, ..Layers::default() }, &request))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn safe_fixes_change_no_decision(
        text in policy(),
        action in select(&["s3:GetObject", "s3:PutObject", "iam:CreateUser"][..]),
        resource in select(&["arn:aws:s3:::b", "arn:aws:s3:::b/ann", "arn:aws:s3:::b/a1", "arn:aws:s3:r:1:b/x", "arn:aws:s3:::b/$x", "*"][..]),
        name in select(&[None, Some("ann"), Some("")][..]),
        keys in select(&[None, Some("6"), Some("8"), Some("30")][..]),
        tags in select(vec![None, Some(vec![]), Some(vec!["a"]), Some(vec!["a", "b"])]),
        address in select(&[None, Some("203.0.113.1"), Some("10.9.9.9"), Some("2001:db8::5")][..]),
    ) {
        let mut context = ContextMap::new();
        for (key, value) in [("aws:username", name), ("s3:max-keys", keys), ("aws:SourceIp", address)] {
            if let Some(value) = value {
                context = context.with(key, value);
            }
        }
        if let Some(tags) = tags {
            context = context.with_many("aws:TagKeys", tags);
        }
        let fixed = safely_fixed(&text);
        let before = decide(&text, action, resource, &context).map(|decision| decision.outcome);
        let after = decide(&fixed, action, resource, &context).map(|decision| decision.outcome);
        prop_assert_eq!(before, after, "{}\n{}", text, fixed);
        let left = validate(&fixed, ValidateOptions::new(IDENTITY));
        prop_assert!(
            !left.iter().any(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe)),
            "{}", fixed
        );
    }

    #[test]
    fn fixes_are_what_the_table_says(text in policy()) {
        for finding in validate(&text, ValidateOptions::new(IDENTITY)) {
            if let Some(fix) = &finding.fix {
                let told = finding.check.fix();
                prop_assert!(told.is_some(), "{}", finding.check.code());
                prop_assert!(told == Some(Safety::Safe) || fix.safety == Safety::ChangesMeaning);
            }
        }
    }
}
