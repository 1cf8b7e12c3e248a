//! The cases of a question: how the one can allow and the other refuse, and the search for each.

use super::{Case, Written};
use crate::access::Access;
use crate::problem::{Clause, Literal};
use crate::search::solve;
use crate::value::{KeyValue, Value};
use crate::verdict::Blamed;
use crate::word::{Found, Work};
use policy::{Principal, PrincipalForm};

/// How many cases are looked at, at most.
const MOST_CASES: usize = 50_000;

impl Written {
    /// The statements, one of each layer that must allow, which can match together.
    pub(super) fn ways_to_allow(&mut self, access: &Access, work: &mut Work) -> Option<Vec<Vec<usize>>> {
        let mut all = Vec::new();
        for way in access.ways() {
            let mut found: Vec<Vec<usize>> = vec![Vec::new()];
            for layer in way {
                let allows = self.new.get(*layer).map(|layer| layer.allows.clone()).unwrap_or_default();
                let mut longer = Vec::new();
                for known in &found {
                    for allow in &allows {
                        let mut next = known.clone();
                        next.push(*allow);
                        if self.can_match(&next, work) {
                            longer.push(next);
                        }
                    }
                    if longer.len() > MOST_CASES {
                        return None;
                    }
                }
                found = longer;
            }
            all.extend(found);
        }
        Some(all)
    }

    /// Whether each dimension has a value with which all these statements match.
    fn can_match(&mut self, statements: &[usize], work: &mut Work) -> bool {
        let units = self.matching(statements);
        let mut dimensions: Vec<usize> = units.iter().map(|(literal, _)| literal.dimension).collect();
        dimensions.sort_unstable();
        dimensions.dedup();
        dimensions.into_iter().all(|dimension| {
            let wishes =
                units.iter().chain(&self.units).filter(|(literal, _)| literal.dimension == dimension);
            let wishes: Vec<(u32, bool)> = wishes.map(|(literal, holds)| (literal.test, *holds)).collect();
            self.problem.find(dimension, &wishes, work) != Found::None
        })
    }

    fn matching(&self, statements: &[usize]) -> Vec<(Literal, bool)> {
        let found = statements.iter().filter_map(|place| self.problem.statements.get(*place));
        found.flat_map(|statement| statement.literals.iter().map(|literal| (*literal, true))).collect()
    }

    /// How an access can refuse: a layer of each of its ways does not allow, or a statement denies.
    pub(super) fn ways_to_refuse(&self, access: &Access) -> Vec<Case> {
        let mut refusals: Vec<Vec<usize>> = vec![Vec::new()];
        for way in access.ways() {
            let longer = refusals.iter().flat_map(|known| {
                way.iter().map(move |layer| {
                    let mut next = known.clone();
                    if !next.contains(layer) {
                        next.push(*layer);
                    }
                    next
                })
            });
            refusals = longer.collect();
            refusals.sort();
            refusals.dedup();
        }
        let failing = |layers: &Vec<usize>| {
            let allows = layers
                .iter()
                .filter_map(|layer| self.old.get(*layer))
                .flat_map(|layer| layer.allows.iter().copied());
            Case { matching: Vec::new(), failing: allows.collect() }
        };
        let denies = self.old.iter().flat_map(|layer| &layer.denies);
        let denied = denies.map(|deny| Case { matching: vec![*deny], failing: Vec::new() });
        refusals.iter().map(failing).chain(denied).collect()
    }

    pub(super) fn search(
        &mut self,
        case: &Case,
        only: Option<Literal>,
        is_tied: bool,
        work: &mut Work,
    ) -> Found<Vec<Value>> {
        let mut clauses: Vec<Clause> = self.problem.parts_alone.clone();
        for place in &case.failing {
            let Some(statement) = self.problem.statements.get(*place) else { continue };
            clauses.push(statement.literals.iter().map(|literal| (*literal, false)).collect());
        }
        let mut exhausted = false;
        let base: Vec<(Literal, bool)> = self
            .matching(&case.matching)
            .into_iter()
            .chain(self.units.iter().copied())
            .chain(only.map(|only| (only, true)))
            .collect();
        for kind in &self.kinds {
            let units: Vec<(Literal, bool)> = base.iter().chain(kind).copied().collect();
            match solve(&mut self.problem, &units, clauses.clone(), is_tied, work) {
                Found::One(values) => return Found::One(values),
                Found::None => {}
                Found::Exhausted => exhausted = true,
            }
        }
        if exhausted { Found::Exhausted } else { Found::None }
    }

    pub(super) fn blamed(&self, access: &Access, statements: &[usize]) -> Vec<Blamed> {
        let blame = |place: &usize| {
            let statement = self.problem.statements.get(*place)?;
            let (layer, policy) = *self.places.get(statement.document)?;
            let document = access.layers().get(layer)?.documents().get(policy)?;
            let sid =
                document.statements().iter().find(|known| known.index == statement.statement)?.sid.as_ref();
            Some(Blamed {
                layer,
                policy,
                statement: statement.statement,
                sid: sid.map(|sid| sid.value.to_string()),
            })
        };
        statements.iter().filter_map(blame).collect()
    }

    /// Who asks: a candidate, by the name that the context gives it.
    pub(super) fn caller(&self, values: &[Value], context: &[(String, KeyValue)]) -> Principal {
        let place = match values.get(2) {
            Some(Value::Principal(place)) => *place,
            _ => 0,
        };
        let arn = context.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"));
        let Some(principal) = self.callers.principals.get(place) else { return Principal::anonymous() };
        let renamed = match arn {
            Some((_, KeyValue::One(arn))) if self.callers.unnamed.get(place) == Some(&true) => {
                match principal.form() {
                    PrincipalForm::User { .. } => Principal::user(arn).ok(),
                    PrincipalForm::RoleSession { .. } => Principal::role_session(arn, "session").ok(),
                    _ => None,
                }
            }
            _ => None,
        };
        // Without correlation a key may say what its principal is not: then the candidate stands.
        renamed
            .filter(|renamed| renamed.account() == principal.account())
            .unwrap_or_else(|| principal.clone())
    }
}
