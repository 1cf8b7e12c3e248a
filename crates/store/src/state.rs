//! What an application brings: its state, and jobs that run on it one after the other.

use crate::batch::{Key, Rev, Value, Write};
use crate::log::LogError;
use base::Timestamp;
use std::sync::Arc;

/// The application's state: a pure function of the writes applied so far.
///
/// Cloning must be cheap (persistent maps), since a clone is both the savepoint of a job and what readers see.
pub trait State: Clone + Send + Sync + 'static {
    /// Takes a write in. Fails only on a row that this program cannot read; the state may then be half changed
    /// and is thrown away.
    fn apply(&mut self, write: &Write) -> Result<(), ApplyError>;
}

/// A row that the application cannot take in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ApplyError(pub String);

/// A state and the revision up to which it holds every effect.
#[derive(Debug, Clone)]
pub struct Published<S> {
    /// The revision.
    pub rev: Rev,
    /// The state.
    pub state: S,
}

/// The job asks for nothing to be kept of it: its effects are undone, and it is answered all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// A unit of work on the state: a request that writes.
pub trait Job<S: State>: Send {
    /// Reads the state and writes through `tx`. May be run again on a newer state, so it must depend on nothing
    /// else. After `Err(Refused)` or a panic the state is as before the job, and its events are dropped.
    fn run(&mut self, tx: &mut Transaction<'_, S>) -> Result<(), Refused>;

    /// The end of the job, whether it was kept or refused: `Ok` with the revision at which its last run is true
    /// and durable. Called on the writer thread: must not block, nor ask the committer anything but to submit.
    fn done(self: Box<Self>, result: Result<Rev, CommitError>);
}

/// Why nothing of a job was kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// The log did not take the batch; with [`LogError::Unknown`] it may have been taken all the same.
    #[error(transparent)]
    Log(Arc<LogError>),
    /// The job panicked.
    #[error("the request failed unexpectedly")]
    Panicked,
    /// The job wrote more than a batch may hold.
    #[error("the request writes more than {limit} bytes")]
    TooLarge {
        /// The most bytes that one job may write.
        limit: usize,
    },
    /// Other writers were faster every time.
    #[error("too many writers compete for the store")]
    Contended,
    /// A batch holds a row that the state cannot take in.
    #[error("revision {rev} cannot be applied: {source}")]
    Apply {
        /// The revision.
        rev: Rev,
        /// What the state said.
        source: ApplyError,
    },
}

impl From<LogError> for CommitError {
    fn from(error: LogError) -> Self {
        Self::Log(Arc::new(error))
    }
}

impl CommitError {
    /// Whether the job's effects may have been stored although it failed.
    pub fn may_have_happened(&self) -> bool {
        matches!(self, Self::Log(error) if matches!(**error, LogError::Unknown(_)))
    }
}

/// What a job sees and writes through. Its own writes are seen at once.
pub struct Transaction<'a, S> {
    pub(crate) state: &'a mut S,
    pub(crate) savepoint: Option<S>,
    pub(crate) writes: &'a mut Vec<Write>,
    pub(crate) events: &'a mut Vec<Arc<[u8]>>,
    pub(crate) bytes: usize,
    pub(crate) failed: Option<ApplyError>,
    pub(crate) rev: Rev,
    pub(crate) at: Timestamp,
}

impl<S: State> Transaction<'_, S> {
    /// The state with every effect so far, those of this job included.
    pub fn state(&self) -> &S {
        self.state
    }

    /// The revision that the job's effects get if they are kept.
    pub fn rev(&self) -> Rev {
        self.rev
    }

    /// The time of the batch; never before that of the batch before.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Writes a row. After a failure the job cannot be kept, whatever it answers.
    pub fn write(&mut self, write: Write) -> Result<(), ApplyError> {
        if self.savepoint.is_none() {
            self.savepoint = Some(self.state.clone());
        }
        if let Err(error) = self.state.apply(&write) {
            self.failed = Some(error.clone());
            return Err(error);
        }
        self.bytes += write.size();
        self.writes.push(write);
        Ok(())
    }

    /// Sets the row `key` to `value`.
    pub fn put(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> Result<(), ApplyError> {
        self.write(Write::put(key, value))
    }

    /// Deletes the row `key`.
    pub fn delete(&mut self, key: impl Into<Key>) -> Result<(), ApplyError> {
        self.write(Write::delete(key))
    }

    /// Adds an audit event to the batch: JSON text, atomic with the writes.
    pub fn event(&mut self, json: impl Into<Arc<[u8]>>) {
        let json = json.into();
        self.bytes += json.len() + 6;
        self.events.push(json);
    }
}
