//! Every request of small worlds, put to the engine, against what was proved or refuted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs
)]

#[path = "small_worlds/policies.rs"]
mod policies;
#[path = "small_worlds/requests.rs"]
mod requests;

use bailiwick_analysis::*;
use policies::policy;
use policy::DocumentKind;
use proptest::prelude::*;
use requests::{counterexample, judged};

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
