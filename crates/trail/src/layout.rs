//! Names of folders and files, as CloudTrail delivers them:
//! `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`.
//!
//! See <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>.
//!
//! Day and minute are those of the newest record in the file, which is never after the time of delivery.

use base::Timestamp;
use std::path::{Path, PathBuf};

/// A UTC day: year, month, day.
pub type Day = (i16, i8, i8);

/// What the name of a delivered file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The beginning of the minute of delivery: records are not after its end.
    pub minute: Timestamp,
}

/// The folder of an account's files of one day.
pub fn folder(account: &str, region: &str, (year, month, day): Day) -> PathBuf {
    let mut path = PathBuf::from("AWSLogs");
    path.push(account);
    path.push("CloudTrail");
    path.push(region);
    path.push(format!("{year:04}"));
    path.push(format!("{month:02}"));
    path.push(format!("{day:02}"));
    path
}

/// The name of a file whose newest record is of `newest`.
pub fn file_name(account: &str, region: &str, newest: Timestamp, unique: &str) -> String {
    let basic = newest.basic();
    let minute = basic.get(..13).unwrap_or(&basic);
    format!("{account}_CloudTrail_{region}_{minute}Z_{unique}.json.gz")
}

/// Reads the name of a delivered file.
pub fn parse_file_name(name: &str) -> Option<FileName> {
    let mut parts = name.split('_');
    let (account, kind, region) = (parts.next()?, parts.next()?, parts.next()?);
    let (minute, _unique) = (parts.next()?, parts.next()?);
    if kind != "CloudTrail" || parts.next().is_some() {
        return None;
    }
    let minute = Timestamp::parse_basic(&format!("{}00Z", minute.strip_suffix('Z')?)).ok()?;
    Some(FileName { account: account.to_owned(), region: region.to_owned(), minute })
}

/// The day that a path ends in, if its last three parts are a year, a month and a day.
pub fn day_of(path: &Path) -> Option<Day> {
    let mut parts = path.components().rev().map(|part| part.as_os_str().to_str());
    let mut part = |digits: usize| -> Option<i16> {
        let text = parts.next()??;
        (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (day, month, year) = (part(2)?, part(2)?, part(4)?);
    let valid = (1..=31).contains(&day) && (1..=12).contains(&month);
    valid.then_some((year, i8::try_from(month).ok()?, i8::try_from(day).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        let newest = Timestamp::parse("2026-11-22T06:54:57Z").unwrap();
        let name = file_name("123456789012", "us-east-1", newest, "AbCd0123EfGh4567");
        assert_eq!(name, "123456789012_CloudTrail_us-east-1_20261122T0654Z_AbCd0123EfGh4567.json.gz");
        let read = parse_file_name(&name).unwrap();
        assert_eq!((read.account.as_str(), read.region.as_str()), ("123456789012", "us-east-1"));
        assert_eq!(read.minute.iso(), "2026-11-22T06:54:00Z");
        for bad in
            ["x.json", "1_CloudTrail_r_2026Z_u.json.gz", "1_CloudTrail-Digest_r_20261122T0654Z_u.json.gz"]
        {
            assert_eq!(parse_file_name(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_are_the_last_three_parts() {
        let path = folder("123456789012", "us-east-1", (2026, 3, 9));
        assert_eq!(path.to_str(), Some("AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/09"));
        assert_eq!(day_of(&path), Some((2026, 3, 9)));
        assert_eq!(day_of(Path::new("a/2026/03")), None);
        assert_eq!(day_of(Path::new("2026/13/01")), None);
    }
}
