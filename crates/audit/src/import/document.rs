//! Policy documents, in the forms in which exports carry them.

use serde_json::value::RawValue;

/// What is read of a policy document at most: 1 MiB, far above every quota.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The text of a policy document: the object as it stands in the export, moved to the left margin, or the
/// string, decoded if it is URL-encoded as the API's own answers are (one that cannot be decoded stays as it is).
/// `None` if it is neither.
pub(crate) fn text(raw: &RawValue) -> Option<String> {
    let raw = raw.get();
    match raw.as_bytes().first()? {
        b'{' => Some(dedent(raw)),
        b'"' => {
            let text: String = serde_json::from_str(raw).ok()?;
            let decoded = text.trim_start().starts_with('%').then(|| percent_decode(&text)).flatten();
            Some(decoded.unwrap_or(text))
        }
        _ => None,
    }
}

/// Takes the indentation of the closing bracket off every line after the first.
///
/// A line break in JSON never stands in a string, so blanks after one carry no meaning.
fn dedent(raw: &str) -> String {
    let is_blank = |letter: char| matches!(letter, ' ' | '\t');
    let last = raw.rsplit('\n').next().unwrap_or_default();
    let margin = last.chars().take_while(|letter| is_blank(*letter)).count();
    let mut out = String::with_capacity(raw.len());
    for (number, line) in raw.lines().enumerate() {
        if number == 0 {
            out.push_str(line);
            continue;
        }
        out.push('\n');
        let indent = line.chars().take(margin).take_while(|letter| is_blank(*letter)).count();
        out.push_str(line.get(indent..).unwrap_or_default());
    }
    out
}

/// Decodes RFC 3986 percent-encoding; `None` if an escape is broken or the bytes are no UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        text(serde_json::from_str::<&RawValue>(json).unwrap())
    }

    #[test]
    fn objects_keep_their_text_and_lose_their_margin() {
        let indented = "{\n      \"b\": [\n        1\n      ],\n      \"a\": \"x  y\"\n    }";
        assert_eq!(read(indented).unwrap(), "{\n  \"b\": [\n    1\n  ],\n  \"a\": \"x  y\"\n}");
        assert_eq!(read("{\"b\":1, \"a\":2}").unwrap(), "{\"b\":1, \"a\":2}");
        assert_eq!(read("{\r\n    \"a\": 1\r\n  }").unwrap(), "{\n  \"a\": 1\n}");
    }

    #[test]
    fn strings_are_decoded_when_they_are_encoded() {
        assert_eq!(read(r#""{\"a\":1}""#).unwrap(), "{\"a\":1}");
        assert_eq!(read(r#""%7B%22a%22%3A%20%22%C3%A7+%22%7D""#).unwrap(), "{\"a\": \"ç+\"}");
        assert_eq!(read(r#""%7B%2""#).unwrap(), "%7B%2");
        assert_eq!(read(r#""%ff""#).unwrap(), "%ff");
    }

    #[test]
    fn anything_else_is_no_document() {
        for json in ["1", "[]", "null", "true"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
