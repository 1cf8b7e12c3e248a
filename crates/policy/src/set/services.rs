//! Statements by the service that they speak of, for explanations.

use super::{StatementRef, statements};
use crate::compile::{CompiledPolicy, Group};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The places of statements under each service that some statement names, and those that concern every service.
#[derive(Debug)]
pub(super) struct ByService {
    /// Sorted by service; the statements that concern every service are in each list.
    named: Vec<(Box<str>, Box<[StatementRef]>)>,
    every: Box<[StatementRef]>,
}

impl ByService {
    pub(super) fn new(policies: &[Arc<CompiledPolicy>]) -> Self {
        let mut named: BTreeMap<&str, Vec<StatementRef>> = BTreeMap::new();
        let mut every = Vec::new();
        for (place, statement) in statements(policies) {
            if statement.keys.actions.iter().any(|key| key.group == Group::Every) {
                every.push(place);
            }
            for service in statement.action.services() {
                named.entry(service).or_default().push(place);
            }
        }
        let with_every = |mut places: Vec<StatementRef>| {
            places.extend(&every);
            places.sort_unstable();
            places.dedup();
            places.into_boxed_slice()
        };
        let named = named.into_iter().map(|(service, places)| (service.into(), with_every(places))).collect();
        Self { named, every: every.into() }
    }

    /// The statements that speak of the service, in order.
    pub(super) fn find(&self, service: &str) -> &[StatementRef] {
        let found = self.named.binary_search_by(|(known, _)| (**known).cmp(service));
        found.ok().and_then(|place| self.named.get(place)).map_or(&self.every, |(_, places)| places)
    }
}
