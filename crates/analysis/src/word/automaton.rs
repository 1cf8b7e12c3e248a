//! The search for a text that fits some patterns and none of others.
//!
//! It goes through the product of all patterns' sets of places, letter by letter, and looks only at letters that some live
//! place names, and at one more that stands for all others. Two observations keep it small: a place at a `*` makes every
//! earlier place of the same pattern needless, for whatever these would accept it accepts as well; and a pattern to be
//! avoided that has come to a last `*` will match whatever follows, so that nothing needs to be looked for there.

use super::{Follow, Step, Word, follow, is_star, is_variable};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found<T> {
    /// There is one.
    One(T),
    /// There is none.
    None,
    /// The work that was allowed has been done, and nothing found.
    Exhausted,
}

/// How much work may still be done: places looked at.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    left: u64,
}

impl Work {
    pub(crate) fn new(left: u64) -> Self {
        Self { left }
    }

    /// Takes some; whether there was enough.
    pub(crate) fn take(&mut self, amount: u64) -> bool {
        match self.left.checked_sub(amount) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                false
            }
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }
}

/// A text that, of each union, fits one pattern at least, and none of those to be avoided.
pub(crate) fn find(wanted: &[&[Word]], avoided: &[&Word], work: &mut Work) -> Found<String> {
    // What is surely avoided cannot be what is found: patterns that stand on both sides need no search.
    let set: HashSet<&Word> = avoided.iter().copied().collect();
    let kept: Vec<Vec<&Word>> =
        wanted.iter().map(|union| union.iter().filter(|word| !set.contains(word)).collect()).collect();
    if kept.iter().any(Vec::is_empty) || avoided.iter().any(|word| word.is_everything()) {
        return Found::None;
    }
    Automaton::new(&kept, avoided).search(work)
}

/// Whose a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Wanted(u32),
    Avoided,
}

/// All patterns, their places numbered through.
struct Automaton {
    /// `None`: the end of a pattern.
    steps: Vec<Option<Step>>,
    side: Vec<Side>,
    /// Letters that must still be read, at least.
    remaining: Vec<u32>,
    /// The end of the pattern that the place is in.
    end: Vec<u32>,
    /// How the union's patterns read variables: those of the first union that has some take their own letter.
    exact_variables: Vec<bool>,
    unions: usize,
    start: Vec<u32>,
}

/// A text that was read so far.
struct Node {
    before: u32,
    letter: char,
    depth: u32,
    live: Box<[u32]>,
}

impl Automaton {
    fn new(wanted: &[Vec<&Word>], avoided: &[&Word]) -> Self {
        let mut made = Self {
            steps: Vec::new(),
            side: Vec::new(),
            remaining: Vec::new(),
            end: Vec::new(),
            exact_variables: vec![false; wanted.len()],
            unions: wanted.len(),
            start: Vec::new(),
        };
        let has_variable = |union: &Vec<&Word>| union.iter().any(|word| word.has_variable());
        if let Some(first) = wanted.iter().position(has_variable)
            && let Some(exact) = made.exact_variables.get_mut(first)
        {
            *exact = true;
        }
        for (union, words) in (0..).zip(wanted) {
            words.iter().for_each(|word| made.add(word, Side::Wanted(union)));
        }
        avoided.iter().for_each(|word| made.add(word, Side::Avoided));
        made
    }

    fn add(&mut self, word: &Word, side: Side) {
        let first = self.steps.len() as u32;
        let end = first + word.0.len() as u32;
        let mut remaining: u32 = word.0.iter().filter(|step| !is_star(**step, true)).count() as u32;
        for step in word.0.iter().map(|step| Some(*step)).chain([None]) {
            self.steps.push(step);
            self.side.push(side);
            self.end.push(end);
            self.remaining.push(remaining);
            if step.is_some_and(|step| !is_star(step, true)) {
                remaining -= 1;
            }
        }
        self.start.push(first);
    }

    fn step(&self, place: u32) -> Option<Step> {
        self.steps.get(place as usize).copied().flatten()
    }

    fn side_of(&self, place: u32) -> Side {
        self.side.get(place as usize).copied().unwrap_or(Side::Avoided)
    }

    /// Whether variables of this place's pattern take only their own letter.
    fn is_exact(&self, place: u32) -> bool {
        match self.side_of(place) {
            Side::Avoided => true,
            Side::Wanted(union) => self.exact_variables.get(union as usize).copied().unwrap_or(false),
        }
    }

    fn follow(&self, place: u32, step: Step, letter: char) -> Follow {
        match self.side_of(place) {
            Side::Avoided => follow(step, letter, true),
            Side::Wanted(_) if self.is_exact(place) => match step {
                Step::Variable(own) => {
                    if own == letter {
                        Follow::Pass
                    } else {
                        Follow::No
                    }
                }
                // Its stars and marks may be about anything.
                _ if is_variable(letter) => match step {
                    Step::Star { .. } => Follow::Stay,
                    Step::One { .. } => Follow::Pass,
                    _ => Follow::No,
                },
                _ => follow(step, letter, true),
            },
            Side::Wanted(_) => follow(step, letter, false),
        }
    }

    /// Sorts places, adds those behind stars, leaves out needless ones. `None` if nothing can come of it.
    fn close(&self, mut places: Vec<u32>) -> Option<Box<[u32]>> {
        let mut at = 0;
        while let Some(place) = places.get(at).copied() {
            at += 1;
            if self.step(place).is_some_and(|step| is_star(step, self.is_exact(place))) {
                places.push(place + 1);
            }
        }
        places.sort_unstable();
        places.dedup();
        // From the back: once a full star is met, earlier places of its pattern go.
        let mut kept: Vec<u32> = Vec::with_capacity(places.len());
        let mut covered = None;
        for place in places.into_iter().rev() {
            let end = self.end.get(place as usize).copied();
            if covered == end {
                continue;
            }
            let is_full_star = match self.step(place) {
                Some(Step::Star { colon: true }) => true,
                Some(Step::Variable(_)) => !self.is_exact(place),
                _ => false,
            };
            if is_full_star {
                covered = end;
                let is_last = Some(place + 1) == end;
                if is_last && self.side_of(place) == Side::Avoided {
                    return None;
                }
            }
            kept.push(place);
        }
        kept.reverse();
        let mut alive = vec![false; self.unions];
        for place in &kept {
            if let Side::Wanted(union) = self.side_of(*place)
                && let Some(found) = alive.get_mut(union as usize)
            {
                *found = true;
            }
        }
        alive.iter().all(|alive| *alive).then(|| kept.into())
    }

    fn is_accepted(&self, live: &[u32]) -> bool {
        let mut fits = vec![false; self.unions];
        for place in live.iter().filter(|place| self.step(**place).is_none()) {
            match self.side_of(*place) {
                Side::Avoided => return false,
                Side::Wanted(union) => {
                    if let Some(found) = fits.get_mut(union as usize) {
                        *found = true;
                    }
                }
            }
        }
        fits.iter().all(|fits| *fits)
    }

    /// How many letters are still needed, by a guess that may be too high: it leads to a text soon.
    fn distance(&self, live: &[u32]) -> u32 {
        let mut least = vec![u32::MAX; self.unions];
        for place in live {
            if let (Side::Wanted(union), Some(remaining)) =
                (self.side_of(*place), self.remaining.get(*place as usize))
                && let Some(known) = least.get_mut(union as usize)
            {
                *known = (*known).min(*remaining);
            }
        }
        least.iter().fold(0u32, |sum, each| sum.saturating_add(*each))
    }

    /// The letters that make a difference here, and one that stands for all others.
    fn letters(&self, live: &[u32]) -> Vec<char> {
        let mut letters: Vec<char> = Vec::new();
        for place in live {
            match self.step(*place) {
                Some(Step::Letter(letter) | Step::AnyCase(letter)) => letters.push(letter),
                Some(Step::Variable(letter))
                    if self.is_exact(*place) && self.side_of(*place) != Side::Avoided =>
                {
                    letters.push(letter);
                }
                Some(Step::Star { colon: false } | Step::One { colon: false }) => letters.push(':'),
                _ => {}
            }
        }
        letters.sort_unstable();
        letters.dedup();
        let is_free = |letter: &char| {
            letters.binary_search(letter).is_err()
                && letter.to_lowercase().all(|lower| letters.binary_search(&lower).is_err())
        };
        let usual = "xyzabcdefghijklmnopqrstuvw0123456789-_".chars();
        if let Some(other) = usual.chain('\u{e0}'..'\u{2000}').find(is_free) {
            letters.push(other);
        }
        letters
    }

    fn search(&self, work: &mut Work) -> Found<String> {
        let Some(start) = self.close(self.start.clone()) else { return Found::None };
        let mut nodes = vec![Node { before: u32::MAX, letter: '\0', depth: 0, live: start.clone() }];
        let mut seen: HashSet<Box<[u32]>> = HashSet::from([start.clone()]);
        let mut open = BinaryHeap::from([(Reverse(self.distance(&start)), Reverse(0u32), Reverse(0u32))]);
        while let Some((_, _, Reverse(at))) = open.pop() {
            let Some(node) = nodes.get(at as usize) else { break };
            if self.is_accepted(&node.live) {
                return Found::One(spell(&nodes, at));
            }
            let (live, depth) = (node.live.clone(), node.depth + 1);
            for letter in self.letters(&live) {
                if !work.take(live.len() as u64 + 4) {
                    return Found::Exhausted;
                }
                let mut places = Vec::with_capacity(live.len());
                for place in live.iter().copied() {
                    let Some(step) = self.step(place) else { continue };
                    match self.follow(place, step, letter) {
                        Follow::No => {}
                        Follow::Stay => places.push(place),
                        Follow::Pass => places.push(place + 1),
                        Follow::Anywhere => {
                            let end = self.end.get(place as usize).copied().unwrap_or(place);
                            places.extend(place..=end);
                        }
                    }
                }
                let Some(next) = self.close(places) else { continue };
                if !seen.insert(next.clone()) {
                    continue;
                }
                let rank = depth.saturating_add(self.distance(&next));
                open.push((Reverse(rank), Reverse(u32::MAX - depth), Reverse(nodes.len() as u32)));
                nodes.push(Node { before: at, letter, depth, live: next });
            }
        }
        Found::None
    }
}

fn spell(nodes: &[Node], mut at: u32) -> String {
    let mut letters = Vec::new();
    while let Some(node) = nodes.get(at as usize).filter(|node| node.before != u32::MAX) {
        letters.push(node.letter);
        at = node.before;
    }
    letters.iter().rev().collect()
}
