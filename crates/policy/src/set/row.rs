//! What an index says of a statement, so that the statement itself is rarely touched.

use super::StatementRef;
use super::prefixes::Span;
use crate::compile::{ActionKey, Open, Part};

/// A statement as one entry of its `Action` leads to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The first eight bytes of the action's name, as far as they count.
    name: u64,
    pub(super) place: StatementRef,
    /// Where the index has its conditions.
    pub(super) conditions: u32,
    /// Where the index has its action element, if that must be asked.
    pub(super) matcher: u16,
    /// How many bits of a name do not count.
    rest: u8,
    /// What is still to be asked, the resource apart where a [`Beginning`] stands beside the row.
    pub(super) open: Open,
}

/// What a resource must begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginning {
    /// The last eight bytes of the text, or all of a shorter one: two texts of a list mostly differ in these.
    tail: u64,
    /// Where what stands before them begins among the texts of the index.
    head: u32,
    length: u16,
    /// `None`: there is no such beginning.
    pub(super) part: Option<Part>,
    /// What is still to be asked of the resource.
    pub(super) open: Open,
}

/// A row with what its statement's resources begin with: found by its action, it tells by itself whether it covers a
/// request. Statements with more than two resources have several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead {
    pub(super) row: Row,
    pub(super) beginnings: [Beginning; 2],
}

impl Row {
    pub(super) fn new(
        action: &ActionKey,
        place: StatementRef,
        conditions: u32,
        matcher: u16,
        open: Open,
    ) -> Self {
        let open = if action.open { open.and(Open::ACTION) } else { open };
        Self { name: action.name, rest: 64 - 8 * action.named, place, conditions, matcher, open }
    }

    /// The same with more left open.
    pub(super) fn leaving(self, open: Open) -> Self {
        Self { open: self.open.and(open), ..self }
    }

    /// Whether the action's name begins as the row's does.
    #[inline]
    pub(super) fn is_of_name(&self, name: u64) -> bool {
        (self.name ^ name).checked_shl(u32::from(self.rest)).unwrap_or(0) == 0
    }
}

impl Beginning {
    pub(super) const NONE: Beginning =
        Beginning { tail: 0, head: 0, length: 0, part: None, open: Open::NOTHING };

    /// Of a text, the head of which stands at this place.
    pub(super) fn new(part: Part, text: &str, head: u32, open: Open) -> Self {
        let tail = tail(text.as_bytes());
        // Longer texts were cut.
        Self { tail, head, length: text.len() as u16, part: Some(part), open }
    }

    /// Whether the text begins so.
    #[inline]
    pub(super) fn begins(&self, text: &[u8], texts: &[u8]) -> bool {
        let length = usize::from(self.length);
        let Some(text) = text.get(..length) else { return false };
        let head = Span::new(self.head, length.saturating_sub(TAIL) as u32);
        tail(text) == self.tail && text.starts_with(head.of(texts))
    }

    /// Whether it is all of the text, which begins so.
    #[inline]
    pub(super) fn is_all_of(&self, text: &[u8]) -> bool {
        usize::from(self.length) == text.len()
    }
}

const TAIL: usize = 8;

/// What stands before the last eight bytes of a text, in whole letters or not.
pub(super) fn head(text: &str) -> &[u8] {
    text.as_bytes().get(..text.len().saturating_sub(TAIL)).unwrap_or_default()
}

#[inline]
fn tail(text: &[u8]) -> u64 {
    match text.last_chunk::<TAIL>() {
        Some(last) => u64::from_le_bytes(*last),
        None => text.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte)),
    }
}
