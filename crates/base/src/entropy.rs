//! The clock and randomness, as parameters: nothing below the server reads either from the system.

use crate::Timestamp;
use std::fmt;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Yields random bytes fit for keys.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// The text of a UUID: 32 hexadecimal digits in lower case and four hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 36]);

impl Uuid {
    /// A version 4 UUID from sixteen random bytes: the form of request ids.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self::of(u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62))
    }

    /// A version 7 UUID: ids made later come later in order, by milliseconds and then by `sequence`, of which
    /// twelve bits count.
    pub fn in_order(at: Timestamp, sequence: u32, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let random = u64::from_be_bytes(bytes) >> 2 | 1 << 63;
        let millis = at.millis().unsigned_abs() & 0xffff_ffff_ffff;
        let counted = u64::from(0x7000 | sequence & 0xfff);
        Self::of(u128::from(millis << 16 | counted) << 64 | u128::from(random))
    }

    fn of(number: u128) -> Self {
        let mut text = [b'-'; 36];
        // Byte by byte into the places between the hyphens.
        let places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        for (place, byte) in places.into_iter().zip(number.to_be_bytes()) {
            if let Some(pair) = text.get_mut(place..place + 2) {
                pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
            }
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Digits and hyphens are ASCII by construction, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A hexadecimal digit, in lower case.
const fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' + half - 10 }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;
    impl Entropy for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }

    struct Counted;
    impl Entropy for Counted {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        }
    }

    #[test]
    fn ordered_ids_follow_time_and_sequence() {
        let id = |millis, sequence| Uuid::in_order(Timestamp::from_millis(millis), sequence, &Ones);
        assert_eq!(id(0x0123_4567_89ab, 1).as_str(), "01234567-89ab-7001-bfff-ffffffffffff");
        assert!(id(5, 1) < id(5, 2) && id(5, 2) < id(6, 0));
    }

    #[test]
    fn uuid_is_version_four() {
        assert_eq!(Uuid::random(&Ones).as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(Uuid::random(&Counted).as_str(), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }
}
