//! The statements of a set, by action and then by resource.
//!
//! A row stands for one entry of `Action` and one of `Resource` of a statement. Rows are found by the whole action,
//! or the action's service, or are among those for every action; and within each of these by what the resource begins
//! with. A row says what finding it leaves open, so that most statements are never touched.

use super::prefixes::{Prefixes, Range, Span, common, word};
use super::table::{Entry, Table};
use super::{StatementRef, statements};
use crate::compile::{ActionKey, CompiledPolicy, CompiledStatement, Group, Open, Part, ResourceKey};
use crate::document::Effect;
use crate::request::Request;
use std::sync::Arc;

/// Places behind colons that are looked up one by one; where a resource has more, every row is tried.
const COLONS: usize = 8;

/// An index of statements.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By whole actions and by services, which cannot be mistaken for each other.
    named: Table<Lists>,
    every: Lists,
    /// Which keys lead to statements that deny, and which to such that allow.
    filters: [Filter; 2],
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

/// One bit for each of some bits of a hash: what it does not have is not in the table.
#[derive(Debug, Clone, Copy, Default)]
struct Filter([u64; 4]);

impl Filter {
    const EMPTY: Filter = Filter([0; 4]);

    fn add(&mut self, hash: u64, list: &List) {
        if let Some(word) = self.0.get_mut(Self::word(hash))
            && !list.is_empty()
        {
            *word |= Self::bit(hash);
        }
    }

    #[inline]
    fn may_have(&self, hash: u64) -> bool {
        self.0.get(Self::word(hash)).is_some_and(|word| word & Self::bit(hash) != 0)
    }

    fn word(hash: u64) -> usize {
        (hash >> 62) as usize
    }

    fn bit(hash: u64) -> u64 {
        1 << ((hash >> 56) & 63)
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
            Way::Beginning | Way::Otherwise => (!open.more_resource).then_some(open),
            Way::OwnService => Some(Open { resource: open.resource && !open.own_service, ..open }),
        }
    }
}

/// A row in the making, with what it is sorted by: first by whole numbers alone, which is quick.
struct Draft<'p> {
    hash: u64,
    /// By effect and part.
    class: (bool, Part),
    /// Eight bytes of the resource's text, after what is common to its list.
    word: u64,
    action: &'p ActionKey,
    resource: &'p ResourceKey,
    place: StatementRef,
}

impl Index {
    pub(super) const EMPTY: Index = Index {
        named: Table::EMPTY,
        every: Lists { deny: List::EMPTY, allow: List::EMPTY },
        filters: [Filter::EMPTY; 2],
        prefixes: Prefixes::EMPTY,
        rows: Vec::new(),
        texts: Vec::new(),
    };

    pub(super) fn new(policies: &[Arc<CompiledPolicy>]) -> Self {
        let mut drafts = Vec::new();
        for (place, statement) in statements(policies) {
            drafts.extend(Draft::all(place, statement));
        }
        Draft::sort(&mut drafts);
        let mut index = Self { rows: Vec::with_capacity(drafts.len()), ..Self::EMPTY };
        let mut entries = Vec::new();
        for of_action in drafts.chunk_by(Draft::is_of_same_action) {
            let Some(Draft { action, .. }) = of_action.first() else { continue };
            let value = index.push_lists(of_action);
            let [deny, allow] = &mut index.filters;
            deny.add(action.hash, &value.deny);
            allow.add(action.hash, &value.allow);
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
        for of_effect in drafts.chunk_by(|a, b| a.class.0 == b.class.0) {
            let list = self.push_list(of_effect);
            if of_effect.first().is_some_and(|draft| draft.class.0) {
                lists.allow = list;
            } else {
                lists.deny = list;
            }
        }
        lists
    }

    fn push_list(&mut self, drafts: &[Draft<'_>]) -> List {
        let mut list = List::default();
        for of_part in drafts.chunk_by(|a, b| a.class == b.class) {
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
        let [deny, allow] = &self.filters;
        let (filter, every) = match effect {
            Effect::Deny => (deny, &self.every.deny),
            Effect::Allow => (allow, &self.every.allow),
        };
        let action = &request.action;
        (!every.is_empty() && self.search_list(every, request, found))
            || (filter.may_have(action.hash)
                && self.search_named(effect, action.hash, action.bytes(), request, found))
            || (filter.may_have(action.service_hash)
                && self.search_named(effect, action.service_hash, action.service_bytes(), request, found))
    }

    #[inline]
    fn search_named(
        &self,
        effect: Effect,
        hash: u64,
        key: &[u8],
        request: &Request<'_>,
        found: &mut impl FnMut(StatementRef, Open) -> bool,
    ) -> bool {
        let Some(lists) = self.named.find(hash, key, &self.texts) else { return false };
        let list = match effect {
            Effect::Deny => &lists.deny,
            Effect::Allow => &lists.allow,
        };
        self.search_list(list, request, found)
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

impl List {
    #[inline]
    fn is_empty(&self) -> bool {
        self.anywhere.0 == self.anywhere.1 && self.whole.is_empty() && self.last.is_empty()
    }

    const EMPTY: List = List { anywhere: (0, 0), whole: Range::EMPTY, last: Range::EMPTY };
}

impl<'p> Draft<'p> {
    /// Every row of a statement.
    fn all(place: StatementRef, statement: &'p CompiledStatement) -> impl Iterator<Item = Draft<'p>> {
        let (allows, keys) = (statement.effect == Effect::Allow, &statement.keys);
        keys.actions.iter().flat_map(move |action| {
            keys.resources.iter().map(move |resource| {
                let (hash, class) = (action.hash, (allows, resource.part));
                Draft { hash, class, word: 0, action, resource, place }
            })
        })
    }

    /// Sorts by action, class and text of the resource.
    fn sort(drafts: &mut [Self]) {
        drafts.sort_unstable_by_key(|draft| (draft.hash, draft.class));
        let collide = |a: &Self, b: &Self| a.hash == b.hash && !a.is_of_same_action(b);
        if !drafts.is_sorted_by(|a, b| !collide(a, b)) {
            // Different actions of one hash lie mixed.
            drafts.sort_unstable_by(|a, b| a.action.order(b.action).then_with(|| a.class.cmp(&b.class)));
        }
        for list in drafts.chunk_by_mut(|a, b| a.class == b.class && a.is_of_same_action(b)) {
            Self::sort_texts(list);
        }
    }

    fn sort_texts(list: &mut [Self]) {
        let [first, others @ ..] = &*list else { return };
        let shared = others.iter().map(|other| common(&first.resource.text, &other.resource.text)).min();
        let shared = shared.unwrap_or(0);
        for draft in &mut *list {
            draft.word = word(draft.resource.text.as_bytes(), shared);
        }
        list.sort_unstable_by(|a, b| a.word.cmp(&b.word).then_with(|| a.resource.text.cmp(&b.resource.text)));
    }

    fn is_of_same_action(&self, other: &Self) -> bool {
        self.hash == other.hash
            && (std::ptr::eq(self.action, other.action) || self.action.text == other.action.text)
    }

    fn row(&self) -> Row {
        let Self { action, resource, place, .. } = *self;
        let own_service = resource.open.own_service && resource.is_of_service(&action.text);
        let open = Open { action: action.open, own_service, ..resource.open };
        Row { place, name: action.name, mask: action.mask, open }
    }
}
