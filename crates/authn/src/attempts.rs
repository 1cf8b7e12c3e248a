//! How often one address may bring proofs that do not hold.
//!
//! Faults tell a little about an account, and a token can make the server ask its provider: so that neither can be had
//! without end, an address from which much has come that did not hold gets no other answer for the rest of the minute
//! than that it is too much. Proofs that do hold are taken all the same: others may share the address.

use base::Timestamp;
use model::Hashing;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Proofs that may fail in a minute, of one address.
pub const FAILURES_A_MINUTE: u32 = 60;
/// Addresses that are remembered; then all are forgotten.
const REMEMBERED: usize = 50_000;

/// Failures by address.
#[derive(Debug, Default)]
pub struct Attempts {
    failed: Mutex<HashMap<Option<IpAddr>, Failed, Hashing>>,
}

#[derive(Debug, Clone, Copy)]
struct Failed {
    minute: i64,
    times: u32,
}

impl Attempts {
    /// Whether the address may bring another proof that does not hold.
    pub fn may_try(&self, address: Option<IpAddr>, now: Timestamp) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failed.get(&counted(address)).copied();
        known.is_none_or(|known| known.minute != minute(now) || known.times < FAILURES_A_MINUTE)
    }

    /// Notes a proof that did not hold.
    pub fn note_failure(&self, address: Option<IpAddr>, now: Timestamp) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= REMEMBERED {
            failed.clear();
        }
        let minute = minute(now);
        let entry = failed.entry(counted(address)).or_insert(Failed { minute, times: 0 });
        if entry.minute != minute {
            *entry = Failed { minute, times: 0 };
        }
        entry.times = entry.times.saturating_add(1);
    }
}

fn minute(now: Timestamp) -> i64 {
    now.seconds().div_euclid(60)
}

/// Who has one address of IPv6 has 2⁶⁴ of them.
fn counted(address: Option<IpAddr>) -> Option<IpAddr> {
    address.map(|address| match address {
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() >> 64 << 64).into()),
        four => four,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_often_waits_for_the_next_minute() {
        let attempts = Attempts::default();
        let at = |seconds| Timestamp::from_seconds(seconds);
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let bad = address("2001:db8::1");
        for _ in 0..FAILURES_A_MINUTE {
            assert!(attempts.may_try(bad, at(60)));
            attempts.note_failure(bad, at(60));
        }
        assert!(!attempts.may_try(bad, at(119)) && !attempts.may_try(address("2001:db8::2"), at(61)));
        assert!(attempts.may_try(address("2001:db8:0:1::1"), at(61)) && attempts.may_try(None, at(61)));
        assert!(attempts.may_try(bad, at(120)));
    }
}
