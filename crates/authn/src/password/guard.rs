//! How often one may try a password: by user and by address.
//!
//! Every try is counted before the password is looked at and taken back when it was right, so that tries at the same
//! time count as well. A user is counted by its unique id: no spelling of a name makes another one of it. Counts are
//! kept in memory and written with the other counters every few seconds.

use base::{Timestamp, UniqueId};
use model::snapshot::EntityKey;
use model::{SignInFailures, Snapshot};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Wrong passwords in a row before a user is locked: what PCI DSS 4.0.1 (8.3.4) allows at most.
pub const TRIES: u32 = 10;
/// How long a user stays locked, and after what time failures are forgotten: the least that 8.3.4 asks for.
pub const LOCKED: Duration = Duration::from_secs(30 * 60);
/// Failures of an address that are let through at once.
pub const ADDRESS_TRIES: u32 = 50;
/// After this time an address gets one of its tries back.
const ADDRESS_REFILL: Duration = Duration::from_secs(6);
/// Failures of an address from which on they are written.
const ADDRESS_WRITTEN: u32 = ADDRESS_TRIES / 4;
/// Addresses that are remembered at most: those with the fewest failures go first.
const ADDRESSES: usize = 10_000;

/// Whether somebody may try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The try is counted; look at the password.
    Open,
    /// Too many wrong passwords for this user.
    Locked,
    /// Too many wrong passwords from this address.
    Throttled,
}

/// Counts failed tries.
#[derive(Debug, Default)]
pub struct Guard {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    tallies: HashMap<String, Tally>,
    /// What has changed since it was last written.
    changed: HashSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tally {
    count: u32,
    last: Timestamp,
}

/// What is to be written of the counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows to put.
    pub put: Vec<SignInFailures>,
    /// Rows to take out.
    pub remove: Vec<EntityKey>,
}

impl Guard {
    /// Counts a try, if it may be made. `None` for a user who is not there: then the address alone is counted.
    pub fn enter(
        &self,
        user: Option<&UniqueId>,
        address: Option<IpAddr>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Entry {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let address = of_address(address);
        let mut from = kept.tally(&address, snapshot).drained(now);
        if from.count >= ADDRESS_TRIES {
            return Entry::Throttled;
        }
        from = Tally { count: from.count + 1, last: now };
        kept.set(address, from);
        let Some(user) = user.map(of_user) else { return Entry::Open };
        let tally = kept.tally(&user, snapshot).unless_forgotten(now);
        if tally.count >= TRIES {
            // Tries while it is locked do not make it longer.
            return Entry::Locked;
        }
        kept.set(user, Tally { count: tally.count + 1, last: now });
        Entry::Open
    }

    /// Takes a try back: the password was right.
    pub fn take_back(&self, user: &UniqueId, address: Option<IpAddr>, snapshot: &Snapshot, now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for subject in [of_address(address), of_user(user)] {
            let Tally { count, last } = kept.tally(&subject, snapshot);
            kept.set(subject, Tally { count: count.saturating_sub(1), last: last.min(now) });
        }
    }

    /// Forgets a user's failures: the user signed in, or got a new password.
    pub fn forgive(&self, user: &UniqueId, now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.set(of_user(user), Tally { count: 0, last: now });
    }

    /// What has changed since the last time, and what is forgotten by now.
    pub fn changes(&self, snapshot: &Snapshot, now: Timestamp) -> Option<Changes> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Changes::default();
        for subject in std::mem::take(&mut kept.changed) {
            let tally = kept.tally(&subject, snapshot);
            if tally.is_written(&subject, now) {
                changes.put.push(SignInFailures { subject, count: tally.count, last: tally.last });
            } else if snapshot.sign_in_failures(&subject).is_some() {
                changes.remove.push(EntityKey::SignInFailures(subject));
            }
        }
        for row in snapshot.all_sign_in_failures() {
            let known = kept.tallies.contains_key(&row.subject);
            if !known && !Tally::of(row).is_written(&row.subject, now) {
                changes.remove.push(EntityKey::SignInFailures(row.subject.clone()));
            }
        }
        kept.prune(now);
        (changes != Changes::default()).then_some(changes)
    }

    /// What could not be written is to be written with the next changes.
    pub fn put_back(&self, changes: Changes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = changes.remove.into_iter().filter_map(|key| match key {
            EntityKey::SignInFailures(subject) => Some(subject),
            _ => None,
        });
        for subject in changes.put.into_iter().map(|row| row.subject).chain(removed) {
            kept.changed.insert(subject);
        }
    }
}

impl Kept {
    fn tally(&self, subject: &str, snapshot: &Snapshot) -> Tally {
        let written = || snapshot.sign_in_failures(subject).map(|row| Tally::of(row));
        let nothing = Tally { count: 0, last: Timestamp::from_millis(0) };
        self.tallies.get(subject).copied().or_else(written).unwrap_or(nothing)
    }

    fn set(&mut self, subject: String, tally: Tally) {
        self.changed.insert(subject.clone());
        self.tallies.insert(subject, tally);
    }

    /// Forgets what is over, and the addresses of few failures if there are too many.
    fn prune(&mut self, now: Timestamp) {
        self.tallies.retain(|subject, tally| tally.is_written(subject, now) || tally.is_young(now));
        let addresses = self.tallies.iter().filter(|(subject, _)| subject.starts_with(ADDRESS));
        let mut counts: Vec<_> = addresses.map(|(subject, tally)| (tally.count, subject.clone())).collect();
        let over = counts.len().saturating_sub(ADDRESSES);
        counts.sort_unstable();
        for (_, subject) in counts.into_iter().take(over) {
            self.tallies.remove(&subject);
        }
    }
}

impl Tally {
    fn of(row: &SignInFailures) -> Self {
        Self { count: row.count, last: row.last }
    }

    /// An address's failures, less those that time has taken back.
    fn drained(self, now: Timestamp) -> Self {
        let back = now.since(self.last).as_secs() / ADDRESS_REFILL.as_secs();
        Self { count: self.count.saturating_sub(u32::try_from(back).unwrap_or(u32::MAX)), last: self.last }
    }

    /// A user's failures, unless they are too long ago.
    fn unless_forgotten(self, now: Timestamp) -> Self {
        if now.since(self.last) >= LOCKED { Self { count: 0, last: self.last } } else { self }
    }

    fn is_written(self, subject: &str, now: Timestamp) -> bool {
        match subject.starts_with(ADDRESS) {
            true => self.drained(now).count >= ADDRESS_WRITTEN,
            false => self.unless_forgotten(now).count > 0,
        }
    }

    /// Whether it may still matter although it is not written.
    fn is_young(self, now: Timestamp) -> bool {
        self.drained(now).count > 0
    }
}

const ADDRESS: &str = "address/";

fn of_user(user: &UniqueId) -> String {
    format!("user/{user}")
}

/// Whoever has an address of version 6 has a network of them, so the network is counted. The local socket is one
/// address.
fn of_address(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => format!("{ADDRESS}local"),
        Some(IpAddr::V4(address)) => format!("{ADDRESS}{address}"),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{ADDRESS}{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000) + Duration::from_secs(seconds)
    }

    fn here() -> Option<IpAddr> {
        Some("192.0.2.1".parse().unwrap())
    }

    fn user() -> UniqueId {
        UniqueId::from_text("AIDABOB")
    }

    #[test]
    fn a_user_is_locked_after_ten_failures_for_half_an_hour() {
        let (guard, snapshot) = (Guard::default(), Snapshot::default());
        for try_ in 0..u64::from(TRIES) {
            assert_eq!(guard.enter(Some(&user()), here(), &snapshot, at(try_)), Entry::Open);
        }
        let elsewhere = Some("198.51.100.7".parse().unwrap());
        assert_eq!(guard.enter(Some(&user()), elsewhere, &snapshot, at(60)), Entry::Locked);
        // Trying on does not make it longer.
        let end = 9 + LOCKED.as_secs();
        assert_eq!(guard.enter(Some(&user()), elsewhere, &snapshot, at(end - 1)), Entry::Locked);
        assert_eq!(guard.enter(Some(&user()), elsewhere, &snapshot, at(end)), Entry::Open);
        let other = UniqueId::from_text("AIDAEVE");
        assert_eq!(guard.enter(Some(&other), elsewhere, &snapshot, at(61)), Entry::Open);
    }

    #[test]
    fn a_right_password_forgives() {
        let (guard, snapshot) = (Guard::default(), Snapshot::default());
        for _ in 0..TRIES - 1 {
            guard.enter(Some(&user()), here(), &snapshot, at(0));
        }
        guard.forgive(&user(), at(1));
        for _ in 0..TRIES {
            assert_eq!(guard.enter(Some(&user()), here(), &snapshot, at(2)), Entry::Open);
        }
        guard.take_back(&user(), here(), &snapshot, at(2));
        assert_eq!(guard.enter(Some(&user()), here(), &snapshot, at(3)), Entry::Open);
        assert_eq!(guard.enter(Some(&user()), here(), &snapshot, at(3)), Entry::Locked);
    }

    #[test]
    fn an_address_is_throttled_whoever_it_names() {
        let (guard, snapshot) = (Guard::default(), Snapshot::default());
        for _ in 0..ADDRESS_TRIES {
            assert_eq!(guard.enter(None, here(), &snapshot, at(0)), Entry::Open);
        }
        assert_eq!(guard.enter(None, here(), &snapshot, at(1)), Entry::Throttled);
        assert_eq!(guard.enter(Some(&user()), here(), &snapshot, at(1)), Entry::Throttled);
        assert_eq!(guard.enter(None, None, &snapshot, at(1)), Entry::Open);
        assert_eq!(guard.enter(None, here(), &snapshot, at(12)), Entry::Open);
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let subject = |text: &str| of_address(Some(text.parse().unwrap()));
        assert_eq!(subject("2001:db8:1:2::1"), subject("2001:db8:1:2:ffff::9"));
        assert_ne!(subject("2001:db8:1:2::1"), subject("2001:db8:1:3::1"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
    }

    #[test]
    fn counts_outlive_a_restart_and_then_go() {
        let (guard, mut snapshot) = (Guard::default(), Snapshot::default());
        for _ in 0..TRIES {
            guard.enter(Some(&user()), here(), &snapshot, at(0));
        }
        let changes = guard.changes(&snapshot, at(1)).unwrap();
        assert_eq!((changes.put.len(), changes.remove.len()), (1, 0), "the address has few failures yet");
        for row in changes.put {
            snapshot.put(row.into()).unwrap();
        }
        assert_eq!(guard.changes(&snapshot, at(2)), None);

        let after = Guard::default();
        assert_eq!(after.enter(Some(&user()), here(), &snapshot, at(3)), Entry::Locked);
        let later = at(LOCKED.as_secs() + 1);
        let gone = Guard::default().changes(&snapshot, later).unwrap();
        assert_eq!((gone.put.len(), gone.remove.len()), (0, 1));
        after.forgive(&user(), at(4));
        assert_eq!(after.changes(&snapshot, at(5)).unwrap().remove.len(), 1);
    }

    #[test]
    fn what_could_not_be_written_is_not_lost() {
        let (guard, snapshot) = (Guard::default(), Snapshot::default());
        guard.enter(Some(&user()), here(), &snapshot, at(0));
        let changes = guard.changes(&snapshot, at(1)).unwrap();
        guard.put_back(changes.clone());
        assert_eq!(guard.changes(&snapshot, at(2)), Some(changes));
    }

    #[test]
    fn memory_is_bounded() {
        let (guard, snapshot) = (Guard::default(), Snapshot::default());
        for number in 0..ADDRESSES as u32 + 500 {
            guard.enter(None, Some(IpAddr::V4((number + 0x0a00_0000).into())), &snapshot, at(0));
        }
        for _ in 0..ADDRESS_TRIES {
            guard.enter(None, here(), &snapshot, at(0));
        }
        guard.changes(&snapshot, at(1));
        assert_eq!(guard.kept.lock().unwrap().tallies.len(), ADDRESSES);
        assert_eq!(guard.enter(None, here(), &snapshot, at(1)), Entry::Throttled);
    }
}
