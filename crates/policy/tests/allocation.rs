//! A decision does not allocate, whatever the policies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

mod oracle;
mod support;

#[path = "properties/strategies.rs"]
mod strategies;

use allocation_counter::measure;
use bailiwick_policy::{ContextMap, Principal, Request, evaluate};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use strategies::question;
use support::Ask;

#[test]
fn decisions_on_random_questions_do_not_allocate() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..2_000 {
        let ask = Ask(question().new_tree(&mut runner).unwrap().current());
        let counted = ask.run(|layers, request| {
            measure(|| {
                evaluate(layers, request);
            })
        });
        assert_eq!(counted.count_total, 0, "{ask:#?}");
    }
}

/// Neither does the making of a request, unless its action is longer than any that AWS has.
#[test]
fn requests_do_not_allocate() {
    let (nobody, context) = (Principal::anonymous(), ContextMap::new());
    let allocations = |action: &str| {
        let prepare = || {
            Request::new(&nobody, action, "arn:aws:s3:::bucket/key", &context);
        };
        measure(prepare).count_total
    };
    assert_eq!(allocations("s3:GetObject"), 0);
    assert_eq!(allocations(&format!("s3:{}", "A".repeat(83))), 0);
    assert_eq!(allocations(&format!("s3:{}", "A".repeat(200))), 1);
}
