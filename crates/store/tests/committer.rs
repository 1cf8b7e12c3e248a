#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
mod rows;

use bailiwick_store as store;
use rows::{Gate, Rows, Seeded, Ticks, create, job};
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use store::{Appended, CommitError, Committer, Config, Log, LogError, Memory, Refused, Rev, StartError, Why};

fn start(log: Box<dyn Log>, config: Config) -> Committer<Rows> {
    try_start(log, config).unwrap()
}

fn try_start(log: Box<dyn Log>, config: Config) -> Result<Committer<Rows>, StartError> {
    Committer::start(log, Rows::default(), config, Arc::new(Ticks::default()), Arc::new(Seeded::new(7)))
}

#[test]
fn jobs_that_wait_are_stored_together() {
    let gate = Gate::new();
    let committer = start(Box::new(gate.clone()), Config::default());
    let closed = gate.closed.lock().unwrap();
    let mut answers = Vec::new();
    for number in 0..100 {
        let (one, answer) = create(&format!("k{number}"));
        committer.submit(one).unwrap();
        answers.push(answer);
        while number == 0 && gate.appends.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
    }
    assert_eq!(committer.snapshot().rev, Rev::ZERO);
    drop(closed);
    let revs: Vec<Rev> = answers.iter().map(|answer| answer.recv().unwrap().1.unwrap()).collect();
    assert_eq!(gate.appends.load(Ordering::SeqCst), 2);
    assert_eq!((revs[0], revs[1], revs[99]), (Rev(1), Rev(2), Rev(2)));
    assert_eq!(committer.snapshot().state.0.len(), 100);
}

#[test]
fn a_refusal_leaves_no_trace_and_appends_nothing() {
    let gate = Gate::new();
    let committer = start(Box::new(gate.clone()), Config::default());
    let (one, answer) = job(|tx| {
        tx.put(*b"half", *b"done").unwrap();
        tx.event(*b"event");
        assert_eq!(tx.state().get("half").as_deref(), Some("done"));
        Err(Refused)
    });
    committer.submit(one).unwrap();
    assert!(matches!(answer.recv().unwrap(), (Err(Refused), Ok(Rev(0)))));
    assert_eq!(gate.appends.load(Ordering::SeqCst), 0);
    assert!(committer.snapshot().state.0.is_empty());
}

#[test]
fn a_refusal_falls_with_the_effect_it_rests_on() {
    let gate = Gate::new();
    let committer = start(Box::new(gate.clone()), Config::default());
    let closed = gate.closed.lock().unwrap();
    let (first, first_answer) = create("unrelated");
    committer.submit(first).unwrap();
    while gate.appends.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let (creates, created) = create("a");
    let (creates_again, refused) = create("a");
    committer.submit(creates).unwrap();
    committer.submit(creates_again).unwrap();
    *gate.failing.lock().unwrap() = Some(LogError::Full);
    drop(closed);
    assert!(matches!(first_answer.recv().unwrap().1, Err(CommitError::Log(_))));
    assert!(matches!(created.recv().unwrap().1, Err(CommitError::Log(_))));
    assert!(matches!(refused.recv().unwrap(), (Err(Refused), Err(CommitError::Log(_)))));
    assert!(committer.snapshot().state.0.is_empty());
    *gate.failing.lock().unwrap() = None;
    let (again, answer) = create("a");
    committer.submit(again).unwrap();
    assert!(matches!(answer.recv().unwrap(), (Ok(()), Ok(Rev(1)))));
}

#[test]
fn a_panic_fails_its_own_job_only() {
    let committer = start(Box::new(Memory::new()), Config::default());
    let (bad, bad_answer) = job(|tx| {
        tx.put(*b"half", *b"done").unwrap();
        panic!("a defect");
    });
    let (good, good_answer) = create("a");
    committer.submit(bad).unwrap();
    committer.submit(good).unwrap();
    assert!(matches!(bad_answer.recv().unwrap().1, Err(CommitError::Panicked)));
    assert!(good_answer.recv().unwrap().1.is_ok());
    assert_eq!(committer.snapshot().state.get("half"), None);
}

#[test]
fn a_row_that_the_state_refuses_fails_the_job_even_if_it_does_not_care() {
    let committer = start(Box::new(Memory::new()), Config::default());
    let (bad, answer) = job(|tx| {
        tx.put(*b"a", *b"b").unwrap();
        let _ = tx.put(*b"a", *b"unreadable");
        Ok(())
    });
    committer.submit(bad).unwrap();
    assert!(matches!(answer.recv().unwrap().1, Err(CommitError::Apply { rev: Rev(1), .. })));
    assert_eq!(committer.snapshot().rev, Rev::ZERO);
}

#[test]
fn a_giant_is_refused() {
    let committer = start(Box::new(Memory::new()), Config::default());
    let (bad, answer) = job(|tx| tx.put(*b"a", vec![0; 33 << 20]).map_err(|_| Refused));
    committer.submit(bad).unwrap();
    assert!(matches!(answer.recv().unwrap().1, Err(CommitError::TooLarge { .. })));
    assert!(committer.snapshot().state.0.is_empty());
}

#[test]
fn too_many_jobs_are_rejected_as_busy() {
    let gate = Gate::new();
    let committer = start(Box::new(gate.clone()), Config { queue: 3, ..Config::default() });
    let closed = gate.closed.lock().unwrap();
    let (first, _answer) = create("first");
    committer.submit(first).unwrap();
    while gate.appends.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let mut waiting = Vec::new();
    let rejected = loop {
        let (one, answer) = create(&format!("k{}", waiting.len()));
        match committer.submit(one) {
            Ok(()) => waiting.push(answer),
            Err(rejected) => break rejected,
        }
    };
    assert_eq!((rejected.why, waiting.len()), (Why::Busy, 3));
    drop(closed);
    assert!(waiting.iter().all(|answer| answer.recv().unwrap().1.is_ok()));
}

#[test]
fn two_writers_on_one_log_agree() {
    let log = Memory::new();
    let (here, there) =
        (start(Box::new(log.clone()), Config::default()), start(Box::new(log.clone()), Config::default()));
    let count = |committer: &Committer<Rows>| {
        let (one, answer) = job(|tx| {
            let next = tx.state().number("count") + 1;
            tx.put(*b"count", next.to_string().into_bytes()).map_err(|_| Refused)
        });
        committer.submit(one).unwrap();
        answer
    };
    let answers: Vec<_> = (0..100).flat_map(|_| [count(&here), count(&there)]).collect();
    assert!(answers.iter().all(|answer| answer.recv().unwrap().1.is_ok()));
    drop((here, there));
    assert_eq!(start(Box::new(log), Config::default()).snapshot().state.number("count"), 200);
}

#[test]
fn listeners_hear_of_every_batch_in_order() {
    let committer = start(Box::new(Memory::new()), Config::default());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    committer
        .subscribe(Box::new(move |commit| {
            ears.lock().unwrap().push((commit.rev, commit.batch.writes.len()));
        }))
        .unwrap();
    committer.subscribe(Box::new(|_| panic!("a bad listener"))).unwrap();
    for name in ["a", "b"] {
        let (one, answer) = create(name);
        committer.submit(one).unwrap();
        answer.recv().unwrap().1.unwrap();
    }
    assert_eq!(*heard.lock().unwrap(), [(Rev(1), 1), (Rev(2), 1)]);
}

#[test]
fn other_writers_are_followed_while_idle() {
    let log = Memory::new();
    let config = Config { follow_every: Some(std::time::Duration::from_millis(2)), ..Config::default() };
    let (here, there) = (start(Box::new(log.clone()), Config::default()), start(Box::new(log), config));
    let (sender, heard) = channel();
    there.subscribe(Box::new(move |commit| sender.send(commit.rev).unwrap())).unwrap();
    let (one, _answer) = create("a");
    here.submit(one).unwrap();
    assert_eq!(heard.recv(), Ok(Rev(1)));
    assert_eq!(there.snapshot().state.get("a").as_deref(), Some("there"));
}

#[test]
fn events_wait_in_the_outbox_until_they_are_shipped() {
    let log = Memory::new();
    let committer = start(Box::new(log.clone()), Config::default());
    for name in ["a", "b", "c"] {
        let (one, answer) = create(name);
        committer.submit(one).unwrap();
        answer.recv().unwrap().1.unwrap();
    }
    let outbox = committer.unshipped(2).unwrap();
    assert_eq!(outbox.len(), 2);
    assert_eq!((outbox[1].0, &*outbox[1].1[0]), (Rev(2), &b"b"[..]));
    committer.mark_shipped(Rev(2)).unwrap();
    assert_eq!(committer.save_image(), Ok(Rev(3)));
    // What was shipped and is in the image is gone; what was not shipped is still there.
    assert_eq!(log.clone().read(Rev(0), 1), Err(LogError::Truncated { base: Rev(2) }));
    assert_eq!(committer.unshipped(10).unwrap().len(), 1);
    committer.mark_shipped(Rev(3)).unwrap();
    assert!(committer.unshipped(10).unwrap().is_empty());
    committer.shutdown().unwrap();
    let again = start(Box::new(log), Config::default());
    assert_eq!((again.snapshot().rev, again.snapshot().state.0.len()), (Rev(3), 3));
}

#[test]
fn shutdown_answers_what_waits_and_closes() {
    let committer = start(Box::new(Memory::new()), Config::default());
    let answers: Vec<_> = (0..50)
        .map(|number| {
            let (one, answer) = create(&format!("k{number}"));
            committer.submit(one).unwrap();
            answer
        })
        .collect();
    committer.shutdown().unwrap();
    assert!(answers.iter().all(|answer| answer.recv().unwrap().1.is_ok()));
    let (late, _answer) = create("late");
    assert_eq!(committer.submit(late).unwrap_err().why, Why::Closed);
    assert_eq!(committer.shutdown(), Ok(()));
    assert!(committer.flush().is_err());
}

#[test]
fn images_are_saved_as_the_log_grows() {
    let log = Memory::new();
    let committer = start(Box::new(log.clone()), Config { image_batches: 5, ..Config::default() });
    for number in 0..35 {
        let (one, answer) = create(&format!("k{number}"));
        committer.submit(one).unwrap();
        answer.recv().unwrap().1.unwrap();
        committer.flush().unwrap();
    }
    let marks = log.clone().checkpoint(store::Checkpoint::Marks).unwrap();
    assert!(marks.image.rev >= Rev(10), "{marks:?}");
    drop(committer);
    assert_eq!(start(Box::new(log), Config::default()).snapshot().state.0.len(), 35);
}

#[test]
fn a_row_that_cannot_be_read_stops_the_start() {
    let mut log = Memory::new();
    let batch = store::Batch {
        id: [1; 16],
        prev_hash: [0; 32],
        at: base::Timestamp::default(),
        writes: vec![store::Write::put(*b"a", *b"unreadable")],
        events: Vec::new(),
    };
    assert_eq!(log.append(Rev::ZERO, &batch), Ok(Appended::Committed));
    let error = try_start(Box::new(log), Config::default()).err().unwrap();
    assert_eq!(error.to_string(), "revision 1 cannot be applied: an unreadable row");
}
