//! No text breaks validation or keeps it for long.

use bailiwick_policy::DocumentKind;
use bailiwick_policy::validate::{ResourceKind, ValidateOptions, detect, fix_all, validate};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const KINDS: [DocumentKind; 8] = [
    DocumentKind::Identity,
    DocumentKind::Resource,
    DocumentKind::Trust,
    DocumentKind::Scp,
    DocumentKind::Rcp,
    DocumentKind::Endpoint,
    DocumentKind::Session,
    DocumentKind::Boundary,
];

fn judge(text: &str) {
    for kind in KINDS {
        for finding in validate(text, ValidateOptions::new(kind)) {
            assert!(text.get(finding.span.range()).is_some(), "{finding:?}");
        }
    }
    let _ = detect(text);
    validate(text, ValidateOptions::of_resource(ResourceKind::S3Bucket));
    fix_all(text, ValidateOptions::new(DocumentKind::Trust), |_, _| true);
}

fn json() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(
            &[
                "Version",
                "Statement",
                "Effect",
                "Allow",
                "Deny",
                "Action",
                "NotAction",
                "Resource",
                "Principal",
                "AWS",
                "Service",
                "Federated",
                "Condition",
                "Sid",
                "2012-10-17",
                "*",
                "s3:GetObject",
                "s3:*",
                "arn:aws:s3:::b/*",
                "arn:aws:iam::*:role/${x",
                "StringLike",
                "ForAllValues:Null",
                "aws:SourceIp",
                "10.0.0.0/8",
                "IpAddress",
                "sts:AssumeRole",
                "arn:::::",
                "${",
                "é:*",
                "aws:ResourceTag/",
                "NumericLessThan",
                "1e9",
            ][..]
        )
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    let leaf = prop_oneof![
        word.clone().prop_map(|text| serde_json::Value::String(text).to_string()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-1.5e3".to_owned()),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let members = prop::collection::vec((word.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            members.prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{}: {value}", serde_json::Value::String(key.clone())))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_json_is_judged(text in json()) {
        judge(&text);
        judge(&format!("{{\"Statement\": {text}}}"));
        judge(&format!("{{\"Version\":\"2012-10-17\",\"Statement\": {{\"Effect\":\"Allow\",\"Action\":{text},\"Resource\":{text},\"Principal\":{text},\"Condition\":{text}}}}}"));
        judge(&format!("{{\"Version\":\"2012-10-17\",\"Statement\": {{\"Effect\":\"Deny\",\"Action\":\"*\",\"Condition\":{{\"StringLike\":{{\"aws:username\":{text}}}}}}}}}"));
    }

    #[test]
    fn any_text_is_judged(text in ".{0,40}") {
        judge(&text);
        judge(&format!("{{\"Version\":\"2012-10-17\",\"Statement\":{{\"Effect\":\"Allow\",\"Action\":{0},\"Resource\":{0},\"Condition\":{{{0}:{{{0}:{0}}}}}}}}}", serde_json::Value::String(text)));
    }
}

/// Large documents that are made to cost much. Without optimization they are a tenth as large.
#[test]
fn the_time_is_bounded() {
    let scale = if cfg!(debug_assertions) { 10 } else { 1 };
    let list = |count: usize, of: &dyn Fn(usize) -> String| {
        let items: Vec<_> = (0..count / scale).map(|n| format!("\"{}\"", of(n))).collect();
        format!("[{}]", items.join(","))
    };
    let actions = |actions: String| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#
        )
    };
    let resources = |resources: String| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":["s3:GetObject","ec2:RunInstances"],"Resource":{resources}}}}}"#
        )
    };
    let conditions = |conditions: String| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{conditions}}}}}"#
        )
    };
    let keys = |of: &dyn Fn(usize) -> String| {
        let keys: Vec<_> = (0..20_000 / scale).map(|n| format!("\"{}\":\"*\"", of(n))).collect();
        conditions(format!("{{\"StringLike\":{{{}}}}}", keys.join(",")))
    };
    let documents = [
        actions(list(50_000, &|n| format!("s3:Get{n}*"))),
        actions(list(50_000, &|n| format!("ec2:*{n}*"))),
        actions(list(40_000, &|n| format!("servis{n}:Get"))),
        actions(list(40_000, &|_| "ec2:*?*?*?e*".to_owned())),
        actions(format!("[\"ec2:{}b\",\"ec2:{}\"]", "*a?".repeat(100_000), "a".repeat(400_000))),
        resources(list(20_000, &|n| format!("arn:aws:s3:::b{n}/*"))),
        resources(list(20_000, &|n| format!("arn:aws:ec2:*:*:*{n}*"))),
        resources(list(2_000, &|n| format!("arn:aws:s3:::{}{n}*", "a".repeat(400)))),
        resources(format!(
            "[\"arn:aws:s3:::{}b\",\"arn:aws:s3:::{}\"]",
            "*a?".repeat(100_000),
            "a".repeat(400_000)
        )),
        keys(&|n| format!("aws:ResourceTag/{n}")),
        keys(&|n| format!("aws:usernam{n}")),
        keys(&|n| format!("s3:k{n}")),
        conditions(format!(
            "{{\"StringLike\":{{\"github.com/enterprises/{}:x\":\"${{{}}}\"}}}}",
            "a/b:".repeat(100_000),
            "x:".repeat(100_000)
        )),
        format!("{{\"Statement\":[{}]}}", vec!["{}"; 200_000].join(",")),
        format!("{{\"Statement\":[{}]}}", vec![r#"{"Sid":"a","Effect":"Allow"}"#; 30_000].join(",")),
        resources(format!("[\"arn:aws:s3:::{}\"]", "${".repeat(400_000))),
        "[".repeat(1 << 20),
        "\u{20ac}".repeat(300_000),
    ];
    let limit = if cfg!(debug_assertions) { Duration::from_secs(30) } else { Duration::from_secs(5) };
    for text in &documents {
        for kind in
            [DocumentKind::Identity, DocumentKind::Resource].into_iter().take(if scale == 1 { 2 } else { 1 })
        {
            let start = Instant::now();
            let found = validate(text, ValidateOptions::new(kind));
            let (took, begin) = (start.elapsed(), text.chars().take(120).collect::<String>());
            assert!(took < limit, "{took:?} for {begin}");
            assert!(found.len() < 5_000);
        }
    }
}

#[test]
fn what_is_left_out_is_told() {
    let items: Vec<_> = (0..300).map(|n| format!("\"x{n}\"")).collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{}],"Resource":"*"}}}}"#,
        items.join(",")
    );
    let found = validate(&text, ValidateOptions::new(DocumentKind::Identity));
    let limited = found.iter().find(|finding| finding.check.code() == "BAILIWICK_LIMITED").unwrap();
    assert_eq!(limited.message, "there are 100 more findings of INVALID_ACTION");
    assert_eq!(found.iter().filter(|finding| finding.check.code() == "INVALID_ACTION").count(), 200);
}
