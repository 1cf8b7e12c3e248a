//! Patterns compared with patterns: whether one covers another, whether some text matches both.

use super::effort::Effort;

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `*`
    Any,
    /// `?`
    One,
    Letter(char),
    /// `${…}`, as it is written.
    Variable(&'a str),
}

/// Cuts a pattern in tokens; `${*}`, `${?}` and `${$}` are letters.
pub(super) fn tokens(pattern: &str, variables: bool) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    // After the last brace no variable is closed: looking for its end again and again would take long.
    let last = if variables { pattern.rfind('}').unwrap_or(0) } else { 0 };
    while let Some(letter) = rest.chars().next() {
        let variable = if letter == '$' && pattern.len() - rest.len() < last { variable(rest) } else { None };
        let (token, length) = match (variable, letter) {
            (Some("${*}"), _) => (Token::Letter('*'), 4),
            (Some("${?}"), _) => (Token::Letter('?'), 4),
            (Some("${$}"), _) => (Token::Letter('$'), 4),
            (Some(variable), _) => (Token::Variable(variable), variable.len()),
            (None, '*') => (Token::Any, 1),
            (None, '?') => (Token::One, 1),
            (None, other) => (Token::Letter(other), other.len_utf8()),
        };
        // Stars in a row are one star.
        if token != Token::Any || tokens.last() != Some(&Token::Any) {
            tokens.push(token);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

/// The closed variable that the text begins with.
fn variable(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("${")?;
    text.get(..inside.find('}')? + 3)
}

/// Whether every text that `other` matches is matched by `pattern`. `false` also when the effort is spent.
pub(super) fn covers(pattern: &[Token<'_>], other: &[Token<'_>], effort: &Effort) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where to go on when what follows the last star does not fit: after the star, one token further.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if !effort.spend(1) {
            return false;
        }
        let fits = match (pattern.get(at), other.get(place)) {
            (None, None) => return true,
            (Some(Token::Any), _) => {
                retry = Some((at + 1, place));
                at += 1;
                continue;
            }
            (Some(Token::One), Some(Token::One | Token::Letter(_))) => true,
            (Some(left @ (Token::Letter(_) | Token::Variable(_))), Some(right)) => left == right,
            _ => false,
        };
        if fits {
            at += 1;
            place += 1;
        } else if let Some((after_star, from)) = retry.filter(|(_, from)| *from < other.len()) {
            retry = Some((after_star, from + 1));
            at = after_star;
            place = from + 1;
        } else {
            return false;
        }
    }
}

/// Whether some text matches both. A variable may stand for any text. `true` also when the effort is spent.
pub(super) fn overlap(left: &[Token<'_>], right: &[Token<'_>], effort: &Effort) -> bool {
    if !effort.spend((left.len() + 1) * (right.len() + 1)) {
        return true;
    }
    let is_star = |token: Option<&Token<'_>>| matches!(token, Some(Token::Any | Token::Variable(_)));
    // reach[n]: whether the tokens of `left` so far and the first n of `right` match a common text.
    let mut reach = vec![false; right.len() + 1];
    for row in 0..=left.len() {
        let mut next = vec![false; right.len() + 1];
        let token = row.checked_sub(1).and_then(|before| left.get(before));
        for column in 0..=right.len() {
            let other = column.checked_sub(1).and_then(|before| right.get(before));
            let up = row > 0 && reach.get(column).copied().unwrap_or_default();
            let across = column.checked_sub(1).and_then(|n| next.get(n)).copied().unwrap_or_default();
            let diagonal =
                row > 0 && column.checked_sub(1).and_then(|n| reach.get(n)).copied().unwrap_or_default();
            let both = match (token, other) {
                (Some(Token::Letter(left)), Some(Token::Letter(right))) => left == right,
                (Some(_), Some(_)) => true,
                _ => false,
            };
            let found = (row == 0 && column == 0)
                || (up && (is_star(token) || is_star(other)))
                || (across && (is_star(token) || is_star(other)))
                || (diagonal && both);
            if let Some(slot) = next.get_mut(column) {
                *slot = found;
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover(pattern: &str, other: &str) -> bool {
        covers(&tokens(pattern, true), &tokens(other, true), &Effort::default())
    }

    fn meet(left: &str, right: &str) -> bool {
        let effort = Effort::default();
        let (left, right) = (tokens(left, true), tokens(right, true));
        assert_eq!(overlap(&left, &right, &effort), overlap(&right, &left, &effort));
        overlap(&left, &right, &effort)
    }

    #[test]
    fn wider_patterns_cover_narrower_ones() {
        for (pattern, other) in [
            ("*", ""),
            ("*", "a*b?${x}"),
            ("a*", "ab*"),
            ("a*c", "abc"),
            ("a*c", "a*bc"),
            ("a?c", "abc"),
            ("a?", "a?"),
            ("*b*", "a*b*"),
            ("a${x}*", "a${x}b"),
            ("*ab", "aab"),
        ] {
            assert!(cover(pattern, other), "{pattern} {other}");
        }
        for (pattern, other) in [
            ("a", "b"),
            ("a*", "*"),
            ("a?", "a*"),
            ("a?", "a"),
            ("?{x}", "${x}"),
            ("?", "${x}"),
            ("a*b", "ab*"),
            ("", "a"),
            ("a*c*", "a*"),
            ("${*}", "*"),
        ] {
            assert!(!cover(pattern, other), "{pattern} {other}");
        }
    }

    #[test]
    fn patterns_meet_in_a_text() {
        for (left, right) in [
            ("*", ""),
            ("a*", "*b"),
            ("a?c", "abc"),
            ("role/*", "role/${name}"),
            ("*a*", "b*c"),
            ("table/*", "table/?*/index/?*"),
            ("a${x}", "abc"),
        ] {
            assert!(meet(left, right), "{left} {right}");
        }
        for (left, right) in
            [("a", "b"), ("a*", "b*"), ("", "?"), ("a?", "a"), ("role/", "role/?*"), ("*x", "*y")]
        {
            assert!(!meet(left, right), "{left} {right}");
        }
    }

    #[test]
    fn effort_ends() {
        let effort = Effort::default();
        let pattern = format!("*{}b", "a?".repeat(2_000));
        let (pattern, text) = (tokens(&pattern, false), "a".repeat(200_000));
        assert!(!covers(&pattern, &tokens(&text, false), &effort));
        assert!(effort.is_spent());
    }
}
