//! Work in several threads whose results come in order.

use crate::problem::Problem;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

/// Each thread holds an account in memory.
const MOST_THREADS: usize = 4;

/// What is waited for: pieces are begun only shortly before their turn, so that few are held at a time.
struct Turn {
    due: Mutex<usize>,
    moved: Condvar,
}

impl Turn {
    fn wait(&self, number: usize, ahead: usize) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        while number > due.saturating_add(ahead) {
            due = self.moved.wait(due).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn set(&self, to: usize) {
        *self.due.lock().unwrap_or_else(PoisonError::into_inner) = to;
        self.moved.notify_all();
    }
}

/// Does so many pieces of work and takes their results in order; the first error ends it.
pub(super) fn in_order<T: Send>(
    count: usize,
    work: &(dyn Fn(usize) -> Result<T, Problem> + Sync),
    take: &mut dyn FnMut(T) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS).min(count);
    let next = AtomicUsize::new(0);
    let turn = Turn { due: Mutex::new(0), moved: Condvar::new() };
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(0);
        for _ in 0..threads {
            let (sender, next, turn) = (sender.clone(), &next, &turn);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    turn.wait(number, threads);
                    if number >= count || sender.send((number, work(number))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let mut taken = || -> Result<(), Problem> {
            for (number, made) in &receiver {
                waiting.insert(number, made);
                while let Some(made) = waiting.remove(&due) {
                    take(made?)?;
                    due += 1;
                    turn.set(due);
                }
            }
            Ok(())
        };
        let taken = taken();
        // After an error nobody waits for a turn that does not come.
        drop(receiver);
        turn.set(usize::MAX);
        taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let mut taken = Vec::new();
        let work = |number: usize| {
            thread::sleep(std::time::Duration::from_millis((number * 7 % 5) as u64));
            Ok(number)
        };
        in_order(40, &work, &mut |number| {
            taken.push(number);
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, (0..40).collect::<Vec<_>>());
        in_order(0, &work, &mut |_| Ok(())).unwrap();
    }

    #[test]
    fn the_first_error_ends_it() {
        let mut taken = 0;
        let work = |number: usize| if number == 3 { Err(Problem::usage("three")) } else { Ok(number) };
        let ended = in_order(1_000, &work, &mut |_| {
            taken += 1;
            Ok(())
        });
        assert_eq!((ended.unwrap_err().message(), taken), ("three", 3));
        let refused = in_order(1_000, &Ok, &mut |number| {
            if number == 2 { Err(Problem::usage("full")) } else { Ok(()) }
        });
        assert!(refused.is_err());
    }
}
