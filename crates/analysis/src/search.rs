//! The search for a request that fulfils clauses: values first, and where a clause is not fulfilled by them, a branch
//! for each of its literals.

use crate::problem::{Clause, Literal, Problem};
use crate::value::Value;
use crate::word::{Found, Work};

/// A search.
pub(crate) struct Search<'a> {
    problem: &'a mut Problem,
    clauses: Vec<Clause>,
    is_tied: bool,
    /// Whether variables are letters.
    has_letters: bool,
    nodes: u32,
    /// How many ties may be broken before the search is given up.
    ties_left: u32,
    wishes: Vec<Vec<(u32, bool)>>,
    values: Vec<Value>,
}

/// How many branches are tried before learning from conflicts is worth it.
const NODES: u32 = 400;

/// Values for all dimensions that fulfil every unit and every clause; with `is_tied`, as in real requests.
pub(crate) fn solve(
    problem: &mut Problem,
    units: &[(Literal, bool)],
    clauses: Vec<Clause>,
    is_tied: bool,
    work: &mut Work,
) -> Found<Vec<Value>> {
    let mut units = units.to_vec();
    if let Some(found) = attempt(problem, &units, clauses.clone(), is_tied, FEW_TIES, work) {
        return found;
    }
    // Actions that nobody documents are tied to nothing: if one will do, that is soon found.
    let undocumented: Vec<_> =
        units.iter().copied().chain(problem.all_documented().map(|documented| (documented, false))).collect();
    if let Some(found @ Found::One(_)) =
        attempt(problem, &undocumented, clauses.clone(), is_tied, u32::MAX, work)
    {
        return found;
    }
    units.extend(problem.narrowed(&units, false, work));
    if let Some(found) = attempt(problem, &units, clauses.clone(), is_tied, MANY_TIES, work) {
        return found;
    }
    units.extend(problem.narrowed(&units, true, work));
    attempt(problem, &units, clauses, is_tied, u32::MAX, work).unwrap_or(Found::Exhausted)
}

/// One search; `None` if it breaks so many ties that it is better narrowed down first.
fn attempt(
    problem: &mut Problem,
    units: &[(Literal, bool)],
    clauses: Vec<Clause>,
    is_tied: bool,
    ties: u32,
    work: &mut Work,
) -> Option<Found<Vec<Value>>> {
    let mut search = match Search::new(problem, units, clauses, is_tied, work) {
        Found::One(search) => search,
        Found::None => return Some(Found::None),
        Found::Exhausted => return Some(Found::Exhausted),
    };
    search.ties_left = ties;
    let found = if search.problem.learns_at_once {
        search.nodes = 0;
        Found::Exhausted
    } else {
        search.descend(work)
    };
    if search.ties_left == 0 {
        return None;
    }
    Some(match found {
        Found::One(()) => Found::One(search.values),
        Found::None => Found::None,
        Found::Exhausted if search.nodes == 0 && !work.is_done() => {
            let clauses = std::mem::take(&mut search.clauses);
            crate::learning::solve(problem, units, clauses, is_tied, work)
        }
        Found::Exhausted => Found::Exhausted,
    })
}

/// How many ties are broken before it is asked which actions break them anyway.
const FEW_TIES: u32 = 4;
/// How many more are broken before that is asked thoroughly.
const MANY_TIES: u32 = 24;

impl<'a> Search<'a> {
    pub(crate) fn new(
        problem: &'a mut Problem,
        units: &[(Literal, bool)],
        clauses: Vec<Clause>,
        is_tied: bool,
        work: &mut Work,
    ) -> Found<Search<'a>> {
        let mut wishes = vec![Vec::new(); problem.dimensions.len()];
        for (literal, holds) in units {
            if let Some(wishes) = wishes.get_mut(literal.dimension) {
                wishes.push((literal.test, *holds));
            }
        }
        let mut values = Vec::with_capacity(wishes.len());
        for (dimension, wishes) in wishes.iter().enumerate() {
            match problem.find(dimension, wishes, work) {
                Found::One(value) => values.push(value),
                Found::None => return Found::None,
                Found::Exhausted => return Found::Exhausted,
            }
        }
        let (nodes, ties_left) = (NODES, u32::MAX);
        let has_letters = problem.variables.has_letters();
        Found::One(Search { problem, clauses, is_tied, has_letters, nodes, ties_left, wishes, values })
    }

    /// A clause that the values do not fulfil: given, or a tie that they break.
    fn broken(&mut self) -> Option<Clause> {
        let is_broken = |clause: &&Clause| !clause.iter().any(|wish| self.is_fulfilled(*wish));
        // Clauses of one literal first: they leave no choice.
        let broken = self.clauses.iter().filter(is_broken).min_by_key(|clause| clause.len()).cloned();
        broken.or_else(|| {
            let tie = self.is_tied.then(|| self.problem.broken_tie(&self.values)).flatten()?;
            self.clauses.push(tie.clone());
            self.ties_left = self.ties_left.saturating_sub(1);
            Some(tie)
        })
    }

    /// Whether the values do it. Where variables are letters, a value may do as well for a test as against it: then it
    /// counts only once it has been decided which.
    fn is_fulfilled(&self, (literal, holds): (Literal, bool)) -> bool {
        let fulfils = |holds| self.problem.fulfils(&self.values, (literal, holds));
        let is_decided = || {
            self.wishes.get(literal.dimension).is_some_and(|wishes| wishes.contains(&(literal.test, holds)))
        };
        fulfils(holds) && (!self.has_letters || is_decided() || !fulfils(!holds))
    }

    fn descend(&mut self, work: &mut Work) -> Found<()> {
        let amount = self.clauses.len() as u64 * 8;
        let Some(nodes) = self.nodes.checked_sub(1).filter(|_| work.take(amount)) else {
            return Found::Exhausted;
        };
        self.nodes = nodes;
        let Some(clause) = self.broken() else { return Found::One(()) };
        if self.ties_left == 0 {
            return Found::Exhausted;
        }
        let mut exhausted = false;
        for (literal, holds) in clause {
            let Some(wishes) = self.wishes.get_mut(literal.dimension) else { continue };
            if wishes.contains(&(literal.test, !holds)) {
                continue;
            }
            wishes.push((literal.test, holds));
            match self.problem.find(literal.dimension, wishes, work) {
                Found::None => {}
                Found::Exhausted => exhausted = true,
                Found::One(value) => {
                    let before =
                        self.values.get_mut(literal.dimension).map(|old| std::mem::replace(old, value));
                    match self.descend(work) {
                        Found::One(()) => return Found::One(()),
                        Found::Exhausted if self.ties_left == 0 => return Found::Exhausted,
                        Found::None => {}
                        Found::Exhausted => exhausted = true,
                    }
                    if let (Some(value), Some(before)) = (self.values.get_mut(literal.dimension), before) {
                        *value = before;
                    }
                }
            }
            if let Some(wishes) = self.wishes.get_mut(literal.dimension) {
                wishes.pop();
            }
        }
        if exhausted { Found::Exhausted } else { Found::None }
    }
}
