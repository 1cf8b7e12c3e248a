//! The one writer: a thread that gathers jobs into groups, appends each group once, and publishes the state.

use crate::batch::Rev;
use crate::engine::{Commit, Engine, LoadError};
use crate::log::{Log, LogError};
use crate::state::{CommitError, Job, Published, State};
use arc_swap::{ArcSwap, Guard};
use base::{Clock, Entropy};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How the writer works.
#[derive(Debug, Clone)]
pub struct Config {
    /// Jobs that may wait; more are rejected as busy.
    pub queue: usize,
    /// The most jobs in one group.
    pub group: usize,
    /// Bytes written since the last image from which a new one is saved when no job waits; four times as many
    /// force one.
    pub image_bytes: usize,
    /// Batches since the last image, likewise.
    pub image_batches: u64,
    /// How often to look for batches of other writers while no job waits; `None` where there are none.
    pub follow_every: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self { queue: 4096, group: 512, image_bytes: 4 << 20, image_batches: 1024, follow_every: None }
    }
}

/// A job that was not taken.
pub struct Rejected<S> {
    /// The job, to be answered by the caller.
    pub job: Box<dyn Job<S>>,
    /// Why.
    pub why: Why,
}

impl<S> std::fmt::Debug for Rejected<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rejected({:?})", self.why)
    }
}

/// Why a job was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Too many jobs wait: the caller should be told to slow down.
    #[error("too many writes are waiting")]
    Busy,
    /// The writer has been shut down.
    #[error("the store is shut down")]
    Closed,
}

/// Why the writer did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The system gives no thread.
    #[error("the writer thread cannot be started: {0}")]
    Thread(std::io::Error),
}

/// A function that hears of every batch, on the writer thread, after the state is published and before the
/// jobs are answered. Must not block, and must not ask the committer anything, which would wait for itself.
pub type Listener = Box<dyn Fn(&Commit) + Send>;

/// Batches whose audit events have not reached their files: revision and events.
pub type Outbox = Vec<(Rev, Vec<Arc<[u8]>>)>;

type Reply<T> = SyncSender<Result<T, LogError>>;

enum Message<S> {
    Job(Box<dyn Job<S>>),
    Listen(Listener),
    Unshipped(usize, Reply<Outbox>),
    Shipped(Rev, Reply<()>),
    Image(Reply<Rev>),
    Flush(Reply<Rev>),
    Stop(Reply<()>),
}

/// The handle on the writer thread. Dropping it stops the thread after the jobs that wait.
pub struct Committer<S: State> {
    queue: SyncSender<Message<S>>,
    published: Arc<ArcSwap<Published<S>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<S: State> Committer<S> {
    /// Loads the log on the empty state `state` and starts the writer thread.
    pub fn start(
        log: Box<dyn Log>,
        state: S,
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let engine = Engine::load(log, state, clock, entropy)?;
        let published = Arc::new(ArcSwap::from_pointee(snapshot(&engine)));
        let (queue, messages) = sync_channel(config.queue.max(1));
        let writer =
            Writer { engine, config, published: published.clone(), listeners: Vec::new(), failed_images: 0 };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.work(&messages))
            .map_err(StartError::Thread)?;
        Ok(Self { queue, published, thread: Mutex::new(Some(thread)) })
    }

    /// Hands a job to the writer; returns at once. The answer comes through [`Job::done`]; a job that races with
    /// [`Self::shutdown`] may be dropped without one, and then nothing of it was kept.
    pub fn submit(&self, job: Box<dyn Job<S>>) -> Result<(), Rejected<S>> {
        let (message, why) = match self.queue.try_send(Message::Job(job)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(message)) => (message, Why::Busy),
            Err(TrySendError::Disconnected(message)) => (message, Why::Closed),
        };
        match message {
            Message::Job(job) => Err(Rejected { job, why }),
            // What comes back is what was sent: a job.
            _ => Ok(()),
        }
    }

    /// The state as last published. Cheap; hold it as long as one request is served.
    pub fn snapshot(&self) -> Arc<Published<S>> {
        self.published.load_full()
    }

    /// The state as last published, for a short look without counting a reference.
    pub fn peek(&self) -> Guard<Arc<Published<S>>> {
        self.published.load()
    }

    /// Lets `listener` hear of every later batch.
    pub fn subscribe(&self, listener: Listener) -> Result<(), Why> {
        self.queue.send(Message::Listen(listener)).map_err(|_| Why::Closed)
    }

    /// At most `limit` batches whose audit events have not reached their files. Blocks for a turn of the writer.
    pub fn unshipped(&self, limit: usize) -> Result<Outbox, LogError> {
        self.ask(|reply| Message::Unshipped(limit, reply))
    }

    /// Says that audit events up to `rev` are durable elsewhere, so that their batches may be truncated.
    pub fn mark_shipped(&self, rev: Rev) -> Result<(), LogError> {
        self.ask(|reply| Message::Shipped(rev, reply))
    }

    /// Saves the image now; yields its revision.
    pub fn save_image(&self) -> Result<Rev, LogError> {
        self.ask(Message::Image)
    }

    /// Waits until every job submitted before is answered; yields the head.
    pub fn flush(&self) -> Result<Rev, LogError> {
        self.ask(Message::Flush)
    }

    /// Answers the jobs that wait, saves the image, and ends the thread. Later calls do nothing.
    pub fn shutdown(&self) -> Result<(), LogError> {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        let ended = self.ask(Message::Stop);
        let joined = thread.join();
        if joined.is_err() { Err(closed()) } else { ended }
    }

    fn ask<T>(&self, message: impl FnOnce(Reply<T>) -> Message<S>) -> Result<T, LogError> {
        let (reply, answer) = sync_channel(1);
        self.queue.send(message(reply)).map_err(|_| closed())?;
        answer.recv().map_err(|_| closed())?
    }
}

impl<S: State> Drop for Committer<S> {
    fn drop(&mut self) {
        // An image that cannot be saved is no loss: the log has everything.
        let _ = self.shutdown();
    }
}

fn closed() -> LogError {
    LogError::Unavailable("the writer has stopped".to_owned())
}

fn snapshot<S: State>(engine: &Engine<S>) -> Published<S> {
    Published { rev: engine.rev(), state: engine.state().clone() }
}

/// What the writer does next.
enum Next<S> {
    Message(Message<S>),
    /// Nothing was asked; other writers were heard.
    Heard,
    /// Every handle is gone.
    End,
}

struct Writer<S> {
    engine: Engine<S>,
    config: Config,
    published: Arc<ArcSwap<Published<S>>>,
    listeners: Vec<Listener>,
    /// Images that could not be saved since the last that could.
    failed_images: u32,
}

impl<S: State> Writer<S> {
    fn work(mut self, messages: &Receiver<Message<S>>) {
        let mut jobs = Vec::new();
        loop {
            let mut waiting = match self.next(messages) {
                Next::Message(message) => Some(message),
                Next::Heard => None,
                Next::End => break,
            };
            // Jobs that came while the last group was being stored form the next group.
            while let Some(Message::Job(job)) = waiting {
                jobs.push(job);
                waiting = if jobs.len() < self.config.group { messages.try_recv().ok() } else { None };
            }
            self.commit(&mut jobs);
            if let Some(message) = waiting
                && self.serve(message).is_err()
            {
                break;
            }
            self.save_if_large(4);
        }
        // Senders that raced with the stop find the channel closed; their jobs are dropped with it.
        while let Ok(Message::Job(job)) = messages.try_recv() {
            jobs.push(job);
        }
        self.commit(&mut jobs);
    }

    fn next(&mut self, messages: &Receiver<Message<S>>) -> Next<S> {
        if let Ok(message) = messages.try_recv() {
            return Next::Message(message);
        }
        self.save_if_large(1);
        let Some(pause) = self.config.follow_every else {
            return messages.recv().map_or(Next::End, Next::Message);
        };
        match messages.recv_timeout(pause) {
            Ok(message) => Next::Message(message),
            Err(RecvTimeoutError::Disconnected) => Next::End,
            Err(RecvTimeoutError::Timeout) => {
                // A log that is away now is asked again after the next pause.
                let _ = self.engine.catch_up();
                self.publish();
                Next::Heard
            }
        }
    }

    fn commit(&mut self, jobs: &mut Vec<Box<dyn Job<S>>>) {
        while !jobs.is_empty() {
            let results = self.engine.run(jobs);
            self.publish();
            for (job, result) in jobs.drain(..results.len()).zip(results) {
                answer(job, result);
            }
        }
    }

    fn publish(&mut self) {
        let news = self.engine.take_news();
        if news.is_empty() {
            return;
        }
        self.published.store(Arc::new(snapshot(&self.engine)));
        for commit in &news {
            for listener in &self.listeners {
                // A listener that panics must not end the writer.
                let _ = catch_unwind(AssertUnwindSafe(|| listener(commit)));
            }
        }
    }

    /// Serves anything but a job; `Err` asks the thread to end. A caller that no longer waits is no error.
    fn serve(&mut self, message: Message<S>) -> Result<(), Stopped> {
        match message {
            Message::Job(job) => self.commit(&mut vec![job]),
            Message::Listen(listener) => self.listeners.push(listener),
            Message::Unshipped(limit, reply) => {
                let batches = self.engine.unshipped(limit);
                let events =
                    batches.map(|all| all.into_iter().map(|(rev, batch)| (rev, batch.events)).collect());
                let _ = reply.send(events);
            }
            Message::Shipped(rev, reply) => {
                let _ = reply.send(self.engine.mark_shipped(rev));
            }
            Message::Image(reply) => {
                let saved = self.engine.save_image();
                let _ = reply.send(saved.map(|()| self.engine.rev()));
            }
            Message::Flush(reply) => {
                let _ = reply.send(Ok(self.engine.rev()));
            }
            Message::Stop(reply) => {
                let _ = reply.send(self.engine.save_image());
                return Err(Stopped);
            }
        }
        Ok(())
    }

    fn save_if_large(&mut self, times: usize) {
        let times = times << self.failed_images;
        let (bytes, batches) = self.engine.since_image();
        let large = bytes >= self.config.image_bytes.saturating_mul(times);
        if large || batches >= self.config.image_batches.saturating_mul(times as u64) {
            // The log still has everything. The next try comes after as much again, then twice as much …
            self.failed_images = match self.engine.save_image() {
                Ok(()) => 0,
                Err(_) => (self.failed_images + 1).min(10),
            };
        }
    }
}

struct Stopped;

fn answer<S: State>(job: Box<dyn Job<S>>, result: Result<Rev, CommitError>) {
    // The job's effects are durable already; a panic in its answer concerns its caller alone.
    let _ = catch_unwind(AssertUnwindSafe(move || job.done(result)));
}
