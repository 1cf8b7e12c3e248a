//! Values of condition keys that are no texts: numbers, instants, addresses, bytes.
//!
//! Operators compare them with the policy's values, so that one value below, at, above and between each two of these
//! stands for all.

use policy::elements::ValuePattern;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One: the unit of numbers is 10⁻¹⁵.
const ONE: i128 = 1_000_000_000_000_000;
/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// What is none of these types.
const INVALID: &str = "invalid!";

/// Values that stand for all: whatever a value is, one of these compares the same way with every pattern.
pub(super) fn candidates<'a>(patterns: impl Iterator<Item = &'a ValuePattern>) -> Vec<String> {
    let (mut numbers, mut instants, mut ends, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for pattern in patterns {
        match pattern {
            ValuePattern::Number(number) => numbers.push(*number),
            ValuePattern::Instant(instant) => instants.push(*instant),
            ValuePattern::Network(first, last) => ends.push((*first, *last)),
            ValuePattern::Bytes(known) => bytes.push(known.clone()),
            _ => {}
        }
    }
    let mut found = Vec::new();
    found.extend(between(numbers, ONE).into_iter().filter_map(number));
    let instants = instants.into_iter().map(i128::from).collect();
    found.extend(between(instants, i128::from(DAY)).into_iter().filter_map(instant));
    found.extend(addresses(&ends));
    if !bytes.is_empty() {
        let longest = bytes.iter().map(Vec::len).max().unwrap_or(0);
        bytes.push(vec![0; longest + 1]);
        found.extend(bytes.iter().map(|bytes| base64(bytes)));
    }
    found.push(INVALID.to_owned());
    found
}

/// The points, one below the first and above the last, and one between each two if there is one.
fn between(mut points: Vec<i128>, step: i128) -> Vec<i128> {
    points.sort_unstable();
    points.dedup();
    let mut all = points.clone();
    for pair in points.windows(2) {
        let [low, high] = pair else { continue };
        let round = low.saturating_add(step);
        let middle = if round < *high { round } else { low + (high - low) / 2 };
        if middle > *low {
            all.push(middle);
        }
    }
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        all.extend([first.saturating_sub(step), last.saturating_add(step)]);
    }
    all.sort_unstable();
    all
}

fn number(scaled: i128) -> Option<String> {
    let (whole, part) =
        (scaled.unsigned_abs() / ONE.unsigned_abs(), scaled.unsigned_abs() % ONE.unsigned_abs());
    let sign = if scaled < 0 { "-" } else { "" };
    let part = format!("{part:015}");
    let part = part.trim_end_matches('0');
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

/// A date and time as ISO 8601 has it; outside the years that have four digits, seconds.
fn instant(micros: i128) -> Option<String> {
    let seconds = micros.div_euclid(1_000_000);
    let fraction = micros.rem_euclid(1_000_000);
    let days = seconds.div_euclid(86_400);
    let of_day = seconds.rem_euclid(86_400);
    // Days to a date, counted from March so that leap days come last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    if !(1000..=9999).contains(&year) {
        return number(micros.checked_mul(ONE / 1_000_000)?);
    }
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
}

/// Ends of networks and their neighbours, one address of each family that is in none of them where there is one.
fn addresses(networks: &[(IpAddr, IpAddr)]) -> Vec<String> {
    if networks.is_empty() {
        return Vec::new();
    }
    let usual = [
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    ];
    let mut found: Vec<IpAddr> = usual.to_vec();
    found.extend([IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)]);
    for (first, last) in networks {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                let ends = [Some(first.to_bits()), Some(last.to_bits())];
                let beside = [first.to_bits().checked_sub(1), last.to_bits().checked_add(1)];
                found.extend(ends.into_iter().chain(beside).flatten().map(|bits| IpAddr::V4(bits.into())));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                let ends = [Some(first.to_bits()), Some(last.to_bits())];
                let beside = [first.to_bits().checked_sub(1), last.to_bits().checked_add(1)];
                found.extend(ends.into_iter().chain(beside).flatten().map(|bits| IpAddr::V6(bits.into())));
            }
            _ => {}
        }
    }
    found.iter().map(IpAddr::to_string).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place <= group.len() { letter as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_of_every_point_is_there() {
        let found = candidates([ValuePattern::Number(0), ValuePattern::Number(3 * ONE)].iter());
        assert_eq!(found, ["-1", "0", "1", "3", "4", INVALID]);
        let found = candidates([ValuePattern::Number(0), ValuePattern::Number(1)].iter());
        assert_eq!(found, ["-1", "0", "0.000000000000001", "1.000000000000001", INVALID]);
    }

    #[test]
    fn instants_are_dates() {
        assert_eq!(instant(1_533_859_200_000_000).unwrap(), "2018-08-10T00:00:00Z");
        assert_eq!(instant(951_782_400_000_001).unwrap(), "2000-02-29T00:00:00.000001Z");
        assert_eq!(instant(-1_000_000).unwrap(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn bytes_are_written() {
        assert_eq!(base64(b"Binary"), "QmluYXJ5");
        assert_eq!((base64(b"A"), base64(b"AB"), base64(b"")), ("QQ==".into(), "QUI=".into(), String::new()));
    }
}
