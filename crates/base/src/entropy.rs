//! The clock and randomness, as parameters: nothing below the server reads either from the system.

use crate::Timestamp;

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

/// Sixteen random bytes as a version 4 UUID, the form of request ids.
pub fn uuid(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    hyphenated(u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62))
}

/// The text of a UUID.
fn hyphenated(number: u128) -> String {
    let mut text = String::with_capacity(36);
    for (place, byte) in number.to_be_bytes().into_iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xf));
    }
    text
}

/// A hexadecimal digit, in lower case.
const fn digit(half: u8) -> char {
    (if half < 10 { b'0' + half } else { b'a' + half - 10 }) as char
}

/// A version 7 UUID: ids made later come later in order, by milliseconds and then by `sequence`, of which twelve
/// bits count.
pub fn uuid_in_order(at: Timestamp, sequence: u32, entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    let random = u64::from_be_bytes(bytes) >> 2 | 1 << 63;
    let millis = at.millis().unsigned_abs() & 0xffff_ffff_ffff;
    let counted = u64::from(0x7000 | sequence & 0xfff);
    hyphenated(u128::from(millis << 16 | counted) << 64 | u128::from(random))
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
        let id = |millis, sequence| uuid_in_order(Timestamp::from_millis(millis), sequence, &Ones);
        assert_eq!(id(0x0123_4567_89ab, 1), "01234567-89ab-7001-bfff-ffffffffffff");
        assert!(id(5, 1) < id(5, 2) && id(5, 2) < id(6, 0));
    }

    #[test]
    fn uuid_is_version_four() {
        assert_eq!(uuid(&Ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid(&Counted), "00010203-0405-4607-8809-0a0b0c0d0e0f");
    }
}
