//! Who does it. Principals are many, but what policies name tells only a few kinds of them apart, so that one of each
//! is looked at.

use super::Wish;
use crate::value::Value;
use crate::word::Found;
use policy::Principal;

/// The tests of the principal, judged of each candidate.
#[derive(Debug, Default)]
pub(crate) struct PrincipalDimension {
    pub(crate) candidates: Vec<Principal>,
    /// Per test: which candidates pass it.
    tests: Vec<Vec<bool>>,
}

impl PrincipalDimension {
    pub(crate) fn new(candidates: Vec<Principal>) -> Self {
        Self { candidates, tests: Vec::new() }
    }

    /// Adds a test. Its place.
    pub(crate) fn add(&mut self, passes: impl Fn(&Principal) -> bool) -> u32 {
        let test: Vec<bool> = self.candidates.iter().map(passes).collect();
        let place = self.tests.iter().position(|known| *known == test);
        place.unwrap_or_else(|| {
            self.tests.push(test);
            self.tests.len() - 1
        }) as u32
    }

    /// Adds a test that one candidate passes alone.
    pub(crate) fn add_only(&mut self, place: usize) -> u32 {
        let test: Vec<bool> = (0..self.candidates.len()).map(|other| other == place).collect();
        self.tests.push(test);
        self.tests.len() as u32 - 1
    }

    pub(super) fn fulfils(&self, candidate: usize, (place, wanted): Wish) -> bool {
        self.tests
            .get(place as usize)
            .and_then(|test| test.get(candidate))
            .is_some_and(|passes| *passes == wanted)
    }

    pub(super) fn find(&self, wishes: &[Wish]) -> Found<Value> {
        let mut candidates = 0..self.candidates.len();
        match candidates.find(|candidate| wishes.iter().all(|wish| self.fulfils(*candidate, *wish))) {
            Some(place) => Found::One(Value::Principal(place)),
            None => Found::None,
        }
    }
}
