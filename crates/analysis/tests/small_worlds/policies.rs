//! Policies of a small alphabet.

use proptest::prelude::*;
use proptest::sample::select;

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let list = prop::collection::vec(select(texts), 1..3);
    list.prop_map(|texts| serde_json::to_string(&texts).unwrap())
}

fn action() -> impl Strategy<Value = String> {
    let entries = one_of(&["x:a", "x:*", "x:a*", "x:?", "*", "y:*b", "x:ab", "*:*", "y:a"]);
    (prop::bool::weighted(0.2), entries)
        .prop_map(|(not, list)| format!(r#""{}Action":{list}"#, if not { "Not" } else { "" }))
}

fn resource() -> impl Strategy<Value = String> {
    let entries = one_of(&[
        "*",
        "arn:aws:x:::a",
        "arn:aws:x:::a*",
        "arn:aws:x:*:*:a",
        "arn:aws:x:*:a",
        "arn:aws:x:*",
        "arn:*:x:r*:*:*a",
        "arn:aws:x:::?",
        "arn:aws:y:::*",
        "arn:aws:x:?::a",
        "arn:aws:x:::${app:k}",
        "arn:aws:x:::${app:l}*",
    ]);
    (prop::bool::weighted(0.2), entries)
        .prop_map(|(not, list)| format!(r#""{}Resource":{list}"#, if not { "Not" } else { "" }))
}

fn condition() -> impl Strategy<Value = String> {
    let text = |operators: &'static [&'static str],
                keys: &'static [&'static str],
                values: &'static [&'static str]| {
        (select(operators), select(keys), one_of(values))
            .prop_map(|(op, key, list)| format!(r#""{op}":{{"{key}":{list}}}"#))
    };
    prop_oneof![
        text(
            &[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIfExists",
                "StringNotEqualsIgnoreCase",
                "ForAllValues:StringLike",
                "ForAnyValue:StringEquals",
                "ForAnyValue:StringNotEquals",
                "ForAllValues:StringNotLike",
                "ForAnyValue:StringLikeIfExists",
            ],
            &["app:k", "app:l", "aws:TagKeys"],
            &["a", "b", "a*", "B", "?", "${app:l}", "a${app:k}"],
        ),
        text(&["Null"], &["app:k", "app:l", "aws:TagKeys"], &["true", "false"]),
        text(&["Bool", "BoolIfExists"], &["app:flag"], &["true", "false"]),
        text(
            &["NumericLessThan", "NumericEquals", "NumericNotEquals", "NumericGreaterThanEqualsIfExists"],
            &["app:n"],
            &["1", "2", "-1"],
        ),
        text(&["IpAddress", "NotIpAddress"], &["aws:SourceIp"], &["10.0.0.0/8", "10.1.0.0/16", "::/1"]),
        text(
            &["ArnLike", "ArnNotEquals", "ForAnyValue:ArnEquals"],
            &["app:arn"],
            &["arn:aws:x:::a", "arn:aws:x:*:*:a*", "arn:*:*:*:*:*", "zzz"],
        ),
        text(&["DateLessThan", "DateGreaterThanEquals"], &["app:date"], &["2020-01-01", "2021-01-01"]),
        text(&["BinaryEquals"], &["app:bytes"], &["QQ==", "QUI="]),
    ]
}

fn statement(principals: bool) -> impl Strategy<Value = String> {
    let principal = (
        prop::bool::weighted(0.15),
        select(vec![
            r#""*""#,
            r#"{"AWS":"111111111111"}"#,
            r#"{"AWS":"arn:aws:iam::111111111111:user/u"}"#,
            r#"{"AWS":["arn:aws:iam::111111111111:role/r","222222222222"]}"#,
            r#"{"Service":"x.amazonaws.com"}"#,
        ]),
    );
    let conditions = prop::collection::vec(condition(), 0..3);
    (prop::bool::weighted(0.35), action(), resource(), principal, conditions).prop_map(
        move |(deny, action, resource, (not, who), mut conditions)| {
            let effect = if deny { "Deny" } else { "Allow" };
            let not = if not && deny { "Not" } else { "" };
            let principal = if principals { format!(r#""{not}Principal":{who},"#) } else { String::new() };
            // An operator stands once.
            conditions.sort();
            conditions.dedup_by(|one, other| one.split(':').take(2).eq(other.split(':').take(2)));
            let condition = match conditions.len() {
                0 => String::new(),
                _ => format!(r#","Condition":{{{}}}"#, conditions.join(",")),
            };
            format!(r#"{{"Effect":"{effect}",{principal}{action},{resource}{condition}}}"#)
        },
    )
}

pub(crate) fn policy(principals: bool) -> impl Strategy<Value = String> {
    prop::collection::vec(statement(principals), 1..4).prop_map(|statements| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    })
}
