//! Reading the file: what is missing, unknown or impossible is told with its place.

use super::pattern::Pattern;
use super::{Covers, Entry, ExceptionsError};
use crate::checks::by_id;
use crate::yaml::{self, Tags};
use base::json::{JsonNode, JsonValue, Member};
use base::span::position;
use base::{Span, Timestamp};

const MEMBERS: [&str; 8] =
    ["fingerprint", "check", "account", "resource", "reason", "owner", "approver", "expires"];

struct Reader<'t> {
    text: &'t str,
    errors: Vec<ExceptionsError>,
}

pub(super) fn entries(text: &str) -> Result<Vec<Entry>, Vec<ExceptionsError>> {
    let mut reader = Reader { text, errors: Vec::new() };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Vec::new());
    }
    let entries = match yaml::parse(text, Tags::Refused) {
        Ok(tree) => {
            for span in &tree.duplicates {
                reader.error(*span, "this name is given twice");
            }
            reader.file(&tree.root)
        }
        Err(found) => {
            reader.error(found.span, found.message);
            Vec::new()
        }
    };
    if reader.errors.is_empty() {
        return Ok(entries);
    }
    reader.errors.sort_by_key(|error| (error.line, error.column));
    Err(reader.errors)
}

impl Reader<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>) {
        let place = position(self.text, span.start);
        self.errors.push(ExceptionsError { line: place.line, column: place.column, message: message.into() });
    }

    fn file(&mut self, root: &JsonNode) -> Vec<Entry> {
        let list = match &root.value {
            JsonValue::Object(members) => {
                for member in members.iter().filter(|member| &*member.key != "exceptions") {
                    self.error(
                        member.key_span,
                        format!("`{}` is unknown; the file has `exceptions`", member.key),
                    );
                }
                root.get("exceptions")
            }
            JsonValue::Null => return Vec::new(),
            _ => Some(root),
        };
        match list.map(|list| (&list.value, list.span)) {
            Some((JsonValue::Array(entries), _)) => {
                entries.iter().filter_map(|entry| self.entry(entry)).collect()
            }
            Some((JsonValue::Null, _)) => Vec::new(),
            Some((_, span)) => {
                self.error(span, "the exceptions are a list");
                Vec::new()
            }
            None => {
                self.error(root.span, "there is no list `exceptions`");
                Vec::new()
            }
        }
    }

    fn entry(&mut self, node: &JsonNode) -> Option<Entry> {
        let Some(members) = node.as_object() else {
            self.error(node.span, "an exception is a mapping of names and values");
            return None;
        };
        for member in members.iter().filter(|member| !MEMBERS.contains(&&*member.key)) {
            self.error(
                member.key_span,
                format!("`{}` is unknown; an exception has {}", member.key, MEMBERS.join(", ")),
            );
        }
        let before = self.errors.len();
        let covers = self.covers(node, members);
        let mut needed = |name: &str| self.needed(node, members, name);
        let (reason, owner, approver) = (needed("reason"), needed("owner"), needed("approver"));
        let expires = self.needed(node, members, "expires");
        let expires = expires.and_then(|text| self.day(members, &text));
        if self.errors.len() > before {
            return None;
        }
        Some(Entry {
            covers: covers?,
            reason: reason?,
            owner: owner?,
            approver: approver?,
            expires: expires?,
            line: position(self.text, node.span.start).line,
        })
    }

    fn covers(&mut self, node: &JsonNode, members: &[Member]) -> Option<Covers> {
        let fingerprint = self.optional(members, "fingerprint");
        let check = self.optional(members, "check");
        let account = self.optional(members, "account");
        let resource = self.optional(members, "resource");
        if let Some(fingerprint) = fingerprint {
            if check.is_some() || account.is_some() || resource.is_some() {
                self.error(
                    node.span,
                    "a fingerprint names one finding: leave check, account and resource out",
                );
            }
            if fingerprint.len() != 32 || !fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let span = span_of(node, members, "fingerprint");
                self.error(span, format!("a fingerprint is 32 hexadecimal digits, not `{fingerprint}`"));
            }
            return Some(Covers::Fingerprint(fingerprint.to_ascii_lowercase()));
        }
        if check.is_none() && resource.is_none() {
            self.error(node.span, "an exception names a `fingerprint`, or a `check` or `resource`");
        }
        if let Some(check) =
            check.as_deref().filter(|check| !check.contains(['*', '?']) && by_id(check).is_none())
        {
            self.error(span_of(node, members, "check"), format!("there is no check `{check}`"));
        }
        let pattern = |text: Option<String>| text.as_deref().map(Pattern::new);
        Some(Covers::Pattern {
            check: pattern(check),
            account: pattern(account),
            resource: pattern(resource),
        })
    }

    fn needed(&mut self, node: &JsonNode, members: &[Member], name: &str) -> Option<String> {
        if !members.iter().any(|member| &*member.key == name) {
            self.error(node.span, format!("the exception has no `{name}`"));
            return None;
        }
        let text = self.optional(members, name);
        if text.is_none() && self.errors.is_empty() {
            self.error(span_of(node, members, name), format!("`{name}` is empty"));
        }
        text
    }

    fn optional(&mut self, members: &[Member], name: &str) -> Option<String> {
        let member = members.iter().find(|member| &*member.key == name)?;
        match &member.value.value {
            JsonValue::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            // An account's id that does not start with a zero looks like a number.
            JsonValue::Number(text) => Some(text.to_string()),
            JsonValue::String(_) | JsonValue::Null => {
                self.error(member.value.span, format!("`{name}` is empty"));
                None
            }
            _ => {
                self.error(member.value.span, format!("`{name}` is a text"));
                None
            }
        }
    }

    fn day(&mut self, members: &[Member], text: &str) -> Option<(i16, i8, i8)> {
        let day = (text.len() == 10).then(|| Timestamp::parse(&format!("{text}T00:00:00Z")).ok()).flatten();
        if day.is_none() {
            let span = members.iter().find(|member| &*member.key == "expires");
            let span = span.map_or_else(Span::default, |member| member.value.span);
            self.error(span, format!("`expires` is a day such as 2027-03-31, not `{text}`"));
        }
        day.map(Timestamp::day)
    }
}

fn span_of(node: &JsonNode, members: &[Member], name: &str) -> Span {
    members.iter().find(|member| &*member.key == name).map_or(node.span, |member| member.value.span)
}
