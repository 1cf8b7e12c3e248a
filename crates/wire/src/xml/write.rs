//! Typed outputs into XML.

use crate::schema::{ListSchema, MapSchema, Member, StructSchema, TimestampFormat};
use crate::shape::ShapeWriter;
use crate::value::float_text;
use crate::{base64, time};
use base::Timestamp;
use std::fmt::Write;

/// Writes the members of a structure as elements.
#[derive(Default)]
pub struct XmlWriter {
    out: String,
    /// The name of the element that comes next.
    name: &'static str,
    frames: Vec<Frame>,
}

/// A composite that is being written.
struct Frame {
    /// The element to close at its end; none for flattened lists and maps.
    close: Option<&'static str>,
    /// What its elements or entries are called.
    element: &'static str,
    map: Option<&'static MapSchema>,
    /// A map's entry waits to be closed.
    open_entry: bool,
}

impl XmlWriter {
    /// Writes after what `out` holds.
    pub fn new(out: String) -> Self {
        Self { out, ..Self::default() }
    }

    /// The text written.
    pub fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn text(&mut self, text: &str) {
        let name = self.name;
        self.out.reserve(2 * name.len() + text.len() + 5);
        self.open(name);
        escape_onto(&mut self.out, text);
        self.close(name);
    }

    fn plain(&mut self, value: impl std::fmt::Display) {
        let name = self.name;
        self.open(name);
        // Writing to a string does not fail.
        let _ = write!(self.out, "{value}");
        self.close(name);
    }

    fn close_entry(&mut self) {
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.open_entry) else { return };
        frame.open_entry = false;
        let element = frame.element;
        self.close(element);
    }

    fn end(&mut self) {
        self.close_entry();
        if let Some(name) = self.frames.pop().and_then(|frame| frame.close) {
            self.close(name);
        }
    }
}

impl ShapeWriter for XmlWriter {
    fn member(&mut self, member: &'static Member) {
        self.name = member.wire;
    }

    fn element(&mut self) {
        self.name = self.frames.last().map_or("", |frame| frame.element);
    }

    fn key(&mut self, key: &str) {
        self.close_entry();
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(map) = frame.map else { return };
        frame.open_entry = true;
        let element = frame.element;
        self.open(element);
        self.name = map.key_name;
        self.text(key);
        self.name = map.value_name;
    }

    fn string(&mut self, text: &str) {
        self.text(text);
    }

    fn integer(&mut self, number: i64) {
        self.plain(number);
    }

    fn float(&mut self, number: f64) {
        self.plain(float_text(number));
    }

    fn boolean(&mut self, truth: bool) {
        self.plain(truth);
    }

    fn blob(&mut self, bytes: &[u8]) {
        self.plain(base64::encode(bytes));
    }

    fn timestamp(&mut self, instant: Timestamp, format: TimestampFormat) {
        // Digits, letters and punctuation that need no escaping.
        let name = self.name;
        self.open(name);
        self.out.push_str(&time::write(instant, format));
        self.close(name);
    }

    fn begin_structure(&mut self, _: &'static StructSchema) {
        let name = self.name;
        self.open(name);
        self.frames.push(Frame { close: Some(name), element: "", map: None, open_entry: false });
    }

    fn end_structure(&mut self) {
        self.end();
    }

    fn begin_list(&mut self, schema: &'static ListSchema, length: usize) {
        let name = self.name;
        let mut frame = Frame { close: None, element: schema.element, map: None, open_entry: false };
        if schema.flattened {
            frame.element = name;
        } else if length == 0 {
            let _ = write!(self.out, "<{name}/>");
        } else {
            self.open(name);
            frame.close = Some(name);
        }
        self.frames.push(frame);
    }

    fn end_list(&mut self) {
        self.end();
    }

    fn begin_map(&mut self, schema: &'static MapSchema, length: usize) {
        let name = self.name;
        let mut frame = Frame { close: None, element: "entry", map: Some(schema), open_entry: false };
        if schema.flattened {
            frame.element = name;
        } else if length == 0 {
            let _ = write!(self.out, "<{name}/>");
        } else {
            self.open(name);
            frame.close = Some(name);
        }
        self.frames.push(frame);
    }

    fn end_map(&mut self) {
        self.end();
    }
}

/// Appends text as content of an element. What XML 1.0 cannot carry becomes U+FFFD, so that an answer can
/// always be parsed; a carriage return is written by number, since a parser would make a line feed of it.
pub fn escape_onto(out: &mut String, text: &str) {
    let is_special = |byte: u8| {
        (byte == b'&')
            | (byte == b'<')
            | (byte == b'>')
            | (byte == b'"')
            | ((byte < 0x20) & (byte != b'\n') & (byte != b'\t'))
            | (byte == 0xEF)
    };
    // Without an early end the loop is done many bytes at a time.
    if !text.bytes().fold(false, |special, byte| special | is_special(byte)) {
        out.push_str(text);
        return;
    }
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' | '\t' => out.push(letter),
            '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{GetAccountSummaryResponse, GetUserResponse, ListUsersResponse, Tag, User};
    use crate::shape::Structure;

    fn written(value: &dyn Structure) -> String {
        let mut writer = XmlWriter::default();
        value.write(&mut writer);
        writer.finish()
    }

    fn bob() -> User {
        User {
            path: "/".into(),
            user_name: "Bob".into(),
            user_id: "AIDA".into(),
            arn: "arn:aws:iam::123456789012:user/Bob".into(),
            create_date: Timestamp::from_seconds(0),
            ..Default::default()
        }
    }

    #[test]
    fn structures_and_lists_nest() {
        let tags = vec![Tag { key: "a<b".into(), value: "\"&\"".into() }];
        let output = GetUserResponse { user: User { tags: Some(tags), ..bob() } };
        assert_eq!(
            written(&output),
            "<User><Path>/</Path><UserName>Bob</UserName><UserId>AIDA</UserId>\
             <Arn>arn:aws:iam::123456789012:user/Bob</Arn><CreateDate>1970-01-01T00:00:00Z</CreateDate>\
             <Tags><member><Key>a&lt;b</Key><Value>&quot;&amp;&quot;</Value></member></Tags></User>"
        );
        assert_eq!(written(&ListUsersResponse::default()), "<Users/>");
    }

    #[test]
    fn maps_have_entries() {
        let map = [("Groups".to_owned(), 7), ("Users".to_owned(), 27)].into_iter().collect();
        assert_eq!(
            written(&GetAccountSummaryResponse { summary_map: Some(map) }),
            "<SummaryMap><entry><key>Groups</key><value>7</value></entry>\
             <entry><key>Users</key><value>27</value></entry></SummaryMap>"
        );
    }

    #[test]
    fn case_053_reflected_text_is_escaped() {
        let mut out = String::new();
        escape_onto(&mut out, "</a>\u{0}\u{1b}\r\n\t\u{FFFE}é'\u{FEFF}");
        assert_eq!(out, "&lt;/a&gt;\u{FFFD}\u{FFFD}&#xD;\n\t\u{FFFD}é'\u{FEFF}");
    }
}
