//! Where a record belongs: the account, region and time that choose its file.

use crate::record::EVENT_VERSION;
use serde::Deserialize;
use std::borrow::Cow;

/// What is needed of a record to put it into its file.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Address<'r> {
    #[serde(borrow)]
    pub(crate) event_time: Cow<'r, str>,
    #[serde(borrow, default)]
    pub(crate) aws_region: Cow<'r, str>,
    #[serde(borrow, default)]
    pub(crate) recipient_account_id: Cow<'r, str>,
}

impl<'r> Address<'r> {
    /// The address of a record; `None` if it is no record.
    ///
    /// [`crate::Record::write`] puts the address first, so that a record of ours need not be read whole, which costs
    /// as much as compressing it. Other records are.
    pub(crate) fn of(record: &'r [u8]) -> Option<Self> {
        Self::at_beginning(record).or_else(|| serde_json::from_slice(record).ok())
    }

    pub(crate) fn at_beginning(record: &'r [u8]) -> Option<Self> {
        let rest = record.strip_suffix(b"}")?.strip_prefix(b"{\"eventVersion\":\"")?;
        let rest = rest.strip_prefix(EVENT_VERSION.as_bytes())?;
        let (event_time, rest) = plain_text(rest.strip_prefix(b"\",\"eventTime\":\"")?)?;
        let (aws_region, rest) = plain_text(rest.strip_prefix(b"\",\"awsRegion\":\"")?)?;
        let (recipient_account_id, _) = plain_text(rest.strip_prefix(b"\",\"recipientAccountId\":\"")?)?;
        Some(Self { event_time, aws_region, recipient_account_id })
    }
}

/// What stands before the closing quotation mark, if nothing in it is escaped; and the rest from that mark on.
fn plain_text(bytes: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let end = memchr::memchr2(b'"', b'\\', bytes)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    let text = std::str::from_utf8(text).ok()?;
    rest.starts_with(b"\"").then_some((Cow::Borrowed(text), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(event_time: &'static str, region: &'static str, account: &'static str) -> Address<'static> {
        Address {
            event_time: event_time.into(),
            aws_region: region.into(),
            recipient_account_id: account.into(),
        }
    }

    #[test]
    fn an_address_is_found_wherever_it_stands() {
        let first =
            br#"{"eventVersion":"1.11","eventTime":"t","awsRegion":"r","recipientAccountId":"1","x":[]}"#;
        assert_eq!(Address::at_beginning(first), Some(address("t", "r", "1")));
        let last =
            br#"{"eventVersion":"1.11","x":{"awsRegion":"no"},"recipientAccountId":"1","eventTime":"t"}"#;
        assert_eq!(Address::at_beginning(last), None);
        assert_eq!(Address::of(last), Some(address("t", "", "1")));
    }

    #[test]
    fn escaped_text_is_read_as_json() {
        let escaped =
            br#"{"eventVersion":"1.11","eventTime":"t","awsRegion":"a\"b","recipientAccountId":"1"}"#;
        assert_eq!(Address::at_beginning(escaped), None);
        assert_eq!(Address::of(escaped), Some(address("t", "a\"b", "1")));
    }

    #[test]
    fn what_is_torn_or_no_record_has_none() {
        let torn =
            br#"{"eventVersion":"1.11","eventTime":"t","awsRegion":"r","recipientAccountId":"1","x":"y"#;
        for bytes in [&torn[..], b"", b"{}", b"oops", b"{\"eventTime\":1}"] {
            assert_eq!(Address::of(bytes), None);
        }
    }
}
