//! The search for a request by learning from conflicts, where choices among clauses are what is hard.
//!
//! A Boolean solver chooses which literals are to hold; each dimension is asked for a value that bears these out. A
//! dimension that has none says which of its literals contradict one another, and that is learned as a clause. So is
//! every clause and every tie that the values found do not fulfil: most are never looked at.

use crate::problem::{Clause, Literal, Problem};
use crate::value::Value;
use crate::word::{Found, Work};
use batsat::{Callbacks, Lit, Solver, SolverInterface, SolverOpts, lbool};
use std::cell::Cell;
use std::collections::HashMap;

/// How often a solver looks whether it should stop, at most.
const PATIENCE: u32 = 20_000;
/// How many times dimensions are asked.
const ROUNDS: u32 = 20_000;

/// Stops the solver when it has looked often enough.
struct Patience(Cell<u32>);

impl Callbacks for Patience {
    fn stop(&self) -> bool {
        let left = self.0.get().saturating_sub(1);
        self.0.set(left);
        left == 0
    }
}

struct Learning<'a> {
    problem: &'a mut Problem,
    units: &'a [(Literal, bool)],
    solver: Solver<Patience>,
    literals: HashMap<(Literal, bool), Lit>,
    order: Vec<(Literal, bool)>,
}

/// Values for all dimensions that fulfil every unit and every clause; with `is_tied`, as in real requests.
pub(crate) fn solve(
    problem: &mut Problem,
    units: &[(Literal, bool)],
    mut clauses: Vec<Clause>,
    is_tied: bool,
    work: &mut Work,
) -> Found<Vec<Value>> {
    let solver = Solver::new(SolverOpts::default(), Patience(Cell::new(PATIENCE)));
    let mut learning = Learning { problem, units, solver, literals: HashMap::new(), order: Vec::new() };
    for _ in 0..ROUNDS {
        let satisfiable = learning.solver.solve_limited(&[]);
        if satisfiable == lbool::FALSE {
            return Found::None;
        }
        if satisfiable != lbool::TRUE || !work.take(64) {
            return Found::Exhausted;
        }
        let values = match learning.bear_out(work) {
            Found::One(Ok(values)) => values,
            Found::One(Err(lesson)) => {
                learning.learn(lesson);
                continue;
            }
            Found::None => return Found::None,
            Found::Exhausted => return Found::Exhausted,
        };
        if !work.take(clauses.len() as u64 * 8) {
            return Found::Exhausted;
        }
        let (broken, kept): (Vec<Clause>, Vec<Clause>) = clauses
            .into_iter()
            .partition(|clause| !clause.iter().any(|wish| learning.is_fulfilled(&values, *wish)));
        clauses = kept;
        if broken.is_empty() {
            match is_tied.then(|| learning.problem.broken_tie(&values)).flatten() {
                Some(tie) => learning.learn(learning.choices(&tie)),
                None => return Found::One(values),
            }
        }
        for clause in broken {
            learning.learn(learning.choices(&clause));
        }
    }
    Found::Exhausted
}

/// What is learned: wishes one of which is, or is not, to be chosen.
type Lesson = Vec<((Literal, bool), bool)>;

impl Learning<'_> {
    /// One of the clause's literals is to be chosen.
    fn choices(&self, clause: &Clause) -> Lesson {
        clause.iter().map(|wish| (*wish, true)).collect()
    }

    /// Whether the values do it, as in the other search.
    fn is_fulfilled(&self, values: &[Value], wish: (Literal, bool)) -> bool {
        let (literal, holds) = wish;
        let is_chosen = |lit: &Lit| self.solver.value_lit(*lit) == lbool::TRUE;
        let is_decided = || self.units.contains(&wish) || self.literals.get(&wish).is_some_and(is_chosen);
        self.problem.fulfils(values, wish)
            && (!self.problem.variables.has_letters()
                || is_decided()
                || !self.problem.fulfils(values, (literal, !holds)))
    }

    fn learn(&mut self, lesson: Lesson) {
        let mut clause: Vec<Lit> = Vec::with_capacity(lesson.len());
        for (wish, chosen) in lesson {
            let lit = match self.literals.get(&wish) {
                Some(lit) => *lit,
                None => {
                    // Nothing is chosen without need.
                    let lit = Lit::new(self.solver.new_var(lbool::FALSE, true), true);
                    self.literals.insert(wish, lit);
                    self.order.push(wish);
                    lit
                }
            };
            clause.push(if chosen { lit } else { !lit });
        }
        self.solver.add_clause_reuse(&mut clause);
    }

    /// Values for what was chosen, or which choices cannot be borne out together.
    fn bear_out(&mut self, work: &mut Work) -> Found<Result<Vec<Value>, Lesson>> {
        let mut chosen: Vec<Vec<(Literal, bool)>> = vec![Vec::new(); self.problem.dimensions.len()];
        for wish in &self.order {
            let is_chosen =
                self.literals.get(wish).is_some_and(|lit| self.solver.value_lit(*lit) == lbool::TRUE);
            if is_chosen && let Some(chosen) = chosen.get_mut(wish.0.dimension) {
                chosen.push(*wish);
            }
        }
        let mut values = Vec::with_capacity(chosen.len());
        for (dimension, wishes) in chosen.iter().enumerate() {
            match self.find(dimension, wishes, work) {
                Found::One(value) => values.push(value),
                Found::Exhausted => return Found::Exhausted,
                Found::None => {
                    let core = self.core(dimension, wishes.clone(), work);
                    if core.is_empty() {
                        return Found::None;
                    }
                    return Found::One(Err(core.into_iter().map(|wish| (wish, false)).collect()));
                }
            }
        }
        Found::One(Ok(values))
    }

    fn find(&mut self, dimension: usize, wishes: &[(Literal, bool)], work: &mut Work) -> Found<Value> {
        let all = self.units.iter().filter(|(literal, _)| literal.dimension == dimension).chain(wishes);
        let wishes: Vec<(u32, bool)> = all.map(|(literal, holds)| (literal.test, *holds)).collect();
        self.problem.find(dimension, &wishes, work)
    }

    /// Fewer wishes that still contradict one another: parts are left out, ever smaller ones, as long as they do.
    fn core(
        &mut self,
        dimension: usize,
        mut wishes: Vec<(Literal, bool)>,
        work: &mut Work,
    ) -> Vec<(Literal, bool)> {
        let mut size = wishes.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < wishes.len() {
                let end = (at + size).min(wishes.len());
                let fewer: Vec<_> = wishes.iter().take(at).chain(wishes.iter().skip(end)).copied().collect();
                match self.find(dimension, &fewer, work) {
                    Found::None => wishes = fewer,
                    Found::One(_) | Found::Exhausted => at = end,
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
        wishes
    }
}
