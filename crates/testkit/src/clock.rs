//! A clock that moves only when it is told to.

use base::{Clock, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Stands still until it is set. Shared by reference (or `Arc`) with what it drives.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    /// A clock that stands at this ISO 8601 instant.
    ///
    /// # Panics
    /// If the text is not an instant.
    #[expect(clippy::panic, reason = "a fixture that is wrong must fail its test")]
    pub fn at_iso(text: &str) -> Self {
        match Timestamp::parse(text) {
            Ok(now) => Self::at(now),
            Err(error) => panic!("{error}"),
        }
    }

    /// Moves the hand to `now`, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::SeqCst);
    }

    /// Moves the hand forwards.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Default for FixedClock {
    /// Stands at 2026-01-02T03:04:05Z.
    fn default() -> Self {
        Self::at(Timestamp::from_seconds(1_767_323_045))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_only_when_told() {
        let clock = FixedClock::default();
        assert_eq!(clock.now().iso(), "2026-01-02T03:04:05Z");
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().iso(), "2026-01-02T03:05:05Z");
        clock.set(Timestamp::from_seconds(0));
        assert_eq!(clock.now().seconds(), 0);
        assert_eq!(FixedClock::at_iso("2026-01-02T03:04:05Z").now(), FixedClock::default().now());
    }
}
