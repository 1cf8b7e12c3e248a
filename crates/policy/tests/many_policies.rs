//! Sets of many policies, which are indexed otherwise than few, and such of which a few policies have changed.
//! `PROPTEST_CASES` sets how many are tried.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
mod support;

#[path = "properties/strategies.rs"]
mod strategies;

use bailiwick_policy::{
    Cause, CompiledPolicy, Document, Layers, Outcome, PolicyKind, PolicyLabel, PolicySet, evaluate, explain,
};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;
use strategies::{policies, question};
use support::Ask;

fn compiled(policy: &Value) -> Option<Arc<CompiledPolicy>> {
    let document = Document::parse_tolerant(&policy.to_string()).0?;
    let label = PolicyLabel::new(PolicyKind::Managed, "arn:aws:iam::123456789012:policy/p", "p");
    Some(Arc::new(CompiledPolicy::compile(document.into(), label)))
}

fn config() -> ProptestConfig {
    let cases = ProptestConfig::default().cases;
    // These are large: the default of 256 would take long.
    ProptestConfig {
        cases: if cases == 256 { 24 } else { cases },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What happens to the policies of a set, one after the other.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, Value),
    Insert(prop::sample::Index, Value),
    Remove(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    let policy = || policies(false).prop_filter_map("a policy", |mut policies| policies.pop());
    prop_oneof![
        (place(), policy()).prop_map(|(place, policy)| Change::Replace(place, policy)),
        (place(), policy()).prop_map(|(place, policy)| Change::Insert(place, policy)),
        place().prop_map(Change::Remove),
        (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        place().prop_map(Change::Repeat),
    ]
}

impl Change {
    fn make(&self, policies: &mut Vec<Arc<CompiledPolicy>>) {
        let count = policies.len();
        match self {
            Change::Replace(place, policy) => policies[place.index(count)] = compiled(policy).unwrap(),
            Change::Insert(place, policy) => policies.insert(place.index(count), compiled(policy).unwrap()),
            Change::Remove(place) => drop(policies.remove(place.index(count))),
            Change::Swap(one, other) => policies.swap(one.index(count), other.index(count)),
            Change::Repeat(place) => policies.push(Arc::clone(&policies[place.index(count)])),
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_engine_equals_the_oracle_on_many_policies(
        mut question in question(),
        more in prop::collection::vec(policies(false), 20..60),
    ) {
        question.identity.extend(more.into_iter().flatten());
        Ask(question).decide();
    }

    #[test]
    fn a_renewed_set_decides_as_a_new_one(
        questions in prop::collection::vec(question(), 20),
        first in prop::collection::vec(policies(false), 60..120),
        changes in prop::collection::vec(change(), 1..12),
    ) {
        let mut now: Vec<_> = first.iter().flatten().filter_map(compiled).collect();
        let mut renewed = PolicySet::new(now.clone());
        for change in &changes {
            change.make(&mut now);
            renewed = renewed.renewed(now.clone());
            prop_assert!(renewed.policies().iter().zip(&now).all(|(one, other)| Arc::ptr_eq(one, other)));
        }
        let new = PolicySet::new(now);
        for question in questions {
            Ask(question).run(|layers, request| {
                let with = |identity| Layers { identity, ..*layers };
                let (decision, expected) = (evaluate(&with(&renewed), request), evaluate(&with(&new), request));
                assert_eq!((decision.outcome, decision.reason.layer), (expected.outcome, expected.reason.layer));
                if decision.reason.cause == Cause::Statement {
                    let explanation = explain(&with(&renewed), request);
                    assert!(explanation.deciding_statement().unwrap().matches());
                }
                assert_eq!(decision.outcome == Outcome::Allowed, expected.is_allowed());
            });
        }
    }
}
