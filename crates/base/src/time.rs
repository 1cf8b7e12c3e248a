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
        let bytes = text.as_bytes();
        let digits = |from: usize, to: usize| -> Option<i64> {
            let part = text.get(from..to)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
        };
        if bytes.len() != 16 || bytes.get(8) != Some(&b'T') || bytes.get(15) != Some(&b'Z') {
            return Err(invalid());
        }
        let read = || {
            let date = jiff::civil::date(0, 1, 1)
                .with()
                .year(i16::try_from(digits(0, 4)?).ok()?)
                .month(i8::try_from(digits(4, 6)?).ok()?)
                .day(i8::try_from(digits(6, 8)?).ok()?)
                .build()
                .ok()?;
            let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
            if hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
            Some(Self::from_seconds(midnight + hour * 3600 + minute * 60 + second))
        };
        read().ok_or_else(invalid)
    }

    fn civil(self) -> jiff::civil::DateTime {
        let instant = jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or(if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX });
        jiff::tz::Offset::UTC.to_datetime(instant)
    }

    /// `2026-11-22T06:54:57Z`: how IAM, STS and CloudTrail write an instant.
    pub fn iso(self) -> String {
        self.to_string()
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
        let t = self.civil();
        format!(
            "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// The UTC calendar day: year, month, day.
    pub fn day(self) -> (i16, i8, i8) {
        let t = self.civil();
        (t.year(), t.month(), t.day())
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
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
}
