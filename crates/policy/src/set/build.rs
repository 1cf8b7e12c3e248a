//! Making an index.

use super::index::{END_OF_KEY, END_OF_STEM, Index, List, tag_of};
use super::prefixes::{Prefixes, common, word};
use super::row::{Beginning, Lead, Row, head};
use super::table::{Slot, Target, spread};
use super::{StatementRef, statements};
use crate::compile::{
    ActionKey, ActionMatcher, CompiledCondition, CompiledPolicy, CompiledStatement, Group, Open, Part,
    ResourceKey,
};
use crate::document::Effect;
use std::collections::HashMap;
use std::sync::Arc;

/// Leads under one key that are tried one by one; more are found by resource.
const FEW: usize = 4;
/// A beginning is cut where its length would not fit.
const LONGEST: usize = u16::MAX as usize;

/// A statement by one entry of `Action`.
#[derive(Clone, Copy)]
struct Draft<'p> {
    action: &'p ActionKey,
    statement: &'p CompiledStatement,
    row: Row,
}

/// The same by one entry of `Resource` as well, with what it is sorted by.
struct RowDraft<'p> {
    resource: &'p ResourceKey,
    /// Eight bytes of the resource's text, after what is common to its list.
    word: u64,
    row: Row,
}

/// An index in the making.
#[derive(Default)]
struct Builder<'p> {
    slots: Vec<Slot>,
    texts: Vec<u8>,
    /// Where beginnings of resources stand in the texts.
    heads: HashMap<&'p [u8], u32>,
    conditions: Vec<Arc<[CompiledCondition]>>,
    matchers: Vec<Arc<ActionMatcher>>,
    leads: Vec<Lead>,
    lists: Vec<List>,
    rows: Vec<Row>,
    prefixes: Prefixes,
}

impl Index {
    /// An index of the statements of these policies.
    pub(super) fn new(policies: &[Arc<CompiledPolicy>]) -> Self {
        let mut builder = Builder::default();
        let mut drafts = Vec::new();
        for (place, statement) in statements(policies) {
            builder.draft(place, statement, &mut drafts);
        }
        let mut index = Index::EMPTY;
        for of_key in by_key(&drafts).chunk_by(|a, b| a.leads_where(b)) {
            let Some(Draft { action, statement, .. }) = of_key.first() else { continue };
            if action.group == Group::Every {
                let [denies, allows] = &mut index.every;
                let list = Some(builder.list(of_key));
                *(if statement.effect == Effect::Deny { denies } else { allows }) = list;
                continue;
            }
            let tag = tag_of(statement.effect, action.hash);
            match statement.effect {
                Effect::Deny => index.denies.add(tag),
                Effect::Allow => index.allows.add(tag),
            }
            let key = builder.key(action);
            let target = builder.target(of_key);
            builder.slots.push(Slot { tag, key, target });
        }
        builder.finish(index)
    }
}

impl<'p> Draft<'p> {
    /// Whether both are found by the same key.
    fn leads_where(&self, other: &Self) -> bool {
        self.sorted_by() == other.sorted_by()
            && (std::ptr::eq(self.action, other.action) || self.action.text == other.action.text)
    }

    /// What stands first, as numbers: those for every action, then by tag.
    fn sorted_by(&self) -> u64 {
        let effect = self.statement.effect;
        let every = effect == Effect::Allow;
        match self.action.group {
            Group::Every => u64::from(every),
            Group::Stem => 2 + (u64::from(tag_of(effect, self.action.hash)) << 8 | u64::from(END_OF_STEM)),
            _ => 2 + (u64::from(tag_of(effect, self.action.hash)) << 8 | u64::from(END_OF_KEY)),
        }
    }

    /// Its leads, two resources in each.
    fn leads(self, heads: &mut impl FnMut(&'p str) -> u32) -> impl Iterator<Item = Lead> {
        let statement = self.statement;
        statement.keys.resources.chunks(2).map(move |keys| {
            let mut beginnings = [Beginning::NONE; 2];
            for (beginning, key) in beginnings.iter_mut().zip(keys) {
                let text = key.text.get(..key.text.floor_char_boundary(LONGEST)).unwrap_or_default();
                let cut = text.len() < key.text.len();
                let open = if cut { Open::RESOURCE } else { key.open };
                *beginning = Beginning::new(key.part, text, heads(text), open);
            }
            Lead { row: self.row, beginnings }
        })
    }

    /// Its rows, a resource in each.
    fn rows(self) -> impl Iterator<Item = RowDraft<'p>> {
        self.statement.keys.resources.iter().map(move |resource| {
            let row = self.row.leaving(resource.open);
            RowDraft { resource, word: 0, row }
        })
    }
}

/// Drafts sorted so that those with one key lie together.
fn by_key<'p>(drafts: &[Draft<'p>]) -> Vec<Draft<'p>> {
    // Whole numbers that end in the draft's place are what sorts fastest.
    let number = |(draft, place): (&Draft<'_>, u32)| u128::from(draft.sorted_by()) << 32 | u128::from(place);
    let mut numbers: Vec<u128> = drafts.iter().zip(0..).map(number).collect();
    numbers.sort_unstable();
    let mut sorted: Vec<Draft<'p>> =
        numbers.iter().filter_map(|number| drafts.get(*number as u32 as usize).copied()).collect();
    for collided in sorted.chunk_by_mut(|a, b| a.sorted_by() == b.sorted_by()) {
        if !collided.is_sorted_by(|a, b| a.leads_where(b)) {
            // Different actions of one tag lie mixed.
            collided.sort_by(|a, b| a.action.text.cmp(&b.action.text));
        }
    }
    sorted
}

impl<'p> Builder<'p> {
    /// Adds drafts for a statement.
    fn draft(&mut self, place: StatementRef, statement: &'p CompiledStatement, drafts: &mut Vec<Draft<'p>>) {
        let mut open = if statement.principal.is_some() { Open::PRINCIPAL } else { Open::NOTHING };
        let conditions = self.conditions.len() as u32;
        if !statement.conditions.is_empty() {
            open = open.and(Open::CONDITIONS);
            self.conditions.push(Arc::clone(&statement.conditions));
        }
        let matcher = self.matcher(statement);
        drafts.extend(statement.keys.actions.iter().map(|action| {
            let row = Row::new(action, place, conditions, matcher, open);
            Draft { action, statement, row }
        }));
    }

    /// The place of a statement's action element, if it must ever be asked; more of them than can be numbered must be
    /// asked of their statements.
    fn matcher(&mut self, statement: &CompiledStatement) -> u16 {
        let Ok(place) = u16::try_from(self.matchers.len()) else { return u16::MAX };
        if place < u16::MAX && statement.keys.actions.iter().any(|action| action.open) {
            self.matchers.push(Arc::clone(&statement.action));
            return place;
        }
        u16::MAX
    }

    /// Adds what was hashed.
    fn key(&mut self, action: &ActionKey) -> u32 {
        let place = self.texts.len() as u32;
        self.texts.extend_from_slice(action.text.as_bytes());
        self.texts.push(if action.group == Group::Stem { END_OF_STEM } else { END_OF_KEY });
        place
    }

    fn target(&mut self, drafts: &[Draft<'p>]) -> Target {
        let few = drafts.iter().map(|draft| draft.statement.keys.resources.len().div_ceil(2)).sum::<usize>();
        if few > FEW {
            return Target::Many(self.list(drafts));
        }
        let start = self.leads.len();
        let Self { texts, heads, leads, .. } = self;
        let mut place_of = |text: &'p str| {
            if few == 1 && !head(text).is_empty() {
                // Right behind the key, both are fetched from memory at once.
                let place = texts.len() as u32;
                texts.extend_from_slice(head(text));
                return place;
            }
            *heads.entry(head(text)).or_insert_with_key(|head| {
                let place = texts.len() as u32;
                texts.extend_from_slice(head);
                place
            })
        };
        for draft in drafts {
            leads.extend(draft.leads(&mut place_of));
        }
        if few == 1 {
            return leads.pop().map_or(Target::Nothing, Target::One);
        }
        Target::Few(start as u32, leads.len() as u32)
    }

    fn list(&mut self, drafts: &[Draft<'p>]) -> u32 {
        let mut rows: Vec<RowDraft<'p>> = drafts.iter().flat_map(|draft| draft.rows()).collect();
        rows.sort_by_key(|draft| draft.resource.part);
        let mut list = List::default();
        for of_part in rows.chunk_by_mut(|a, b| a.resource.part == b.resource.part) {
            RowDraft::sort_texts(of_part);
            let Some(RowDraft { resource, .. }) = of_part.first() else { continue };
            let first = self.rows.len() as u32;
            self.rows.extend(of_part.iter().map(|draft| draft.row));
            let of_texts = of_part.chunk_by(|a, b| a.resource.text == b.resource.text);
            let texts = of_texts.scan(first, |place, of_text| {
                let start = *place;
                *place += of_text.len() as u32;
                Some((of_text.first().map_or("", |draft| &*draft.resource.text), (start, *place)))
            });
            match resource.part {
                Part::Anywhere => list.anywhere = (first, self.rows.len() as u32),
                Part::Whole => list.whole = self.prefixes.push(&mut self.texts, texts),
                Part::Last => list.last = self.prefixes.push(&mut self.texts, texts),
            }
        }
        self.lists.push(list);
        self.lists.len() as u32 - 1
    }

    fn finish(self, index: Index) -> Index {
        let (slots, size) = spread(&self.slots);
        Index {
            slots: slots.into(),
            size,
            texts: self.texts.into(),
            conditions: self.conditions.into(),
            matchers: self.matchers.into(),
            leads: self.leads.into(),
            lists: self.lists.into(),
            rows: self.rows.into(),
            nodes: self.prefixes.nodes.into(),
            ..index
        }
    }
}

impl RowDraft<'_> {
    fn sort_texts(list: &mut [Self]) {
        let [first, others @ ..] = &*list else { return };
        let shared = others.iter().map(|other| common(&first.resource.text, &other.resource.text)).min();
        let shared = shared.unwrap_or(0);
        for draft in &mut *list {
            draft.word = word(draft.resource.text.as_bytes(), shared);
        }
        list.sort_by(|a, b| a.word.cmp(&b.word).then_with(|| a.resource.text.cmp(&b.resource.text)));
    }
}
