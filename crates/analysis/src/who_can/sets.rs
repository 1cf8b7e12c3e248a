//! Sets of policies that principals have, each once; who has them, and which sets a policy is in.

use super::population::Kind;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// What principals have in common that have the same policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) account: u32,
    pub(super) kind: Kind,
    /// Whether there is a boundary at all; it may be one of nothing.
    pub(super) bounded: bool,
    start: u32,
    boundary: u32,
    end: u32,
}

/// Every set.
#[derive(Debug, Default)]
pub(super) struct Sets {
    all: Vec<Set>,
    /// Policies of sets: of each first the identity policies, then the boundary.
    policies: Vec<u32>,
    by_hash: HashMap<u64, u32>,
    roots: Vec<u32>,
    people: Postings,
    of_account: Postings,
    containing: Postings,
}

/// Lists of numbers, one after the other.
#[derive(Debug, Default)]
struct Postings {
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Sets {
    /// The number of the set; policies are sorted.
    pub(super) fn intern(
        &mut self,
        account: u32,
        kind: Kind,
        identity: &[u32],
        boundary: Option<&[u32]>,
    ) -> u32 {
        let mut hasher = DefaultHasher::new();
        (account, kind, identity, boundary).hash(&mut hasher);
        let mut hash = hasher.finish();
        while let Some(known) = self.by_hash.get(&hash) {
            if self.is(*known, account, kind, identity, boundary) {
                return *known;
            }
            hash = hash.wrapping_add(1);
        }
        let number = self.all.len() as u32;
        self.by_hash.insert(hash, number);
        let start = self.policies.len() as u32;
        self.policies.extend_from_slice(identity);
        let middle = self.policies.len() as u32;
        self.policies.extend_from_slice(boundary.unwrap_or_default());
        let (bounded, end) = (boundary.is_some(), self.policies.len() as u32);
        self.all.push(Set { account, kind, bounded, start, boundary: middle, end });
        number
    }

    fn is(&self, number: u32, account: u32, kind: Kind, identity: &[u32], boundary: Option<&[u32]>) -> bool {
        let Some(set) = self.get(number) else { return false };
        (set.account, set.kind, set.bounded) == (account, kind, boundary.is_some())
            && self.identity(set) == identity
            && self.boundary(set) == boundary.unwrap_or_default()
    }

    /// Makes the lists for searching; `set_of` tells the set of each principal.
    pub(super) fn settle(&mut self, set_of: impl Iterator<Item = u32> + Clone, policies: usize) {
        self.by_hash = HashMap::new();
        self.all.shrink_to_fit();
        self.policies.shrink_to_fit();
        self.roots =
            self.iter().filter(|(_, set)| set.kind == Kind::Root).map(|(number, _)| number).collect();
        self.people = Postings::new(self.all.len(), || set_of.clone().zip(0..));
        let accounts = self.all.iter().map(|set| set.account as usize + 1).max().unwrap_or_default();
        self.of_account = Postings::new(accounts, || self.all.iter().map(|set| set.account).zip(0..));
        let members = || {
            self.all.iter().zip(0..).flat_map(|(set, number)| {
                let own = self.policies.get(set.start as usize..set.end as usize).unwrap_or_default();
                own.iter().map(move |policy| (*policy, number))
            })
        };
        self.containing = Postings::new(policies, members);
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Set)> {
        (0..).zip(&self.all)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Set> {
        self.all.get(number as usize)
    }

    /// The sets of an account.
    pub(super) fn of_account(&self, account: u32) -> &[u32] {
        self.of_account.get(account)
    }

    /// The sets of root users, which need no policies.
    pub(super) fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// The identity policies.
    pub(super) fn identity(&self, set: &Set) -> &[u32] {
        self.policies.get(set.start as usize..set.boundary as usize).unwrap_or_default()
    }

    /// The policies of the boundary.
    pub(super) fn boundary(&self, set: &Set) -> &[u32] {
        self.policies.get(set.boundary as usize..set.end as usize).unwrap_or_default()
    }

    /// The principals that have the set.
    pub(super) fn people(&self, number: u32) -> &[u32] {
        self.people.get(number)
    }

    /// The sets that a policy is in, as an identity policy or as a boundary.
    pub(super) fn containing(&self, policy: u32) -> &[u32] {
        self.containing.get(policy)
    }
}

impl Postings {
    /// Lists of `count` owners from pairs of owner and number, which are gone through twice.
    fn new<P: Iterator<Item = (u32, u32)>>(count: usize, pairs: impl Fn() -> P) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for (owner, _) in pairs() {
            if let Some(after) = starts.get_mut(owner as usize + 1) {
                *after += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut numbers = vec![0; sum as usize];
        let mut next = starts.clone();
        for (owner, number) in pairs() {
            if let Some(at) = next.get_mut(owner as usize) {
                if let Some(free) = numbers.get_mut(*at as usize) {
                    *free = number;
                }
                *at += 1;
            }
        }
        Self { starts, numbers }
    }

    fn get(&self, owner: u32) -> &[u32] {
        let place = |at: usize| self.starts.get(at).map(|place| *place as usize);
        match (place(owner as usize), place(owner as usize + 1)) {
            (Some(start), Some(end)) => self.numbers.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_kept_once_and_found_by_policy_and_by_principal() {
        let mut sets = Sets::default();
        let first = sets.intern(0, Kind::User, &[1, 2], None);
        let bounded = sets.intern(0, Kind::User, &[1], Some(&[2]));
        let nothing = sets.intern(0, Kind::User, &[1], Some(&[]));
        assert_eq!(sets.intern(0, Kind::User, &[1, 2], None), first);
        assert_eq!((first, bounded, nothing, sets.intern(1, Kind::User, &[1, 2], None)), (0, 1, 2, 3));
        sets.settle([1, 0, 1].into_iter(), 3);
        assert_eq!((sets.people(0), sets.people(1), sets.people(2)), (&[1][..], &[0, 2][..], &[][..]));
        assert_eq!((sets.containing(0), sets.containing(2)), (&[][..], &[0, 1, 3][..]));
        assert_eq!(sets.containing(1), [0, 1, 2, 3]);
    }
}
