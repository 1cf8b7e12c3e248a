//! What is done.
//!
//! Actions that AWS documents are tried first, by sets of them; then the world is open: any other name will do.

use super::Wish;
use crate::value::{ActionName, Value};
use crate::word::{Found, Word, Work, find};
use policy::catalogue::{Action, Catalogue};
use std::sync::OnceLock;

/// The tests of the action.
#[derive(Debug, Default)]
pub(crate) struct ActionDimension {
    tests: Vec<ActionTest>,
}

/// An `Action` or `NotAction` element, or some documented actions.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ActionTest {
    negated: bool,
    /// Which others the element covers; `None`: it is about documented actions alone.
    words: Option<Vec<Word>>,
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
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }

    /// All of them, as a set.
    fn all(&self) -> Vec<u64> {
        let mut all = vec![u64::MAX; self.words()];
        if let Some(last) = all.last_mut()
            && !self.names.len().is_multiple_of(64)
        {
            *last = (1 << (self.names.len() % 64)) - 1;
        }
        all
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
        // In the open world, names that are documented play no part.
        let is_open = |word: &Word| word.text().is_none_or(|text| documented.place(&text).is_none());
        let words = words.into_iter().filter(is_open).collect();
        let test = ActionTest { negated, words: Some(words), covered };
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
        let test = ActionTest { negated: false, words: None, covered };
        self.tests.push(test);
        self.tests.len() as u32 - 1
    }

    fn test(&self, place: u32) -> Option<&ActionTest> {
        self.tests.get(place as usize)
    }

    /// Adds a test that all documented actions pass.
    pub(crate) fn add_all_documented(&mut self) -> u32 {
        let covered = Documented::get().all();
        let is_all = |test: &ActionTest| test.words.is_none() && test.covered == covered;
        if let Some(place) = self.tests.iter().position(is_all) {
            return place as u32;
        }
        self.tests.push(ActionTest { negated: false, words: None, covered });
        self.tests.len() as u32 - 1
    }

    pub(super) fn fulfils(&self, action: &ActionName, (place, wanted): Wish) -> bool {
        let Some(test) = self.test(place) else { return false };
        let fits = match action.place {
            Some(place) => test.covered.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1),
            None => test.words.iter().flatten().any(|word| word.matches(&action.name, true)),
        };
        (fits != test.negated) == wanted
    }

    pub(super) fn find(&self, wishes: &[Wish], work: &mut Work) -> Found<Value> {
        let documented = Documented::get();
        let mut left = documented.all();
        let (mut wanted, mut avoided): (Vec<&[Word]>, Vec<&Word>) = (Vec::new(), Vec::new());
        let mut is_open = true;
        for (place, passes) in wishes {
            let Some(test) = self.test(*place) else { return Found::None };
            let covers = *passes != test.negated;
            for (left, covered) in left.iter_mut().zip(&test.covered) {
                *left &= if covers { *covered } else { !*covered };
            }
            match &test.words {
                None => is_open &= !covers,
                Some(words) if covers => wanted.push(words),
                Some(words) => avoided.extend(words),
            }
        }
        let first = left.iter().position(|word| *word != 0);
        let place =
            first.map(|word| word * 64 + left.get(word).map_or(0, |bits| bits.trailing_zeros() as usize));
        if let Some((place, (name, _))) = place.and_then(|place| Some((place, documented.names.get(place)?)))
        {
            return Found::One(Value::Action(ActionName { name: name.clone(), place: Some(place) }));
        }
        if !is_open || wanted.iter().any(|words| words.is_empty()) {
            return Found::None;
        }
        let form = [Word::glob("?*:?*")];
        wanted.push(&form);
        // A name that is documented is not to be: letters that hardly any has come first.
        let rare = [Word::glob("*xyz*")];
        let rarely: Vec<&[Word]> = wanted.iter().copied().chain([&rare[..]]).collect();
        if let Found::One(name) = find(&rarely, &avoided, work)
            && documented.place(&name).is_none()
        {
            return Found::One(Value::Action(ActionName { name, place: None }));
        }
        let mut taken: Vec<Word> = Vec::new();
        for _ in 0..MOST_TAKEN {
            let avoided: Vec<&Word> = avoided.iter().copied().chain(&taken).collect();
            match find(&wanted, &avoided, work) {
                Found::One(name) if documented.place(&name).is_some() => taken.push(Word::exact(&name)),
                Found::One(name) => return Found::One(Value::Action(ActionName { name, place: None })),
                Found::None => return Found::None,
                Found::Exhausted => return Found::Exhausted,
            }
        }
        Found::Exhausted
    }
}

/// How many documented names are passed over in the search for another.
const MOST_TAKEN: usize = 200;
