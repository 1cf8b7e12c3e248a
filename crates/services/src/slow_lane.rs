//! Threads for what takes long: hashing passwords, asking a provider for its keys, making key pairs.
//!
//! The threads of the connections and the store's writer must not wait for such work, and only so much of it may
//! run at the same time, since a password's hash takes much memory. Who comes when the queue is full is told to come
//! again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Threads: as many pieces of slow work run at the same time.
const THREADS: usize = 4;
/// Pieces of work that wait at most.
const WAITING: usize = 256;

/// Whether a piece of work gets its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It runs, on a thread of the lane.
    Now,
    /// It does not, since too much waits already; called on the thread that brought it.
    Full,
}

/// A piece of work, called exactly once.
pub type Task = Box<dyn FnOnce(Turn) + Send>;

/// The threads with their queue; they end when the lane is dropped and the queue is empty.
#[derive(Debug)]
pub struct SlowLane {
    queue: SyncSender<Task>,
}

impl SlowLane {
    /// Starts the threads. What cannot be started leaves the others with the work.
    pub fn start() -> Self {
        let (queue, tasks) = sync_channel(WAITING);
        let tasks = Arc::new(Mutex::new(tasks));
        for number in 0..THREADS {
            let tasks = Arc::clone(&tasks);
            // A lane without any thread answers that it is full, once its queue is.
            let _ = thread::Builder::new().name(format!("slow-{number}")).spawn(move || work(&tasks));
        }
        Self { queue }
    }

    /// Puts a piece of work into the queue.
    pub fn submit(&self, task: Task) {
        match self.queue.try_send(task) {
            Ok(()) => {}
            Err(TrySendError::Full(task) | TrySendError::Disconnected(task)) => task(Turn::Full),
        }
    }
}

fn work(tasks: &Mutex<Receiver<Task>>) {
    loop {
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = next else { return };
        // A defect in one piece of work must not take the thread with it; its caller hears from the dropped answer.
        let _ = catch_unwind(AssertUnwindSafe(|| task(Turn::Now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn work_runs_elsewhere_and_a_panic_ends_no_thread() {
        let lane = SlowLane::start();
        for _ in 0..THREADS * 2 {
            lane.submit(Box::new(|_| panic!("a defect")));
        }
        let (done, answer) = channel();
        lane.submit(Box::new(move |turn| done.send((turn, thread::current().id())).unwrap()));
        let (turn, thread) = answer.recv().unwrap();
        assert_eq!(turn, Turn::Now);
        assert_ne!(thread, thread::current().id());
    }

    #[test]
    fn what_does_not_fit_into_the_queue_is_told_so() {
        let lane = SlowLane::start();
        let gate = Arc::new(Mutex::new(()));
        let shut = gate.lock().unwrap();
        let (done, answers) = channel();
        for _ in 0..THREADS + WAITING + 1 {
            let (gate, done) = (Arc::clone(&gate), done.clone());
            lane.submit(Box::new(move |turn| {
                if turn == Turn::Now {
                    drop(gate.lock().unwrap());
                }
                done.send(turn).unwrap();
            }));
        }
        // One at least came too late, however many the threads have taken already.
        assert_eq!(answers.recv().unwrap(), Turn::Full);
        drop(shut);
        drop(done);
        let ran = answers.iter().filter(|turn| *turn == Turn::Now).count();
        assert!((WAITING..=THREADS + WAITING).contains(&ran), "{ran}");
    }
}
