//! Text for terminals: escaping what could act on them, colours, tables.

use std::borrow::Cow;
use std::fmt::Write;

/// Makes text from elsewhere harmless: control characters, which a terminal would obey, and characters that
/// turn the direction of text are written as escapes.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            // Writing to a string cannot fail.
            _ if is_unsafe(letter) => drop(write!(safe, "\\u{{{:x}}}", u32::from(letter))),
            _ => safe.push(letter),
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Cuts text to `width` characters, with an ellipsis where something is missing.
pub(crate) fn shorten(text: &str, width: usize) -> Cow<'_, str> {
    match text.char_indices().nth(width) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let kept: String = text.chars().take(width.saturating_sub(1)).collect();
            Cow::Owned(format!("{kept}…"))
        }
    }
}

/// Columns of a report that is read, not computed with.
const COLUMNS: usize = 80;

/// Breaks a text between words into lines of 80 columns, the first indented by `first`, the others by `rest`. A word that
/// is longer, such as an ARN, stays whole. Every line ends.
pub(crate) fn paragraph(text: &str, first: usize, rest: usize) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let columns = line.chars().count() + usize::from(!is_empty) + word.chars().count();
        if !is_empty && columns > COLUMNS {
            lines.push_str(&line);
            lines.push('\n');
            line = " ".repeat(rest);
            is_empty = true;
        }
        line.push_str(if is_empty { "" } else { " " });
        line.push_str(word);
        is_empty = false;
    }
    format!("{lines}{line}\n")
}

/// How a word stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// As the text around it.
    Plain,
    /// A heading.
    Bold,
    /// Of less weight.
    Dim,
    /// Refused or failed.
    Red,
    /// As grave as can be.
    Alarm,
    /// To be looked at.
    Yellow,
    /// Allowed or done.
    #[allow(dead_code, reason = "part of the palette that commands share")]
    Green,
}

impl Style {
    /// The text in this style, if colours are wanted.
    pub(crate) fn paint(self, text: &str, colours: bool) -> String {
        let code = match self {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "31",
            Style::Alarm => "1;31",
            Style::Yellow => "33",
            Style::Green => "32",
            Style::Plain => return text.to_owned(),
        };
        if colours && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// One field of a table.
pub(crate) struct Cell(pub(crate) Style, pub(crate) String);

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Cell(Style::Plain, text.into())
    }
}

/// Lines up rows under headings; every field is escaped.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<Cell>>, colours: bool) -> String {
    let mut lines =
        vec![headings.iter().map(|text| Cell(Style::Bold, (*text).to_owned())).collect::<Vec<_>>()];
    lines.extend(rows);
    for cell in lines.iter_mut().flatten() {
        if let Cow::Owned(safe) = escape(&cell.1) {
            cell.1 = safe;
        }
    }
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.1.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let mut pending = 0;
        for (cell, width) in line.iter().zip(&widths) {
            text.push_str(&" ".repeat(pending));
            text.push_str(&cell.0.paint(&cell.1, colours));
            pending = width - cell.1.chars().count() + 2;
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_nothing_to_obey() {
        assert_eq!(escape("plain Ünïcode"), "plain Ünïcode");
        assert_eq!(escape("\x1b[2Ja\nb\r\u{9b}31m"), "\\u{1b}[2Ja\\nb\\r\\u{9b}31m");
        assert_eq!(escape("user\u{202e}nimda"), "user\\u{202e}nimda");
    }

    #[test]
    fn tables_line_up_and_lines_do_not_trail() {
        let rows = vec![vec!["a".into(), "long".into()], vec!["ccc".into(), "d".into()]];
        assert_eq!(table(&["ID", "NAME"], rows, false), "ID   NAME\na    long\nccc  d\n");
    }

    #[test]
    fn paragraphs_break_between_words() {
        let long = "x".repeat(90);
        assert_eq!(paragraph("a b", 2, 4), "  a b\n");
        assert_eq!(paragraph(&format!("a {long} b"), 2, 4), format!("  a\n    {long}\n    b\n"));
        let text = paragraph(&"word ".repeat(40), 2, 6);
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
        assert_eq!(text.split_whitespace().count(), 40);
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("äöü", 3), "äöü");
    }
}
