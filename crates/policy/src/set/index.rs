//! The statements of a set, by action and then by resource.
//!
//! A row stands for one entry of `Action` and one of `Resource` of a statement. Rows are found by the whole action,
//! or the action's service, or are among those for every action; and within each of these by what the resource begins
//! with. A row says what finding it leaves open, so that most statements are never touched.

use super::prefixes::{Prefixes, Range, Span};
use super::table::{Entry, Table};
use super::{StatementRef, statements};
use crate::compile::{ActionKey, CompiledPolicy, CompiledStatement, Group, Open, Part, ResourceKey};
use crate::document::Effect;
use crate::request::Request;
use std::cmp::Ordering;
use std::sync::Arc;

/// Places behind colons that are looked up one by one; where a resource has more, every row is tried.
const COLONS: usize = 8;

/// An index of statements.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By whole actions and by services, which cannot be mistaken for each other.
    named: Table<Lists>,
    every: Lists,
    /// Whether there is any statement that denies.
    denies: bool,
    prefixes: Prefixes,
    rows: Vec<Row>,
    /// The keys of table and prefixes.
    texts: Vec<u8>,
}

/// A statement, by one of its actions and one of its resources.
#[derive(Debug, Clone, Copy)]
struct Row {
    place: StatementRef,
    /// The first eight bytes of the action's name, where the mask has ones.
    name: u64,
    mask: u64,
    /// What is still to be asked.
    open: Open,
}

/// The rows under one action or service.
#[derive(Debug, Clone, Copy, Default)]
struct Lists {
    deny: List,
    allow: List,
}

#[derive(Debug, Clone, Copy, Default)]
struct List {
    /// Whatever the resource.
    anywhere: (u32, u32),
    /// By what the resource begins with.
    whole: Range,
    /// By what the resource's last part begins with; before it stands some wildcard.
    last: Range,
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
            Way::Beginning | Way::Otherwise => (!open.more_resource).then_some(open),
            Way::OwnService => Some(Open { resource: open.resource && !open.own_service, ..open }),
        }
    }
}

/// A row in the making, with what it is sorted by.
struct Draft<'p> {
    hash: u64,
    effect: Effect,
    action: &'p ActionKey,
    resource: &'p ResourceKey,
    place: StatementRef,
}

impl Index {
    pub(super) const EMPTY: Index = Index {
        named: Table::EMPTY,
        every: Lists { deny: List::EMPTY, allow: List::EMPTY },
        denies: false,
        prefixes: Prefixes::EMPTY,
        rows: Vec::new(),
        texts: Vec::new(),
    };

    pub(super) fn new(policies: &[Arc<CompiledPolicy>]) -> Self {
        let mut drafts = Vec::new();
        for (place, statement) in statements(policies) {
            drafts.extend(Draft::all(place, statement));
        }
        drafts.sort_unstable_by(Draft::order);
        let mut index = Self { rows: Vec::with_capacity(drafts.len()), ..Self::EMPTY };
        let mut entries = Vec::new();
        for of_action in drafts.chunk_by(|a, b| a.action_order(b).is_eq()) {
            let Some(Draft { action, .. }) = of_action.first() else { continue };
            let value = index.push_lists(of_action);
            if action.group == Group::Every {
                index.every = value;
            } else {
                let key = Span::push(&mut index.texts, &action.text);
                entries.push(Entry { hash: action.hash, key, value });
            }
        }
        index.named = Table::new(entries);
        index
    }

    fn push_lists(&mut self, drafts: &[Draft<'_>]) -> Lists {
        let mut lists = Lists::default();
        for of_effect in drafts.chunk_by(|a, b| a.effect == b.effect) {
            let list = self.push_list(of_effect);
            match of_effect.first().map(|draft| draft.effect) {
                Some(Effect::Deny) => (lists.deny, self.denies) = (list, true),
                Some(Effect::Allow) => lists.allow = list,
                None => {}
            }
        }
        lists
    }

    fn push_list(&mut self, drafts: &[Draft<'_>]) -> List {
        let mut list = List::default();
        for of_part in drafts.chunk_by(|a, b| a.resource.part == b.resource.part) {
            let Some(Draft { resource, .. }) = of_part.first() else { continue };
            let first = self.rows.len() as u32;
            self.rows.extend(of_part.iter().map(Draft::row));
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
        list
    }

    /// See [`super::PolicySet::search`].
    #[inline]
    pub(super) fn search(
        &self,
        effect: Effect,
        request: &Request<'_>,
        found: &mut impl FnMut(StatementRef, Open) -> bool,
    ) -> bool {
        if effect == Effect::Deny && !self.denies {
            return false;
        }
        if self.search_list(self.every.of(effect), request, found) {
            return true;
        }
        let action = &request.action;
        let exact = self.named.find(action.hash, action.bytes(), &self.texts);
        if exact.is_some_and(|lists| self.search_list(lists.of(effect), request, found)) {
            return true;
        }
        let service = self.named.find(action.service_hash, action.service_bytes(), &self.texts);
        service.is_some_and(|lists| self.search_list(lists.of(effect), request, found))
    }

    fn search_list(
        &self,
        list: &List,
        request: &Request<'_>,
        found: &mut impl FnMut(StatementRef, Open) -> bool,
    ) -> bool {
        let name = request.action.name_word;
        let mut try_rows = |(start, end): (u32, u32), way: Way| {
            let rows = self.rows.get(start as usize..end as usize).unwrap_or_default();
            rows.iter().any(|row| {
                (row.name ^ name) & row.mask == 0
                    && way.settle(row.open).is_some_and(|open| found(row.place, open))
            })
        };
        if try_rows(list.anywhere, Way::Otherwise) {
            return true;
        }
        let Some(arn) = &request.resource_arn else { return false };
        if !list.whole.is_empty() {
            let mut try_text = |rows, all| try_rows(rows, if all { Way::Exactly } else { Way::Beginning });
            let resource = request.resource.as_bytes();
            if self.prefixes.search(list.whole, resource, &self.texts, &mut try_text) {
                return true;
            }
        }
        if list.last.is_empty() {
            return false;
        }
        let way = if request.own_service { Way::OwnService } else { Way::Otherwise };
        let mut try_text = |rows, _| try_rows(rows, way);
        self.prefixes.search(list.last, arn.resource.as_bytes(), &self.texts, &mut try_text)
            || (request.more_colons && self.search_beyond(list.last, arn.resource, &mut try_rows))
    }

    /// A star before the last part may have gone on beyond colons: then the last part begins after one of them.
    #[cold]
    fn search_beyond(
        &self,
        list: Range,
        resource: &str,
        try_rows: &mut impl FnMut((u32, u32), Way) -> bool,
    ) -> bool {
        let texts = || resource.match_indices(':').filter_map(|(at, _)| resource.as_bytes().get(at + 1..));
        if texts().nth(COLONS).is_some() {
            return try_rows(self.prefixes.rows(list), Way::Otherwise);
        }
        let mut try_text = |rows, _| try_rows(rows, Way::Otherwise);
        texts().any(|text| self.prefixes.search(list, text, &self.texts, &mut try_text))
    }
}

impl Lists {
    #[inline]
    fn of(&self, effect: Effect) -> &List {
        match effect {
            Effect::Deny => &self.deny,
            Effect::Allow => &self.allow,
        }
    }
}

impl List {
    const EMPTY: List = List { anywhere: (0, 0), whole: Range::EMPTY, last: Range::EMPTY };
}

impl<'p> Draft<'p> {
    /// Every row of a statement.
    fn all(place: StatementRef, statement: &'p CompiledStatement) -> impl Iterator<Item = Draft<'p>> {
        let (effect, keys) = (statement.effect, &statement.keys);
        keys.actions.iter().flat_map(move |action| {
            let resources = keys.resources.iter();
            resources.map(move |resource| Draft { hash: action.hash, effect, action, resource, place })
        })
    }

    fn action_order(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| self.action.order(other.action))
    }

    fn order(&self, other: &Self) -> Ordering {
        self.action_order(other)
            .then_with(|| (self.effect == Effect::Allow).cmp(&(other.effect == Effect::Allow)))
            .then_with(|| self.resource.part.cmp(&other.resource.part))
            .then_with(|| self.resource.text.cmp(&other.resource.text))
    }

    fn row(&self) -> Row {
        let Self { action, resource, place, .. } = *self;
        let own_service = resource.open.own_service && resource.is_of_service(&action.text);
        let open = Open { action: action.open, own_service, ..resource.open };
        Row { place, name: action.name, mask: action.mask, open }
    }
}
