//! Every request of small worlds, put to the engine, against what was proved or refuted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs
)]

use bailiwick_analysis::*;
use policy::elements::says;
use policy::{
    CompiledPolicy, ContextMap, Document, DocumentKind, Layer, Outcome, PolicyKind, PolicyLabel, PolicySet,
    Principal, Request,
};
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;

const ACTIONS: [&str; 5] = ["x:a", "x:ab", "x:b", "y:a", "y:bb"];
const RESOURCES: [&str; 8] = [
    "arn:aws:x:::a",
    "arn:aws:x:::ab",
    "arn:aws:x:::a:b",
    "arn:aws:x:r::a",
    "arn:aws:x:r:c:a",
    "arn:aws:x:r:c:b:a",
    "arn:aws:y:::a",
    "*",
];
const PRINCIPALS: [&str; 6] = [
    "arn:aws:iam::111111111111:user/u",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:iam::222222222222:user/u",
    "arn:aws:iam::333333333333:root",
    "x.amazonaws.com",
    "anonymous",
];

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

fn policy(principals: bool) -> impl Strategy<Value = String> {
    prop::collection::vec(statement(principals), 1..4).prop_map(|statements| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
    })
}

struct Judged {
    access: Access,
    set: PolicySet,
    layer: Layer,
}

fn judged(text: &str, kind: DocumentKind) -> Option<Judged> {
    let (document, problems) = Document::parse_tolerant(text);
    let document = Arc::new(document.filter(|_| problems.is_empty())?);
    let label = PolicyLabel::new(PolicyKind::Inline, "", "");
    let set = PolicySet::from(Arc::new(CompiledPolicy::compile(Arc::clone(&document), label)));
    Some(Judged { access: Access::of(document, kind), set, layer: layer_of(kind) })
}

/// Contexts: each key absent, or with one of some values.
fn contexts(seed: u64) -> Vec<ContextMap> {
    let values: [(&str, &[&str]); 8] = [
        ("app:k", &["a", "b", "A", "", "cc"]),
        ("app:l", &["a", "ab"]),
        ("app:flag", &["true", "FALSE", "x"]),
        ("app:n", &["0", "1", "1.5", "2", "x"]),
        ("aws:SourceIp", &["10.0.0.1", "10.1.2.3", "11.0.0.0", "1::"]),
        ("app:arn", &["arn:aws:x:::a", "arn:aws:x:r:c:ab", "a"]),
        ("app:date", &["2019-01-01", "2020-01-01", "2020-06-01", "2022-01-01"]),
        ("app:bytes", &["QQ==", "QUI=", "x!"]),
    ];
    let mut state = seed | 1;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut found = vec![ContextMap::new()];
    for _ in 0..15 {
        let mut context = ContextMap::new();
        for (key, values) in values {
            if next(3) > 0 {
                context.insert(key, values[next(values.len())]);
            }
        }
        let tags = ["a", "b", "ab", ""];
        let count = next(4);
        if next(3) > 0 {
            context.insert_many("aws:TagKeys", (0..count).map(|_| tags[next(4)]).collect::<Vec<_>>());
        }
        if next(4) == 0 {
            context.insert_many("app:l", (0..count).map(|_| tags[next(4)]).collect::<Vec<_>>());
        }
        found.push(context);
    }
    found
}

fn principal(text: &str) -> Principal {
    Principal::parse(text).unwrap()
}

/// Whether any request of the small world is allowed by `new` and not by `old`.
fn counterexample(new: &Judged, old: &Judged, seed: u64) -> Option<String> {
    let principals: Vec<Principal> = PRINCIPALS.iter().map(|text| principal(text)).collect();
    let principals = if new.layer == Layer::Resource { &principals[..] } else { &principals[..1] };
    for context in contexts(seed) {
        for who in principals {
            for action in ACTIONS {
                for resource in RESOURCES {
                    let request = Request::new(who, action, resource, &context);
                    let allows = |side: &Judged| says(&side.set, side.layer, &request) == Outcome::Allowed;
                    if allows(new) && !allows(old) {
                        return Some(format!("{who:?} {action} {resource} {context:?}"));
                    }
                }
            }
        }
    }
    None
}

fn cases() -> u32 {
    std::env::var("BAILIWICK_SMALL_WORLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

fn compare(one: &str, other: &str, kind: DocumentKind, seed: u64) -> Result<(), TestCaseError> {
    let (Some(new), Some(old)) = (judged(one, kind), judged(other, kind)) else { return Ok(()) };
    // Nothing but documented ties sets real requests apart: in this mode every request counts.
    let options = Options { mode: Mode::Realistic, ..Options::default() };
    let verdict = no_new_access(&new.access, &old.access, &Scope::default(), options);
    let found = counterexample(&new, &old, seed);
    // Without ties there is little to learn but what policies say. It is slow all the same: some cases will do.
    if seed.is_multiple_of(8) {
        let compat = Options { mode: Mode::AwsCompat, ..options };
        let ask = |options| no_new_access(&new.access, &old.access, &Scope::default(), options);
        let (branched, learned) = (ask(compat), ask(Options { learn_at_once: true, ..compat }));
        prop_assert_eq!(
            learned.is_proved(),
            branched.is_proved(),
            "branching and learning differ: {:?}",
            learned
        );
    }
    match verdict {
        Verdict::Proved => prop_assert!(found.is_none(), "proved, but {}", found.unwrap()),
        // Refutations are replayed before they are told.
        Verdict::Refuted(_) => {}
        // Variables may leave a question open, and seldom do.
        Verdict::Undetermined(reasons) => {
            prop_assert!(one.contains("${") || other.contains("${"), "{reasons:?}")
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn nothing_refutes_what_is_proved_of_identity_policies(one in policy(false), other in policy(false), seed: u64) {
        compare(&one, &other, DocumentKind::Identity, seed)?;
    }

    #[test]
    fn nothing_refutes_what_is_proved_of_resource_policies(one in policy(true), other in policy(true), seed: u64) {
        compare(&one, &other, DocumentKind::Resource, seed)?;
    }
}
