//! Percent-encoding as RFC 3986 has it, and form decoding with `+` for a blank.

use std::borrow::Cow;

/// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not percent-encoded UTF-8")]
pub struct InvalidEncoding;

/// Letters, digits and `-._~` stand for themselves.
pub const fn unreserved(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text` with everything but unreserved characters encoded.
pub fn encode_onto(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text.iter().copied() {
        push(out, byte);
    }
}

fn push(out: &mut Vec<u8>, byte: u8) {
    if unreserved(byte) {
        out.push(byte);
    } else {
        let digit = |half: u8| HEX.get(usize::from(half & 15)).copied().unwrap_or(b'0');
        out.extend([b'%', digit(byte >> 4), digit(byte)]);
    }
}

/// `text` with everything but unreserved characters encoded, as IAM returns policy documents.
pub fn encode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + text.len() / 4);
    encode_onto(&mut out, text.as_bytes());
    // Only ASCII is written.
    String::from_utf8(out).unwrap_or_default()
}

/// Decodes a part of a query string or form, `+` being a blank.
pub fn decode(text: &[u8]) -> Result<Cow<'_, str>, InvalidEncoding> {
    decode_with(text, true)
}

/// Decodes `%XX` alone.
pub fn decode_plain(text: &[u8]) -> Result<Cow<'_, str>, InvalidEncoding> {
    decode_with(text, false)
}

fn decode_with(text: &[u8], form: bool) -> Result<Cow<'_, str>, InvalidEncoding> {
    if !text.iter().any(|byte| *byte == b'%' || (form && *byte == b'+')) {
        return std::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| InvalidEncoding);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' if form => b' ',
            b'%' => {
                let high = rest.next().and_then(nibble).ok_or(InvalidEncoding)?;
                let low = rest.next().and_then(nibble).ok_or(InvalidEncoding)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|_| InvalidEncoding)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for text in ["", "a b+c", "{\"Version\": \"2012-10-17\"}", "Köln/😀", "~-._"] {
            assert_eq!(decode(encode(text).as_bytes()).unwrap(), text);
        }
        assert_eq!(encode("a b/~*"), "a%20b%2F~%2A");
        assert_eq!(decode(b"a+b%2b").unwrap(), "a b+");
        assert_eq!(decode_plain(b"a+b").unwrap(), "a+b");
    }

    #[test]
    fn broken_encodings_are_refused() {
        for bad in [&b"%"[..], b"%4", b"%zz", b"%C3", b"%FF", b"%C3%28", b"\xff"] {
            assert_eq!(decode(bad), Err(InvalidEncoding), "{bad:?}");
        }
    }
}
