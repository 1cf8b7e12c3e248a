//! Several nodes on one log that loses answers, delays appends and refuses: no acknowledged write is lost or
//! doubled, no refusal is wrong, all nodes end with the same state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod rows;

use bailiwick_store as store;
use rows::{Rows, Seeded, Ticks, create, job};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store::{Appended, Batch, Checkpoint, CommitError, Engine, Log, LogError, Marks, Memory, Refused, Rev};

type Delayed = Arc<Mutex<Vec<(Rev, Batch)>>>;

/// A log behind a bad network.
struct Faulty {
    log: Memory,
    chance: Arc<Seeded>,
    delayed: Delayed,
}

impl Faulty {
    /// Appends that were on their way may arrive now.
    fn arrive(&mut self) {
        let mut delayed = self.delayed.lock().unwrap();
        while !delayed.is_empty() && self.chance.below(3) == 0 {
            let place = self.chance.below(delayed.len() as u64) as usize;
            let (after, batch) = delayed.remove(place);
            let _ = self.log.append(after, &batch);
        }
    }
}

impl Log for Faulty {
    fn head(&mut self) -> Result<Rev, LogError> {
        self.arrive();
        if self.chance.below(20) == 0 {
            return Err(LogError::Unavailable("away".to_owned()));
        }
        self.log.head()
    }

    fn append(&mut self, after: Rev, batch: &Batch) -> Result<Appended, LogError> {
        self.arrive();
        let unknown = || LogError::Unknown("no answer".to_owned());
        match self.chance.below(10) {
            0 => Err(unknown()),
            1 => {
                let _ = self.log.append(after, batch);
                Err(unknown())
            }
            2 => {
                self.delayed.lock().unwrap().push((after, batch.clone()));
                Err(unknown())
            }
            3 => Err(LogError::Full),
            _ => self.log.append(after, batch),
        }
    }

    fn read(&mut self, after: Rev, limit: usize) -> Result<Vec<(Rev, Batch)>, LogError> {
        self.arrive();
        if self.chance.below(10) == 0 {
            return Err(LogError::Unavailable("away".to_owned()));
        }
        self.log.read(after, limit)
    }

    fn checkpoint(&mut self, op: Checkpoint<'_>) -> Result<Marks, LogError> {
        self.log.checkpoint(op)
    }
}

/// How often each job's event stands in the log.
fn events(log: &Memory) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (_, batch) in log.clone().read(Rev::ZERO, usize::MAX).unwrap() {
        for event in batch.events {
            *counts.entry(String::from_utf8_lossy(&event).into_owned()).or_default() += 1;
        }
    }
    counts
}

fn truth(log: &Memory) -> Rows {
    engine(Box::new(log.clone()), 0).state().clone()
}

fn engine(log: Box<dyn Log>, seed: u64) -> Engine<Rows> {
    Engine::load(log, Rows::default(), Arc::new(Ticks::default()), Arc::new(Seeded::new(seed))).unwrap()
}

fn node(log: &Memory, chance: &Arc<Seeded>, delayed: &Delayed, seed: u64) -> Engine<Rows> {
    loop {
        let faulty = Faulty { log: log.clone(), chance: chance.clone(), delayed: delayed.clone() };
        let (clock, entropy) = (Arc::new(Ticks::default()), Arc::new(Seeded::new(seed)));
        if let Ok(engine) = Engine::load(Box::new(faulty), Rows::default(), clock, entropy) {
            return engine;
        }
    }
}

fn simulate(seed: u64) {
    let (log, chance, delayed) = (Memory::new(), Arc::new(Seeded::new(seed)), Delayed::default());
    let mut nodes: Vec<_> = (0..3).map(|n| node(&log, &chance, &delayed, seed * 1000 + n)).collect();
    let (mut kept, mut failed, mut doubtful) = (Vec::new(), Vec::new(), Vec::new());
    for step in 0..60 {
        let place = chance.below(3) as usize;
        if chance.below(25) == 0 {
            nodes[place] = node(&log, &chance, &delayed, seed * 1000 + 100 + step);
        }
        let (mut jobs, mut answers) = (Vec::new(), Vec::new());
        for part in 0..=chance.below(3) {
            let name = format!("n{}", chance.below(12));
            let event = format!("{step}-{part}");
            let (creates, told) = (chance.below(3) > 0, event.clone());
            let wanted = name.clone();
            let (one, answer) = job(move |tx| {
                if tx.state().get(&wanted).is_some() == creates {
                    return Err(Refused);
                }
                tx.event(told.as_bytes());
                let written =
                    if creates { tx.put(wanted.as_bytes(), *b"x") } else { tx.delete(wanted.as_bytes()) };
                written.map_err(|_| Refused)
            });
            jobs.push(one);
            answers.push((name, event, creates, answer));
        }
        let results = nodes[place].run(&mut jobs);
        assert_eq!(results.len(), jobs.len());
        for (one, result) in jobs.into_iter().zip(results) {
            one.done(result);
        }
        let only = answers.len() == 1;
        for (name, event, creates, answer) in answers {
            match answer.recv().unwrap() {
                (Ok(()), Ok(_)) => kept.push(event),
                (Err(Refused), Ok(rev)) => {
                    assert!(rev <= log.clone().head().unwrap());
                    // Alone in its group, a refusal must agree with the log itself.
                    let agrees = truth(&log).get(&name).is_some() == creates;
                    assert!(agrees || !only, "seed {seed}: {name}");
                    failed.push(event);
                }
                (_, Err(error)) if error.may_have_happened() => doubtful.push(event),
                (_, Err(CommitError::Log(_))) => failed.push(event),
                (_, Err(error)) => panic!("seed {seed}: {error}"),
            }
        }
    }
    let counts = events(&log);
    let count = |event: &String| counts.get(event).copied().unwrap_or(0);
    assert!(
        kept.iter().all(|event| count(event) == 1),
        "seed {seed}: an acknowledged write is lost or doubled"
    );
    assert!(failed.iter().all(|event| count(event) == 0), "seed {seed}: a failed write happened");
    assert!(doubtful.iter().all(|event| count(event) <= 1), "seed {seed}: a write is doubled");
    let expected = truth(&log);
    for mut node in nodes {
        while node.catch_up().is_err() || node.rev() < log.clone().head().unwrap() {}
        assert_eq!(*node.state(), expected, "seed {seed}");
    }
}

#[test]
fn a_bad_network_loses_and_doubles_nothing() {
    for seed in 0..400 {
        simulate(seed);
    }
}

#[test]
fn an_append_without_answer_is_found_by_its_id() {
    /// Stores, then says that it does not know.
    struct Mute(Memory);
    impl Log for Mute {
        fn head(&mut self) -> Result<Rev, LogError> {
            self.0.head()
        }
        fn append(&mut self, after: Rev, batch: &Batch) -> Result<Appended, LogError> {
            let _ = self.0.append(after, batch);
            Err(LogError::Unknown("no answer".to_owned()))
        }
        fn read(&mut self, after: Rev, limit: usize) -> Result<Vec<(Rev, Batch)>, LogError> {
            self.0.read(after, limit)
        }
        fn checkpoint(&mut self, op: Checkpoint<'_>) -> Result<Marks, LogError> {
            self.0.checkpoint(op)
        }
    }
    let log = Memory::new();
    let mut engine = engine(Box::new(Mute(log.clone())), 1);
    let (one, _answer) = create("a");
    assert!(matches!(engine.run(&mut [one])[..], [Ok(Rev(1))]));
    assert_eq!(log.clone().head(), Ok(Rev(1)));
}

#[test]
fn a_stale_refusal_is_confirmed_at_the_head() {
    let log = Memory::new();
    let (mut here, mut there) = (engine(Box::new(log.clone()), 1), engine(Box::new(log.clone()), 2));
    let (one, _a) = create("a");
    here.run(&mut [one]);
    let (delete, _b) = job(|tx| tx.delete(*b"a").map_err(|_| Refused));
    there.run(&mut [delete]);
    // This node has not heard of the deletion: its refusal must not stand.
    let (again, answer) = create("a");
    let mut jobs = [again];
    assert!(matches!(here.run(&mut jobs)[..], [Ok(Rev(3))]));
    let [again] = jobs;
    again.done(Ok(Rev(3)));
    assert!(matches!(answer.recv(), Ok((Ok(()), Ok(Rev(3))))));
}

#[test]
fn a_changed_history_is_noticed() {
    let log = Memory::new();
    let mut engine_ = engine(Box::new(log.clone()), 1);
    for name in ["a", "b", "c"] {
        let (one, _answer) = create(name);
        engine_.run(&mut [one]);
    }
    let batches = log.clone().read(Rev::ZERO, 10).unwrap();
    let load = |batches: Vec<Batch>| {
        let mut forged = Memory::new();
        for (after, batch) in batches.iter().enumerate() {
            forged.append(Rev(after as u64), batch).unwrap();
        }
        let loaded = Engine::load(
            Box::new(forged),
            Rows::default(),
            Arc::new(Ticks::default()),
            Arc::new(Seeded::new(1)),
        );
        loaded.map(|_| ()).map_err(|error| error.to_string())
    };
    let whole: Vec<Batch> = batches.into_iter().map(|(_, batch)| batch).collect();
    assert_eq!(load(whole.clone()), Ok(()));
    let mut changed = whole.clone();
    changed[1].events.clear();
    assert!(load(changed).unwrap_err().contains("broken at revision 3"));
    let mut removed = whole.clone();
    removed.remove(1);
    assert!(load(removed).unwrap_err().contains("broken at revision 2"));
    let mut swapped = whole;
    swapped.swap(0, 1);
    assert!(load(swapped).unwrap_err().contains("broken at revision 1"));
}
