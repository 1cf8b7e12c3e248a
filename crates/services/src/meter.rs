//! Counts of calls, for monitoring: which operations are called, and which errors they end with.
//!
//! Names come from the operation table and from our own error codes, never from a request, so that nobody can make the
//! list grow.

use crate::table::Table;
use model::Hashing;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use wire::Fault;

/// Codes that are counted apart at most; others are counted together.
const CODE_LIMIT: usize = 200;

/// The counters.
#[derive(Debug, Default)]
pub struct Meter {
    calls: HashMap<(&'static str, &'static str), AtomicU64, Hashing>,
    faults: Mutex<BTreeMap<Cow<'static, str>, u64>>,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Calls of known callers that were answered, by service and operation; refused ones too.
    pub calls: BTreeMap<(&'static str, &'static str), u64>,
    /// Answers that were errors, by code.
    pub faults: BTreeMap<Cow<'static, str>, u64>,
}

impl Meter {
    /// A counter for every operation that is built.
    pub fn new(table: &Table) -> Self {
        let calls = table.names().map(|name| (name, AtomicU64::new(0))).collect();
        Self { calls, faults: Mutex::default() }
    }

    /// Counts a call.
    pub fn call(&self, service: &'static str, operation: &'static str) {
        if let Some(count) = self.calls.get(&(service, operation)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts an answer that is an error.
    pub fn fault(&self, fault: &Fault) {
        let code = &fault.code;
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = faults.len() < CODE_LIMIT;
        match faults.get_mut(code.as_ref()) {
            Some(count) => *count += 1,
            None if has_room => drop(faults.insert(code.clone(), 1)),
            None => *faults.entry(Cow::Borrowed("other")).or_default() += 1,
        }
    }

    /// What was counted so far, without what never happened.
    pub fn counted(&self) -> Counted {
        let calls = self.calls.iter().map(|(name, count)| (*name, count.load(Ordering::Relaxed)));
        Counted {
            calls: calls.filter(|(_, count)| *count > 0).collect(),
            faults: self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_is_counted_and_nothing_else() {
        let meter = Meter::new(&Table::new());
        meter.call("iam", "GetUser");
        meter.call("iam", "GetUser");
        meter.call("iam", "NoSuchOperation");
        meter.fault(&Fault::access_denied("no"));
        let counted = meter.counted();
        assert_eq!(counted.calls.into_iter().collect::<Vec<_>>(), [(("iam", "GetUser"), 2)]);
        assert_eq!(counted.faults.into_iter().collect::<Vec<_>>(), [("AccessDenied".into(), 1)]);
    }

    #[test]
    fn codes_are_bounded() {
        let meter = Meter::default();
        for number in 0..=CODE_LIMIT {
            meter.fault(&Fault::new(format!("Code{number}"), 400, "no"));
        }
        let faults = meter.counted().faults;
        assert_eq!((faults.len(), faults.get("other")), (CODE_LIMIT + 1, Some(&1)));
    }
}
