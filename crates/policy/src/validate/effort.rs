//! How much work a document may cause.

use std::cell::Cell;

/// Steps of comparing patterns for one document: a fraction of a second.
const STEPS: u64 = 10_000_000;

/// What is left of the work that a document may cause.
#[derive(Debug)]
pub(super) struct Effort(Cell<u64>);

impl Default for Effort {
    fn default() -> Self {
        Self(Cell::new(STEPS))
    }
}

impl Effort {
    /// Takes so many steps; `false` if they are not left, and then no more are.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps as u64);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Whether a check had to end early.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
