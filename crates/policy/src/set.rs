//! Policies of one layer, indexed by action and resource.

mod build;
mod changes;
mod index;
mod prefixes;
mod row;
mod services;
mod shared;
mod table;

pub(crate) use index::Found;
pub(crate) use prefixes::common;

use crate::compile::{CompiledPolicy, CompiledStatement};
use crate::document::Effect;
use crate::request::{Action, Request};
use changes::Changes;
use index::Index;
use services::ByService;
use shared::Shared;
use std::sync::{Arc, OnceLock};

/// The policies of one layer (or of one level of it), which are ORed, with an index of their statements by action and
/// resource.
///
/// Build it once for a principal or resource and share it. Where a few policies of many change, [`PolicySet::renewed`]
/// costs much less than a new set.
#[derive(Debug, Default)]
#[repr(C)]
pub struct PolicySet {
    index: Index,
    /// What has changed since the index was made.
    changes: Option<Box<Changes>>,
    policies: Shared<Arc<CompiledPolicy>>,
    /// For explanations; made when first asked for.
    services: OnceLock<ByService>,
}

/// A statement's place in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StatementRef {
    pub(crate) policy: u32,
    pub(crate) statement: u32,
}

static EMPTY: PolicySet =
    PolicySet { policies: Shared::EMPTY, index: Index::EMPTY, changes: None, services: OnceLock::new() };

impl PolicySet {
    /// A set of these policies.
    pub fn new(policies: Vec<Arc<CompiledPolicy>>) -> PolicySet {
        Self { index: Index::new(&policies), policies: policies.into(), ..Self::default() }
    }

    /// A set of these policies, of which some are in this set already, however it came about. While few of many have
    /// changed, it shares this set's index.
    pub fn renewed(&self, policies: Vec<Arc<CompiledPolicy>>) -> PolicySet {
        let policies = Shared::from(policies);
        let indexed = self.changes.as_ref().map_or(&self.policies, |changes| changes.indexed());
        let changes = match Changes::between(indexed, &policies) {
            Some(changes) => changes,
            None => return Self { index: Index::new(&policies), policies, ..Self::default() },
        };
        Self {
            index: self.index.clone(),
            changes: Some(Box::new(changes)),
            policies,
            services: OnceLock::new(),
        }
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

    /// Calls `found` with statements of an effect that may cover the request's action and resource, in no particular
    /// order, some of them perhaps twice, until it says that this was enough. Statements that are passed over do not
    /// cover the request; what is left to be asked of the others is told.
    #[inline]
    pub(crate) fn search(
        &self,
        effect: Effect,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'_>) -> bool,
    ) -> bool {
        match &self.changes {
            None => self.index.search(effect, request, found),
            Some(changes) => changes.search(&self.index, effect, request, found),
        }
    }

    /// The statements that speak of the action's service, or of every service, in order.
    pub(crate) fn about(
        &self,
        action: &Action<'_>,
    ) -> impl Iterator<Item = (StatementRef, &CompiledStatement)> {
        let services = self.services.get_or_init(|| ByService::new(&self.policies));
        let places = services.find(action.service()).iter();
        places.filter_map(|place| Some((*place, self.statement(*place)?)))
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

/// Every statement of these policies with its place, in order.
fn statements(policies: &[Arc<CompiledPolicy>]) -> impl Iterator<Item = (StatementRef, &CompiledStatement)> {
    policies.iter().zip(0..).flat_map(|(policy, place)| {
        let statements = policy.statements().iter().zip(0..);
        statements.map(move |(found, statement)| (StatementRef { policy: place, statement }, found))
    })
}
