//! One principal by itself: only its own policies are looked at.

use super::account::Rule;
use super::grounds::{Grounds, Refine};
use super::people::PersonId;
use super::population::{Kind, Population};
use super::question::Question;
use super::residual::Said;
use super::scene::Scene;
use super::sets::Set;
use super::solve::{Findings, Judge, Verdict};
use super::truth::Truth;
use policy::{Principal, Request};

/// The verdict of one principal.
pub(super) fn judge(
    population: &Population,
    person: PersonId,
    question: &Question,
    refine: Option<&dyn Refine>,
) -> Verdict {
    let Some(set) = population.set_of(person) else { return Verdict::Never };
    let scene = Scene::new(population, question);
    let nobody = Principal::anonymous();
    let request = Request::new(&nobody, question.action(), question.resource(), &scene);
    let mut findings = Findings::default();
    let said = findings.add_policies(population, population.sets.identity(set), &scene, &request);
    // Most questions end here.
    if said.allow == Truth::No && set.kind != Kind::Root && question.resource_policy.is_none() {
        return rule_alone(population, set, question, &scene);
    }
    findings.add_policies(population, population.sets.boundary(set), &scene, &request);
    let account = population.accounts.get(set.account as usize);
    for level in account.iter().flat_map(|account| &account.levels) {
        findings.add_policies(population, level, &scene, &request);
    }
    let accounts = set.account..set.account + 1;
    let judge = Judge::of_accounts(population, question, &scene, &request, &findings, accounts);
    judge.judge_person(set, person, refine)
}

/// Why one principal can; `None` if it is not there.
pub(super) fn grounds<'p>(
    population: &'p Population,
    person: PersonId,
    question: &'p Question,
) -> Option<Grounds<'p>> {
    let set = population.set_of(person)?;
    let scene = Scene::new(population, question);
    let nobody = Principal::anonymous();
    let request = Request::new(&nobody, question.action(), question.resource(), &scene);
    let mut findings = Findings::default();
    findings.add_policies(population, population.sets.identity(set), &scene, &request);
    findings.add_policies(population, population.sets.boundary(set), &scene, &request);
    let account = population.accounts.get(set.account as usize);
    for level in account.iter().flat_map(|account| &account.levels) {
        findings.add_policies(population, level, &scene, &request);
    }
    let accounts = set.account..set.account + 1;
    let judge = Judge::of_accounts(population, question, &scene, &request, &findings, accounts);
    let verdict = judge.judge_person(set, person, None);
    scene.look_at(Some(person));
    Some(Grounds::find(&judge, set, person, verdict).within(population, question))
}

/// The verdict of whom no policy allows anything.
fn rule_alone(population: &Population, set: &Set, question: &Question, scene: &Scene<'_>) -> Verdict {
    let Some(account) = population.accounts.get(set.account as usize) else { return Verdict::Never };
    let home = question.owner().is_none_or(|owner| owner == account.id);
    match Rule::of(account, home, question, scene) {
        Rule::Everybody => Verdict::Always,
        _ => Verdict::Never,
    }
}

impl Findings {
    /// Finds out what these policies leave, and what they come to.
    fn add_policies(
        &mut self,
        population: &Population,
        policies: &[u32],
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> Said {
        let action = request.action().to_ascii_lowercase();
        for policy in policies {
            let Some(document) = population.policies.get(*policy as usize).map(|policy| policy.document)
            else {
                continue;
            };
            let statements = population.documents.about_one(document, &action, request);
            if !statements.is_empty() {
                let slot = self.add(population, document, &statements, scene, request);
                self.put(*policy, slot);
            }
        }
        self.residuals().said(policies).0
    }
}
