//! One policy changed: what is solved again, and what is not.

use super::grounds::Refine;
use super::population::{PolicyId, Population};
use super::scene::Scene;
use super::solve::Solution;
use policy::{Document, Principal, Request};
use std::sync::Arc;

impl Population {
    /// Gives a policy another document. Solutions made before still have the old one, until [`Solution::update`].
    pub fn replace(&mut self, policy: PolicyId, document: Arc<Document>) {
        let Some(changed) = self.policies.get_mut(policy.0 as usize) else { return };
        let new = self.documents.intern(document);
        let old = std::mem::replace(&mut changed.document, new);
        self.of_document.resize(self.documents.len(), Vec::new());
        if let Some(policies) = self.of_document.get_mut(old as usize) {
            policies.retain(|other| *other != policy.0);
        }
        if let Some(policies) = self.of_document.get_mut(new as usize) {
            policies.push(policy.0);
        }
    }
}

impl Solution {
    /// Solves again what the change of a policy touches; how many sets that were. It is none if the statements that
    /// cover the question come to the same, and else those that have the policy; of an SCP, those of its accounts; of an
    /// RCP all.
    pub fn update(
        &mut self,
        population: &Population,
        policy: PolicyId,
        refine: Option<&dyn Refine>,
    ) -> usize {
        let Some(document) = population.policies.get(policy.0 as usize).map(|policy| policy.document) else {
            return 0;
        };
        let slot = self.residual_of(population, document);
        let Some(old) = self.findings.put(policy.0, slot) else { return 0 };
        if population.accounts.iter().any(|account| account.rcps.iter().flatten().any(|rcp| *rcp == policy.0))
        {
            self.judge_again(population, 0..population.sets.len() as u32, refine);
            return population.sets.len();
        }
        if self.is_same(old, slot) {
            return 0;
        }
        let of_accounts = |set: u32| {
            let account =
                population.sets.get(set).and_then(|set| population.accounts.get(set.account as usize));
            account.is_some_and(|account| account.levels.iter().flatten().any(|scp| *scp == policy.0))
        };
        let mut touched = population.sets.containing(policy.0).to_vec();
        if population
            .accounts
            .iter()
            .flat_map(|account| &account.levels)
            .flatten()
            .any(|scp| *scp == policy.0)
        {
            touched.extend(population.sets.iter().map(|(number, _)| number).filter(|set| of_accounts(*set)));
            touched.sort_unstable();
            touched.dedup();
        }
        let count = touched.len();
        self.judge_again(population, touched.into_iter(), refine);
        count
    }

    /// One more than the place of a document's residual, found out if it is not known; zero if it leaves nothing.
    fn residual_of(&mut self, population: &Population, document: u32) -> u32 {
        if let Some(known) = self.findings.by_document.get(&document) {
            return *known;
        }
        let scene = Scene::new(population, &self.question);
        let nobody = Principal::anonymous();
        let request = Request::new(&nobody, self.question.action(), self.question.resource(), &scene);
        let statements = population.documents.about_in(document, &request);
        self.findings.add(population, document, &statements, &scene, &request)
    }

    /// Whether two residuals come to the same for everybody.
    fn is_same(&self, old: u32, new: u32) -> bool {
        let residual =
            |slot: u32| slot.checked_sub(1).and_then(|at| self.findings.residuals.get(at as usize));
        match (residual(old), residual(new)) {
            (None, None) => true,
            (Some(old), Some(new)) => old.is_plain() && new.is_plain() && old.said == new.said,
            _ => old == new,
        }
    }
}
