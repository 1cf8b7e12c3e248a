//! What must hold for all policies and requests. `PROPTEST_CASES` sets how many are tried.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
mod support;

#[path = "properties/strategies.rs"]
mod strategies;

use bailiwick_policy::{Document, DocumentKind, Outcome};
use base::json::{Json, Limits, Style};
use oracle::Question;
use proptest::prelude::*;
use serde_json::Value;
use strategies::{json_text, policies, question, statement};
use support::Ask;

fn outcome(question: &Question) -> Outcome {
    Ask(question.clone()).decide().outcome
}

fn one(statement: Value) -> Value {
    serde_json::json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// Every layer of a question that holds policies.
fn layers(question: &mut Question) -> Vec<&mut Vec<Value>> {
    let mut layers = vec![&mut question.identity];
    layers.extend(question.boundary.as_mut());
    layers.extend(question.session.as_mut());
    layers.extend(question.resource_policy.as_mut());
    layers.extend(question.endpoint.as_mut());
    layers.extend(question.scps.iter_mut());
    layers.extend(question.rcps.iter_mut());
    layers
}

fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases;
    // The default of 256 is too few here; an explicit number stands.
    ProptestConfig {
        cases: if cases == 256 { 2_000 } else { cases },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// Both evaluators agree on outcome and layer; `Ask::decide` compares them.
    #[test]
    fn the_engine_equals_the_oracle(question in question()) {
        let ask = Ask(question);
        let decision = ask.decide();
        let explanation = ask.explain();
        prop_assert_eq!(explanation.decision, decision);
        if decision.outcome == Outcome::ExplicitlyDenied {
            let deciding = explanation.deciding_statement().expect("the statement that denies");
            prop_assert!(deciding.matches());
        }
    }

    #[test]
    fn adding_a_deny_never_allows(question in question(), statement in statement("Deny", false), named in statement("Deny", true), place in any::<prop::sample::Index>()) {
        let before = outcome(&question);
        let mut after = question;
        let mut layers = layers(&mut after);
        let place = place.index(layers.len());
        layers[place].push(one(statement));
        layers[place].push(one(named));
        if before != Outcome::Allowed {
            prop_assert_ne!(outcome(&after), Outcome::Allowed);
        }
    }

    #[test]
    fn adding_an_allow_never_denies(question in question(), statement in statement("Allow", false), named in statement("Allow", true), place in any::<prop::sample::Index>()) {
        let before = outcome(&question);
        let mut after = question;
        let mut layers = layers(&mut after);
        let place = place.index(layers.len());
        layers[place].push(one(statement));
        layers[place].push(one(named));
        if before == Outcome::Allowed {
            prop_assert_eq!(outcome(&after), Outcome::Allowed);
        }
    }

    #[test]
    fn boundaries_session_policies_scps_and_rcps_never_grant(question in question()) {
        let mut without = question.clone();
        (without.boundary, without.session) = (None, question.session.clone().filter(|_| matches!(question.who, oracle::Who::FederatedUser { .. })));
        (without.scps, without.rcps, without.endpoint) = (Vec::new(), Vec::new(), None);
        if outcome(&question) == Outcome::Allowed {
            prop_assert_eq!(outcome(&without), Outcome::Allowed);
        }
    }

    #[test]
    fn order_never_matters(question in question()) {
        let mut reversed = question.clone();
        for layer in layers(&mut reversed) {
            layer.reverse();
            for policy in layer {
                policy["Statement"].as_array_mut().unwrap().reverse();
            }
        }
        prop_assert_eq!(outcome(&question), outcome(&reversed));
    }

    #[test]
    fn printing_and_parsing_change_nothing(policies in policies(true)) {
        for policy in policies {
            let text = policy.to_string();
            let document = Document::parse_tolerant(&text).0.unwrap();
            prop_assert_eq!(document.print(Style::Compact), text.as_str());
            let pretty = document.print(Style::Pretty);
            let again = Document::parse_tolerant(&pretty).0.unwrap();
            prop_assert_eq!(again.print(Style::Compact), text);
            prop_assert_eq!(again.statements().len(), document.statements().len());
        }
    }

    #[test]
    fn what_is_strictly_read_is_tolerantly_read_without_errors(policies in policies(false)) {
        for policy in policies {
            let text = policy.to_string();
            if let Ok(strict) = Document::parse_strict(&text, DocumentKind::Identity) {
                let (tolerant, diagnostics) = Document::parse_tolerant(&text);
                prop_assert_eq!(tolerant, Some(strict));
                prop_assert!(diagnostics.is_empty());
            }
        }
    }

    #[test]
    fn json_is_read_as_others_read_it(text in json_text()) {
        let ours = Json::parse(&text, Limits::default()).map(|json| json.print(Style::Compact)).ok();
        let theirs = serde_json::from_str::<Value>(&text);
        match (ours, theirs) {
            (Some(ours), Ok(theirs)) => prop_assert_eq!(serde_json::from_str::<Value>(&ours).unwrap(), theirs),
            (None, Err(_)) => {}
            // Numbers beyond what others hold, and keys that stand twice, are read here.
            (Some(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{}: {}", text, error),
            (None, Ok(_)) => prop_assert!(false, "not read: {}", text),
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), broken in policies(true), at in any::<prop::sample::Index>()) {
        let mut broken = broken.iter().map(Value::to_string).collect::<String>();
        if !broken.is_empty() {
            broken.truncate(broken.floor_char_boundary(at.index(broken.len())));
        }
        for text in [text, broken] {
            for kind in [DocumentKind::Identity, DocumentKind::Trust, DocumentKind::Rcp] {
                if let Err(malformed) = Document::parse_strict(&text, kind) {
                    prop_assert!(!malformed.message.is_empty() && !malformed.render(&text).is_empty());
                }
            }
            let _ = Document::parse_tolerant(&text);
        }
    }
}

/// The random questions are worth asking: they come out in every way, decided by every layer.
#[test]
fn random_questions_come_out_in_every_way() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = question();
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..3_000 {
        let question = strategy.new_tree(&mut runner).unwrap().current();
        let decision = Ask(question).decide();
        *counts.entry(format!("{:?} {:?}", decision.outcome, decision.reason.layer)).or_insert(0) += 1;
    }
    for layer in ["Rcp", "Scp", "Endpoint", "Resource", "Identity", "Boundary", "Session"] {
        assert!(counts.contains_key(&format!("ExplicitlyDenied {layer}")), "{layer}: {counts:?}");
        assert!(
            layer == "Rcp" || counts.contains_key(&format!("ImplicitlyDenied {layer}")),
            "{layer}: {counts:?}"
        );
    }
    assert!(counts["Allowed Identity"] > 30 && counts["Allowed Resource"] > 30, "{counts:?}");
    println!("{counts:?}");
}
