//! What changes no decision: how the same policies are written, what nobody asks for; and what an explanation and its
//! decision have to do with each other. `PROPTEST_CASES` sets how many questions are tried.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
mod support;

#[path = "properties/strategies.rs"]
mod strategies;

use bailiwick_policy::{Cause, Effect, Layer, Outcome};
use oracle::{KeyValue, Question, Who};
use proptest::prelude::*;
use serde_json::{Value, json};
use strategies::question;
use support::Ask;

fn outcome(question: &Question) -> (Outcome, Layer) {
    let decision = Ask(question.clone()).decide();
    (decision.outcome, decision.reason.layer)
}

/// The question with every layer's policies changed.
fn with_policies(question: &Question, change: impl Fn(&[Value]) -> Vec<Value>) -> Question {
    let mut changed = question.clone();
    changed.identity = change(&changed.identity);
    for layer in
        [&mut changed.boundary, &mut changed.session, &mut changed.resource_policy, &mut changed.endpoint]
    {
        *layer = layer.as_deref().map(&change);
    }
    for levels in [&mut changed.scps, &mut changed.rcps] {
        *levels = levels.iter().map(|level| change(level)).collect();
    }
    changed
}

fn statements(policy: &Value) -> Vec<Value> {
    policy["Statement"].as_array().unwrap().clone()
}

/// A single value becomes a list of one, and a list of one a single value.
fn rewrapped(value: &Value) -> Value {
    match value {
        Value::String(text) if text == "*" => json!(["*"]),
        Value::String(text) => json!([text]),
        Value::Array(values) if values.len() == 1 => values[0].clone(),
        other => other.clone(),
    }
}

fn written_otherwise(policy: &Value) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        for (name, value) in statement.as_object_mut().unwrap() {
            match name.as_str() {
                "Action" | "NotAction" | "Resource" | "NotResource" => *value = rewrapped(value),
                "Principal" | "NotPrincipal" => match value {
                    Value::Object(kinds) => kinds.values_mut().for_each(|it| *it = rewrapped(it)),
                    everyone => *everyone = json!({"AWS": everyone.clone()}),
                },
                "Condition" => {
                    let operators = value.as_object_mut().unwrap().values_mut();
                    let keys = operators.flat_map(|keys| keys.as_object_mut().unwrap().values_mut());
                    keys.for_each(|values| *values = rewrapped(values));
                }
                _ => {}
            }
        }
    }
    if let [only] = statements(&policy).as_slice() {
        policy["Statement"] = only.clone();
    }
    policy
}

/// One policy for each statement.
fn split(policies: &[Value]) -> Vec<Value> {
    let one = |policy: &Value, statement| json!({"Version": policy["Version"], "Statement": [statement]});
    policies.iter().flat_map(|it| statements(it).into_iter().map(move |s| one(it, s))).collect()
}

fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases;
    ProptestConfig {
        cases: if cases == 256 { 1_000 } else { cases },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn how_policies_are_cut_and_repeated_changes_nothing(question in question()) {
        let before = outcome(&question);
        prop_assert_eq!(outcome(&with_policies(&question, split)), before);
        let twice = with_policies(&question, |policies| [policies, policies].concat());
        prop_assert_eq!(outcome(&twice), before);
    }

    #[test]
    fn how_values_are_written_changes_nothing(question in question()) {
        let changed = with_policies(&question, |policies| policies.iter().map(written_otherwise).collect());
        prop_assert_eq!(outcome(&changed), outcome(&question));
    }

    #[test]
    fn the_case_of_actions_and_keys_changes_nothing(question in question()) {
        let mut changed = question.clone();
        changed.action = changed.action.to_uppercase();
        for (key, _) in &mut changed.keys {
            *key = key.to_uppercase();
        }
        prop_assert_eq!(outcome(&changed), outcome(&question));
    }

    #[test]
    fn keys_that_nobody_asks_for_change_nothing(question in question(), many in any::<bool>()) {
        let mut changed = question.clone();
        let value = if many { KeyValue::Many(vec!["x".into(), "y".into()]) } else { KeyValue::One("x".into()) };
        changed.keys.push(("aws:NobodyAsks".to_owned(), value));
        prop_assert_eq!(outcome(&changed), outcome(&question));
    }

    /// Each of them by itself, in whatever company.
    #[test]
    fn no_layer_that_limits_ever_grants(question in question(), other in question(), layer in 0..5_usize) {
        // A federated user has nothing without session policies.
        let federated = matches!(question.who, Who::FederatedUser { .. });
        prop_assume!(!federated || layer != 1);
        let (mut open, mut limited) = (question.clone(), question);
        match layer {
            0 => (open.boundary, limited.boundary) = (None, other.boundary),
            1 => (open.session, limited.session) = (None, other.session),
            2 => (open.scps, limited.scps) = (Vec::new(), other.scps),
            3 => (open.rcps, limited.rcps) = (Vec::new(), other.rcps),
            _ => (open.endpoint, limited.endpoint) = (None, other.endpoint),
        }
        if outcome(&limited).0 == Outcome::Allowed {
            prop_assert_eq!(outcome(&open).0, Outcome::Allowed);
        }
    }

    #[test]
    fn an_explanation_bears_its_decision_out(question in question()) {
        let ask = Ask(question);
        let decision = ask.decide();
        let explanation = ask.explain();
        prop_assert_eq!(explanation.decision, decision);
        let denies = explanation.layers.iter().any(|layer| layer.denies);
        let by_rule = matches!(
            decision.reason.cause,
            Cause::AlwaysAllowed | Cause::AwsOwned | Cause::OtherPartition
        );
        prop_assert_eq!(decision.outcome == Outcome::ExplicitlyDenied, denies && !by_rule);
        match (decision.reason.cause, decision.outcome) {
            (Cause::Statement, outcome) => {
                let deciding = explanation.deciding_statement().unwrap();
                let expected = if outcome == Outcome::Allowed { Effect::Allow } else { Effect::Deny };
                prop_assert!(deciding.matches() && deciding.effect == expected);
            }
            (Cause::NoAllow, _) => {
                let lacking = explanation.deciding_layer();
                prop_assert!(lacking.is_none_or(|layer| !layer.allows || layer.layer == Layer::Resource));
            }
            _ => {}
        }
        for layer in &explanation.layers {
            let says = |effect| layer.statements.iter().any(|it| it.matches() && it.effect == effect);
            prop_assert_eq!((layer.allows, layer.denies), (says(Effect::Allow), says(Effect::Deny)));
            // What fails is told with a place in the policy's text.
            for found in &layer.statements {
                let text = found.policy.document().text();
                prop_assert!(found.misses.iter().all(|miss| !miss.span.of(text).is_empty()));
            }
        }
    }
}
