//! Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, six digits and steps of thirty seconds, which is what
//! AWS's virtual devices and hardware tokens show.
//!
//! A code stands for a *counter*, the number of its step since 1970. Whoever accepts one remembers the counter, so
//! that the code is good once however it is spelled.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base::{Entropy, Secret, Timestamp};
use std::ops::RangeInclusive;
use store::seal::{KeyRing, Place, SealError};

/// Seconds for which a code is shown.
const STEP: i64 = 30;
/// Bytes of the seeds that we make: 64 letters of base32, the form of AWS's.
const SEED_BYTES: usize = 40;
const DIGITS: usize = 6;

/// A fresh seed.
pub fn generate_seed(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0; SEED_BYTES];
    entropy.fill(&mut bytes);
    Secret::new(bytes)
}

/// Seals a seed for the device of this unique id; it opens for no other.
///
/// # Errors
/// If the cipher refuses.
pub fn seal_seed(
    keys: &KeyRing,
    device: &str,
    seed: &Secret,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    keys.seal(place(device), seed.expose(), entropy)
}

/// Opens the sealed seed of the device of this unique id.
///
/// # Errors
/// If it was sealed for another device or under a key that is not at hand.
pub fn open_seed(keys: &KeyRing, device: &str, sealed: &[u8]) -> Result<Secret, SealError> {
    keys.open(place(device), sealed)
}

fn place(device: &str) -> Place<'_> {
    Place { table: "mfa-seed", key: device.as_bytes() }
}

/// Six digits as somebody typed them.
#[derive(Clone, Copy)]
pub struct Code([u8; DIGITS]);

impl Code {
    /// Reads exactly six ASCII digits and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; DIGITS] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// The counter of the step that `now` is in.
pub fn counter(now: Timestamp) -> i64 {
    now.seconds().div_euclid(STEP)
}

/// A device's codes.
pub struct Codes(hmac::Key);

impl Codes {
    /// The codes of this seed.
    pub fn new(seed: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed.expose()))
    }

    /// The code of a step: RFC 4226, section 5.3.
    pub fn at(&self, counter: i64) -> [u8; DIGITS] {
        let tag = hmac::sign(&self.0, &counter.to_be_bytes());
        let mac = tag.as_ref();
        let offset = usize::from(mac.last().copied().unwrap_or_default() & 0xf);
        let four = mac.iter().skip(offset).take(4);
        let number = four.fold(0_u32, |all, byte| all << 8 | u32::from(*byte)) & 0x7fff_ffff;
        let mut digits = [b'0'; DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }

    /// The first counter in a window whose code this is and which comes after `last`. Every step of the window is
    /// looked at, whichever it is.
    pub fn find(&self, code: Code, window: RangeInclusive<i64>, last: Option<i64>) -> Option<i64> {
        let mut found = None;
        for counter in window {
            let same = verify_slices_are_equal(&self.at(counter), &code.0).is_ok();
            if same && found.is_none() && last.is_none_or(|last| counter > last) {
                found = Some(counter);
            }
        }
        found
    }

    /// The counter of the second of two codes that follow each other, at most `reach` steps away from `around`: the
    /// pair that is nearest, and whose first code comes after `last`.
    pub fn find_pair(
        &self,
        (first, second): (Code, Code),
        around: i64,
        reach: i64,
        last: Option<i64>,
    ) -> Option<i64> {
        let mut nearest: Option<i64> = None;
        let mut before_fits = false;
        for counter in around - reach - 1..=around + reach {
            let code = self.at(counter);
            let ends = before_fits & verify_slices_are_equal(&code, &second.0).is_ok();
            before_fits = verify_slices_are_equal(&code, &first.0).is_ok();
            let is_new = last.is_none_or(|last| counter - 1 > last);
            let is_nearer = nearest.is_none_or(|known| (counter - around).abs() < (known - around).abs());
            if ends && is_new && is_nearer {
                nearest = Some(counter);
            }
        }
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Secret {
        Secret::new(*b"12345678901234567890")
    }

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    /// RFC 6238, appendix B; the last six of its eight digits.
    #[test]
    fn vectors_of_the_standard() {
        let codes = Codes::new(&seed());
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let found = codes.at(counter(Timestamp::from_seconds(seconds)));
            assert_eq!(std::str::from_utf8(&found).unwrap(), expected, "at {seconds}");
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn vectors_of_counters() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        let codes = Codes::new(&seed());
        for (counter, expected) in (0..).zip(expected) {
            assert_eq!(codes.at(counter), expected.as_bytes(), "counter {counter}");
        }
    }

    #[test]
    fn codes_are_six_ascii_digits() {
        for bad in ["", "12345", "1234567", "12 456", "12345a", " 123456", "١٢٣٤٥٦", "+12345"] {
            assert!(Code::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{:?}", code("123456")), "Code(…)");
    }

    #[test]
    fn a_counter_is_found_in_its_window_and_after_the_last() {
        let codes = Codes::new(&seed());
        assert_eq!(codes.find(code("969429"), 2..=4, None), Some(3));
        assert_eq!(codes.find(code("969429"), 2..=4, Some(2)), Some(3));
        assert_eq!(codes.find(code("969429"), 2..=4, Some(3)), None, "used");
        assert_eq!(codes.find(code("969429"), 4..=6, None), None, "too late");
        assert_eq!(codes.find(code("969429"), 0..=2, None), None, "too early");
    }

    #[test]
    fn pairs_must_follow_each_other() {
        let codes = Codes::new(&seed());
        let pair = (code("969429"), code("338314"));
        assert_eq!(codes.find_pair(pair, 4, 0, None), Some(4));
        assert_eq!(codes.find_pair(pair, 9, 5, None), Some(4));
        assert_eq!(codes.find_pair(pair, 9, 4, None), None, "out of reach");
        assert_eq!(codes.find_pair(pair, 4, 5, Some(3)), None, "used");
        assert_eq!(codes.find_pair((pair.1, pair.0), 4, 5, None), None, "the wrong way round");
        assert_eq!(codes.find_pair((code("969429"), code("254676")), 4, 5, None), None, "one left out");
        assert_eq!(codes.find_pair((pair.0, pair.0), 4, 5, None), None, "the same twice");
    }
}
