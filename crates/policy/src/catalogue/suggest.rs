//! Known names near a misspelt one.

/// As many suggestions as a message can carry.
pub(super) const MOST: usize = 3;

/// The names nearest to `text`, nearest first. A name is near if about a quarter of it or less is wrong.
pub fn nearest(text: &str, names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let wanted: Vec<char> = text.to_lowercase().chars().collect();
    let limit = (wanted.len() / 4).clamp(1, 4);
    let mut found: Vec<(usize, &'static str)> = names
        // Distance is at least the difference of lengths; most names end here.
        .filter(|name| name.len().abs_diff(wanted.len()) <= limit)
        .map(|name| (distance(&wanted, &name.to_lowercase().chars().collect::<Vec<_>>()), name))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).take(MOST).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous_letter = None;
    for (row, letter) in left.iter().enumerate() {
        let mut next = Vec::with_capacity(last.len());
        next.push(row + 1);
        for (column, other) in right.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, column) + usize::from(letter != other);
            let mut best = replaced.min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            let swapped = column
                .checked_sub(1)
                .filter(|earlier| previous_letter == Some(other) && right.get(*earlier) == Some(letter));
            if let Some(earlier) = swapped {
                best = best.min(at(&before, earlier) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
        previous_letter = Some(letter);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
            ("ab", "ba", 1),
        ] {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(left), &letters(right)), expected, "{left} {right}");
        }
    }
}
