//! Patterns with `*`, `?` and policy variables, matched in bounded time.
//!
//! A pattern is cut at its stars into chunks. Between two stars the leftmost place where a chunk fits is always good
//! enough, so matching never goes back over more than one chunk and never takes longer than text times chunk.
//! What a variable stands for is compared as text: stars in it are no wildcards.

mod arn;
mod tokens;

pub(crate) use arn::{ArnPattern, Part, ResourcePattern};
pub use tokens::Token;

use crate::context::{ConditionKey, Context, Values};

/// What is special in a pattern's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// `*` and `?`.
    pub(crate) wildcards: bool,
    /// `${…}`.
    pub(crate) variables: bool,
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Glob {
    /// `*`
    Any,
    /// No wildcard, no variable.
    Exact(Box<str>),
    /// A text and one star after it.
    Prefix(Box<str>),
    /// Everything else: chunks with a star between each two.
    Chunks(Box<[Chunk]>),
}

/// What stands between two stars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    /// `?`: one character.
    One,
    Variable(Variable),
}

/// `${key}` or `${key, 'default'}`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    key: ConditionKey,
    default: Option<Box<str>>,
}

impl Glob {
    /// Compiles a pattern.
    pub(crate) fn parse(text: &str, syntax: Syntax) -> Glob {
        let mut parser = Parser::default();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let after = rest.get(letter.len_utf8()..).unwrap_or_default();
            rest = match letter {
                '*' if syntax.wildcards => parser.star(after),
                '?' if syntax.wildcards => parser.piece(Piece::One, after),
                '$' if syntax.variables => parser.variable(rest, after),
                other => {
                    parser.literal.push(other);
                    after
                }
            };
        }
        parser.finish()
    }

    /// Whether `text` matches; variables are looked up in `context`. One that is not there matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        match self {
            Glob::Any => true,
            Glob::Exact(exact) => **exact == *text,
            Glob::Prefix(prefix) => text.starts_with(&**prefix),
            Glob::Chunks(chunks) => match_chunks(chunks, text, context),
        }
    }

    /// Whether `text` equals the pattern, which has no wildcards, ignoring case.
    pub(crate) fn equals_ignore_case(&self, text: &str, context: &dyn Context) -> bool {
        match self {
            Glob::Exact(exact) => equal_ignoring_case(exact, text),
            Glob::Chunks(chunks) => {
                chunks.first().is_some_and(|chunk| chunk.equals_ignore_case(text, context))
            }
            Glob::Any | Glob::Prefix(_) => false,
        }
    }

    /// The text, if the pattern has neither wildcards nor variables.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self {
            Glob::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// What stands before and after the star, if there is one and nothing else but text.
    pub(crate) fn around_a_star(&self) -> Option<(&str, &str)> {
        match self {
            Glob::Chunks(chunks) => match &**chunks {
                [start, end] => start.as_literal().zip(end.as_literal()),
                _ => None,
            },
            _ => None,
        }
    }

    /// What every text begins with that matches.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            Glob::Any => "",
            Glob::Exact(text) | Glob::Prefix(text) => text,
            Glob::Chunks(chunks) => match chunks.first().and_then(|chunk| chunk.pieces.first()) {
                Some(Piece::Literal(literal)) => literal,
                _ => "",
            },
        }
    }

    /// Calls `visit` with the key of every variable without default.
    pub(crate) fn variables(&self, visit: &mut dyn FnMut(&ConditionKey)) {
        let Glob::Chunks(chunks) = self else { return };
        for piece in chunks.iter().flat_map(|chunk| &chunk.pieces) {
            if let Piece::Variable(Variable { key, default: None }) = piece {
                visit(key);
            }
        }
    }
}

fn match_chunks(chunks: &[Chunk], text: &str, context: &dyn Context) -> bool {
    let Some((first, others)) = chunks.split_first() else { return text.is_empty() };
    let Some(mut at) = first.match_at(text, 0, context) else { return false };
    let Some((last, middle)) = others.split_last() else { return at == text.len() };
    for chunk in middle {
        match chunk.find(text, at, context) {
            Some(end) => at = end,
            None => return false,
        }
    }
    last.ends(text, at, context)
}

impl Chunk {
    /// Matches at `at`; where the match ends.
    fn match_at(&self, text: &str, mut at: usize, context: &dyn Context) -> Option<usize> {
        for piece in &self.pieces {
            let rest = text.get(at..)?;
            at += match piece {
                Piece::Literal(literal) => rest.starts_with(&**literal).then_some(literal.len())?,
                Piece::One => rest.chars().next()?.len_utf8(),
                Piece::Variable(variable) => {
                    let value = variable.resolve(context)?;
                    rest.starts_with(value).then_some(value.len())?
                }
            };
        }
        Some(at)
    }

    /// The end of the leftmost match that starts at or after `from`.
    fn find(&self, text: &str, from: usize, context: &dyn Context) -> Option<usize> {
        let anchor = match self.pieces.first() {
            None => return Some(from),
            Some(Piece::Literal(literal)) => literal,
            Some(Piece::Variable(variable)) => variable.resolve(context)?,
            Some(Piece::One) => "",
        };
        let mut start = from;
        loop {
            start += text.get(start..)?.find(anchor)?;
            if let Some(end) = self.match_at(text, start, context) {
                return Some(end);
            }
            start += text.get(start..)?.chars().next()?.len_utf8();
        }
    }

    /// Whether it matches at the very end of `text`, not before `from`.
    fn ends(&self, text: &str, from: usize, context: &dyn Context) -> bool {
        if let Some(literal) = self.as_literal() {
            return text.len() - from >= literal.len() && text.ends_with(literal);
        }
        let Some(characters) = self.characters(context) else { return false };
        let start = match characters.checked_sub(1) {
            None => return true,
            Some(before_last) => text.char_indices().rev().nth(before_last),
        };
        start.is_some_and(|(at, _)| at >= from && self.match_at(text, at, context) == Some(text.len()))
    }

    /// How many characters it matches; `None` if a variable is not there.
    fn characters(&self, context: &dyn Context) -> Option<usize> {
        self.pieces.iter().try_fold(0, |sum, piece| {
            Some(
                sum + match piece {
                    Piece::Literal(literal) => literal.chars().count(),
                    Piece::One => 1,
                    Piece::Variable(variable) => variable.resolve(context)?.chars().count(),
                },
            )
        })
    }

    fn equals_ignore_case(&self, text: &str, context: &dyn Context) -> bool {
        let mut letters = text.chars().flat_map(char::to_lowercase);
        for piece in &self.pieces {
            let expected = match piece {
                Piece::Literal(literal) => literal,
                Piece::Variable(variable) => match variable.resolve(context) {
                    Some(value) => value,
                    None => return false,
                },
                Piece::One => return false,
            };
            if !expected.chars().flat_map(char::to_lowercase).all(|letter| letters.next() == Some(letter)) {
                return false;
            }
        }
        letters.next().is_none()
    }
}

fn equal_ignoring_case(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().flat_map(char::to_lowercase).eq(right.chars().flat_map(char::to_lowercase))
}

impl Variable {
    /// Reads what stands between `${` and `}`.
    fn parse(inside: &str) -> Variable {
        let quoted = inside
            .split_once(',')
            .and_then(|(key, default)| Some((key, default.trim().strip_prefix('\'')?.strip_suffix('\'')?)));
        let (key, default) = quoted.map_or((inside, None), |(key, default)| (key, Some(default.into())));
        Variable { key: ConditionKey::new(key.trim()), default }
    }

    /// What it stands for. A key of several values stands for nothing.
    fn resolve<'a>(&'a self, context: &'a dyn Context) -> Option<&'a str> {
        match context.values(&self.key) {
            Values::One(value) => Some(value),
            Values::Absent | Values::Many([]) => self.default.as_deref(),
            Values::Many(_) | Values::Either(_) => None,
        }
    }
}

#[derive(Default)]
struct Parser {
    chunks: Vec<Chunk>,
    chunk: Chunk,
    literal: String,
    /// No `}` follows any more: looking for it again and again would take long.
    unclosed: bool,
}

impl Parser {
    fn star<'t>(&mut self, after: &'t str) -> &'t str {
        self.flush();
        let chunk = std::mem::take(&mut self.chunk);
        // Stars in a row are one star.
        if self.chunks.is_empty() || !chunk.pieces.is_empty() {
            self.chunks.push(chunk);
        }
        after
    }

    fn piece<'t>(&mut self, piece: Piece, after: &'t str) -> &'t str {
        self.flush();
        self.chunk.pieces.push(piece);
        after
    }

    /// Reads `${…}` at the start of `rest`; `after` is what follows the dollar sign.
    fn variable<'t>(&mut self, rest: &'t str, after: &'t str) -> &'t str {
        let inside = rest.strip_prefix("${").filter(|_| !self.unclosed);
        let closed = inside.and_then(|inside| inside.split_once('}'));
        match closed {
            None => {
                self.unclosed |= inside.is_some();
                self.literal.push('$');
                after
            }
            Some((literal @ ("*" | "?" | "$"), after)) => {
                self.literal.push_str(literal);
                after
            }
            Some((inside, after)) => self.piece(Piece::Variable(Variable::parse(inside)), after),
        }
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.chunk.pieces.push(Piece::Literal(literal.into()));
        }
    }

    fn finish(mut self) -> Glob {
        self.flush();
        self.chunks.push(self.chunk);
        let simple: Option<Vec<&str>> = self.chunks.iter().map(Chunk::as_literal).collect();
        match simple.as_deref() {
            Some([exact]) => Glob::Exact((*exact).into()),
            Some(["", ""]) => Glob::Any,
            Some([prefix, ""]) => Glob::Prefix((*prefix).into()),
            _ => Glob::Chunks(self.chunks.into()),
        }
    }
}

impl Chunk {
    fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(literal)] => Some(literal),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::ContextMap;
    use std::time::Instant;

    const ALL: Syntax = Syntax { wildcards: true, variables: true };

    fn matches(pattern: &str, text: &str) -> bool {
        let context = ContextMap::new().with("k", "a*b").with("empty", "").with_many("list", ["x"]);
        Glob::parse(pattern, ALL).matches(text, &context)
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("*", ""),
            ("**", "x"),
            ("a*c", "abcc"),
            ("a*c", "ac"),
            ("?", "ç"),
            ("*?", "x"),
            ("?*?", "xy"),
            ("*a?b*", "zaab"),
            ("*aab", "aaab"),
            ("a*a", "aa"),
            ("", ""),
            ("*ab*ab*", "abab"),
            ("x*y?z*", "xaayaz"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("?", ""),
            ("a*a", "a"),
            ("a", "A"),
            ("", "a"),
            ("*ab*ab*", "aab"),
            ("a*b", "a*bc"),
            ("?*?", "x"),
            ("ab*ba", "aba"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn variables_are_text() {
        for (pattern, text) in [
            ("${k}", "a*b"),
            ("x${K}y*", "xa*byz"),
            ("*${k}", "za*b"),
            ("*${k}*", "za*bz"),
            ("${*}${?}${$}", "*?$"),
            ("${none, 'd'}", "d"),
            ("${none,'d e'}x", "d ex"),
            ("${empty}", ""),
            ("$x${", "$x${"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("${k}", "aXb"),
            ("${none}", ""),
            ("*${none}*", "x"),
            ("${list}", "x"),
            ("${list, 'd'}", "d"),
            ("${*}", "x"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn time_is_bounded() {
        let patterns = [
            "a*".repeat(2_000) + "b",
            "*a?".repeat(1_200) + "b",
            "*".repeat(40_000) + "b",
            format!("*{}b*", "a?".repeat(800)),
        ];
        let text = "a".repeat(4_096);
        let start = Instant::now();
        for pattern in &patterns {
            assert!(!matches(pattern, &text));
        }
        for unclosed in ["${".repeat(500_000), "${".repeat(500_000) + "}"] {
            assert!(!matches(&unclosed, &text));
            assert_eq!(ArnPattern::parse(&unclosed, true), ArnPattern::Never);
        }
        assert!(start.elapsed().as_secs() < 5);
    }
}
