//! Where the residual of each policy is, and what it comes to.

use super::truth::Brief;

/// By policy: one more than the place of its document's residual, zero if it leaves nothing; and what it comes to.
#[derive(Debug)]
pub(super) enum Slots {
    /// Of every policy.
    All { slots: Vec<u32>, briefs: Vec<Brief> },
    /// Of few policies; others leave nothing.
    Few(Vec<(u32, u32, Brief)>),
}

impl Default for Slots {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Slots {
    /// Room for so many policies.
    pub(super) fn of_all(policies: usize) -> Self {
        Self::All { slots: vec![0; policies], briefs: vec![Brief::default(); policies] }
    }

    pub(super) fn slot(&self, policy: u32) -> u32 {
        match self {
            Self::All { slots, .. } => slots.get(policy as usize).copied().unwrap_or_default(),
            Self::Few(few) => few.iter().find(|(known, ..)| *known == policy).map_or(0, |(_, slot, _)| *slot),
        }
    }

    pub(super) fn brief(&self, policy: u32) -> Brief {
        match self {
            Self::All { briefs, .. } => briefs.get(policy as usize).copied().unwrap_or_default(),
            Self::Few(few) => {
                let found = few.iter().find(|(known, ..)| *known == policy);
                found.map_or_else(Brief::default, |(.., brief)| *brief)
            }
        }
    }

    /// Gives a policy its slot; that of before, if the policy is one of them.
    pub(super) fn put(&mut self, policy: u32, slot: u32, brief: Brief) -> Option<u32> {
        match self {
            Self::All { slots, briefs } => {
                *briefs.get_mut(policy as usize)? = brief;
                slots.get_mut(policy as usize).map(|place| std::mem::replace(place, slot))
            }
            Self::Few(few) => {
                if slot != 0 {
                    few.push((policy, slot, brief));
                }
                Some(0)
            }
        }
    }
}
