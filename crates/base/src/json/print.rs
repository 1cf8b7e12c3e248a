//! The writer.

use super::{JsonNode, JsonValue};
use std::fmt::Write;

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No white space.
    Compact,
    /// One member or element a line, two blanks a level.
    Pretty,
}

/// `text` as a JSON string, in quotes. Only what must be escaped is.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
}

pub(super) fn print(node: &JsonNode, style: Style, out: &mut String) {
    write_node(node, style, 0, out);
}

fn write_node(node: &JsonNode, style: Style, level: usize, out: &mut String) {
    match &node.value {
        JsonValue::Null => out.push_str("null"),
        JsonValue::Bool(true) => out.push_str("true"),
        JsonValue::Bool(false) => out.push_str("false"),
        JsonValue::Number(text) => out.push_str(text),
        JsonValue::String(text) => write_string(text, out),
        JsonValue::Array(elements) => write_list(('[', ']'), elements, style, level, out, |element, out| {
            write_node(element, style, level + 1, out);
        }),
        JsonValue::Object(members) => write_list(('{', '}'), members, style, level, out, |member, out| {
            write_string(&member.key, out);
            out.push_str(if style == Style::Pretty { ": " } else { ":" });
            write_node(&member.value, style, level + 1, out);
        }),
    }
}

fn write_list<T>(
    (open, close): (char, char),
    items: &[T],
    style: Style,
    level: usize,
    out: &mut String,
    write_item: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        break_line(style, level + 1, out);
        write_item(item, out);
    }
    if !items.is_empty() {
        break_line(style, level, out);
    }
    out.push(close);
}

fn break_line(style: Style, level: usize, out: &mut String) {
    if style == Style::Pretty {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            '\0'..='\x1f' => _ = write!(out, "\\u{:04x}", letter as u32),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::{Json, Limits};
    use super::*;

    #[test]
    fn pretty_print_reads_back() {
        let text = r#"{"b":[],"a":[1,{"x":"\u0001\"\\"}],"c":{}}"#;
        let json = Json::parse(text, Limits::default()).unwrap();
        let pretty = json.print(Style::Pretty);
        assert_eq!(
            pretty,
            "{\n  \"b\": [],\n  \"a\": [\n    1,\n    {\n      \"x\": \"\\u0001\\\"\\\\\"\n    }\n  ],\n  \"c\": {}\n}"
        );
        assert_eq!(Json::parse(&pretty, Limits::default()).unwrap().print(Style::Compact), text);
    }
}
