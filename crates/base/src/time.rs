//! Instants, and the forms in which AWS writes them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// The text is not an instant in a form that is read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date and time")]
pub struct InvalidTimestamp(pub String);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant without its fraction of a second, as the IAM API keeps its dates.
    pub const fn whole_seconds(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// Reads ISO 8601 with an offset or `Z`, with or without a fraction, `T` or a blank between date and
    /// time (`2023-03-09 10:41:45+00:00` is how some tools write exports); without an offset it is UTC.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let invalid = || InvalidTimestamp(text.chars().take(64).collect());
        // How CloudTrail writes the time of every record.
        if let Some(instant) = read(text, b"0000-00-00T00:00:00Z") {
            return Ok(instant);
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(instant.as_millisecond()));
        }
        let civil: jiff::civil::DateTime = text.parse().map_err(|_| invalid())?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| invalid())?;
        Ok(Self(zoned.timestamp().as_millisecond()))
    }

    /// Reads the basic form of SigV4's `X-Amz-Date`: `20261122T065457Z`, nothing else.
    pub fn parse_basic(text: &str) -> Result<Self, InvalidTimestamp> {
        let invalid = || InvalidTimestamp(text.chars().take(64).collect());
        read(text, b"00000000T000000Z").ok_or_else(invalid)
    }

    /// Year, month, day, hour, minute, second in UTC; `None` beyond four-digit years.
    ///
    /// The calendar is computed here, since instants stand in every answer and record: days to civil date after
    /// Howard Hinnant, <https://howardhinnant.github.io/date_algorithms.html>.
    fn parts(self) -> Option<[i64; 6]> {
        let seconds = self.seconds();
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (0..=9999).contains(&year).then_some([year, month, day, second / 3600, second / 60 % 60, second % 60])
    }

    fn civil(self) -> jiff::civil::DateTime {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        jiff::tz::Offset::UTC.to_datetime(instant)
    }

    /// `2026-11-22T06:54:57Z`: how IAM, STS and CloudTrail write an instant.
    pub fn iso(self) -> String {
        let Some([year, month, day, hour, minute, second]) = self.parts() else {
            return format!("{}Z", self.civil().strftime("%Y-%m-%dT%H:%M:%S"));
        };
        let ([a, b], [c, d]) = (digits(year / 100), digits(year % 100));
        let ([e, f], [g, h]) = (digits(month), digits(day));
        let ([i, j], [k, l], [m, n]) = (digits(hour), digits(minute), digits(second));
        let text = [a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l, b':', m, n, b'Z'];
        // Digits are ASCII, so that nothing is lost.
        std::str::from_utf8(&text).unwrap_or_default().to_owned()
    }

    /// `2026-11-22T06:54:57.123Z`.
    pub fn iso_millis(self) -> String {
        let t = self.civil();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }

    /// `20261122T065457Z`: the basic form that SigV4 uses.
    pub fn basic(self) -> String {
        let mut text = self.iso();
        text.retain(|letter| !matches!(letter, '-' | ':'));
        text
    }

    /// The UTC calendar day: year, month, day.
    pub fn day(self) -> (i16, i8, i8) {
        match self.parts() {
            // Numbers of a calendar, all small.
            Some([year, month, day, ..]) => (year as i16, month as i8, day as i8),
            None => (self.civil().year(), self.civil().month(), self.civil().day()),
        }
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Reads an instant whose text is exactly of this form: fourteen digits where `form` has zeros, otherwise the
/// letters of `form`.
fn read(text: &str, form: &[u8]) -> Option<Timestamp> {
    if text.len() != form.len() {
        return None;
    }
    let mut digits = [0_i64; 14];
    let mut places = digits.iter_mut();
    for (letter, expected) in text.bytes().zip(form) {
        match expected {
            b'0' if letter.is_ascii_digit() => *places.next()? = i64::from(letter - b'0'),
            _ if letter == *expected && letter != b'0' => {}
            _ => return None,
        }
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = digits;
    let (year, month, day) = (a * 1000 + b * 100 + c * 10 + d, e * 10 + f, g * 10 + h);
    let (hour, minute, second) = (i * 10 + j, k * 10 + l, m * 10 + n);
    if hour > 23 || minute > 59 || second > 59 || !(1..=12).contains(&month) {
        return None;
    }
    let midnight = days(year, month, day) * 86_400;
    let instant = Timestamp::from_seconds(midnight + hour * 3600 + minute * 60 + second);
    // A day that the month does not have comes out as one of the next.
    instant.parts().filter(|[_, _, found, ..]| *found == day).map(|_| instant)
}

/// Days from 1970-01-01 to a date, the inverse of [`Timestamp::parts`].
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Two decimal digits.
/// The last two digits of a number.
const fn digits(number: i64) -> [u8; 2] {
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_millis())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_of_exports() {
        let expected = Timestamp::from_seconds(1_678_358_505);
        for text in [
            "2023-03-09 10:41:45+00:00",
            "2023-03-09T10:41:45Z",
            "2023-03-09T10:41:45+00:00",
            "2023-03-09T11:41:45+01:00",
            "2023-03-09T10:41:45",
        ] {
            assert_eq!(Timestamp::parse(text), Ok(expected), "{text}");
        }
        assert!(Timestamp::parse("yesterday").is_err());
    }

    #[test]
    fn basic_form_is_strict() {
        let t = Timestamp::parse_basic("20230309T104145Z").unwrap();
        assert_eq!(t.seconds(), 1_678_358_505);
        assert_eq!(t.basic(), "20230309T104145Z");
        for bad in [
            "20230309T104145",
            "2023-03-09T10:41:45Z",
            "20230309T246060Z",
            "20231309T104145Z",
            "+0230309T104145Z",
            "20230229T104145Z",
            "20230400T104145Z",
            "20230431T104145Z",
            "20230100T104145Z",
        ] {
            assert!(Timestamp::parse_basic(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn writes_whole_seconds() {
        assert_eq!(Timestamp::from_millis(1_678_358_505_999).iso(), "2023-03-09T10:41:45Z");
        assert_eq!(Timestamp::from_millis(1_678_358_505_999).iso_millis(), "2023-03-09T10:41:45.999Z");
        assert_eq!(Timestamp::from_millis(-1).iso(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn the_calendar_is_that_of_jiff() {
        // Every few days and odd seconds, over all years of four digits.
        for seconds in (-62_167_219_200..253_402_300_800_i64).step_by(2_160_001) {
            let at = Timestamp::from_seconds(seconds);
            assert_eq!(at.iso(), format!("{}Z", at.civil().strftime("%Y-%m-%dT%H:%M:%S")));
            assert_eq!(Timestamp::parse_basic(&at.basic()), Ok(at));
            assert_eq!(Timestamp::parse(&at.iso()), Ok(at));
            assert_eq!(at.day(), (at.civil().year(), at.civil().month(), at.civil().day()));
        }
    }
}
