//! The reader.

use super::{Json, JsonNode, JsonValue, Member};
use crate::span::Span;
use std::collections::HashSet;

/// What is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub size: usize,
    /// Arrays and objects within each other. The reader recurses, so keep it small (tens).
    pub depth: usize,
}

impl Default for Limits {
    /// One mebibyte, 32 levels.
    fn default() -> Self {
        Self { size: 1 << 20, depth: 32 }
    }
}

/// The text is not JSON, or more than the limits allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// Where reading stopped.
    pub span: Span,
    /// What is wrong there.
    pub message: String,
}

/// Objects up to this many members are searched for duplicate keys one by one; larger ones by a set.
const FEW_MEMBERS: usize = 16;

pub(super) fn parse(text: &str, limits: Limits) -> Result<Json, JsonError> {
    if text.len() > limits.size {
        let message =
            format!("the text has {} bytes, more than the {} that are read", text.len(), limits.size);
        return Err(JsonError { span: Span::new(0, 0), message });
    }
    let mut reader = Reader { text, at: 0, depth: limits.depth, duplicates: Vec::new() };
    reader.skip_blanks();
    let root = reader.value()?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok(Json { root, duplicates: reader.duplicates }),
        Some(_) => Err(reader.error("text goes on after the JSON value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    duplicates: Vec<Span>,
}

type Read<T> = Result<T, JsonError>;

impl Reader<'_> {
    fn value(&mut self) -> Read<JsonNode> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => JsonValue::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => JsonValue::Number(self.number()?),
            Some(b't') => self.word("true", JsonValue::Bool(true))?,
            Some(b'f') => self.word("false", JsonValue::Bool(false))?,
            Some(b'n') => self.word("null", JsonValue::Null)?,
            Some(_) => return Err(self.error("a JSON value is expected here")),
            None => return Err(self.error("the text ends where a JSON value is expected")),
        };
        Ok(JsonNode { span: Span::new(start, self.at), value })
    }

    fn object(&mut self) -> Read<JsonValue> {
        self.enter()?;
        let mut members: Vec<Member> = Vec::new();
        let mut seen: HashSet<Box<str>> = HashSet::new();
        if !self.take_after_blanks(b'}') {
            loop {
                let member = self.member()?;
                if is_duplicate(&members, &mut seen, &member.key) {
                    self.duplicates.push(member.key_span);
                }
                members.push(member);
                if self.take_after_blanks(b'}') {
                    break;
                }
                self.expect_after_blanks(b',', "`,` or `}` is expected here")?;
                self.skip_blanks();
            }
        }
        self.depth += 1;
        Ok(JsonValue::Object(members))
    }

    fn member(&mut self) -> Read<Member> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error("a key in double quotes is expected here"));
        }
        let key = self.string()?;
        let key_span = Span::new(start, self.at);
        self.expect_after_blanks(b':', "`:` is expected after the key")?;
        self.skip_blanks();
        Ok(Member { key, key_span, value: self.value()? })
    }

    fn array(&mut self) -> Read<JsonValue> {
        self.enter()?;
        let mut elements = Vec::new();
        if !self.take_after_blanks(b']') {
            loop {
                elements.push(self.value()?);
                if self.take_after_blanks(b']') {
                    break;
                }
                self.expect_after_blanks(b',', "`,` or `]` is expected here")?;
                self.skip_blanks();
            }
        }
        self.depth += 1;
        Ok(JsonValue::Array(elements))
    }

    /// Steps over an opening bracket, one level down.
    fn enter(&mut self) -> Read<()> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| self.error("nested too deeply"))?;
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Read<Box<str>> {
        self.at += 1;
        let start = self.at;
        let plain = self.rest().bytes().take_while(|b| !matches!(b, b'"' | b'\\' | 0..=0x1f)).count();
        self.at += plain;
        let head = self.text.get(start..self.at).unwrap_or_default();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(head.into());
        }
        let mut out = head.to_owned();
        loop {
            match self.rest().chars().next() {
                None => return Err(self.error("the string has no closing quote")),
                Some('"') => {
                    self.at += 1;
                    return Ok(out.into_boxed_str());
                }
                Some('\\') => out.push(self.escape()?),
                Some('\0'..='\x1f') => {
                    return Err(self.error("control characters in strings must be escaped"));
                }
                Some(other) => {
                    out.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let letter = self.rest().as_bytes().get(1).copied();
        let plain = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.error("no such escape in JSON")),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Read<char> {
        let first = self.code_unit()?;
        let code = match first {
            0xd800..=0xdbff => {
                let second = self.code_unit()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(self.error("half of a surrogate pair"));
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair"))
    }

    /// Reads `\uXXXX`.
    fn code_unit(&mut self) -> Read<u32> {
        let digits = self.rest().strip_prefix("\\u").and_then(|rest| rest.get(..4));
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.error("`\\u` and four hexadecimal digits are expected here"))?;
        self.at += 6;
        Ok(unit)
    }

    fn number(&mut self) -> Read<Box<str>> {
        let start = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.error("a number must not begin with zero"));
            }
        } else {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default().into())
    }

    fn digits(&mut self) -> Read<()> {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += count;
        if count == 0 { Err(self.error("a digit is expected here")) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, value: JsonValue) -> Read<JsonValue> {
        if !self.rest().starts_with(word) {
            return Err(self.error("a JSON value is expected here"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take_after_blanks(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        self.take(byte)
    }

    fn expect_after_blanks(&mut self, byte: u8, message: &str) -> Read<()> {
        if self.take_after_blanks(byte) { Ok(()) } else { Err(self.error(message)) }
    }

    fn error(&self, message: &str) -> JsonError {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        JsonError { span: Span::new(self.at, self.at + length), message: message.to_owned() }
    }
}

fn is_duplicate(members: &[Member], seen: &mut HashSet<Box<str>>, key: &str) -> bool {
    if members.len() < FEW_MEMBERS {
        return members.iter().any(|member| *member.key == *key);
    }
    if seen.is_empty() {
        seen.extend(members.iter().map(|member| member.key.clone()));
    }
    !seen.insert(key.into())
}

#[cfg(test)]
mod tests {
    use super::super::Style;
    use super::*;

    fn read(text: &str) -> Result<Json, JsonError> {
        Json::parse(text, Limits::default())
    }

    #[test]
    fn reads_values_with_their_places() {
        let json = read(" {\"a\": [1, -2.50e+3, \"x\\u00e7\\ud83d\\ude00\\n\"], \"b\": null}").unwrap();
        let list = json.root.get("a").unwrap().as_array().unwrap();
        assert_eq!(list[1].value, JsonValue::Number("-2.50e+3".into()));
        assert_eq!(list[1].span, Span::new(11, 19));
        assert_eq!(list[2].as_str(), Some("xç😀\n"));
        assert_eq!(json.root.get("b").unwrap().kind(), "null");
        assert_eq!(json.print(Style::Compact), "{\"a\":[1,-2.50e+3,\"xç😀\\n\"],\"b\":null}");
    }

    #[test]
    fn keys_that_stand_twice_are_reported() {
        let json = read(r#"{"a":1,"b":{"c":1,"c":2},"\u0061":3}"#).unwrap();
        assert_eq!(json.duplicates, vec![Span::new(18, 21), Span::new(25, 33)]);
        assert_eq!(json.root.get("a").unwrap().value, JsonValue::Number("1".into()));
        let many: String = (0..100).map(|i| format!("\"k{}\":0,", i % 99)).collect();
        assert_eq!(read(&format!("{{{many}\"z\":0}}")).unwrap().duplicates.len(), 1);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (bad, at) in [
            ("", 0),
            ("{", 1),
            ("{\"a\" 1}", 5),
            ("[1,]", 3),
            ("{\"a\":1,}", 7),
            ("[01]", 2),
            ("[1.]", 3),
            ("[-]", 2),
            ("\"a", 2),
            ("\"a\nb\"", 2),
            ("\"\\x\"", 1),
            ("\"\\ud800\"", 7),
            ("\"\\ud800\\u0041\"", 13),
            ("\"\\u00g0\"", 1),
            ("nul", 0),
            ("{} x", 3),
            ("// c\n{}", 0),
            ("{a:1}", 1),
            ("\u{feff}{}", 0),
        ] {
            let error = read(bad).unwrap_err();
            assert_eq!(error.span.start, at, "{bad:?}: {error}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nest(32)).is_ok());
        assert_eq!(read(&nest(33)).unwrap_err().message, "nested too deeply");
        assert!(read(&"[".repeat(1_000_000)).is_err());
        assert!(read(&" ".repeat((1 << 20) + 1)).is_err());
        assert!(read(&format!("[{}[]]", "[],".repeat(1000))).is_ok());
    }
}
