//! What has changed since an index was made, so that one changed policy does not cost an index of all.

use super::index::{Found, Index};
use super::shared::Shared;
use crate::compile::CompiledPolicy;
use crate::document::Effect;
use crate::request::Request;
use std::collections::HashMap;
use std::sync::Arc;

/// Sets of fewer policies are indexed anew: that costs little.
const FEWEST: usize = 64;
/// One of so many policies may have changed before all are indexed anew.
const SHARE: usize = 16;

/// Policies that came since the index was made, with an index of their own, and where the others are now.
#[derive(Debug)]
pub(super) struct Changes {
    /// The policies of the older index.
    indexed: Shared<Arc<CompiledPolicy>>,
    /// The places of these in the set; [`GONE`] if they are no longer in it.
    places: Box<[u32]>,
    recent: Index,
    /// The places in the set of the policies of the recent index.
    recent_places: Box<[u32]>,
}

const GONE: u32 = u32::MAX;

impl Changes {
    /// From the policies of an index to these; `None` if an index of these is the better choice.
    pub(super) fn between(
        indexed: &Shared<Arc<CompiledPolicy>>,
        policies: &[Arc<CompiledPolicy>],
    ) -> Option<Changes> {
        if policies.len() < FEWEST {
            return None;
        }
        let mut places = vec![GONE; indexed.len()];
        let mut recent: Vec<u32> = Vec::new();
        let mut moved = None;
        for (policy, place) in policies.iter().zip(0..) {
            let same = indexed.get(place as usize).is_some_and(|known| Arc::ptr_eq(known, policy));
            let old = if same {
                Some(place)
            } else {
                // Some policy came or went before this one.
                let moved = moved.get_or_insert_with(|| numbers(indexed));
                moved.get(&Arc::as_ptr(policy)).copied()
            };
            // A policy that stands twice is a new one the second time.
            match old.and_then(|old| places.get_mut(old as usize)).filter(|known| **known == GONE) {
                Some(known) => *known = place,
                None => recent.push(place),
            }
        }
        let gone = places.iter().filter(|place| **place == GONE).count();
        if recent.len().max(gone) > policies.len() / SHARE {
            return None;
        }
        let changed: Vec<_> =
            recent.iter().filter_map(|place| policies.get(*place as usize).cloned()).collect();
        let (recent_places, places) = (recent.into(), places.into());
        Some(Self { indexed: indexed.clone(), places, recent: Index::new(&changed), recent_places })
    }

    /// The policies of the older index.
    pub(super) fn indexed(&self) -> &Shared<Arc<CompiledPolicy>> {
        &self.indexed
    }

    /// See [`super::PolicySet::search`].
    pub(super) fn search(
        &self,
        index: &Index,
        effect: Effect,
        request: &Request<'_>,
        found: &mut impl FnMut(Found<'_>) -> bool,
    ) -> bool {
        search(&self.recent, &self.recent_places, effect, request, found)
            || search(index, &self.places, effect, request, found)
    }
}

/// The places of policies.
fn numbers(policies: &[Arc<CompiledPolicy>]) -> HashMap<*const CompiledPolicy, u32> {
    policies.iter().map(Arc::as_ptr).zip(0..).collect()
}

/// Searches an index whose policies are elsewhere in the set.
fn search(
    index: &Index,
    places: &[u32],
    effect: Effect,
    request: &Request<'_>,
    found: &mut impl FnMut(Found<'_>) -> bool,
) -> bool {
    index.search(effect, request, &mut |mut it| {
        it.place.policy = places.get(it.place.policy as usize).copied().unwrap_or(GONE);
        it.place.policy != GONE && found(it)
    })
}
