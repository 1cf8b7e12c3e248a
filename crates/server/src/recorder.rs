//! The thread that puts records of reads and refusals on disk, several times a second.
//!
//! It does nothing else, so that no other work, such as compressing a minute's records, holds them up.

use crate::care::Cared;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Records are to reach the disk within a second, the time that the disk takes included.
const INTERVAL: Duration = Duration::from_millis(200);

/// The running thread.
pub(crate) struct Recorder {
    quit: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts to flush the spool, at every interval and when it wakes the thread.
    pub(crate) fn start(cared: &Arc<Cared>) -> Self {
        let quit = Arc::new(AtomicBool::new(false));
        let (told, flushed) = (Arc::clone(&quit), Arc::clone(cared));
        let work = move || {
            while !told.load(Ordering::Acquire) {
                std::thread::park_timeout(INTERVAL);
                flushed.flush();
            }
        };
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(work);
        match &thread {
            Ok(thread) => cared.spool.wake(thread.thread().clone()),
            Err(error) => tracing::error!(%error, "the recording thread did not start"),
        }
        Self { quit, thread: thread.ok() }
    }

    /// Ends the thread after one more flush.
    pub(crate) fn stop(self) {
        self.quit.store(true, Ordering::Release);
        let Some(thread) = self.thread else { return };
        thread.thread().unpark();
        if thread.join().is_err() {
            tracing::error!("recording panicked; this is a defect");
        }
    }
}
