//! What is done.
//!
//! Actions that AWS documents are tried first, by sets of them; then the world is open: any other name will do.

use super::Wish;
use crate::value::Value;
use crate::word::{Found, Word, Work, find};
use policy::catalogue::{Action, Catalogue};
use std::sync::OnceLock;

/// The tests of the action.
#[derive(Debug, Default)]
pub(crate) struct ActionDimension {
    tests: Vec<ActionTest>,
}

/// An `Action` or `NotAction` element.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ActionTest {
    negated: bool,
    words: Vec<Word>,
    /// Which documented actions the words cover.
    covered: Vec<u64>,
}

/// Every documented action in lower case, in order.
pub(crate) struct Documented {
    names: Vec<(String, Action)>,
}

impl Documented {
    pub(crate) fn get() -> &'static Documented {
        static DOCUMENTED: OnceLock<Documented> = OnceLock::new();
        DOCUMENTED.get_or_init(|| {
            let mut names: Vec<(String, Action)> = Catalogue::get()
                .actions()
                .map(|action| (action.to_string().to_ascii_lowercase(), action))
                .collect();
            names.sort_by(|one, other| one.0.cmp(&other.0));
            names.dedup_by(|one, other| one.0 == other.0);
            Documented { names }
        })
    }

    /// The place of an action in lower case.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.names.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()
    }

    /// The action at a place.
    pub(crate) fn action(&self, place: usize) -> Option<Action> {
        self.names.get(place).map(|(_, action)| *action)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    fn words(&self) -> usize {
        self.names.len().div_ceil(64)
    }

    /// The places that begin with this text.
    fn beginning(&self, prefix: &str) -> std::ops::Range<usize> {
        let start = self.names.partition_point(|(name, _)| name.as_str() < prefix);
        let rest = self.names.get(start..).unwrap_or_default();
        start..start + rest.partition_point(|(name, _)| name.starts_with(prefix))
    }

    fn cover(&self, word: &Word, covered: &mut [u64]) {
        if let Some(text) = word.text() {
            if let Some(place) = self.place(&text) {
                mark(covered, place);
            }
            return;
        }
        let prefix: String = word.literal_prefix();
        for place in self.beginning(&prefix) {
            let is_covered =
                word.is_prefix() || self.names.get(place).is_some_and(|(name, _)| word.matches(name, true));
            if is_covered {
                mark(covered, place);
            }
        }
    }
}

fn mark(bits: &mut [u64], place: usize) {
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

impl ActionDimension {
    /// Adds a test; its place.
    pub(crate) fn add(&mut self, words: Vec<Word>, negated: bool) -> u32 {
        let documented = Documented::get();
        let mut covered = vec![0; documented.words()];
        words.iter().for_each(|word| documented.cover(word, &mut covered));
        let test = ActionTest { negated, words, covered };
        let place = self.tests.iter().position(|known| *known == test);
        place.unwrap_or_else(|| {
            self.tests.push(test);
            self.tests.len() - 1
        }) as u32
    }

    /// Adds a test that only these documented actions pass.
    pub(crate) fn add_documented(&mut self, places: &[usize]) -> u32 {
        let documented = Documented::get();
        let mut covered = vec![0; documented.words()];
        places.iter().for_each(|place| mark(&mut covered, *place));
        let names = places.iter().filter_map(|place| documented.names.get(*place));
        let test =
            ActionTest { negated: false, words: names.map(|(name, _)| Word::exact(name)).collect(), covered };
        self.tests.push(test);
        self.tests.len() as u32 - 1
    }

    fn test(&self, place: u32) -> Option<&ActionTest> {
        self.tests.get(place as usize)
    }

    pub(super) fn fulfils(&self, action: &str, (place, wanted): Wish) -> bool {
        let Some(test) = self.test(place) else { return false };
        let fits = match Documented::get().place(action) {
            Some(place) => test.covered.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1),
            None => test.words.iter().any(|word| word.matches(action, true)),
        };
        (fits != test.negated) == wanted
    }

    pub(super) fn find(&self, wishes: &[Wish], work: &mut Work) -> Found<Value> {
        let documented = Documented::get();
        let mut left = vec![u64::MAX; documented.words()];
        let (mut wanted, mut avoided): (Vec<&[Word]>, Vec<&Word>) = (Vec::new(), Vec::new());
        for (place, passes) in wishes {
            let Some(test) = self.test(*place) else { return Found::None };
            let covers = *passes != test.negated;
            for (left, covered) in left.iter_mut().zip(&test.covered) {
                *left &= if covers { *covered } else { !*covered };
            }
            if covers { wanted.push(&test.words) } else { avoided.extend(&test.words) }
        }
        let first = left.iter().position(|word| *word != 0);
        let place =
            first.map(|word| word * 64 + left.get(word).map_or(0, |bits| bits.trailing_zeros() as usize));
        if let Some((name, _)) = place.and_then(|place| documented.names.get(place)) {
            return Found::One(Value::Action(name.clone()));
        }
        if wanted.iter().any(|words| words.is_empty()) {
            return Found::None;
        }
        let form = [Word::glob("?*:?*")];
        wanted.push(&form);
        match find(&wanted, &avoided, work) {
            Found::One(name) => Found::One(Value::Action(name)),
            Found::None => Found::None,
            Found::Exhausted => Found::Exhausted,
        }
    }
}
