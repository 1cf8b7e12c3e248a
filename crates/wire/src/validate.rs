//! The model's constraints on an input, in AWS's words.
//!
//! All violations are gathered: `2 validation errors detected: Value null at 'userName' failed to satisfy
//! constraint: Member must not be null; Value …`. Lengths count characters (Unicode scalar values), patterns
//! hold for the whole text, and sensitive values are not shown.

use crate::fault::{Fault, shortened};
use crate::schema::{Shape, StringSchema, lower_camel};
use crate::value::{Fields, Value};
use std::fmt::Write;

/// What is shown in place of a sensitive value.
const HIDDEN: &str = "***Sensitive Data***";
/// Characters of a value that a message repeats.
const SHOWN: usize = 1024;
/// Violations that a message tells; there may be as many as elements in a list.
const TOLD: usize = 100;

/// Checks decoded members against their schema.
pub fn validate(input: &Fields) -> Result<(), Fault> {
    let mut check = Check { path: String::with_capacity(64), violations: Vec::new() };
    check.members(input);
    if check.violations.is_empty() { Ok(()) } else { Err(report(&check.violations)) }
}

/// Checks one text against its schema: what an input's member of this shape would be checked for.
pub fn validate_text(schema: &'static StringSchema, name: &str, text: &str) -> Result<(), Fault> {
    let mut check = Check { path: String::new(), violations: Vec::new() };
    check.enter_member(name);
    check.string(schema, text);
    if check.violations.is_empty() { Ok(()) } else { Err(report(&check.violations)) }
}

fn report(violations: &[String]) -> Fault {
    let count = violations.len();
    let plural = if count == 1 { "error" } else { "errors" };
    let told = violations.get(..TOLD).unwrap_or(violations).join("; ");
    Fault::validation(format!("{count} validation {plural} detected: {told}"))
}

struct Check {
    path: String,
    violations: Vec<String>,
}

impl Check {
    fn members(&mut self, fields: &Fields) {
        for (member, value) in fields.iter() {
            if value.is_null() && !member.required {
                continue;
            }
            let length = self.enter_member(member.name);
            if value.is_null() {
                self.violations.push(format!(
                    "Value null at '{}' failed to satisfy constraint: Member must not be null",
                    self.path
                ));
            } else {
                self.value(member.shape, value);
            }
            self.path.truncate(length);
        }
    }

    fn value(&mut self, shape: Shape, value: &Value) {
        match (shape, value) {
            (Shape::Structure(_), Value::Struct(fields)) => self.members(fields),
            (Shape::String(schema), Value::String(text)) => self.string(schema, text),
            (Shape::Integer(schema), Value::Integer(number)) => {
                if let Some(min) = schema.min.filter(|min| number < min) {
                    self.broken(
                        number,
                        format_args!("Member must have value greater than or equal to {min}"),
                    );
                }
                if let Some(max) = schema.max.filter(|max| number > max) {
                    self.broken(number, format_args!("Member must have value less than or equal to {max}"));
                }
            }
            (Shape::Blob(schema), Value::Blob(bytes)) => {
                let shown = if schema.sensitive { HIDDEN } else { "java.nio.HeapByteBuffer" };
                self.length(&shown, bytes.len(), schema.min, schema.max);
            }
            (Shape::List(schema), Value::List(elements)) => {
                self.length(&Shown(value, shape), elements.len(), schema.min, schema.max);
                for (place, element) in elements.iter().enumerate() {
                    let length = self.enter(&format!("{}.member", place + 1));
                    self.value(schema.member, element);
                    self.path.truncate(length);
                }
            }
            (Shape::Map(schema), Value::Map(entries)) => {
                self.length(&Shown(value, shape), entries.len(), schema.min, schema.max);
                for (key, entry) in entries {
                    let length = self.enter(&format!("{}.member", shortened(key, 128)));
                    self.string(schema.key, key);
                    self.value(schema.value, entry);
                    self.path.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, schema: &'static StringSchema, text: &str) {
        let shown = if schema.sensitive { HIDDEN.into() } else { shortened(text, SHOWN) };
        if !schema.values.is_empty() && !schema.values.contains(&text) {
            let values = schema.values.join(", ");
            self.broken(&shown, format_args!("Member must satisfy enum value set: [{values}]"));
        }
        self.length(&shown, text.chars().count(), schema.min, schema.max);
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            let pattern = pattern.as_str();
            self.broken(&shown, format_args!("Member must satisfy regular expression pattern: {pattern}"));
        }
    }

    fn length(&mut self, shown: &dyn std::fmt::Display, length: usize, min: Option<u32>, max: Option<u32>) {
        if let Some(min) = min.filter(|min| length < *min as usize) {
            self.broken(shown, format_args!("Member must have length greater than or equal to {min}"));
        }
        if let Some(max) = max.filter(|max| length > *max as usize) {
            self.broken(shown, format_args!("Member must have length less than or equal to {max}"));
        }
    }

    fn broken(&mut self, shown: impl std::fmt::Display, constraint: std::fmt::Arguments<'_>) {
        let path = &self.path;
        self.violations
            .push(format!("Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"));
    }

    /// Extends the path and tells the length to cut it back to.
    fn enter(&mut self, segment: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(segment);
        length
    }

    fn enter_member(&mut self, name: &str) -> usize {
        let length = self.enter("");
        let (letter, rest) = lower_camel(name);
        self.path.extend(letter);
        self.path.push_str(rest);
        length
    }
}

/// A list or map as Java prints one, bounded and without sensitive parts.
struct Shown<'a>(&'a Value, Shape);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        show(self.0, self.1, &mut out)?;
        f.write_str(&shortened(&out, SHOWN))
    }
}

fn show(value: &Value, shape: Shape, out: &mut String) -> std::fmt::Result {
    if out.len() > SHOWN * 4 {
        return Ok(());
    }
    if shape.sensitive() {
        return out.write_str(HIDDEN);
    }
    match (value, shape) {
        (Value::String(text), _) => out.write_str(&shortened(text, SHOWN)),
        (Value::Integer(number), _) => write!(out, "{number}"),
        (Value::Boolean(truth), _) => write!(out, "{truth}"),
        (Value::Timestamp(instant), _) => write!(out, "{instant}"),
        (Value::List(elements), Shape::List(list)) => {
            out.push('[');
            for (place, element) in elements.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                show(element, list.member, out)?;
            }
            out.write_char(']')
        }
        (Value::Map(entries), Shape::Map(map)) => {
            out.push('{');
            for (place, (key, entry)) in entries.iter().enumerate() {
                write!(out, "{}{}=", if place > 0 { ", " } else { "" }, shortened(key, 128))?;
                show(entry, map.value, out)?;
            }
            out.write_char('}')
        }
        (Value::Struct(fields), _) => {
            write!(out, "{}(", fields.schema().name)?;
            let mut first = true;
            for (member, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let (letter, rest) = lower_camel(member.name);
                write!(out, "{}{}{rest}=", if first { "" } else { ", " }, letter.unwrap_or_default())?;
                show(value, member.shape, out)?;
                first = false;
            }
            out.write_char(')')
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{CreateUserRequest, UpdateAccessKeyRequest};
    use crate::schema::{OperationSchema, StructSchema};
    use crate::shape::Structure;

    fn fields(schema: &'static StructSchema, values: &[(&str, Value)]) -> Fields {
        let mut fields = Fields::new(schema);
        for (name, value) in values {
            fields.set(schema.member(name).unwrap().0, value.clone());
        }
        fields
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn check(input: &Fields, expected: &str) {
        let fault = validate(input).unwrap_err();
        assert_eq!((fault.code.as_ref(), fault.status), ("ValidationError", 400));
        assert_eq!(fault.message, expected);
    }

    #[test]
    fn missing_members_are_null() {
        check(
            &fields(CreateUserRequest::schema(), &[]),
            "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
        );
    }

    #[test]
    fn all_violations_are_told() {
        let input = fields(
            UpdateAccessKeyRequest::schema(),
            &[("UserName", text("a b")), ("AccessKeyId", text("AKIA")), ("Status", text("on"))],
        );
        check(
            &input,
            r"3 validation errors detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+; Value 'AKIA' at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16; Value 'on' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]",
        );
    }

    #[test]
    fn paths_lead_into_lists() {
        let tag = fields(crate::iam::Tag::schema(), &[("Key", text("")), ("Value", text("v"))]);
        let input = fields(
            CreateUserRequest::schema(),
            &[("UserName", text("Bob")), ("Tags", Value::List(vec![Value::Struct(tag)]))],
        );
        let message = validate(&input).unwrap_err().message;
        assert!(message.contains("Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1"), "{message}");
    }

    #[test]
    fn ranges_and_list_sizes_are_bounded() {
        let input = fields(
            crate::sts::AssumeRoleRequest::schema(),
            &[
                ("RoleArn", text("arn:aws:iam::123456789012:role/r")),
                ("RoleSessionName", text("me")),
                ("DurationSeconds", Value::Integer(60)),
            ],
        );
        check(
            &input,
            "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        );
        let tag = fields(crate::iam::Tag::schema(), &[("Key", text("k")), ("Value", text("v"))]);
        let input = fields(
            CreateUserRequest::schema(),
            &[("UserName", text("Bob")), ("Tags", Value::List(vec![Value::Struct(tag); 51]))],
        );
        let message = validate(&input).unwrap_err().message;
        assert!(message.starts_with("1 validation error detected: Value '[Tag(key=k, value=v), "));
        assert!(message.ends_with("Member must have length less than or equal to 50"), "{message}");
    }

    #[test]
    fn lengths_count_characters() {
        let long = "é".repeat(128);
        let tag = fields(crate::iam::Tag::schema(), &[("Key", text(&long)), ("Value", text("v"))]);
        assert_eq!(validate(&tag), Ok(()));
    }

    #[test]
    fn secrets_are_not_shown() {
        let input = fields(
            crate::iam::CreateLoginProfileRequest::schema(),
            &[("UserName", text("Bob")), ("Password", text("hunter2\u{1}"))],
        );
        let message = validate(&input).unwrap_err().message;
        assert!(message.contains(HIDDEN) && !message.contains("hunter2"), "{message}");
    }

    #[test]
    fn every_pattern_of_the_models_is_understood() {
        let mut seen = 0;
        for service in [&crate::iam::SERVICE, &crate::sts::SERVICE] {
            for operation in service.operations {
                let OperationSchema { input, output, .. } = operation;
                for schema in input.iter().chain(output) {
                    patterns(Shape::Structure(schema), 0, &mut seen);
                }
            }
        }
        assert!(seen > 300, "{seen}");
    }

    fn patterns(shape: Shape, depth: usize, seen: &mut usize) {
        if depth > 12 {
            return;
        }
        match shape {
            Shape::Structure(schema) => {
                schema.members.iter().for_each(|member| patterns(member.shape, depth + 1, seen));
            }
            Shape::List(schema) => patterns(schema.member, depth + 1, seen),
            Shape::Map(schema) => {
                patterns(Shape::String(schema.key), depth + 1, seen);
                patterns(schema.value, depth + 1, seen);
            }
            Shape::String(StringSchema { pattern: Some(pattern), name, .. }) => {
                assert!(pattern.compiles(), "{name}: {pattern:?}");
                *seen += 1;
            }
            _ => {}
        }
    }
}
