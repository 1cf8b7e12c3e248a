//! Patterns with `*` and `?`.

/// A text in which `*` stands for any text and `?` for any letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether it fits the whole text. Goes back to the last `*` only: linear but for texts made to be slow.
    pub(super) fn fits(&self, text: &str) -> bool {
        let (pattern, text): (Vec<char>, Vec<char>) = (self.0.chars().collect(), text.chars().collect());
        let (mut at, mut place) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while let Some(letter) = text.get(place) {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, place));
                    at += 1;
                }
                Some(wanted) if wanted == letter || *wanted == '?' => {
                    at += 1;
                    place += 1;
                }
                _ => {
                    let Some((from, taken)) = star else { return false };
                    star = Some((from, taken + 1));
                    at = from + 1;
                    place = taken + 1;
                }
            }
        }
        pattern.iter().skip(at).all(|letter| *letter == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_texts() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("arn:aws:iam::*:user/robot-?", "arn:aws:iam::111122223333:user/robot-7", true),
            ("arn:aws:iam::*:user/robot-?", "arn:aws:iam::111122223333:user/robot-77", false),
            ("**x*", "aaxb", true),
            ("", "a", false),
            ("ab", "a", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
        }
    }
}
