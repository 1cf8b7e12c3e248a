//! The clock and the randomness of the machine: the only place where either is read.

use base::{Clock, Entropy, Timestamp};
use std::cell::RefCell;
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
///
/// They are the kernel's: the generator of our cryptography library would gather jitter of the processor first, for
/// a tenth of a second at every start. Each drawing is a system call, and a request draws several times a few
/// bytes; so every thread draws a stock at once and hands it out. No byte is handed out twice, and what was handed
/// out is wiped.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy(());

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if buffer.len() > STOCK / 4 {
            return draw(buffer);
        }
        STOCKED.with_borrow_mut(|stock| stock.hand_out(buffer));
    }
}

/// Bytes drawn at once.
const STOCK: usize = 1024;

thread_local! {
    static STOCKED: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK], used: STOCK }) };
}

/// Random bytes that wait to be handed out: those from `used` on.
struct Stock {
    bytes: [u8; STOCK],
    used: usize,
}

impl Stock {
    fn hand_out(&mut self, buffer: &mut [u8]) {
        if STOCK - self.used < buffer.len() {
            draw(&mut self.bytes);
            self.used = 0;
        }
        let end = self.used + buffer.len();
        let taken = self.bytes.get_mut(self.used..end).unwrap_or_default();
        buffer.copy_from_slice(taken);
        taken.fill(0);
        self.used = end;
    }
}

fn draw(buffer: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "without randomness no key or id may be made: stop rather")]
    getrandom::fill(buffer).expect("the system yields random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn randomness_differs_and_time_is_of_this_century() {
        let mut seen = std::collections::HashSet::new();
        // Over the end of several stocks, with drawings that leave a rest.
        for _ in 0..500 {
            let mut bytes = [0; 24];
            SystemEntropy::default().fill(&mut bytes);
            assert!(seen.insert(bytes));
            assert!(!bytes.windows(6).any(|window| window == [0; 6]), "bytes are handed out once");
        }
        let mut large = [0; 4 * STOCK];
        SystemEntropy::default().fill(&mut large);
        assert!(!large.windows(6).any(|window| window == [0; 6]));
        assert!(SystemClock.now() > Timestamp::from_seconds(1_700_000_000));
    }
}
