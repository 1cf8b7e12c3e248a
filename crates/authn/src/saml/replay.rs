//! Assertions that were used: each gives a session once.
//!
//! Only as much is kept as must be: an assertion is good for five minutes, and so long its id is remembered.

use base::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Ids that are remembered at most; beyond that nobody gets in by an assertion until some have expired, since a memory
/// that forgets would take a stolen one again.
const LIMIT: usize = 100_000;

/// A memory of used assertions.
#[derive(Debug, Default)]
pub struct UsedAssertions(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    ends: HashMap<String, Timestamp>,
    in_order: BTreeSet<(Timestamp, String)>,
}

/// What came of using an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It was not used before.
    First,
    /// It was.
    Again,
    /// Too many were used at the same time.
    Full,
}

impl UsedAssertions {
    /// Uses the assertion of this id, which is good until `ends`; `provider` tells apart what two providers name alike.
    pub fn take(&self, provider: &str, id: &str, ends: Timestamp, now: Timestamp) -> Use {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forget(now);
        let name = format!("{provider} {id}");
        if memory.ends.contains_key(&name) {
            return Use::Again;
        }
        if memory.ends.len() >= LIMIT {
            return Use::Full;
        }
        memory.in_order.insert((ends, name.clone()));
        memory.ends.insert(name, ends);
        Use::First
    }
}

impl Memory {
    fn forget(&mut self, now: Timestamp) {
        while let Some((ends, _)) = self.in_order.first() {
            if *ends > now {
                return;
            }
            if let Some((_, name)) = self.in_order.pop_first() {
                self.ends.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_until_it_expires() {
        let used = UsedAssertions::default();
        let at = Timestamp::from_seconds;
        assert_eq!(used.take("p", "one", at(10), at(0)), Use::First);
        assert_eq!(used.take("p", "one", at(10), at(9)), Use::Again);
        assert_eq!(used.take("q", "one", at(10), at(9)), Use::First);
        assert_eq!(used.take("p", "two", at(20), at(10)), Use::First);
        assert_eq!(used.0.lock().unwrap().ends.len(), 1);
    }

    #[test]
    fn a_full_memory_lets_nobody_in() {
        let used = UsedAssertions::default();
        for number in 0..LIMIT {
            used.take("p", &number.to_string(), Timestamp::from_seconds(10), Timestamp::from_seconds(0));
        }
        let late = |now| used.take("p", "late", Timestamp::from_seconds(20), Timestamp::from_seconds(now));
        assert_eq!(late(1), Use::Full);
        assert_eq!(late(10), Use::First);
    }
}
