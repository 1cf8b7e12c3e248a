//! The clock and the randomness of the machine: the only place where either is read.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base::{Clock, Entropy, Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else takes")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The machine's random bytes, fit for keys.
#[derive(Debug, Default)]
pub struct SystemEntropy(SystemRandom);

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(clippy::expect_used, reason = "without randomness no key or id may be made: stop rather")]
        self.0.fill(buffer).expect("the system yields random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn randomness_differs_and_time_is_of_this_century() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemEntropy::default().fill(&mut one);
        SystemEntropy::default().fill(&mut two);
        assert_ne!(one, two);
        assert!(SystemClock.now() > Timestamp::from_seconds(1_700_000_000));
    }
}
