//! The thread for work that comes due with time and may wait for the disk.

use crate::answer::Answer;
use crate::system::SystemClock;
use base::Clock;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked whether anything is due.
const INTERVAL: Duration = Duration::from_millis(200);

/// The running thread.
pub(crate) struct Housekeeper {
    quit: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Housekeeper {
    /// Starts calling [`Answer::tick`].
    pub(crate) fn start(answer: Arc<dyn Answer>) -> Self {
        let (quit, told) = channel();
        let work = move || {
            while let Err(RecvTimeoutError::Timeout) = told.recv_timeout(INTERVAL) {
                let round = std::panic::AssertUnwindSafe(|| answer.tick(SystemClock.now()));
                if std::panic::catch_unwind(round).is_err() {
                    tracing::error!("housekeeping panicked; this is a defect");
                }
            }
        };
        let thread = std::thread::Builder::new().name("housekeeping".into()).spawn(work);
        if let Err(error) = &thread {
            tracing::error!(%error, "the housekeeping thread did not start");
        }
        Self { quit, thread: thread.ok() }
    }

    /// Ends the thread after the round under way.
    pub(crate) fn stop(self) {
        // A thread that has ended already does not hear it.
        let _ = self.quit.send(());
        if let Some(thread) = self.thread {
            let _ = thread.join();
        }
    }
}
