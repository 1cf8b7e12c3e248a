//! Places in a text: byte spans, and the lines and columns that people read.

/// A half-open range of byte offsets in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to, not including, `end`. Offsets beyond 4 GiB are clamped.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// The offsets as a range, to slice the text with `text.get(span.range())`.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text under the span; empty if the span does not belong to `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A place as people count: both from one, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from one.
    pub line: u32,
    /// The character in the line, from one.
    pub column: u32,
}

/// Finds lines and columns in one text, by a table of where its lines start.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads where the lines of `text` start. A line ends after `\n`.
    pub fn new(text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = after_breaks.map(|(offset, _)| Span::new(offset + 1, 0).start);
        Self { starts: std::iter::once(0).chain(starts).collect() }
    }

    /// The line and column of a byte offset of the text that this index was made from.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before =
            text.as_bytes().get(start as usize..(offset as usize).min(text.len())).unwrap_or_default();
        // Continuation bytes of UTF-8 belong to a character that was counted already.
        let characters = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        Position { line: line as u32, column: characters as u32 + 1 }
    }

    /// How many lines the text has: one more than its line breaks.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}

/// The line and column of one byte offset; for many offsets of one text make a [`LineIndex`].
pub fn position(text: &str, offset: u32) -> Position {
    LineIndex::new(text).position(text, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = "ab\nçd\n\nx";
        let at = |offset| {
            let Position { line, column } = position(text, offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 3));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(5), (2, 2));
        assert_eq!(at(7), (3, 1));
        assert_eq!(at(8), (4, 1));
        assert_eq!(at(9), (4, 2));
        assert_eq!(LineIndex::new(text).lines(), 4);
    }

    #[test]
    fn a_foreign_span_shows_nothing() {
        assert_eq!(Span::new(1, 3).of("abc"), "bc");
        assert_eq!(Span::new(1, 9).of("abc"), "");
    }
}
