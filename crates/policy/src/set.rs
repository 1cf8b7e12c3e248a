//! Policies of one layer, indexed by action.

use crate::compile::{ActionPattern, CompiledPolicy, CompiledStatement};
use crate::context::{NoContext, hash};
use crate::document::Effect;
use crate::pattern::Glob;
use crate::request::Action;
use std::collections::HashMap;
use std::sync::Arc;

/// The policies of one layer (or of one level of it), which are ORed, with an index of their statements by action.
///
/// Build it once for a principal or resource and share it; building costs little, since the policies are compiled.
#[derive(Debug, Default)]
pub struct PolicySet {
    policies: Vec<Arc<CompiledPolicy>>,
    deny: ActionIndex,
    allow: ActionIndex,
}

/// A statement's place in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StatementRef {
    pub(crate) policy: u32,
    pub(crate) statement: u32,
}

/// Statements of one effect by what their `Action` names.
#[derive(Debug, Default)]
struct ActionIndex {
    /// By whole action, for entries without wildcard.
    exact: Table<StatementRef>,
    /// By service, for entries with a wildcard in the name; the name stands here too, so that what does not match is
    /// passed over without touching the statement.
    service: Table<(StatementRef, Glob)>,
    /// Statements with `*` or `NotAction`: they concern every service.
    every: Vec<StatementRef>,
}

/// Lists under texts, sorted by the texts' hashes.
#[derive(Debug)]
struct Table<T> {
    rows: Vec<Row>,
    items: Vec<T>,
}

#[derive(Debug)]
struct Row {
    hash: u64,
    key: Box<str>,
    start: u32,
    end: u32,
}

static EMPTY: PolicySet =
    PolicySet { policies: Vec::new(), deny: ActionIndex::EMPTY, allow: ActionIndex::EMPTY };

impl PolicySet {
    /// A set of these policies.
    pub fn new(policies: Vec<Arc<CompiledPolicy>>) -> PolicySet {
        let deny = ActionIndex::new(&policies, Effect::Deny);
        let allow = ActionIndex::new(&policies, Effect::Allow);
        Self { policies, deny, allow }
    }

    /// The set without policies.
    pub fn empty() -> &'static PolicySet {
        &EMPTY
    }

    /// The policies, in the order given.
    pub fn policies(&self) -> &[Arc<CompiledPolicy>] {
        &self.policies
    }

    /// Whether there are no policies.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The statements of an effect that cover the action, in no particular order, some of them perhaps twice.
    pub(crate) fn covering<'s>(
        &'s self,
        effect: Effect,
        action: &'s Action<'_>,
    ) -> impl Iterator<Item = (StatementRef, &'s CompiledStatement)> {
        let index = match effect {
            Effect::Deny => &self.deny,
            Effect::Allow => &self.allow,
        };
        let exact = index.exact.find(action.hash, action.lowered()).iter().copied();
        let named = index.service.find(action.service_hash, action.service()).iter();
        let named =
            named.filter(|(_, name)| name.matches(action.name(), &NoContext)).map(|(place, _)| *place);
        let covers =
            |place: &&StatementRef| self.statement(**place).is_some_and(|s| s.action.matches(action));
        let every = index.every.iter().filter(covers).copied();
        exact.chain(named).chain(every).filter_map(|place| Some((place, self.statement(place)?)))
    }

    /// The statement at a place.
    pub(crate) fn statement(&self, place: StatementRef) -> Option<&CompiledStatement> {
        self.policies.get(place.policy as usize)?.statements().get(place.statement as usize)
    }
}

impl From<Arc<CompiledPolicy>> for PolicySet {
    fn from(policy: Arc<CompiledPolicy>) -> Self {
        Self::new(vec![policy])
    }
}

impl FromIterator<Arc<CompiledPolicy>> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Arc<CompiledPolicy>>>(policies: I) -> Self {
        Self::new(policies.into_iter().collect())
    }
}

impl ActionIndex {
    const EMPTY: ActionIndex = ActionIndex { exact: Table::EMPTY, service: Table::EMPTY, every: Vec::new() };

    fn new(policies: &[Arc<CompiledPolicy>], effect: Effect) -> Self {
        let mut exact: HashMap<String, Vec<StatementRef>> = HashMap::new();
        let mut service: HashMap<&str, Vec<(StatementRef, Glob)>> = HashMap::new();
        let mut every = Vec::new();
        for (policy, policy_place) in policies.iter().zip(0..) {
            for (statement, statement_place) in policy.statements().iter().zip(0..) {
                if statement.effect != effect {
                    continue;
                }
                let place = StatementRef { policy: policy_place, statement: statement_place };
                if statement.action.negated
                    || statement.action.entries.iter().any(|e| matches!(e, ActionPattern::Any))
                {
                    every.push(place);
                    continue;
                }
                for entry in &statement.action.entries {
                    let ActionPattern::Service { service: prefix, name } = entry else { continue };
                    match name.exact() {
                        Some(name) => exact.entry(format!("{prefix}:{name}")).or_default().push(place),
                        None => service.entry(prefix).or_default().push((place, name.clone())),
                    }
                }
            }
        }
        Self { exact: Table::new(exact), service: Table::new(service), every }
    }
}

impl<T> Table<T> {
    const EMPTY: Table<T> = Table { rows: Vec::new(), items: Vec::new() };

    fn new<K: Into<Box<str>>>(lists: HashMap<K, Vec<T>>) -> Self {
        let mut table = Self::EMPTY;
        for (key, list) in lists {
            let key = key.into();
            let start = table.items.len() as u32;
            table.items.extend(list);
            table.rows.push(Row { hash: hash(key.as_bytes()), key, start, end: table.items.len() as u32 });
        }
        table.rows.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| a.key.cmp(&b.key)));
        table
    }

    fn find(&self, hash: u64, key: &str) -> &[T] {
        let found = self.rows.binary_search_by(|row| row.hash.cmp(&hash).then_with(|| (*row.key).cmp(key)));
        let row = found.ok().and_then(|place| self.rows.get(place));
        row.and_then(|row| self.items.get(row.start as usize..row.end as usize)).unwrap_or_default()
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}
