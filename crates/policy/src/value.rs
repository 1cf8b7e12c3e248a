//! Numbers, dates, addresses and bytes in condition values, read without allocation.

use std::net::IpAddr;

/// A decimal number: up to 22 digits before the point and 15 after it, compared exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(i128);

const FRACTION_DIGITS: usize = 15;
const INTEGER_DIGITS: usize = 22;

impl Number {
    /// In units of 10⁻¹⁵.
    pub(crate) fn scaled(self) -> i128 {
        self.0
    }

    /// Reads `12`, `-0.5`; no exponent.
    pub(crate) fn parse(text: &str) -> Option<Number> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (integer, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        if integer.is_empty() || integer.len() > INTEGER_DIGITS || fraction.len() > FRACTION_DIGITS {
            return None;
        }
        let mut value = 0i128;
        for byte in integer.bytes().chain(fraction.bytes()) {
            value = value * 10 + i128::from(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        let scale = 10i128.checked_pow(u32::try_from(FRACTION_DIGITS - fraction.len()).ok()?)?;
        let value = value.checked_mul(scale)?;
        Some(Number(if negative { -value } else { value }))
    }
}

/// An instant: microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(i64);

const MICROS: i64 = 1_000_000;

impl Instant {
    /// Microseconds since 1970.
    pub(crate) fn micros(self) -> i64 {
        self.0
    }

    /// Reads seconds since 1970 (`1533859200`, `1533859200.5`), or a date of the W3C's profile of ISO 8601:
    /// `2018-08`, `2018-08-10`, `2018-08-10T00:00Z`, `2018-08-10T02:00:00.5+02:00`. Without an offset it is UTC.
    ///
    /// A year alone cannot be told from seconds, and is read as seconds.
    pub(crate) fn parse(text: &str) -> Option<Instant> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        if unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Self::from_seconds(text);
        }
        let mut reader = Reader(text.as_bytes());
        let year = reader.digits(4)?;
        reader.take(b'-').then_some(())?;
        let month = reader.digits(2)?;
        let day = if reader.take(b'-') { reader.digits(2)? } else { 1 };
        let time =
            if reader.take(b'T') || reader.take(b't') || reader.take(b' ') { reader.time()? } else { 0 };
        let valid =
            reader.0.is_empty() && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        valid.then(|| Instant(days_since_1970(year, month, day) * 86_400 * MICROS + time))
    }

    fn from_seconds(text: &str) -> Option<Instant> {
        let Number(value) = Number::parse(text)?;
        i64::try_from(value / 10i128.pow(FRACTION_DIGITS as u32 - 6)).ok().map(Instant)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits
            .iter()
            .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    }

    /// Reads `hh:mm[:ss[.f…]][Z|±hh:mm]`; microseconds since midnight UTC.
    fn time(&mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        self.take(b':').then_some(())?;
        let minute = self.digits(2)?;
        let second = if self.take(b':') { self.digits(2)? } else { 0 };
        let fraction = if self.take(b'.') { self.fraction()? } else { 0 };
        let offset = self.offset()?;
        let valid = hour < 24 && minute < 60 && second < 60;
        valid.then(|| ((hour * 60 + minute - offset) * 60 + second) * MICROS + fraction)
    }

    /// Digits after the point, as microseconds; further digits are dropped.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let six = digits.iter().copied().chain(std::iter::repeat(b'0')).take(6);
        (count > 0).then(|| six.fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')))
    }

    /// Minutes east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.0.first() {
            None => return Some(0),
            Some(b'Z' | b'z') => 0,
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.0 = self.0.get(1..)?;
        if sign == 0 {
            return Some(0);
        }
        let hours = self.digits(2)?;
        let _colon = self.take(b':');
        let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar, counted from March so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Addresses with a common prefix. IPv6 addresses that map IPv4 addresses are these IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    V4 { bits: u32, mask: u32 },
    V6 { bits: u128, mask: u128 },
}

impl Network {
    /// Its first and its last address.
    pub(crate) fn ends(self) -> (IpAddr, IpAddr) {
        match self {
            Network::V4 { bits, mask } => (IpAddr::V4(bits.into()), IpAddr::V4((bits | !mask).into())),
            Network::V6 { bits, mask } => (IpAddr::V6(bits.into()), IpAddr::V6((bits | !mask).into())),
        }
    }

    /// Reads `203.0.113.0/24`, `2001:db8::/32`, or one address.
    pub(crate) fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(read_prefix(prefix)?)),
            None => (text, None),
        };
        match address.parse().ok()? {
            IpAddr::V4(v4) => Self::v4(v4.to_bits(), prefix.unwrap_or(32)),
            IpAddr::V6(v6) => match (v6.to_ipv4_mapped(), prefix.unwrap_or(128)) {
                (Some(v4), prefix @ 96..) => Self::v4(v4.to_bits(), prefix - 96),
                (_, prefix) => Self::v6(v6.to_bits(), prefix),
            },
        }
    }

    fn v4(bits: u32, prefix: u32) -> Option<Network> {
        let mask = u32::MAX.checked_shl(32u32.checked_sub(prefix)?).unwrap_or(0);
        Some(Network::V4 { bits: bits & mask, mask })
    }

    fn v6(bits: u128, prefix: u32) -> Option<Network> {
        let mask = u128::MAX.checked_shl(128u32.checked_sub(prefix)?).unwrap_or(0);
        Some(Network::V6 { bits: bits & mask, mask })
    }

    /// Whether the address is in the network; addresses of the other family never are.
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Network::V4 { bits, mask }, IpAddr::V4(address)) => address.to_bits() & mask == bits,
            (Network::V6 { bits, mask }, IpAddr::V6(address)) => address.to_bits() & mask == bits,
            _ => false,
        }
    }
}

fn read_prefix(text: &str) -> Option<u32> {
    let digits_only = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits_only.then(|| text.parse().ok())?
}

/// The bytes that a base64 text stands for; `None` if it is not base64 (the standard alphabet, padded or not).
pub(crate) fn base64_bytes(text: &str) -> Option<impl Iterator<Item = u8>> {
    let letters = text.trim_end_matches('=');
    let padding = text.len() - letters.len();
    let valid = letters.bytes().all(|letter| sextet(letter).is_some())
        && letters.len() % 4 != 1
        && (padding == 0 || (text.len().is_multiple_of(4) && padding <= 2));
    valid.then(|| {
        letters.as_bytes().chunks(4).flat_map(|group| {
            let bits =
                group.iter().fold(0u32, |bits, letter| bits << 6 | u32::from(sextet(*letter).unwrap_or(0)));
            let bits = bits << (6 * (4 - group.len()));
            let [_, bytes @ ..] = bits.to_be_bytes();
            bytes.into_iter().take(group.len() - 1)
        })
    })
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// `true` or `false`, in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        let n = |text| Number::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(n("1"), n("1.000"));
        assert_eq!(n("-0"), n("0"));
        assert!(n("9007199254740993") > n("9007199254740992"));
        assert!(n("-2") < n("-1.5") && n("0.1") < n("+0.11"));
        for bad in ["", "-", ".", "1.", ".5", "1e3", "0x1", " 1", "1 ", "--1", "١", &"9".repeat(23)] {
            assert!(Number::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn dates_are_read_in_every_form() {
        let at = |text| Instant::parse(text).unwrap_or_else(|| panic!("{text}"));
        let expected = at("1533859200");
        for text in [
            "2018-08-10",
            "2018-08-10T00:00Z",
            "2018-08-10T00:00:00Z",
            "2018-08-10T00:00:00.000Z",
            "2018-08-10T02:00:00+02:00",
            "2018-08-09T19:00-05:00",
            "2018-08-10T00:00:00",
            "1533859200.0",
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
        assert!(at("2018-08") < expected && at("2000-02-29") < expected && at("-1") < at("0"));
        assert_eq!(at("1970-01-01"), at("0"));
        for bad in [
            "",
            "x",
            "2018-13-01",
            "2018-02-29",
            "2018-08-10T24:00Z",
            "2018-08-10T00Z",
            "2018-08-10x",
            "20180810T00Z",
        ] {
            assert!(Instant::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn networks() {
        let holds =
            |network, address: &str| Network::parse(network).unwrap().contains(address.parse().unwrap());
        assert!(
            holds("10.1.2.3/8", "10.9.9.9") && holds("0.0.0.0/0", "1.2.3.4") && holds("1.2.3.4", "1.2.3.4")
        );
        assert!(holds("2001:db8::/32", "2001:db8::1") && !holds("2001:db8::1", "2001:db8::2"));
        assert!(!holds("0.0.0.0/0", "::1") && !holds("::/0", "1.2.3.4"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1") && holds("::ffff:10.0.0.0/104", "10.0.0.1"));
        for bad in ["", "x", "1.2.3", "1.2.3.4/33", "::/129", "1.2.3.4/", "1.2.3.4/+8", "1.2.3.4/8/8"] {
            assert!(Network::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn base64() {
        let bytes = |text| base64_bytes(text).map(Iterator::collect::<Vec<u8>>);
        assert_eq!(bytes("QmluYXJ5").unwrap(), b"Binary");
        assert_eq!(bytes("QQ==").unwrap(), b"A");
        assert_eq!(bytes("QUI=").unwrap(), b"AB");
        assert_eq!(bytes("").unwrap(), b"");
        for bad in ["Q", "Q===", "QQ=", "Q!==", "QUI=="] {
            assert!(bytes(bad).is_none(), "{bad}");
        }
    }
}
