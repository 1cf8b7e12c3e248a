//! A quick filter: which actions of interest a policy allows on anything at all.
//!
//! It errs on the side of yes: conditions, resources and denials are not looked at. What it rules out needs no exact
//! decision.

use super::{admin, methods};
use policy::elements::ActionTest;
use policy::{CompiledPolicy, ContextMap, Document, Effect, Principal, Request};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

const WORDS: usize = 3;

/// A set of actions of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Actions([u64; WORDS]);

impl Actions {
    fn add(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// What either has.
    pub(super) fn or(self, other: Self) -> Self {
        let mut both = self;
        both.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
        both
    }

    /// Whether an action is in it. Actions that are none of interest are in every set.
    pub(super) fn has(&self, action: &str) -> bool {
        let Some(number) = numbers().get(action) else { return true };
        self.0.get(number / 64).is_none_or(|word| word >> (number % 64) & 1 == 1)
    }
}

/// Actions of interest by number.
fn numbers() -> &'static HashMap<&'static str, usize> {
    static NUMBERS: OnceLock<HashMap<&'static str, usize>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let mut all: Vec<&'static str> = methods::actions().to_vec();
        all.extend(admin::actions());
        all.sort_unstable();
        all.dedup();
        debug_assert!(all.len() <= WORDS * 64);
        all.into_iter().enumerate().map(|(number, action)| (action, number)).collect()
    })
}

/// Remembers what documents allow.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// By the place of the document, which is held so that the place stays its own.
    known: HashMap<usize, (Arc<Document>, Actions)>,
}

impl Filter {
    /// What policies allow together.
    pub(super) fn of(&mut self, policies: &[Arc<CompiledPolicy>], trials: &Trials<'_>) -> Actions {
        let each = policies.iter();
        each.fold(Actions::default(), |sum, policy| sum.or(self.document(policy.document(), trials)))
    }

    fn document(&mut self, document: &Arc<Document>, trials: &Trials<'_>) -> Actions {
        let place = Arc::as_ptr(document) as usize;
        if let Some((_, actions)) = self.known.get(&place) {
            return *actions;
        }
        let actions = trials.allowed(document);
        self.known.insert(place, (Arc::clone(document), actions));
        actions
    }
}

/// A request for every action of interest, made once for many documents.
pub(super) struct Trials<'a>(Vec<(usize, Request<'a>)>);

impl<'a> Trials<'a> {
    /// Requests of nobody, in a context without anything.
    pub(super) fn new(nobody: &'a Principal, context: &'a ContextMap) -> Self {
        let request =
            |(action, number): (&&'static str, &usize)| (*number, Request::new(nobody, action, "*", context));
        Self(numbers().iter().map(request).collect())
    }

    fn allowed(&self, document: &Document) -> Actions {
        let mut found = Actions::default();
        let statements = document.statements().iter();
        for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
            let test = ActionTest::new(&statement.action, statement.effect);
            let covered = self.0.iter().filter(|(_, request)| test.covers(request));
            covered.for_each(|(number, _)| found.add(*number));
        }
        found
    }
}
