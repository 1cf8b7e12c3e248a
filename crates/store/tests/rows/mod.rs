//! What the tests share: a plain state, a clock, randomness from a seed, and jobs made of closures.

use bailiwick_store as store;
use base::{Clock, Entropy, Timestamp};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use store::{ApplyError, CommitError, Job, Key, Refused, Rev, State, Transaction, Value, Write};

/// Rows by key.
#[derive(Clone, Default, Debug, PartialEq)]
pub struct Rows(pub Arc<BTreeMap<Key, Value>>);

impl Rows {
    pub fn get(&self, key: &str) -> Option<String> {
        self.0.get(key.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    pub fn number(&self, key: &str) -> u64 {
        self.get(key).map_or(0, |text| text.parse().unwrap())
    }
}

impl State for Rows {
    fn apply(&mut self, write: &Write) -> Result<(), ApplyError> {
        let rows = Arc::make_mut(&mut self.0);
        match &write.value {
            Some(value) if **value == *b"unreadable" => {
                return Err(ApplyError("an unreadable row".to_owned()));
            }
            Some(value) => rows.insert(write.key.clone(), value.clone()),
            None => rows.remove(&write.key),
        };
        Ok(())
    }
}

/// A clock that moves by a millisecond at every look.
#[derive(Default)]
pub struct Ticks(AtomicU64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed).cast_signed())
    }
}

/// Random numbers from a seed (splitmix64).
pub struct Seeded(AtomicU64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub fn next(&self) -> u64 {
        let mut z =
            self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&self, limit: u64) -> u64 {
        self.next() % limit
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// What a job's caller hears: whether it was kept, and the answer.
pub type Answer = (Result<(), Refused>, Result<Rev, CommitError>);

type Run = Box<dyn FnMut(&mut Transaction<'_, Rows>) -> Result<(), Refused> + Send>;

struct Told {
    run: Run,
    last: Result<(), Refused>,
    answers: Sender<Answer>,
}

impl Job<Rows> for Told {
    fn run(&mut self, tx: &mut Transaction<'_, Rows>) -> Result<(), Refused> {
        self.last = (self.run)(tx);
        self.last
    }

    fn done(self: Box<Self>, result: Result<Rev, CommitError>) {
        let _ = self.answers.send((self.last, result));
    }
}

/// A job from a closure, and where its answer arrives.
pub fn job(
    run: impl FnMut(&mut Transaction<'_, Rows>) -> Result<(), Refused> + Send + 'static,
) -> (Box<dyn Job<Rows>>, Receiver<Answer>) {
    let (answers, answer) = channel();
    (Box::new(Told { run: Box::new(run), last: Ok(()), answers }), answer)
}

/// Creates a row; refused if it is there.
pub fn create(key: &str) -> (Box<dyn Job<Rows>>, Receiver<Answer>) {
    let key = key.to_owned();
    job(move |tx| {
        if tx.state().get(&key).is_some() {
            return Err(Refused);
        }
        tx.event(key.as_bytes());
        tx.put(key.as_bytes(), *b"there").map_err(|_| Refused)
    })
}

/// A log whose appends can be held up, and counted.
#[derive(Clone)]
pub struct Gate {
    pub log: store::Memory,
    pub appends: Arc<AtomicU64>,
    pub closed: Arc<Mutex<()>>,
    pub failing: Arc<Mutex<Option<store::LogError>>>,
}

impl Gate {
    pub fn new() -> Self {
        Self {
            log: store::Memory::new(),
            appends: Arc::default(),
            closed: Arc::default(),
            failing: Arc::default(),
        }
    }
}

impl store::Log for Gate {
    fn head(&mut self) -> Result<Rev, store::LogError> {
        self.log.head()
    }

    fn append(&mut self, after: Rev, batch: &store::Batch) -> Result<store::Appended, store::LogError> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        let _open = self.closed.lock().unwrap();
        if let Some(error) = self.failing.lock().unwrap().clone() {
            return Err(error);
        }
        self.log.append(after, batch)
    }

    fn read(&mut self, after: Rev, limit: usize) -> Result<Vec<(Rev, store::Batch)>, store::LogError> {
        self.log.read(after, limit)
    }

    fn checkpoint(&mut self, op: store::Checkpoint<'_>) -> Result<store::Marks, store::LogError> {
        self.log.checkpoint(op)
    }
}
