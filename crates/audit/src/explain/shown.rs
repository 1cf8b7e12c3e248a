//! Policy texts as people read them.
//!
//! What is stored is not always what one wants to look at: trust policies hold unique ids where people know ARNs,
//! and many documents are one long line. A shown text has ARNs and line breaks, and places of the stored text are
//! found in it again.

use base::Span;
use base::json::{Json, JsonNode, JsonValue, Limits, Style};
use policy::Document;
use std::collections::HashMap;

/// A line longer than this makes a document be laid out anew.
const WIDE: usize = 100;

/// A policy text for people, and where the pieces of the stored one stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShownText {
    pub(super) text: String,
    starts: HashMap<u32, u32>,
    ends: HashMap<u32, u32>,
}

impl ShownText {
    /// The text of `document`; `arn_of` tells the ARN that a unique id in a `Principal` element stands for.
    pub(super) fn new(document: &Document, arn_of: &mut dyn FnMut(&str) -> Option<String>) -> Self {
        let stored = document.text();
        let mut text = document.rewrite_principals(arn_of);
        if text.lines().any(|line| line.chars().count() > WIDE) {
            text = laid_out(&text).unwrap_or(text);
        }
        let mut shown = Self { text, starts: HashMap::new(), ends: HashMap::new() };
        if shown.text != stored
            && let (Some(from), Some(to)) = (read(stored), read(&shown.text))
        {
            shown.pair(&from.root, &to.root);
        }
        shown
    }

    /// Where a piece of the stored text stands in the shown one.
    pub(super) fn span(&self, stored: Span) -> Span {
        Span {
            start: self.starts.get(&stored.start).copied().unwrap_or(stored.start),
            end: self.ends.get(&stored.end).copied().unwrap_or(stored.end),
        }
    }

    /// Walks two trees of one form and notes which places belong together.
    fn pair(&mut self, from: &JsonNode, to: &JsonNode) {
        self.note(from.span, to.span);
        match (&from.value, &to.value) {
            (JsonValue::Array(from), JsonValue::Array(to)) => {
                from.iter().zip(to).for_each(|(from, to)| self.pair(from, to));
            }
            (JsonValue::Object(from), JsonValue::Object(to)) => {
                for (from, to) in from.iter().zip(to) {
                    self.note(from.key_span, to.key_span);
                    self.pair(&from.value, &to.value);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, from: Span, to: Span) {
        self.starts.insert(from.start, to.start);
        self.ends.insert(from.end, to.end);
    }
}

fn read(text: &str) -> Option<Json> {
    Json::parse(text, Limits::default()).ok()
}

fn laid_out(text: &str) -> Option<String> {
    Some(read(text)?.print(Style::Pretty))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse_tolerant(text).0.unwrap()
    }

    #[test]
    fn a_readable_text_stays_as_it_is() {
        let text = r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
        let shown = ShownText::new(&document(text), &mut |_| None);
        assert_eq!(shown.text, text);
        assert_eq!(shown.span(Span::new(3, 7)), Span::new(3, 7));
    }

    #[test]
    fn places_are_found_again_in_another_layout() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"AIDAX"},"Action":"sts:AssumeRole"}]}"#;
        let mut arn_of = |id: &str| (id == "AIDAX").then(|| "arn:aws:iam::123456789012:user/Ann".to_owned());
        let document = document(text);
        let shown = ShownText::new(&document, &mut arn_of);
        let statement = &document.statements()[0];
        let under = |span: Span| shown.span(span).of(&shown.text).to_owned();
        assert_eq!(under(statement.action.span), "\"Action\": \"sts:AssumeRole\"");
        assert_eq!(under(statement.action.entries[0].span), "\"sts:AssumeRole\"");
        let principal = statement.principal.as_ref().unwrap();
        assert_eq!(under(principal.entries[0].text.span), "\"arn:aws:iam::123456789012:user/Ann\"");
        assert!(under(statement.span).starts_with("{\n      \"Effect\""), "{}", under(statement.span));
    }
}
