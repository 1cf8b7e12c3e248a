//! Policies of one layer, indexed by action and resource.

mod index;
mod prefixes;
mod services;
mod table;

pub(crate) use prefixes::common;

use crate::compile::{CompiledPolicy, CompiledStatement, Open};
use crate::document::Effect;
use crate::request::{Action, Request};
use index::Index;
use services::ByService;
use std::sync::{Arc, OnceLock};

/// The policies of one layer (or of one level of it), which are ORed, with an index of their statements by action and
/// resource.
///
/// Build it once for a principal or resource and share it; building costs little, since the policies are compiled.
#[derive(Debug, Default)]
pub struct PolicySet {
    policies: Vec<Arc<CompiledPolicy>>,
    index: Index,
    /// For explanations; made when first asked for.
    services: OnceLock<ByService>,
}

/// A statement's place in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StatementRef {
    pub(crate) policy: u32,
    pub(crate) statement: u32,
}

static EMPTY: PolicySet = PolicySet { policies: Vec::new(), index: Index::EMPTY, services: OnceLock::new() };

impl PolicySet {
    /// A set of these policies.
    pub fn new(policies: Vec<Arc<CompiledPolicy>>) -> PolicySet {
        Self { index: Index::new(&policies), policies, services: OnceLock::new() }
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
        found: &mut impl FnMut(StatementRef, Open) -> bool,
    ) -> bool {
        self.index.search(effect, request, found)
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
