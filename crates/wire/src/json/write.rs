//! Values into JSON text.

use crate::schema::{ListSchema, MapSchema, Member, StructSchema, TimestampFormat};
use crate::shape::{ShapeWriter, Structure, write_fields};
use crate::value::{Fields, float_text};
use crate::{base64, time};
use base::Timestamp;
use std::fmt::Write;

/// How members are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As on the wire: `UserName`.
    Wire,
    /// With a small first letter, as CloudTrail records do: `userName`.
    LowerCamel,
}

/// How instants are written where the model says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Seconds since 1970, as JSON protocols do.
    Seconds,
    /// `2026-11-22T06:54:57Z`.
    Iso8601,
    /// `Nov 22, 2026, 6:54:57 AM`, as CloudTrail records do.
    Trail,
}

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Names of members.
    pub names: Names,
    /// Instants.
    pub times: Times,
    /// What stands for sensitive values; they are written as they are if this is `None`.
    pub hidden: Option<&'static str>,
}

impl Style {
    /// As the JSON protocols write.
    pub const PROTOCOL: Style = Style { names: Names::Wire, times: Times::Seconds, hidden: None };
    /// As CloudTrail records inputs and outputs.
    pub const TRAIL: Style = Style {
        names: Names::LowerCamel,
        times: Times::Trail,
        hidden: Some("HIDDEN_DUE_TO_SECURITY_REASONS"),
    };
}

/// Writes one structure as a JSON object.
pub struct JsonWriter {
    out: String,
    style: Style,
    frames: Vec<Frame>,
    /// The next value is sensitive.
    hide: bool,
    /// Open composites inside a hidden one.
    skipped: usize,
}

struct Frame {
    empty: bool,
    hide_elements: bool,
}

impl JsonWriter {
    /// An object that has no members yet.
    pub fn new(style: Style) -> Self {
        let mut frames = Vec::with_capacity(8);
        frames.push(Frame { empty: true, hide_elements: false });
        // Most inputs fit.
        let mut out = String::with_capacity(256);
        out.push('{');
        Self { out, style, frames, hide: false, skipped: 0 }
    }

    /// The text of a typed value.
    pub fn structure(value: &dyn Structure, style: Style) -> String {
        let mut writer = Self::new(style);
        value.write(&mut writer);
        writer.finish()
    }

    /// The text of decoded members.
    pub fn fields(fields: &Fields, style: Style) -> String {
        let mut writer = Self::new(style);
        write_fields(fields, &mut writer);
        writer.finish()
    }

    /// Closes the object.
    pub fn finish(mut self) -> String {
        self.out.push('}');
        self.out
    }

    fn comma(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        if !std::mem::take(&mut frame.empty) {
            self.out.push(',');
        }
    }

    /// Whether the value that comes is left out; writes its stand-in if it is the first of what is hidden.
    fn hidden(&mut self) -> bool {
        if self.skipped > 0 {
            return true;
        }
        match self.style.hidden.filter(|_| std::mem::take(&mut self.hide)) {
            Some(stand_in) => {
                self.quoted(stand_in);
                true
            }
            None => false,
        }
    }

    fn quoted(&mut self, text: &str) {
        quote_onto(&mut self.out, text);
    }

    fn plain(&mut self, value: impl std::fmt::Display) {
        if !self.hidden() {
            // Writing to a string does not fail.
            let _ = write!(self.out, "{value}");
        }
    }

    fn open(&mut self, bracket: char, hide_elements: bool) {
        if self.hidden() {
            self.skipped += 1;
            return;
        }
        self.out.push(bracket);
        self.frames.push(Frame { empty: true, hide_elements });
    }

    fn close(&mut self, bracket: char) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        self.frames.pop();
        self.out.push(bracket);
    }
}

impl ShapeWriter for JsonWriter {
    fn member(&mut self, member: &'static Member) {
        if self.skipped > 0 {
            return;
        }
        self.comma();
        match self.style.names {
            Names::Wire => self.quoted(member.wire),
            Names::LowerCamel => {
                let (first, rest) = member.lower_camel();
                // Names of members are letters and digits.
                self.out.push('"');
                self.out.extend(first);
                self.out.push_str(rest);
                self.out.push('"');
            }
        }
        self.out.push(':');
        self.hide = member.shape.sensitive();
    }

    fn element(&mut self) {
        if self.skipped == 0 {
            self.comma();
            self.hide = self.frames.last().is_some_and(|frame| frame.hide_elements);
        }
    }

    fn key(&mut self, key: &str) {
        if self.skipped == 0 {
            self.comma();
            self.quoted(key);
            self.out.push(':');
            self.hide = self.frames.last().is_some_and(|frame| frame.hide_elements);
        }
    }

    fn string(&mut self, text: &str) {
        if !self.hidden() {
            self.quoted(text);
        }
    }

    fn integer(&mut self, number: i64) {
        self.plain(number);
    }

    fn float(&mut self, number: f64) {
        if number.is_finite() {
            self.plain(number);
        } else if !self.hidden() {
            self.quoted(&float_text(number));
        }
    }

    fn boolean(&mut self, truth: bool) {
        self.plain(truth);
    }

    fn blob(&mut self, bytes: &[u8]) {
        if !self.hidden() {
            self.quoted(&base64::encode(bytes));
        }
    }

    fn timestamp(&mut self, instant: Timestamp, format: TimestampFormat) {
        if self.hidden() {
            return;
        }
        match (format, self.style.times) {
            (TimestampFormat::Protocol, Times::Seconds) | (TimestampFormat::UnixSeconds, _) => {
                let millis = instant.millis();
                let _ = match millis.rem_euclid(1000) {
                    0 => write!(self.out, "{}", instant.seconds()),
                    _ => write!(self.out, "{:.3}", millis as f64 / 1000.0),
                };
            }
            (TimestampFormat::Protocol, Times::Trail) => self.quoted(&time::write_trail(instant)),
            (other, _) => self.quoted(&time::write(instant, other)),
        }
    }

    fn begin_structure(&mut self, _: &'static StructSchema) {
        self.open('{', false);
    }

    fn end_structure(&mut self) {
        self.close('}');
    }

    fn begin_list(&mut self, schema: &'static ListSchema, _: usize) {
        self.open('[', schema.member.sensitive());
    }

    fn end_list(&mut self) {
        self.close(']');
    }

    fn begin_map(&mut self, schema: &'static MapSchema, _: usize) {
        self.open('{', schema.value.sensitive());
    }

    fn end_map(&mut self) {
        self.close('}');
    }
}

/// Appends a JSON string.
pub(crate) fn quote_onto(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    let is_special = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7F);
    // Without an early end the loop is done many bytes at a time.
    if !text.bytes().fold(false, |special, byte| special | is_special(byte)) {
        out.push_str(text);
        return out.push('"');
    }
    let mut plain = 0;
    for (place, byte) in text.bytes().enumerate() {
        if !is_special(byte) {
            continue;
        }
        out.push_str(text.get(plain..place).unwrap_or_default());
        plain = place + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            other => {
                let _ = write!(out, "\\u{other:04x}");
            }
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{AccessKey, CreateAccessKeyResponse, CreateLoginProfileRequest, CreateUserRequest, Tag};

    #[test]
    fn a_record_hides_secrets_and_shrinks_names() {
        let output = CreateAccessKeyResponse {
            access_key: AccessKey {
                user_name: "Bob".into(),
                access_key_id: "AKIA".into(),
                status: "Active".into(),
                secret_access_key: "hunter2".to_owned().into(),
                create_date: Some(Timestamp::parse("2026-11-22T06:54:57Z").unwrap()),
            },
        };
        assert_eq!(
            JsonWriter::structure(&output, Style::TRAIL),
            "{\"accessKey\":{\"userName\":\"Bob\",\"accessKeyId\":\"AKIA\",\"status\":\"Active\",\
             \"secretAccessKey\":\"HIDDEN_DUE_TO_SECURITY_REASONS\",\"createDate\":\"Nov 22, 2026, 6:54:57 AM\"}}"
        );
        let input =
            CreateLoginProfileRequest { password: Some("hunter2".to_owned().into()), ..Default::default() };
        assert!(!JsonWriter::structure(&input, Style::TRAIL).contains("hunter2"));
        assert!(JsonWriter::structure(&input, Style::PROTOCOL).contains("hunter2"));
    }

    #[test]
    fn text_is_escaped() {
        let input = CreateUserRequest {
            user_name: "a\"\\\n\u{0}\u{1b}é".into(),
            tags: Some(vec![Tag { key: "k".into(), value: "v".into() }]),
            ..Default::default()
        };
        let text = JsonWriter::structure(&input, Style::PROTOCOL);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["UserName"], "a\"\\\n\u{0}\u{1b}é");
        assert_eq!(value["Tags"][0]["Key"], "k");
        assert!(text.contains("\\u001b"));
    }
}
