//! How much one account, and one address that is refused again and again, may ask.
//!
//! Buckets of tokens: a rate a second, and ten seconds of it at once. What goes beyond gets AWS's answer, `Throttling`,
//! on which every SDK waits and tries again:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>.
//!
//! An account is limited only where the operator says so. An address is limited in how often it may fail to prove who
//! it is, so that guessing keys and passwords is slow, and a client with a wrong key does not fill the trail; calls of
//! known callers cost it nothing, whether they are allowed or not.

use base::{AccountId, Timestamp};
use model::Hashing;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Calls a second of one account; `None` for as many as the machine can answer.
    pub account: Option<u32>,
    /// Failed proofs a second of one address; `None` for any number. Addresses of this machine are not limited.
    pub refusals: Option<u32>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { account: None, refusals: Some(20) }
    }
}

/// Seconds of a rate that may come at once.
const BURST_SECONDS: i64 = 10;
/// Buckets that are kept at most; full ones are forgotten first.
const KEPT_LIMIT: usize = 50_000;
/// Parts of a token, so that a millisecond at one a second is a whole number.
const TOKEN: i64 = 1_000;

/// The buckets.
#[derive(Debug, Default)]
pub struct Throttle {
    rates: Rates,
    accounts: Buckets<AccountId>,
    addresses: Buckets<IpAddr>,
    /// Whether any address has been refused yet: until then nothing need be looked up.
    any_refused: AtomicBool,
}

impl Throttle {
    /// Full buckets.
    pub fn new(rates: Rates) -> Self {
        Self { rates, ..Self::default() }
    }

    /// Whether an account may make one more call; takes a token.
    pub fn admits(&self, account: AccountId, now: Timestamp) -> bool {
        match self.rates.account {
            None => true,
            Some(rate) => self.accounts.take(account, rate, now),
        }
    }

    /// Whether an address may ask at all: it has not used up its refusals.
    pub fn hears(&self, address: Option<IpAddr>, now: Timestamp) -> bool {
        if !self.any_refused.load(Ordering::Relaxed) {
            return true;
        }
        match (self.rates.refusals, address.and_then(limited)) {
            (Some(rate), Some(address)) => self.addresses.has(address, rate, now),
            _ => true,
        }
    }

    /// Notes that an address was refused.
    pub fn refused(&self, address: Option<IpAddr>, now: Timestamp) {
        if let (Some(rate), Some(address)) = (self.rates.refusals, address.and_then(limited)) {
            self.any_refused.store(true, Ordering::Relaxed);
            self.addresses.take(address, rate, now);
        }
    }
}

/// The address as it is counted: of IPv6 the network that one customer has; none for this machine itself, where tests
/// and proxies are.
fn limited(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            Some(IpAddr::V6(Ipv6Addr::from_bits(network)))
        }
        address => Some(address),
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// In parts of a token.
    tokens: i64,
    /// When it was last filled, in milliseconds.
    filled: i64,
}

impl Bucket {
    fn full(rate: u32, now: Timestamp) -> Self {
        Self { tokens: room(rate), filled: now.millis() }
    }

    fn fill(&mut self, rate: u32, now: Timestamp) {
        // A clock that was set back fills nothing.
        let passed = now.millis().saturating_sub(self.filled).max(0);
        let gained = passed.saturating_mul(i64::from(rate));
        self.tokens = self.tokens.saturating_add(gained).min(room(rate));
        self.filled = now.millis();
    }
}

fn room(rate: u32) -> i64 {
    i64::from(rate).saturating_mul(BURST_SECONDS * TOKEN)
}

#[derive(Debug)]
struct Buckets<K>(Mutex<HashMap<K, Bucket, Hashing>>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> Buckets<K> {
    /// Takes a token, if there is one.
    fn take(&self, key: K, rate: u32, now: Timestamp) -> bool {
        self.with(key, rate, now, |bucket| {
            let enough = bucket.tokens >= TOKEN;
            if enough {
                bucket.tokens -= TOKEN;
            }
            enough
        })
    }

    /// Whether there is a token; an address without a bucket has them all.
    fn has(&self, key: K, rate: u32, now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(&key).is_none_or(|bucket| {
            bucket.fill(rate, now);
            bucket.tokens >= TOKEN
        })
    }

    fn with<T>(&self, key: K, rate: u32, now: Timestamp, look: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_LIMIT && !all.contains_key(&key) {
            forget(&mut all, rate, now);
        }
        let bucket = all.entry(key).or_insert_with(|| Bucket::full(rate, now));
        bucket.fill(rate, now);
        look(bucket)
    }
}

/// Makes room: buckets that have filled up tell nothing; where all are in use, all are forgotten, since memory is
/// what must not run out.
fn forget<K: Hash + Eq>(all: &mut HashMap<K, Bucket, Hashing>, rate: u32, now: Timestamp) {
    all.retain(|_, bucket| {
        bucket.fill(rate, now);
        bucket.tokens < room(rate)
    });
    if all.len() >= KEPT_LIMIT {
        all.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_account_has_its_rate_and_ten_seconds_of_it_at_once() {
        let throttle = Throttle::new(Rates { account: Some(5), refusals: None });
        let (one, other) =
            (AccountId::parse("111111111111").unwrap(), AccountId::parse("222222222222").unwrap());
        let admitted = |now, account| (0..100).filter(|_| throttle.admits(account, at(now))).count();
        assert_eq!(admitted(0, one), 50);
        assert_eq!(admitted(0, other), 50);
        assert_eq!(admitted(1_000, one), 5);
        assert_eq!(admitted(1_100, one), 0);
        assert_eq!(admitted(1_200, one), 1);
        // A clock set back gives nothing for nothing, and takes nothing away later.
        assert_eq!(admitted(500, one), 0);
        assert_eq!(admitted(1_500, one), 5);
        assert_eq!(admitted(1_000_000, one), 50);
    }

    #[test]
    fn an_address_is_heard_until_it_has_been_refused_too_often() {
        let throttle = Throttle::new(Rates { account: None, refusals: Some(2) });
        for _ in 0..20 {
            assert!(throttle.hears(address("192.0.2.1"), at(0)));
            throttle.refused(address("192.0.2.1"), at(0));
        }
        assert!(!throttle.hears(address("192.0.2.1"), at(0)));
        assert!(!throttle.hears(address("::ffff:192.0.2.1"), at(0)));
        assert!(throttle.hears(address("192.0.2.2"), at(0)));
        assert!(throttle.hears(address("192.0.2.1"), at(500)));
    }

    #[test]
    fn a_network_counts_as_one_and_this_machine_not_at_all() {
        let throttle = Throttle::new(Rates { account: None, refusals: Some(1) });
        for last in 0..10 {
            throttle.refused(address(&format!("2001:db8:0:1::{last:x}")), at(0));
            throttle.refused(address("127.0.0.1"), at(0));
            throttle.refused(address("::1"), at(0));
            throttle.refused(None, at(0));
        }
        assert!(!throttle.hears(address("2001:db8:0:1:ffff::1"), at(0)));
        assert!(throttle.hears(address("2001:db8:0:2::1"), at(0)));
        assert!(throttle.hears(address("127.0.0.1"), at(0)) && throttle.hears(address("::1"), at(0)));
        assert!(throttle.hears(None, at(0)));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::new(Rates { account: None, refusals: Some(1) });
        for number in 0..=u32::try_from(KEPT_LIMIT).unwrap() {
            throttle.refused(Some(IpAddr::V4((0x0a00_0000 + number).into())), at(0));
        }
        assert!(throttle.addresses.0.lock().unwrap().len() <= KEPT_LIMIT);
    }
}
