//! What a backend is: a totally ordered, append-only log of batches with one checkpoint.

use crate::batch::{Batch, DecodeError, Hash, Rev, Write};

/// A place in the log together with the hash of the batch there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The revision.
    pub rev: Rev,
    /// The hash of its batch; zeros at revision 0.
    pub hash: Hash,
}

/// How an append that was answered ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The batch is durable at the revision after the one named.
    Committed,
    /// Another batch stands there; nothing was appended.
    Conflict,
}

/// Where the log and its image stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// The last batch that was truncated away; the log holds those after it.
    pub base: Head,
    /// The batch up to which the image holds every effect.
    pub image: Head,
    /// The batch up to which audit events have reached their files; nothing after it is truncated.
    pub shipped: Rev,
}

/// What to do with the image of the state.
pub enum Checkpoint<'a> {
    /// Hands every row of the image to the visitor.
    Load(&'a mut dyn FnMut(Write)),
    /// Saves rows that changed since the last image, which then stands at `head`; truncates the log up to the
    /// image or the shipped mark, whichever is earlier. An image never goes backwards.
    Save {
        /// Where the image stands afterwards.
        head: Head,
        /// The last value of every row that changed.
        changes: &'a mut dyn Iterator<Item = Write>,
    },
    /// Says that audit events up to this revision have reached their files. The mark never goes backwards.
    Shipped(Rev),
    /// Only asks for the marks.
    Marks,
}

/// Why a log did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The append may or may not have happened; [`append_settled`] finds out.
    #[error("it is not known whether the write was stored: {0}")]
    Unknown(String),
    /// Nothing happened, and the same may work later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Nothing happened: no space is left.
    #[error("no space is left for the store")]
    Full,
    /// The backend's own structure is damaged.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The batch at this revision does not carry the hash of the one before.
    #[error("the chain of hashes is broken at revision {0}: batches were changed, removed or reordered")]
    Broken(Rev),
    /// The bytes at this revision are no batch.
    #[error("revision {rev} cannot be read: {source}")]
    Undecodable {
        /// The revision.
        rev: Rev,
        /// What is wrong with the bytes.
        source: DecodeError,
    },
    /// What was asked for lies before the first batch that is kept.
    #[error("the log starts after revision {base}")]
    Truncated {
        /// The last batch that was truncated away.
        base: Rev,
    },
}

/// A totally ordered, append-only log of batches. Everything else is built on these four.
///
/// Backends are judged by [`crate::conformance::check`].
pub trait Log: Send {
    /// The last revision; linearizable with the appends of every writer.
    fn head(&mut self) -> Result<Rev, LogError>;

    /// Appends `batch` at the revision after `after` if that place is free and `after` is the head; durable when
    /// it returns `Committed`.
    fn append(&mut self, after: Rev, batch: &Batch) -> Result<Appended, LogError>;

    /// At most `limit` batches after `after`, in order, without gaps.
    fn read(&mut self, after: Rev, limit: usize) -> Result<Vec<(Rev, Batch)>, LogError>;

    /// Loads or saves the image of the state, and keeps the marks.
    fn checkpoint(&mut self, op: Checkpoint<'_>) -> Result<Marks, LogError>;
}

/// Attempts of [`append_settled`] before it gives up.
const ATTEMPTS: usize = 5;

/// Appends, and settles an append of unknown fate by looking for the batch's id.
///
/// If the place is still free the append is tried again, since the first try may yet arrive: whichever comes
/// second finds the place taken by the same id. Gives up with [`LogError::Unknown`] after a few attempts; the
/// next append of the same writer then finds out through a conflict.
pub fn append_settled(log: &mut dyn Log, after: Rev, batch: &Batch) -> Result<Appended, LogError> {
    let mut doubt = None;
    for _ in 0..ATTEMPTS {
        match log.append(after, batch) {
            Ok(Appended::Committed) => return Ok(Appended::Committed),
            Ok(Appended::Conflict) if doubt.is_none() => return Ok(Appended::Conflict),
            // A failure that changed nothing does not lift the doubt about an earlier attempt.
            Err(error) if doubt.is_none() && !matches!(error, LogError::Unknown(_)) => return Err(error),
            Ok(Appended::Conflict) => {}
            Err(error) => doubt = doubt.or(Some(error)),
        }
        if let Ok(found) = log.read(after, 1)
            && let Some((_, there)) = found.first()
        {
            let ours = there.id == batch.id;
            return Ok(if ours { Appended::Committed } else { Appended::Conflict });
        }
    }
    Err(doubt.unwrap_or_else(|| LogError::Unknown("the store does not answer".to_owned())))
}

/// Checks that `batches` follow `from` one after the other, revisions and hashes both; yields the last place.
pub fn verify_chain(from: Head, batches: &[(Rev, Batch)]) -> Result<Head, LogError> {
    let mut head = from;
    for (rev, batch) in batches {
        if *rev != head.rev.next() || batch.prev_hash != head.hash {
            return Err(LogError::Broken(*rev));
        }
        head = Head { rev: *rev, hash: batch.hash() };
    }
    Ok(head)
}
