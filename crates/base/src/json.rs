//! JSON that remembers where everything stands.
//!
//! The reader is for text that people write and sign off, such as policies: it keeps the order of keys, reports
//! keys that stand twice instead of taking the last, keeps numbers as text, and is bounded in size and depth.
//! The grammar is RFC 8259's, nothing more: no comments, no trailing commas, nothing after the value.

mod parse;
mod print;

pub use parse::{JsonError, Limits};
pub use print::{Style, quote};

use crate::span::Span;

/// A JSON text that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json {
    /// The value.
    pub root: JsonNode,
    /// Keys that stand a second time in their object, in order of the text.
    pub duplicates: Vec<Span>,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonNode {
    /// From its first to its last character, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub value: JsonValue,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(Box<str>),
    /// A string, its escapes resolved.
    String(Box<str>),
    /// An array.
    Array(Vec<JsonNode>),
    /// An object: its members in the order of the text, duplicates included.
    Object(Vec<Member>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key, its escapes resolved.
    pub key: Box<str>,
    /// The key's place, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: JsonNode,
}

impl Json {
    /// Reads `text`, which must be one JSON value within `limits`.
    pub fn parse(text: &str, limits: Limits) -> Result<Json, JsonError> {
        parse::parse(text, limits)
    }

    /// Writes the value; the order of keys is kept.
    pub fn print(&self, style: Style) -> String {
        self.root.print(style)
    }
}

impl JsonNode {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            JsonValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.value {
            JsonValue::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[JsonNode]> {
        match &self.value {
            JsonValue::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The first member of this name, if this is an object that has one.
    pub fn get(&self, key: &str) -> Option<&JsonNode> {
        self.as_object()?.iter().find(|member| *member.key == *key).map(|member| &member.value)
    }

    /// What kind of value it is, with its article: `an object`, `a string` …
    pub fn kind(&self) -> &'static str {
        match self.value {
            JsonValue::Null => "null",
            JsonValue::Bool(_) => "a boolean",
            JsonValue::Number(_) => "a number",
            JsonValue::String(_) => "a string",
            JsonValue::Array(_) => "an array",
            JsonValue::Object(_) => "an object",
        }
    }

    /// Writes the value; the order of keys is kept.
    pub fn print(&self, style: Style) -> String {
        let mut out = String::new();
        print::print(self, style, &mut out);
        out
    }
}
