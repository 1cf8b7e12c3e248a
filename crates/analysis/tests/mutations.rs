//! An engine that is wrong in one respect is found out by the checks of small worlds: what is proved is refuted by a
//! request, or what is refuted is not borne out.
//!
//! The engine itself is as it is: it is made wrong by what it is given to read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "small_worlds/policies.rs"]
mod policies;
#[path = "small_worlds/requests.rs"]
#[allow(dead_code)]
mod requests;

use bailiwick_analysis::*;
use policies::policy;
use policy::elements::says;
use policy::{ContextMap, DocumentKind, Layer, Outcome, Request};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use requests::{Judged, find_request, judged, principal};
use serde_json::{Value, json};

/// Pairs of policies that are decided, of each kind.
const PAIRS: usize = 100;

/// What an engine gets wrong, as a change of a statement; a statement that is gone has no effect.
type Mutation = (&'static str, fn(&mut Value));

const MUTATIONS: [Mutation; 14] = [
    ("denies are not looked for", |statement| {
        if statement["Effect"] == "Deny" {
            *statement = Value::Null;
        }
    }),
    ("IfExists is the other way round", |statement| {
        operators(statement, |operator| match operator.strip_suffix("IfExists") {
            Some(plain) => plain.to_owned(),
            None if operator == "Null" => operator.to_owned(),
            None => format!("{operator}IfExists"),
        });
    }),
    ("NotAction is read as Action", |statement| rename(statement, "NotAction", "Action")),
    ("Action is read as NotAction", |statement| rename(statement, "Action", "NotAction")),
    ("NotResource is read as Resource", |statement| rename(statement, "NotResource", "Resource")),
    ("NotPrincipal is read as Principal", |statement| rename(statement, "NotPrincipal", "Principal")),
    ("the resource is not looked at", |statement| {
        rename(statement, "NotResource", "Resource");
        statement["Resource"] = json!("*");
    }),
    ("conditions are not looked at", |statement| {
        statement.as_object_mut().unwrap().remove("Condition");
    }),
    ("one condition of several is enough", |statement| {
        if let Some(conditions) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
            let first = conditions.keys().next().cloned();
            conditions.retain(|key, _| Some(key) == first.as_ref());
        }
    }),
    ("operators that negate do not", |statement| {
        operators(statement, |operator| operator.replace("Not", ""))
    }),
    ("ForAnyValue asks for all", |statement| {
        operators(statement, |operator| operator.replace("ForAnyValue", "ForAllValues"));
    }),
    ("only the first value of a condition counts", |statement| {
        for values in statement.get_mut("Condition").and_then(Value::as_object_mut).into_iter().flatten() {
            for (_, values) in values.1.as_object_mut().unwrap() {
                values.as_array_mut().unwrap().truncate(1);
            }
        }
    }),
    ("a bound of numbers is taken in", |statement| {
        operators(statement, |operator| match operator {
            "NumericLessThan" => "NumericLessThanEquals".to_owned(),
            "DateLessThan" => "DateLessThanEquals".to_owned(),
            other => other.to_owned(),
        });
    }),
    ("a question mark stands for any letters", |statement| {
        for element in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(entries) = statement.get_mut(element) {
                *entries = serde_json::from_str(&entries.to_string().replace('?', "*")).unwrap();
            }
        }
    }),
];

fn rename(statement: &mut Value, from: &str, to: &str) {
    let statement = statement.as_object_mut().unwrap();
    if let Some(element) = statement.remove(from) {
        statement.insert(to.to_owned(), element);
    }
}

fn operators(statement: &mut Value, change: impl Fn(&str) -> String) {
    if let Some(conditions) = statement.get_mut("Condition").and_then(Value::as_object_mut) {
        *conditions = std::mem::take(conditions).into_iter().map(|(key, it)| (change(&key), it)).collect();
    }
}

fn mutated(text: &str, mutation: fn(&mut Value)) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let statements = document["Statement"].as_array_mut().unwrap();
    statements.iter_mut().for_each(mutation);
    statements.retain(|statement| !statement.is_null());
    // A policy of nothing must still be one.
    if statements.is_empty() {
        let nobody = json!({"Effect": "Allow", "Action": "none:none", "Resource": "arn:aws:none:::none"});
        statements.push(nobody);
    }
    let text = document.to_string();
    judged(&text, DocumentKind::Identity).or_else(|| judged(&text, DocumentKind::Resource)).map(|_| text)
}

/// A question that was decided.
struct Decided {
    texts: [String; 2],
    kind: DocumentKind,
    seed: u64,
    verdict: Verdict,
}

fn decided(kind: DocumentKind) -> Vec<Decided> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy =
        (policy(kind == DocumentKind::Resource), policy(kind == DocumentKind::Resource), any::<u64>());
    let mut found = Vec::new();
    while found.len() < PAIRS {
        let (one, other, seed) = strategy.new_tree(&mut runner).unwrap().current();
        // Pairs with something in common are worth more: what one allows, and the same with more said.
        let other = if seed % 3 == 0 { joined(&other, &one) } else { other };
        if judged(&one, kind).is_some() && judged(&other, kind).is_some() {
            found.push(decide([one, other], kind, seed));
        }
    }
    found
}

fn decide(texts: [String; 2], kind: DocumentKind, seed: u64) -> Decided {
    let [new, old] = [&texts[0], &texts[1]].map(|text| judged(text, kind).unwrap());
    let options = Options { blame_all: false, ..Options::default() };
    let verdict = no_new_access(&new.access, &old.access, &Scope::default(), options);
    Decided { texts, kind, seed, verdict }
}

/// Conditions that differ in little, for what chance seldom brings together.
const PLAIN: [[&str; 2]; 3] = [
    [
        r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}"#,
        r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#,
    ],
    [r#""NumericLessThan":{"app:n":["1"]}"#, r#""NumericLessThanEquals":{"app:n":["1"]}"#],
    [r#""NumericLessThanEquals":{"app:n":["1"]}"#, r#""NumericLessThan":{"app:n":["1"]}"#],
];

fn condition(text: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["x:*"],"Resource":["*"],"Condition":{{{text}}}}}]}}"#
    )
}

/// A policy with the statements of both.
fn joined(one: &str, other: &str) -> String {
    let [mut one, other]: [Value; 2] = [one, other].map(|text| serde_json::from_str(text).unwrap());
    let more = other["Statement"].as_array().unwrap().clone();
    one["Statement"].as_array_mut().unwrap().extend(more);
    one.to_string()
}

fn context_of(witness: &Witness) -> ContextMap {
    let mut context = ContextMap::new();
    for (key, value) in &witness.context {
        match value {
            KeyValue::Absent => {}
            KeyValue::One(text) => context.insert(key, text.as_str()),
            KeyValue::Many(texts) => context.insert_many(key, texts.clone()),
        }
    }
    context
}

/// Whether an engine, whose view of the two policies this is, contradicts what was decided.
fn contradicts(new: &Judged, old: &Judged, decided: &Decided) -> bool {
    let shows = |request: &Request<'_>| {
        let allows = |side: &Judged| says(&side.set, side.layer, request) == Outcome::Allowed;
        allows(new) && !allows(old)
    };
    match &decided.verdict {
        Verdict::Proved => find_request(decided.seed, new.layer == Layer::Resource, shows).is_some(),
        Verdict::Refuted(found) => {
            let witness = &found.witness;
            let who = witness.principal.as_deref().map_or_else(
                || principal("arn:aws:iam::111111111111:user/u"),
                |text| policy::Principal::parse(text).unwrap_or_else(|_| policy::Principal::anonymous()),
            );
            let context = context_of(witness);
            !shows(&Request::new(&who, &witness.action, &witness.resource, &context))
        }
        Verdict::Undetermined(_) => false,
    }
}

#[test]
fn every_wrong_engine_is_found_out() {
    let mut all = decided(DocumentKind::Identity);
    all.extend(decided(DocumentKind::Resource));
    all.extend(PLAIN.map(|pair| decide(pair.map(condition), DocumentKind::Identity, 1)));
    let proved = all.iter().filter(|decided| decided.verdict.is_proved()).count();
    assert!(proved > 30 && all.len() - proved > 30, "{proved} of {}", all.len());
    let sides = |decided: &Decided, mutation: fn(&mut Value)| {
        let side = |text: &String| judged(&mutated(text, mutation)?, decided.kind);
        Some((side(&decided.texts[0])?, side(&decided.texts[1])?))
    };
    let finds = |decided: &Decided, mutation| {
        sides(decided, mutation).is_some_and(|(new, old)| contradicts(&new, &old, decided))
    };
    for decided in &all {
        assert!(!finds(decided, |_| {}), "the engine as it is: {:?} {:?}", decided.texts, decided.verdict);
    }
    for (name, mutation) in MUTATIONS {
        let by_proof = all.iter().any(|it| it.verdict.is_proved() && finds(it, mutation));
        let by_witness = all.iter().any(|it| !it.verdict.is_proved() && finds(it, mutation));
        assert!(by_proof || by_witness, "nothing tells an engine to which {name}");
    }
}

#[test]
fn an_engine_that_forgets_a_layer_is_found_out() {
    let text = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"*"}}]}}"#
        )
    };
    let [identity, boundary, narrow] = [text(r#"["x:*"]"#), text(r#"["x:a","y:*"]"#), text(r#"["x:a"]"#)]
        .map(|text| judged(&text, DocumentKind::Identity).unwrap());
    let layered = |one: &Judged, other: &Judged| {
        let document = |judged: &Judged| judged.access.layers()[0].documents().to_vec();
        Access::layered(vec![
            AccessLayer::new(Layer::Identity, document(one)),
            AccessLayer::new(Layer::Boundary, document(other)),
        ])
    };
    let limited = layered(&identity, &boundary);
    assert!(no_new_access(&limited, &narrow.access, &Scope::default(), Options::default()).is_proved());
    let allows =
        |side: &Judged, request: &Request<'_>| says(&side.set, side.layer, request) == Outcome::Allowed;
    let both = |request: &Request<'_>| allows(&identity, request) && allows(&boundary, request);
    assert!(find_request(1, false, |request| both(request) && !allows(&narrow, request)).is_none());
    // Without the boundary, or without the identity policy, there is such a request.
    for only in [&identity, &boundary] {
        assert!(
            find_request(1, false, |request| allows(only, request) && !allows(&narrow, request)).is_some()
        );
    }
}
