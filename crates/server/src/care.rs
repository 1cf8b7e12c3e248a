//! The services with what they need from time to time: records to files, gathered counters.

use crate::answer::Answer;
use crate::metrics::Exposition;
use base::Timestamp;
use directory::Directory;
use services::{Front, Incoming, Outgoing, Respond};
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use store::Rev;
use trail::{Archive, Spool};

/// How often gathered counters are written, in milliseconds.
const COUNTERS: i64 = 5_000;
/// How often records move to files, in milliseconds.
const DELIVERY: i64 = 60_000;
/// How many batches are looked through at once.
const BATCHES: usize = 1_000;
/// So many batches since the last delivery bring the next one forward.
const MANY: u64 = 4_000;

/// The services and their housekeeping.
pub(crate) struct Cared {
    pub(crate) front: Arc<Front>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) archive: Archive,
    clock: Due,
    shipped: std::sync::atomic::AtomicU64,
    flushing: Complaint,
    counting: Complaint,
    delivering: Complaint,
}

/// When what was done last, in milliseconds.
#[derive(Default)]
struct Due {
    counters: AtomicI64,
    delivery: AtomicI64,
}

impl Cared {
    pub(crate) fn new(
        front: Arc<Front>,
        directory: Arc<Directory>,
        spool: Arc<Spool>,
        archive: Archive,
        now: Timestamp,
    ) -> Self {
        let clock = Due { counters: now.millis().into(), delivery: now.millis().into() };
        Self {
            shipped: directory.peek().rev.0.into(),
            front,
            directory,
            spool,
            archive,
            clock,
            flushing: Complaint::new("records of reads and refusals cannot be written: calls are refused"),
            counting: Complaint::new("counters and keys cannot be written"),
            delivering: Complaint::new("records cannot be moved to their files; they stay in the store"),
        }
    }

    /// Moves records to their files: those of writes from the store, those of reads and refusals from the spool.
    fn deliver(&self) -> Result<(), Box<dyn Display>> {
        let failed = |error: &dyn Display| -> Box<dyn Display> { Box::new(error.to_string()) };
        let Rev(head) = self.directory.peek().rev;
        loop {
            let outbox = self.directory.unshipped(BATCHES).map_err(|error| failed(&error))?;
            let Some(last) = outbox.last().map(|(rev, _)| *rev) else { break };
            let records = outbox.iter().flat_map(|(_, events)| events).map(|event| &**event);
            self.archive.deliver(records).map_err(|error| failed(&error))?;
            self.directory.mark_shipped(last).map_err(|error| failed(&error))?;
        }
        self.shipped.store(head, Ordering::Relaxed);
        self.archive.deliver_spool(&self.spool).map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Puts records of reads and refusals on disk.
    pub(crate) fn flush(&self) {
        self.flushing.hear(self.spool.flush());
    }

    fn backlog(&self) -> u64 {
        let Rev(head) = self.directory.peek().rev;
        head.saturating_sub(self.shipped.load(Ordering::Relaxed))
    }
}

impl Answer for Cared {
    fn answer(&self, incoming: Incoming, respond: Respond) {
        self.front.answer(incoming, respond);
    }

    fn page(&self, path: &str) -> Option<Outgoing> {
        path.starts_with(services::issuer_pages::PATH).then(|| self.front.issuer_page(path))
    }

    fn tick(&self, now: Timestamp) {
        if is_due(&self.clock.counters, now, COUNTERS) {
            self.counting.hear(self.front.tick());
        }
        if self.backlog() >= MANY || is_due(&self.clock.delivery, now, DELIVERY) {
            self.delivering.hear(self.deliver());
        }
    }

    fn is_ready(&self) -> bool {
        // Calls that could not be recorded are refused.
        self.spool.healthy()
    }

    fn measure(&self, out: &mut Exposition) {
        let counted = self.front.counted();
        let calls = "bailiwick_calls_total";
        out.begin(calls, "counter", "Calls of known callers, by service and operation, refused ones too.");
        for ((service, operation), count) in counted.calls {
            out.value(calls, &[("service", service), ("operation", operation)], count);
        }
        let faults = "bailiwick_faults_total";
        out.begin(faults, "counter", "Answers that are errors, by code.");
        for (code, count) in counted.faults {
            out.value(faults, &[("code", &code)], count);
        }
        let Rev(head) = self.directory.peek().rev;
        out.single("bailiwick_store_revision", "gauge", "Batches that the store has taken.", head);
        let help = "Batches whose records have not been moved to files yet.";
        out.single("bailiwick_undelivered_batches", "gauge", help, self.backlog());
        let help = "Whether records can be written; calls are refused while they cannot.";
        out.single("bailiwick_trail_healthy", "gauge", help, u8::from(self.spool.healthy()));
    }

    fn close(&self) {
        self.counting.hear(self.front.tick());
        self.flush();
        self.delivering.hear(self.deliver());
        if let Err(error) = self.directory.shutdown() {
            tracing::error!(%error, "the store did not close well; nothing acknowledged is lost");
        }
    }
}

/// Whether `every` milliseconds have passed since the last time this said so.
fn is_due(last: &AtomicI64, now: Timestamp, every: i64) -> bool {
    let since = now.millis() - last.load(Ordering::Relaxed);
    // A clock that was set back makes it due as well.
    let due = !(0..every).contains(&since);
    if due {
        last.store(now.millis(), Ordering::Relaxed);
    }
    due
}

/// Says once that something fails, and once that it works again.
struct Complaint {
    what: &'static str,
    raised: AtomicBool,
}

impl Complaint {
    fn new(what: &'static str) -> Self {
        Self { what, raised: AtomicBool::new(false) }
    }

    fn hear<T, E: Display>(&self, outcome: Result<T, E>) {
        match outcome {
            Err(error) if !self.raised.swap(true, Ordering::Relaxed) => {
                tracing::error!(%error, "{}", self.what);
            }
            Ok(_) if self.raised.swap(false, Ordering::Relaxed) => {
                tracing::warn!("it works again: {}", self.what);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_comes_due_with_time_and_when_the_clock_jumps() {
        let last = AtomicI64::new(1_000);
        let at = Timestamp::from_millis;
        assert!(!is_due(&last, at(5_999), 5_000));
        assert!(is_due(&last, at(6_000), 5_000));
        assert!(!is_due(&last, at(6_001), 5_000));
        assert!(is_due(&last, at(10), 5_000));
    }
}
