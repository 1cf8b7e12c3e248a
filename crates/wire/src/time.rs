//! Instants in the forms of the protocols.

use crate::schema::TimestampFormat;
use base::Timestamp;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Reads any form that a client may send: ISO 8601, seconds since 1970 with or without a fraction, RFC 822.
pub fn read(text: &str) -> Option<Timestamp> {
    if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return read_rfc822(text);
    }
    if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'e' | b'E' | b'+'))
        && !text.get(1..).is_some_and(|rest| rest.contains('-'))
    {
        return from_seconds(text.parse().ok()?);
    }
    Timestamp::parse(text).ok()
}

/// From seconds since 1970, the fraction rounded to milliseconds.
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    // Far enough for every calendar, and exact in a float.
    (seconds.abs() < 1e12).then(|| Timestamp::from_millis((seconds * 1000.0).round() as i64))
}

/// Reads `Sun, 22 Nov 2026 06:54:57 GMT`.
pub fn read_rfc822(text: &str) -> Option<Timestamp> {
    let mut parts =
        text.split_once(", ").map_or(text, |(_, rest)| rest).split(' ').filter(|it| !it.is_empty());
    let day: u8 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|known| *known == name)? + 1;
    let year: u16 = parts.next()?.parse().ok()?;
    let time = parts.next()?;
    if !matches!(parts.next()?, "GMT" | "UTC" | "-0000" | "+0000") || parts.next().is_some() {
        return None;
    }
    Timestamp::parse(&format!("{year:04}-{month:02}-{day:02}T{time}Z")).ok()
}

/// Writes it in the format; [`TimestampFormat::Protocol`] as ISO 8601.
pub fn write(instant: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Protocol | TimestampFormat::Iso8601 => instant.iso(),
        TimestampFormat::UnixSeconds => instant.seconds().to_string(),
        TimestampFormat::Rfc822 => write_rfc822(instant),
    }
}

/// `Sun, 22 Nov 2026 06:54:57 GMT`.
pub fn write_rfc822(instant: Timestamp) -> String {
    let (year, month, day) = instant.day();
    let second = instant.seconds().rem_euclid(86_400);
    let weekday = instant.seconds().div_euclid(86_400).rem_euclid(7) as usize;
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        DAYS.get(weekday).copied().unwrap_or_default(),
        month_name(month),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// `Nov 22, 2026, 6:54:57 AM`: how CloudTrail writes an instant inside a request or response.
pub fn write_trail(instant: Timestamp) -> String {
    let (year, month, day) = instant.day();
    let second = instant.seconds().rem_euclid(86_400);
    let hour = second / 3600;
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{} {day}, {year}, {hour}:{:02}:{:02} {half}", month_name(month), second / 60 % 60, second % 60)
}

fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let expected = Timestamp::parse("2026-11-22T06:54:57Z").unwrap();
        for text in [
            "2026-11-22T06:54:57Z",
            "2026-11-22T06:54:57.000Z",
            "2026-11-22T07:54:57+01:00",
            "1795330497",
            "1795330497.0",
            "1.795330497e9",
            "Sun, 22 Nov 2026 06:54:57 GMT",
            "Sun, 22 Nov 2026 06:54:57 -0000",
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for bad in ["", "now", "NaN", "1e300", "Sun, 22 Nov 2026 06:54:57 CET", "2026-13-01T00:00:00Z", "inf"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn forms_are_written() {
        let instant = Timestamp::parse("2026-11-22T06:54:57Z").unwrap();
        assert_eq!(write_rfc822(instant), "Sun, 22 Nov 2026 06:54:57 GMT");
        assert_eq!(write_trail(instant), "Nov 22, 2026, 6:54:57 AM");
        assert_eq!(
            write_trail(Timestamp::parse("2026-01-01T00:00:01Z").unwrap()),
            "Jan 1, 2026, 12:00:01 AM"
        );
        assert_eq!(write(instant, TimestampFormat::UnixSeconds), "1795330497");
    }
}
