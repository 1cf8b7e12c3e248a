//! A log in memory: for tests and for trying the product out. Clones share one log, as several nodes would.

use crate::batch::{Batch, Key, Rev, Value, Write};
use crate::log::{Appended, Checkpoint, Head, Log, LogError, Marks};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A log in memory. What is lost with the process is lost.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    batches: VecDeque<Batch>,
    image: BTreeMap<Key, Value>,
    marks: Marks,
}

impl Inner {
    fn head(&self) -> Rev {
        Rev(self.marks.base.rev.0 + self.batches.len() as u64)
    }

    fn save(&mut self, head: Head, changes: &mut dyn Iterator<Item = Write>) {
        if head.rev < self.marks.image.rev {
            return;
        }
        for Write { key, value } in changes {
            match value {
                Some(value) => self.image.insert(key, value),
                None => self.image.remove(&key),
            };
        }
        self.marks.image = head;
        let keep_after = head.rev.min(self.marks.shipped);
        while self.marks.base.rev < keep_after
            && let Some(batch) = self.batches.pop_front()
        {
            self.marks.base = Head { rev: self.marks.base.rev.next(), hash: batch.hash() };
        }
    }
}

impl Memory {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Memory {
    fn head(&mut self) -> Result<Rev, LogError> {
        Ok(self.inner().head())
    }

    fn append(&mut self, after: Rev, batch: &Batch) -> Result<Appended, LogError> {
        let mut inner = self.inner();
        if inner.head() != after {
            return Ok(Appended::Conflict);
        }
        inner.batches.push_back(batch.clone());
        Ok(Appended::Committed)
    }

    fn read(&mut self, after: Rev, limit: usize) -> Result<Vec<(Rev, Batch)>, LogError> {
        let inner = self.inner();
        let base = inner.marks.base.rev;
        if after < base {
            return Err(LogError::Truncated { base });
        }
        let skipped = usize::try_from(after.0 - base.0).unwrap_or(usize::MAX);
        let revs = (after.0 + 1..).map(Rev);
        Ok(revs.zip(inner.batches.iter().skip(skipped).take(limit).cloned()).collect())
    }

    fn checkpoint(&mut self, op: Checkpoint<'_>) -> Result<Marks, LogError> {
        let mut inner = self.inner();
        match op {
            Checkpoint::Load(visit) => {
                for (key, value) in &inner.image {
                    visit(Write { key: key.clone(), value: Some(value.clone()) });
                }
            }
            Checkpoint::Save { head, changes } => inner.save(head, changes),
            Checkpoint::Shipped(rev) => inner.marks.shipped = inner.marks.shipped.max(rev),
            Checkpoint::Marks => {}
        }
        Ok(inner.marks)
    }
}
