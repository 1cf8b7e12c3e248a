//! Work for the store's writer thread.

use directory::{Directory, Realm, Tx};
use std::sync::mpsc::{SyncSender, sync_channel};
use store::{CommitError, Job, Refused, Rev, Transaction};

/// A write of the server itself, waited for: first start, key rotation, gathered uses.
struct Chore<F> {
    work: F,
    done: SyncSender<Result<Rev, CommitError>>,
}

impl<F: FnMut(&mut Tx<'_>) + Send> Job<Realm> for Chore<F> {
    fn run(&mut self, tx: &mut Transaction<'_, Realm>) -> Result<(), Refused> {
        (self.work)(&mut Tx::new(tx));
        Ok(())
    }

    fn done(self: Box<Self>, result: Result<Rev, CommitError>) {
        // Nobody waits any more only if the waiting thread is gone.
        let _ = self.done.send(result);
    }
}

/// Why a chore was not done.
#[derive(Debug, thiserror::Error)]
pub enum ChoreError {
    /// The store does not take writes now.
    #[error("the store does not take writes: {0}")]
    Rejected(store::Why),
    /// The store could not keep it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The writer thread ended.
    #[error("the store's writer has ended")]
    Gone,
}

/// Runs `work` in a transaction and waits until it is durable.
pub fn write_and_wait(
    directory: &Directory,
    work: impl FnMut(&mut Tx<'_>) + Send + 'static,
) -> Result<Rev, ChoreError> {
    let (done, answer) = sync_channel(1);
    directory
        .submit(Box::new(Chore { work, done }))
        .map_err(|rejected| ChoreError::Rejected(rejected.why))?;
    Ok(answer.recv().map_err(|_| ChoreError::Gone)??)
}
