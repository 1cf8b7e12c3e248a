//! Randomness that repeats.

use base::Entropy;
use std::sync::atomic::{AtomicU64, Ordering};

/// The same bytes for the same seed and the same order of calls; never fit for keys outside tests.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

/// The step of SplitMix64.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl SeededEntropy {
    /// A source that starts at `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next 64 bits, by SplitMix64.
    pub fn next(&self) -> u64 {
        let state = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_repeats() {
        let bytes = |seed| {
            let entropy = SeededEntropy::new(seed);
            let mut buffer = [0; 21];
            entropy.fill(&mut buffer);
            buffer
        };
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
        assert!(bytes(7).iter().any(|byte| *byte != 0));
    }

    #[test]
    fn later_calls_differ() {
        let entropy = SeededEntropy::default();
        assert_ne!(entropy.next(), entropy.next());
    }

    #[test]
    fn the_generator_is_splitmix64() {
        assert_eq!(SeededEntropy::new(0).next(), 0xe220_a839_7b1d_cdaf);
    }
}
