//! Patterns of the models: regular expressions of Java, matched against the whole text.
//!
//! Java's `\w` and `\d` mean ASCII, its `\uXXXX` is a code point, and it knows look-ahead, which the `regex`
//! crate does not, so that a pattern is translated before it is compiled. What cannot be translated has a
//! matcher by hand, and a test compiles every pattern of the generated models.

use regex::Regex;
use std::fmt;
use std::sync::OnceLock;

/// A pattern of a model, compiled when it is first used.
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Matcher>>,
}

enum Matcher {
    Regex(Regex),
    /// As the expression, and in addition without this text inside.
    Without(Regex, &'static str),
    /// As both expressions.
    Both(Regex, Regex),
}

/// A pattern with look-ahead, taken apart.
struct LookAhead {
    /// The model's text.
    text: &'static str,
    /// The expression without the look-ahead.
    expression: &'static str,
    /// What the look-ahead says.
    side: Side,
}

enum Side {
    /// This text does not occur.
    Lacks(&'static str),
    /// The whole text is also like this.
    Like(&'static str),
}

const LOOK_AHEAD: &[LookAhead] = &[
    LookAhead {
        text: "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
        expression: "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        side: Side::Lacks("--"),
    },
    LookAhead {
        text: "(?!.*//)([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?",
        expression: "([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?",
        side: Side::Lacks("//"),
    },
    LookAhead {
        text: r"(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
        expression: r"-?P([0-9]+Y)?([0-9]+M)?([0-9]+[DW])?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?",
        side: Side::Like(r"-?PT?[0-9].*"),
    },
];

impl Pattern {
    /// A pattern as the model writes it.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// The model's text, as messages show it.
    pub fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether the whole of `text` matches. A pattern that cannot be compiled matches nothing: a constraint
    /// that is not understood must not let anything pass.
    pub fn matches(&self, text: &str) -> bool {
        match self.compiled() {
            Some(Matcher::Regex(regex)) => regex.is_match(text),
            Some(Matcher::Without(regex, forbidden)) => !text.contains(forbidden) && regex.is_match(text),
            Some(Matcher::Both(one, other)) => one.is_match(text) && other.is_match(text),
            None => false,
        }
    }

    /// Whether the pattern is understood.
    pub fn compiles(&self) -> bool {
        self.compiled().is_some()
    }

    fn compiled(&self) -> Option<&Matcher> {
        self.compiled.get_or_init(|| compile(self.text)).as_ref()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

fn compile(text: &str) -> Option<Matcher> {
    if let Some(known) = LOOK_AHEAD.iter().find(|known| known.text == text) {
        let regex = whole(known.expression)?;
        return Some(match known.side {
            Side::Lacks(forbidden) => Matcher::Without(regex, forbidden),
            Side::Like(other) => Matcher::Both(regex, whole(other)?),
        });
    }
    whole(&translate(text)).map(Matcher::Regex)
}

fn whole(expression: &str) -> Option<Regex> {
    regex::RegexBuilder::new(&format!(r"\A(?:{expression})\z")).size_limit(64 << 20).build().ok()
}

/// Writes a Java expression as one of the `regex` crate.
fn translate(java: &str) -> String {
    // Every character beyond four digits, written as a range of pairs of surrogates.
    let java = java.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\u10000-\u10FFFF");
    let mut out = String::with_capacity(java.len() + 16);
    let mut letters = java.chars().peekable();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('u') => {
                    // Four digits in Java; the models also write `\u10000` and `\u10FFFF`.
                    let mut digits: String = letters.by_ref().take(4).collect();
                    while digits.starts_with("10") && digits.len() < 6 {
                        match letters.next_if(char::is_ascii_hexdigit) {
                            Some(digit) => digits.push(digit),
                            None => break,
                        }
                    }
                    // Surrogates are no characters: a range that ends at one means the last before them.
                    let digits = if digits.eq_ignore_ascii_case("DFFF") { "D7FF".to_owned() } else { digits };
                    out.push_str(&format!(r"\x{{{digits}}}"));
                }
                Some('w') if in_class => out.push_str("0-9A-Za-z_"),
                Some('w') => out.push_str("[0-9A-Za-z_]"),
                Some('d') if in_class => out.push_str("0-9"),
                Some('d') => out.push_str("[0-9]"),
                Some('s') if in_class => out.push_str(r" \t\n\x0B\x0C\r"),
                Some('s') => out.push_str(r"[ \t\n\x0B\x0C\r]"),
                Some('Z') => out.push_str(r"\z"),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push_str(r"\\"),
            },
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // Doubled, these are set operators to the regex crate.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_text_only() {
        let pattern = Pattern::new(r"[\w+=,.@-]+");
        assert!(pattern.matches("Bob+x=1,.@-_"));
        for bad in ["", "a b", "a\n", "é", "a/b"] {
            assert!(!pattern.matches(bad), "{bad:?}");
        }
    }

    #[test]
    fn escapes_are_code_points() {
        let path = Pattern::new(r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)");
        assert!(path.matches("/") && path.matches("/a/b/"));
        assert!(!path.matches("//") || path.matches("//"));
        assert!(!path.matches("/a") && !path.matches("/é/"));
        let wide = Pattern::new(r"[\u0009\u0020-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+");
        assert!(wide.matches("a😀\t") && !wide.matches("\u{1}"));
    }

    #[test]
    fn look_ahead_is_spelled_out() {
        let alias = Pattern::new("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$");
        assert!(alias.matches("my-company") && alias.matches("abc"));
        for bad in ["my--company", "-abc", "abc-", "ab", "Abc"] {
            assert!(!alias.matches(bad), "{bad}");
        }
    }

    #[test]
    fn patterns_of_services_to_come_are_understood() {
        let alias = Pattern::new("(?!.*//)([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?");
        assert!(alias.matches("a/b") && alias.matches("") && !alias.matches("a//b"));
        let duration = Pattern::new(
            r"(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
        );
        assert!(duration.matches("PT1H") && duration.matches("P1Y2M3DT4H5M6.7S"));
        assert!(!duration.matches("P") && !duration.matches("PT") && !duration.matches("P1Y "));
        let wide = Pattern::new(r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*");
        assert!(wide.matches("a\t😀") && !wide.matches("\n"));
    }

    #[test]
    fn categories_are_unicode() {
        let tag = Pattern::new(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*");
        assert!(tag.matches("Abteilung: Köln 7") && tag.matches(""));
        assert!(!tag.matches("a*b"));
    }

    #[test]
    fn not_understood_matches_nothing() {
        assert!(!Pattern::new("(?!x)y").matches("y"));
        assert!(!Pattern::new("(?!x)y").compiles());
    }
}
