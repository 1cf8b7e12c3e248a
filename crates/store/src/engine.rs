//! The core of group commit, without threads: load, run a group of jobs, append once, catch up with others.

use crate::batch::{Batch, Key, Rev, Value, Write};
use crate::log::{Appended, Checkpoint, Head, Log, LogError, append_settled, verify_chain};
use crate::state::{ApplyError, CommitError, Job, State, Transaction};
use base::{Clock, Entropy, Timestamp};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The most bytes that one job may write.
pub const MAX_JOB_BYTES: usize = 32 << 20;
/// A group is closed when its batch has grown to this many bytes.
const MAX_GROUP_BYTES: usize = 4 << 20;
/// Batches read at once while catching up.
const READ_BATCHES: usize = 256;
/// Runs of a group against other writers before it is given up.
const MAX_RUNS: usize = 64;

/// A batch that became part of the state, ours or another writer's.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its revision.
    pub rev: Rev,
    /// Its content.
    pub batch: Arc<Batch>,
}

/// Why a log could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log could not be read, or its chain is broken.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A row of the image cannot be taken in.
    #[error("a row of the image at revision {rev} cannot be read: {source}")]
    Image {
        /// Where the image stands.
        rev: Rev,
        /// What the state said.
        source: ApplyError,
    },
    /// A row of a batch cannot be taken in.
    #[error("revision {rev} cannot be applied: {source}")]
    Batch {
        /// The revision.
        rev: Rev,
        /// What the state said.
        source: ApplyError,
    },
}

/// What became of a job in the last run of its group.
type Outcome = Result<(), CommitError>;

/// A log, and the state at the last revision seen.
pub struct Engine<S> {
    log: Box<dyn Log>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    state: S,
    head: Head,
    at: Timestamp,
    image: Head,
    changes: BTreeMap<Key, Option<Value>>,
    change_bytes: usize,
    news: Vec<Commit>,
}

impl<S: State> Engine<S> {
    /// Loads the image and replays the log on `state`; checks the whole chain of hashes that is kept.
    pub fn load(
        mut log: Box<dyn Log>,
        mut state: S,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, LoadError> {
        let mut failed = None;
        let marks = log.checkpoint(Checkpoint::Load(&mut |write| {
            if failed.is_none()
                && let Err(source) = state.apply(&write)
            {
                failed = Some(source);
            }
        }))?;
        if let Some(source) = failed {
            return Err(LoadError::Image { rev: marks.image.rev, source });
        }
        let mut engine = Self {
            log,
            clock,
            entropy,
            state,
            head: marks.base,
            at: Timestamp::default(),
            image: marks.image,
            changes: BTreeMap::new(),
            change_bytes: 0,
            news: Vec::new(),
        };
        engine.replay()?;
        Ok(engine)
    }

    fn replay(&mut self) -> Result<(), LoadError> {
        // The log begins at the image or before it; where both stand at one place they stand on one batch.
        if self.head.rev > self.image.rev || (self.head.rev == self.image.rev && self.head != self.image) {
            return Err(LogError::Broken(self.head.rev).into());
        }
        loop {
            let batches = self.log.read(self.head.rev, READ_BATCHES)?;
            if batches.is_empty() {
                break;
            }
            for found in batches {
                let head = verify_chain(self.head, std::slice::from_ref(&found))?;
                let (rev, batch) = found;
                if rev == self.image.rev && head.hash != self.image.hash {
                    return Err(LogError::Broken(rev).into());
                }
                if rev > self.image.rev {
                    apply_all(&mut self.state, &batch.writes)
                        .map_err(|source| LoadError::Batch { rev, source })?;
                    self.remember(&batch.writes);
                }
                self.at = self.at.max(batch.at);
                self.head = head;
            }
        }
        // The image holds effects of batches that the log must still have.
        if self.head.rev < self.image.rev {
            return Err(LogError::Broken(self.image.rev).into());
        }
        Ok(())
    }

    /// The state at [`Self::rev`].
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The last revision seen.
    pub fn rev(&self) -> Rev {
        self.head.rev
    }

    /// Batches that became part of the state since this was last called.
    pub fn take_news(&mut self) -> Vec<Commit> {
        std::mem::take(&mut self.news)
    }

    /// Runs jobs in order as one group and appends what they wrote as one batch. Jobs beyond the size of a batch
    /// are left for the next call: the results are those of the first jobs.
    ///
    /// A refusal counts only at the head of the log, so that a group without effects asks for it.
    pub fn run(&mut self, jobs: &mut [Box<dyn Job<S>>]) -> Vec<Result<Rev, CommitError>> {
        for _ in 0..MAX_RUNS {
            let (state, batch, outcomes) = self.try_run(jobs);
            let ended = if batch.writes.is_empty() && batch.events.is_empty() {
                self.confirm_head()
            } else {
                self.append(state, batch)
            };
            match ended {
                Ok(true) => {
                    return outcomes.into_iter().map(|outcome| outcome.map(|()| self.head.rev)).collect();
                }
                Ok(false) => {}
                Err(error) => return outcomes.iter().map(|_| Err(error.clone())).collect(),
            }
            if let Err(error) = self.catch_up() {
                return outcomes.iter().map(|_| Err(error.clone())).collect();
            }
        }
        jobs.iter().map(|_| Err(CommitError::Contended)).collect()
    }

    fn try_run(&mut self, jobs: &mut [Box<dyn Job<S>>]) -> (S, Batch, Vec<Outcome>) {
        let mut state = self.state.clone();
        let mut batch = Batch {
            id: [0; 16],
            prev_hash: self.head.hash,
            at: self.clock.now().max(self.at),
            writes: Vec::new(),
            events: Vec::new(),
        };
        let (mut outcomes, mut bytes) = (Vec::with_capacity(jobs.len()), 0);
        for job in jobs {
            if bytes >= MAX_GROUP_BYTES {
                break;
            }
            outcomes.push(run_one(job.as_mut(), &mut state, &mut batch, self.head.rev.next(), &mut bytes));
        }
        self.entropy.fill(&mut batch.id);
        (state, batch, outcomes)
    }

    fn confirm_head(&mut self) -> Result<bool, CommitError> {
        Ok(self.log.head()? == self.head.rev)
    }

    fn append(&mut self, state: S, batch: Batch) -> Result<bool, CommitError> {
        match append_settled(self.log.as_mut(), self.head.rev, &batch)? {
            Appended::Conflict => Ok(false),
            Appended::Committed => {
                let head = Head { rev: self.head.rev.next(), hash: batch.hash() };
                self.accept(head, state, batch);
                Ok(true)
            }
        }
    }

    fn accept(&mut self, head: Head, state: S, batch: Batch) {
        self.head = head;
        self.at = self.at.max(batch.at);
        self.state = state;
        self.remember(&batch.writes);
        self.news.push(Commit { rev: head.rev, batch: Arc::new(batch) });
    }

    fn remember(&mut self, writes: &[Write]) {
        for write in writes {
            self.change_bytes += write.size();
            self.changes.insert(write.key.clone(), write.value.clone());
        }
    }

    /// Takes in what other writers appended.
    pub fn catch_up(&mut self) -> Result<(), CommitError> {
        loop {
            let batches = self.log.read(self.head.rev, READ_BATCHES)?;
            if batches.is_empty() {
                return Ok(());
            }
            for (rev, batch) in batches {
                let found = (rev, batch);
                let head = verify_chain(self.head, std::slice::from_ref(&found))?;
                let (rev, batch) = found;
                let mut state = self.state.clone();
                apply_all(&mut state, &batch.writes).map_err(|source| CommitError::Apply { rev, source })?;
                self.accept(head, state, batch);
            }
        }
    }

    /// Bytes written since the last image, and revisions since then.
    pub fn since_image(&self) -> (usize, u64) {
        (self.change_bytes, self.head.rev.0.saturating_sub(self.image.rev.0))
    }

    /// Saves the image at the present revision and truncates what is no longer needed of the log.
    pub fn save_image(&mut self) -> Result<(), LogError> {
        let changes = self.changes.iter();
        let mut rows = changes.map(|(key, value)| Write { key: key.clone(), value: value.clone() });
        let marks = self.log.checkpoint(Checkpoint::Save { head: self.head, changes: &mut rows })?;
        self.image = marks.image;
        self.changes.clear();
        self.change_bytes = 0;
        Ok(())
    }

    /// At most `limit` batches whose audit events have not reached their files, oldest first.
    pub fn unshipped(&mut self, limit: usize) -> Result<Vec<(Rev, Batch)>, LogError> {
        let marks = self.log.checkpoint(Checkpoint::Marks)?;
        self.log.read(marks.shipped.max(marks.base.rev), limit)
    }

    /// Says that audit events up to `rev` have reached their files.
    pub fn mark_shipped(&mut self, rev: Rev) -> Result<(), LogError> {
        self.log.checkpoint(Checkpoint::Shipped(rev.min(self.head.rev))).map(|_| ())
    }
}

fn apply_all<S: State>(state: &mut S, writes: &[Write]) -> Result<(), ApplyError> {
    writes.iter().try_for_each(|write| state.apply(write))
}

/// Runs one job; unless it is kept, state and batch are as before.
fn run_one<S: State>(
    job: &mut dyn Job<S>,
    state: &mut S,
    batch: &mut Batch,
    rev: Rev,
    bytes: &mut usize,
) -> Outcome {
    let kept = (batch.writes.len(), batch.events.len());
    let mut tx = Transaction {
        state: &mut *state,
        savepoint: None,
        writes: &mut batch.writes,
        events: &mut batch.events,
        bytes: 0,
        failed: None,
        rev,
        at: batch.at,
    };
    // Whatever the job left half done is thrown away with the savepoint.
    let ended = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
    let Transaction { bytes: written, savepoint, failed, .. } = tx;
    let outcome = match ended {
        Ok(Ok(())) if let Some(source) = failed => Err(CommitError::Apply { rev, source }),
        Ok(Ok(())) if written <= MAX_JOB_BYTES => {
            *bytes += written;
            return Ok(());
        }
        Ok(Ok(())) => Err(CommitError::TooLarge { limit: MAX_JOB_BYTES }),
        Ok(Err(_)) => Ok(()),
        Err(_) => Err(CommitError::Panicked),
    };
    if let Some(before) = savepoint {
        *state = before;
    }
    batch.writes.truncate(kept.0);
    batch.events.truncate(kept.1);
    outcome
}
