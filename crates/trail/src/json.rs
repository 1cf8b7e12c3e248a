//! Writing JSON straight into bytes, with everything escaped that could mislead a terminal or a log reader.

use base::Timestamp;

/// What stands in a record for a value that is not to be recorded.
pub const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Writes one JSON object. Members come out in the order of the calls; their names are ours and need no escaping.
///
/// ```
/// let mut out = Vec::new();
/// let mut object = bailiwick_trail::Object::begin(&mut out);
/// object.string("userName", "Bob\n").hidden("password");
/// object.end();
/// assert_eq!(out, br#"{"userName":"Bob\n","password":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#);
/// ```
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object at the end of `out`.
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Closes the object.
    pub fn end(self) {
        self.out.push(b'}');
    }

    fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// A text member.
    pub fn string(&mut self, key: &'static str, value: &str) -> &mut Self {
        string(self.key(key), value);
        self
    }

    /// A text member, left out if there is none.
    pub fn optional(&mut self, key: &'static str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.string(key, value);
        }
        self
    }

    /// A member whose value is not to be recorded.
    pub fn hidden(&mut self, key: &'static str) -> &mut Self {
        self.string(key, HIDDEN)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str, value: bool) -> &mut Self {
        self.raw(key, if value { b"true" } else { b"false" })
    }

    /// A whole number.
    pub fn number(&mut self, key: &'static str, value: i64) -> &mut Self {
        self.raw(key, value.to_string().as_bytes())
    }

    /// An instant in whole seconds, `2026-11-22T06:54:57Z`.
    pub fn time(&mut self, key: &'static str, value: Timestamp) -> &mut Self {
        let out = self.key(key);
        out.push(b'"');
        out.extend_from_slice(value.iso().as_bytes());
        out.push(b'"');
        self
    }

    /// A member that is JSON already; the caller answers for its form.
    pub fn raw(&mut self, key: &'static str, json: &[u8]) -> &mut Self {
        self.key(key).extend_from_slice(json);
        self
    }

    /// `null` if there is nothing.
    pub fn raw_or_null(&mut self, key: &'static str, json: Option<&[u8]>) -> &mut Self {
        self.raw(key, json.unwrap_or(b"null"))
    }

    /// A member that is an object, filled by `fill`.
    pub fn object(&mut self, key: &'static str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        let mut inner = Object::begin(self.key(key));
        fill(&mut inner);
        inner.end();
        self
    }

    /// A member that is a list of objects, each filled by `fill`.
    pub fn objects<T>(
        &mut self,
        key: &'static str,
        items: &[T],
        fill: impl Fn(&T, &mut Object<'_>),
    ) -> &mut Self {
        let out = self.key(key);
        out.push(b'[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            let mut inner = Object::begin(out);
            fill(item, &mut inner);
            inner.end();
        }
        out.push(b']');
        self
    }

    /// A member that is a list of texts.
    pub fn strings<'t>(&mut self, key: &'static str, items: impl IntoIterator<Item = &'t str>) -> &mut Self {
        let out = self.key(key);
        out.push(b'[');
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            string(out, item);
        }
        out.push(b']');
        self
    }
}

/// Writes `text` as a JSON string. Besides what JSON demands, DEL, the C1 controls, line and paragraph
/// separators and characters that change the direction of writing are escaped, so that a record shown raw on a
/// terminal cannot move the cursor or disguise itself.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 3);
    out.push(b'"');
    // Nearly all texts are of this kind, and a loop without an early end is done many bytes at a time.
    if !text.bytes().fold(false, |special, byte| special | !is_printable(byte)) {
        out.extend_from_slice(text.as_bytes());
        return out.push(b'"');
    }
    let mut plain_from = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        if is_plain(*byte) {
            continue;
        }
        let Some(special) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            continue;
        };
        if byte.is_ascii() || misleads(special) {
            out.extend_from_slice(bytes.get(plain_from..at).unwrap_or_default());
            escape(out, special);
            plain_from = at + special.len_utf8();
        }
    }
    out.extend_from_slice(bytes.get(plain_from..).unwrap_or_default());
    out.push(b'"');
}

/// Printable ASCII that stands for itself.
const fn is_printable(byte: u8) -> bool {
    (byte >= 0x20) & (byte < 0x7f) & (byte != b'"') & (byte != b'\\')
}

/// Bytes that never need a closer look: printable ASCII, continuation bytes, and lead bytes under which no
/// character misleads.
const fn is_plain(byte: u8) -> bool {
    !matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef)
}

const fn misleads(special: char) -> bool {
    matches!(special,
        '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn escape(out: &mut Vec<u8>, special: char) {
    match special {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        // All that is escaped lies in the basic plane, so one unit says it.
        other => out.extend_from_slice(format!("\\u{:04x}", u32::from(other)).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let json = written(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            prop_assert!(!json.chars().any(|c| c.is_control() || misleads(c)));
        }
    }

    #[test]
    fn terminals_are_not_moved() {
        assert_eq!(
            written("\u{1b}[2J\u{9b}1m\r\n\u{202e}x\u{7f}"),
            r#""\u001b[2J\u009b1m\r\n\u202ex\u007f""#
        );
        assert_eq!(written("Zoë — €2 – ½"), "\"Zoë — €2 – ½\"");
    }

    #[test]
    fn objects_nest() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.object("a", |inner| {
            inner.boolean("b", true).number("n", -1);
        });
        object.objects("list", &[1, 2], |item, inner| {
            inner.number("i", *item);
        });
        object.strings("s", ["x", "y"]).raw_or_null("none", None);
        object.end();
        let expected = r#"{"a":{"b":true,"n":-1},"list":[{"i":1},{"i":2}],"s":["x","y"],"none":null}"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
