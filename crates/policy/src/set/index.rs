//! The statements of some policies, by action and then by resource.
//!
//! Statements are found by the whole action, by its service and the first letters of its name, by its service, or are
//! among those for every action. What leads to one statement stands in the table itself, so that a decision touches
//! few lines of the processor's cache; many statements under one action are found by what the resource begins with.
//! A row says what finding it leaves open, so that most statements are never touched.

use super::StatementRef;
use super::prefixes::{Node, Range};
use super::row::{Beginning, Lead, Row};
use super::shared::Shared;
use super::table::{self, Slot, Target};
use crate::compile::{ActionMatcher, CompiledCondition, Open, Part};
use crate::document::Effect;
use crate::request::{Action, Request};
use std::sync::Arc;

/// Places behind colons that are looked up one by one; where a resource has more, every row is tried.
const COLONS: usize = 8;

/// An index of statements. Copies share everything.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct Index {
    /// Which tags lead to statements that deny.
    pub(super) denies: Filter<4>,
    pub(super) slots: Shared<Slot>,
    /// What tells the place of a tag among the slots.
    pub(super) size: u32,
    /// Where the lists of statements for every action are, if there are any: those that deny, those that allow.
    pub(super) every: [Option<u32>; 2],
    /// Which tags lead to statements that allow.
    pub(super) allows: Filter<16>,
    /// What resources begin with, and whole actions and services.
    pub(super) texts: Shared<u8>,
    pub(super) conditions: Shared<Arc<[CompiledCondition]>>,
    pub(super) matchers: Shared<Arc<ActionMatcher>>,
    pub(super) leads: Shared<Lead>,
    pub(super) lists: Shared<List>,
    pub(super) rows: Shared<Row>,
    pub(super) nodes: Shared<Node>,
}

/// Many rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct List {
    /// Whatever the resource.
    pub(super) anywhere: (u32, u32),
    /// By what the resource begins with.
    pub(super) whole: Range,
    /// By what the resource's last part begins with; before it stands some wildcard.
    pub(super) last: Range,
}

/// One bit for each of some bits of a tag: what it does not have is not in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Filter<WORDS> {
    const EMPTY: Self = Self([0; WORDS]);

    pub(super) fn add(&mut self, tag: u32) {
        if let Some(word) = self.0.get_mut(Self::word(tag)) {
            *word |= Self::bit(tag);
        }
    }

    #[inline]
    fn may_have(&self, tag: u32) -> bool {
        self.0.get(Self::word(tag)).is_some_and(|word| word & Self::bit(tag) != 0)
    }

    /// Other bits than those that tell a slot's place would do as well.
    fn word(tag: u32) -> usize {
        tag as usize / 64 % WORDS
    }

    fn bit(tag: u32) -> u64 {
        1 << (tag % 64)
    }
}

/// A statement that may cover a request.
#[derive(Clone, Copy)]
pub(crate) struct Found<'s> {
    index: &'s Index,
    row: &'s Row,
    pub(crate) place: StatementRef,
    /// What is still to be asked of it.
    pub(crate) open: Open,
}

impl<'s> Found<'s> {
    /// Whether its action element covers the action; `None`: the statement must be asked.
    #[inline]
    pub(crate) fn action_matches(&self, action: &Action<'_>) -> Option<bool> {
        let matcher = self.index.matchers.get(usize::from(self.row.matcher))?;
        Some(matcher.matches(action))
    }

    /// Its conditions.
    #[inline]
    pub(crate) fn conditions(&self) -> &'s [CompiledCondition] {
        self.index.conditions.get(self.row.conditions as usize).map_or(&[], |conditions| conditions)
    }
}

/// How a resource came to a row.
#[derive(Clone, Copy)]
enum Way {
    /// The row's key is all of the resource.
    Exactly,
    /// The resource begins with the row's key.
    Beginning,
    /// The resource's last part begins with the row's key, and the ARN is one of the action's own service.
    OwnService,
    /// Nothing is known but that the row may cover the resource.
    Otherwise,
}

impl Way {
    /// What is left open of what the row leaves open; `None` if the row does not cover the resource.
    #[inline]
    fn settle(self, open: Open) -> Option<Open> {
        match self {
            Way::Exactly => Some(open),
            Way::Beginning | Way::Otherwise => (!open.has(Open::MORE_RESOURCE)).then_some(open),
            Way::OwnService if open.has(Open::OWN_SERVICE) => Some(open.without(Open::RESOURCE)),
            Way::OwnService => Some(open),
        }
    }
}

/// What follows a key among the texts, and is in no text: after a stem its name may go on.
pub(super) const END_OF_KEY: u8 = 0xff;
pub(super) const END_OF_STEM: u8 = 0xfe;

/// By what an action is looked up.
struct Key<'a> {
    tag: u32,
    text: &'a [u8],
    end: u8,
}

impl Key<'_> {
    #[inline]
    fn is_at(&self, place: u32, texts: &[u8]) -> bool {
        let found = texts.get(place as usize..).and_then(|found| found.split_at_checked(self.text.len()));
        found.is_some_and(|(text, after)| text == self.text && after.first() == Some(&self.end))
    }
}

/// Tags of keys that lead to statements that deny stand elsewhere in the table than those of the same that allow.
#[inline]
pub(super) fn tag_of(effect: Effect, hash: u64) -> u32 {
    match effect {
        Effect::Allow => table::tag(hash),
        Effect::Deny => table::tag(!hash),
    }
}

impl Index {
    pub(super) const EMPTY: Index = Index {
        denies: Filter::EMPTY,
        slots: Shared::EMPTY,
        size: 0,
        every: [None; 2],
        allows: Filter::EMPTY,
        texts: Shared::EMPTY,
        conditions: Shared::EMPTY,
        matchers: Shared::EMPTY,
        leads: Shared::EMPTY,
        lists: Shared::EMPTY,
        rows: Shared::EMPTY,
        nodes: Shared::EMPTY,
    };

    /// See [`super::PolicySet::search`].
    #[inline]
    pub(super) fn search<'s>(
        &'s self,
        effect: Effect,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'s>) -> bool,
    ) -> bool {
        let [denies, allows] = self.every;
        let every = if effect == Effect::Deny { denies } else { allows };
        let action = &request.action;
        every.is_some_and(|list| self.search_list(list, request, found))
            || self.search_key(effect, action.hash, END_OF_KEY, |action| action.bytes(), request, found)
            || self.search_key(
                effect,
                action.stem_hash,
                END_OF_STEM,
                |action| action.stem_bytes(),
                request,
                found,
            )
            || self.search_key(
                effect,
                action.service_hash,
                END_OF_KEY,
                |action| action.service_bytes(),
                request,
                found,
            )
    }

    #[inline]
    fn search_key<'s>(
        &'s self,
        effect: Effect,
        hash: u64,
        end: u8,
        text: impl for<'r> Fn(&'r Action<'r>) -> &'r [u8],
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'s>) -> bool,
    ) -> bool {
        let tag = tag_of(effect, hash);
        let may_have = match effect {
            Effect::Deny => self.denies.may_have(tag),
            Effect::Allow => self.allows.may_have(tag),
        };
        may_have && self.search_tag(&Key { tag, text: text(&request.action), end }, request, found)
    }

    fn search_tag<'s>(
        &'s self,
        key: &Key<'_>,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'s>) -> bool,
    ) -> bool {
        let mut slots = table::from(&self.slots, self.size, key.tag);
        while let Some((slot, others)) = slots.split_first() {
            if slot.tag > key.tag {
                return false;
            }
            if slot.tag == key.tag && self.search_slot(slot, key, request, found) {
                return true;
            }
            slots = others;
        }
        false
    }

    #[inline]
    fn search_slot<'s>(
        &'s self,
        slot: &'s Slot,
        key: &Key<'_>,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'s>) -> bool,
    ) -> bool {
        match &slot.target {
            Target::One(lead) => {
                let found = &mut |it: Found<'s>| key.is_at(slot.key, &self.texts) && found(it);
                self.try_lead(lead, request, found)
            }
            Target::Few(start, end) => {
                let leads = self.leads.get(*start as usize..*end as usize).unwrap_or_default();
                let found = &mut |it: Found<'s>| key.is_at(slot.key, &self.texts) && found(it);
                leads.iter().any(|lead| self.try_lead(lead, request, found))
            }
            Target::Many(list) => key.is_at(slot.key, &self.texts) && self.search_list(*list, request, found),
            Target::Nothing => false,
        }
    }

    #[inline]
    fn try_lead<'s>(
        &'s self,
        lead: &'s Lead,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'s>) -> bool,
    ) -> bool {
        let row = &lead.row;
        if !row.is_of_name(request.action.name_word) {
            return false;
        }
        lead.beginnings.iter().any(|beginning| match self.covers(beginning, request) {
            Some(open) => found(Found { index: self, row, place: row.place, open: row.open.and(open) }),
            None => false,
        })
    }

    /// What is left open of the resource; `None` if it is not covered.
    #[inline]
    fn covers(&self, beginning: &Beginning, request: &Request<'_>) -> Option<Open> {
        let part = beginning.part?;
        if part == Part::Anywhere {
            return Some(beginning.open);
        }
        let last_part = request.last_part?;
        let text = if part == Part::Whole { request.resource } else { last_part };
        if beginning.begins(text.as_bytes(), &self.texts) {
            let way = match part {
                Part::Last => Self::way_of_last_part(request),
                _ if beginning.is_all_of(text.as_bytes()) => Way::Exactly,
                _ => Way::Beginning,
            };
            return way.settle(beginning.open);
        }
        let goes_on = part == Part::Last
            && request.more_colons
            && later_parts(text).any(|text| beginning.begins(text.as_bytes(), &self.texts));
        goes_on.then_some(beginning.open)
    }

    #[inline]
    fn way_of_last_part(request: &Request<'_>) -> Way {
        if request.own_service { Way::OwnService } else { Way::Otherwise }
    }

    fn search_list<'s>(
        &'s self,
        list: u32,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'s>) -> bool,
    ) -> bool {
        let Some(list) = self.lists.get(list as usize) else { return false };
        let name = request.action.name_word;
        let mut try_rows = |(start, end): (u32, u32), way: Way| {
            let rows = self.rows.get(start as usize..end as usize).unwrap_or_default();
            rows.iter().any(|row| {
                row.is_of_name(name)
                    && way
                        .settle(row.open)
                        .is_some_and(|open| found(Found { index: self, row, place: row.place, open }))
            })
        };
        if try_rows(list.anywhere, Way::Otherwise) {
            return true;
        }
        let Some(last_part) = request.last_part else { return false };
        if !list.whole.is_empty() {
            let mut try_text = |rows, all| try_rows(rows, if all { Way::Exactly } else { Way::Beginning });
            if list.whole.search(&self.nodes, request.resource.as_bytes(), &self.texts, &mut try_text) {
                return true;
            }
        }
        if list.last.is_empty() {
            return false;
        }
        let way = Self::way_of_last_part(request);
        let mut try_text = |rows, _| try_rows(rows, way);
        list.last.search(&self.nodes, last_part.as_bytes(), &self.texts, &mut try_text)
            || (request.more_colons && self.search_beyond(list.last, last_part, &mut try_rows))
    }

    /// A star before the last part may have gone on beyond colons: then the last part begins after one of them.
    #[cold]
    fn search_beyond(
        &self,
        list: Range,
        resource: &str,
        try_rows: &mut impl FnMut((u32, u32), Way) -> bool,
    ) -> bool {
        if later_parts(resource).nth(COLONS).is_some() {
            return try_rows(list.rows(&self.nodes), Way::Otherwise);
        }
        let mut try_text = |rows, _| try_rows(rows, Way::Otherwise);
        later_parts(resource)
            .any(|text| list.search(&self.nodes, text.as_bytes(), &self.texts, &mut try_text))
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// What stands behind each colon of a resource.
fn later_parts(resource: &str) -> impl Iterator<Item = &str> {
    resource.match_indices(':').filter_map(|(at, _)| resource.get(at + 1..))
}
