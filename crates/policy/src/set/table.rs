//! Where an index finds what an action leads to: a table by hash that is built once and then only read.

use super::row::Lead;

/// Slots sorted by tag, each near the place that its tag tells, with gaps between them. Looking a tag up touches one
/// slot, which is one line of the processor's cache; tags that were made to collide cost a walk among them.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Slot {
    /// Half of the hash of what leads here; [`GAP`] in gaps.
    pub(super) tag: u32,
    /// Where the texts of the index have what was hashed.
    pub(super) key: u32,
    pub(super) target: Target,
}

/// What an action leads to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// One statement, most often.
    One(Lead),
    /// Some: from one place among the leads of the index up to another.
    Few(u32, u32),
    /// Many, which a list finds by resource: its place among the lists of the index.
    Many(u32),
    /// None.
    Nothing,
}

const _: () = assert!(size_of::<Slot>() == 64);

const GAP: u32 = u32::MAX;
const GAP_SLOT: Slot = Slot { tag: GAP, key: 0, target: Target::Nothing };

/// The half of a hash that a slot keeps.
#[inline]
pub(super) fn tag(hash: u64) -> u32 {
    ((hash >> 32) as u32).min(GAP - 1)
}

/// The place that a tag tells in a table of a size: those of greater tags do not come before it.
#[inline]
fn place(tag: u32, size: u32) -> usize {
    ((u64::from(tag) * u64::from(size)) >> 32) as usize
}

/// A table of slots that are sorted by tag, and the size that tells their places.
pub(super) fn spread(sorted: &[Slot]) -> (Vec<Slot>, u32) {
    let size = sorted.len() + sorted.len() / 2;
    let mut slots = Vec::with_capacity(size + 1);
    for slot in sorted {
        let gaps = place(slot.tag, size as u32).saturating_sub(slots.len());
        slots.extend(std::iter::repeat_n(GAP_SLOT, gaps));
        slots.push(*slot);
    }
    (slots, size as u32)
}

/// The slots from the first that may be of a tag; what comes after a greater one is not.
#[inline]
pub(super) fn from(slots: &[Slot], size: u32, tag: u32) -> &[Slot] {
    slots.get(place(tag, size)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(slots: &[Slot], size: u32, tag: u32) -> impl Iterator<Item = &Slot> {
        let slots = from(slots, size, tag).iter().take_while(move |slot| slot.tag <= tag);
        slots.filter(move |slot| slot.tag == tag)
    }

    #[test]
    fn every_tag_is_found_also_among_equal_ones() {
        for count in [0u32, 1, 2, 7, 100, 1_000] {
            for step in [1, 0x0012_3457, 0x0400_0000] {
                let tag = |number: u32| tag(u64::from((number / 3).wrapping_mul(step)) << 32);
                let mut sorted: Vec<Slot> =
                    (0..count).map(|number| Slot { tag: tag(number), key: number, ..GAP_SLOT }).collect();
                sorted.sort_by_key(|slot| slot.tag);
                let (slots, size) = spread(&sorted);
                for number in 0..count {
                    assert!(find(&slots, size, tag(number)).any(|slot| slot.key == number));
                }
                for unknown in [u32::MAX - 1, 5] {
                    let known = sorted.iter().filter(|slot| slot.tag == unknown).count();
                    assert_eq!(find(&slots, size, unknown).count(), known);
                }
            }
        }
    }
}
