//! What a reader of text has to say about it.

use crate::span::{Span, position};
use std::borrow::Cow;
use std::fmt;

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A better way to write the same.
    Suggestion,
    /// Works, though probably not as meant.
    Warning,
    /// Works, and opens more than it should.
    Security,
    /// Cannot work: refused, or read as if it were not there.
    Error,
}

impl Severity {
    /// The word in reports: `error`, `security`, `warning`, `suggestion`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Suggestion => "suggestion",
            Severity::Warning => "warning",
            Severity::Security => "security",
            Severity::Error => "error",
        }
    }
}

/// One thing to say about a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code, by which it is looked up and silenced.
    pub code: Cow<'static, str>,
    /// How much it weighs.
    pub severity: Severity,
    /// The place in the text.
    pub span: Span,
    /// What is so: lower case, no full stop, the text's own words in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A warning at `span`.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    /// A diagnostic of any severity, without help.
    pub fn new(severity: Severity, code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), severity, span, message: message.into(), help: None }
    }

    /// The same with a help text.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// One line for people: `3:14: error: … (help)`, with line and column in `text`.
    pub fn render(&self, text: &str) -> String {
        let place = position(text, self.span.start);
        let help = self.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{}: {}: {}{help}", place.line, place.column, self.severity.word(), self.message)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.word(), self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_place_and_help() {
        let found = Diagnostic::error("x", Span::new(3, 4), "no such thing").with_help("leave it out");
        assert_eq!(found.render("ab\ncd"), "2:1: error: no such thing (leave it out)");
    }
}
