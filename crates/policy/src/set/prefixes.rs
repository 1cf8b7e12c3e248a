//! Which of many texts does a text begin with?
//!
//! The texts are sorted. Let `found` be the last of them that does not come after the text in question: then every
//! one that the text begins with is `found` itself or begins `found` too, for whatever lies between two texts with a
//! common beginning has that beginning. So each text knows the longest other that it begins with, and one search and
//! a walk along these find all. The search compares eight bytes at once: those after what all texts have in common.

/// A stretch of the texts that an index keeps in one buffer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    start: u32,
    length: u32,
}

impl Span {
    #[inline]
    pub(super) fn new(start: u32, length: u32) -> Span {
        Span { start, length }
    }

    #[inline]
    pub(super) fn of(self, texts: &[u8]) -> &[u8] {
        let start = self.start as usize;
        texts.get(start..start + self.length as usize).unwrap_or_default()
    }

    /// Adds a text to the buffer.
    pub(super) fn push(texts: &mut Vec<u8>, text: &str) -> Span {
        let span = Span { start: texts.len() as u32, length: text.len() as u32 };
        texts.extend_from_slice(text.as_bytes());
        span
    }
}

/// The texts of all lists of an index.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    pub(super) nodes: Vec<Node>,
}

/// A text and the rows under it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// The eight bytes of the text after what is common to its list, the first being the most significant.
    word: u64,
    text: Span,
    /// The place, in its list and counted from one, of the longest other text that it begins with; zero if none.
    parent: u32,
    rows: (u32, u32),
}

/// Neighbouring texts: one list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    start: u32,
    end: u32,
    /// How many bytes all of its texts have in common.
    common: u32,
}

impl Prefixes {
    /// Adds a list of texts, which are sorted and different, each with its rows.
    pub(super) fn push<'t>(
        &mut self,
        texts: &mut Vec<u8>,
        list: impl Iterator<Item = (&'t str, (u32, u32))> + Clone,
    ) -> Range {
        let start = self.nodes.len();
        let (first, last) = (list.clone().next(), list.clone().last());
        let common = first.zip(last).map_or(0, |((first, _), (last, _))| common(first, last));
        let mut above: Vec<(u32, &str)> = Vec::new();
        for ((text, rows), place) in list.zip(1..) {
            while above.pop_if(|(_, shorter)| !text.starts_with(*shorter)).is_some() {}
            let parent = above.last().map_or(0, |(place, _)| *place);
            above.push((place, text));
            let word = word(text.as_bytes(), common);
            self.nodes.push(Node { word, text: Span::push(texts, text), parent, rows });
        }
        Range { start: start as u32, end: self.nodes.len() as u32, common: common as u32 }
    }
}

impl Range {
    /// Calls `found` with the rows of every text that `text` begins with, and whether it is all of `text`, until it
    /// says that this was enough.
    #[inline]
    pub(super) fn search(
        self,
        nodes: &[Node],
        text: &[u8],
        texts: &[u8],
        found: &mut impl FnMut((u32, u32), bool) -> bool,
    ) -> bool {
        let nodes = self.of(nodes);
        let Some(first) = nodes.first() else { return false };
        let shared = Span { length: self.common, ..first.text };
        if !text.starts_with(shared.of(texts)) {
            return false;
        }
        let mut place = match nodes {
            [_] => 1,
            _ => not_after(nodes, text, self.common as usize, texts),
        };
        while let Some(node) = place.checked_sub(1).and_then(|place| nodes.get(place)) {
            if text.starts_with(node.text.of(texts))
                && found(node.rows, node.text.length as usize == text.len())
            {
                return true;
            }
            place = node.parent as usize;
        }
        false
    }

    #[inline]
    fn of(self, nodes: &[Node]) -> &[Node] {
        nodes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// All rows of the list, which lie together.
    pub(super) fn rows(self, nodes: &[Node]) -> (u32, u32) {
        match self.of(nodes) {
            [first, .., last] => (first.rows.0, last.rows.1),
            [only] => only.rows,
            [] => (0, 0),
        }
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// How many of the nodes do not come after the text, which has as many bytes in `common` with all of them.
#[inline]
fn not_after(nodes: &[Node], text: &[u8], common: usize, texts: &[u8]) -> usize {
    let sought = word(text, common);
    let end = nodes.partition_point(|node| node.word <= sought);
    if end.checked_sub(1).and_then(|last| nodes.get(last)).is_none_or(|last| last.word != sought) {
        return end;
    }
    // Eight bytes do not tell: the whole texts must.
    let equal = nodes.partition_point(|node| node.word < sought);
    let tied = nodes.get(equal..end).unwrap_or_default();
    equal + tied.partition_point(|node| node.text.of(texts) <= text)
}

/// How many bytes both begin with.
pub(crate) fn common(left: &str, right: &str) -> usize {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let (eights, _) = left.as_chunks::<8>();
    let equal =
        8 * eights.iter().zip(right.as_chunks::<8>().0).take_while(|(left, right)| left == right).count();
    let left = left.iter().skip(equal);
    equal + left.zip(right.iter().skip(equal)).take_while(|(left, right)| left == right).count()
}

/// Eight bytes from `from`, the first being the most significant; zeros where the text has ended.
#[inline]
pub(super) fn word(text: &[u8], from: usize) -> u64 {
    let rest = text.get(from..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => (0..8).fold(0, |word, place| word << 8 | rest.get(place).map_or(0, |byte| u64::from(*byte))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginnings(list: &[&str], text: &str) -> Vec<String> {
        let (mut prefixes, mut texts) = (Prefixes::default(), Vec::new());
        prefixes.push(&mut texts, ["other", "others"].into_iter().zip([(7, 8), (8, 9)]));
        let rows = (0..).map(|row| (row, row + 1));
        let range = prefixes.push(&mut texts, list.iter().copied().zip(rows));
        let mut found = Vec::new();
        range.search(&prefixes.nodes, text.as_bytes(), &texts, &mut |(row, _), whole| {
            assert_eq!(whole, list[row as usize] == text);
            found.push(list[row as usize].to_owned());
            false
        });
        found.sort();
        found
    }

    #[test]
    fn every_beginning_is_found() {
        let mut words = vec![String::new()];
        for length in 0..4 {
            let longest: Vec<String> =
                words.iter().filter(|word| word.chars().count() == length).cloned().collect();
            for letter in ["a", "b", "\0", "é"] {
                words.extend(longest.iter().map(|word| format!("{word}{letter}")));
            }
        }
        words.sort();
        // Every second, third … word, so that there are gaps; behind eight equal bytes the words do not tell.
        for (step, beginning) in [1, 2, 3, 5, 7, 11, 40]
            .into_iter()
            .flat_map(|step| ["", "x", "12345678", "arn:aws:s3:::"].map(|beginning| (step, beginning)))
        {
            let texts: Vec<String> = words.iter().map(|word| format!("{beginning}{word}")).collect();
            let mut list: Vec<&str> = texts.iter().step_by(step).map(String::as_str).collect();
            if step % 2 == 1 && !beginning.is_empty() {
                list.insert(0, "");
            }
            for text in texts.iter().step_by(1 + 5 / step) {
                let expected: Vec<&str> =
                    list.iter().copied().filter(|prefix| text.starts_with(prefix)).collect();
                assert_eq!(beginnings(&list, text), expected, "{text:?} in {list:?}");
            }
        }
    }

    #[test]
    fn words_are_in_the_order_of_texts() {
        assert_eq!((word(b"abc", 3), word(b"abc", 9), word(b"", 0)), (0, 0, 0));
        assert_eq!(word(b"xa", 1), u64::from(b'a') << 56);
        assert!(word(b"ab", 0) < word(b"abc", 0) && word(b"abcdefgh", 0) < word(b"abcdefgi", 0));
    }
}
