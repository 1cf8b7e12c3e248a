//! From a question to the verdict of every set, and of principals one by one where that is needed.

use super::account::{Residuals, Rule, Standing, scps_now};
use super::grants::{Granted, Grants};
use super::grounds::{Grounds, Refine};
use super::people::PersonId;
use super::population::{Kind, Population};
use super::question::Question;
use super::rcps::{self, Finder, Rcp};
use super::residual::{Residual, Said};
use super::scene::Scene;
use super::sets::Set;
use super::slots::Slots;
use super::truth::Truth;
use policy::{Layer, Principal, Request};
use std::collections::HashMap;
use std::ops::Range;

/// Whether a principal can do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No, whatever the conditions.
    Never,
    /// If conditions hold that are open.
    If,
    /// Yes, whatever the conditions.
    Always,
}

impl From<Truth> for Verdict {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::No => Verdict::Never,
            Truth::Open => Verdict::If,
            Truth::Yes => Verdict::Always,
        }
    }
}

/// How many principals there are of each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Of [`Verdict::Always`].
    pub always: u64,
    /// Of [`Verdict::If`].
    pub conditional: u64,
    /// Of [`Verdict::Never`].
    pub never: u64,
}

/// The answer to a question, for every principal of a population.
#[derive(Debug)]
pub struct Solution {
    pub(super) question: Question,
    pub(super) findings: Findings,
    sets: Vec<Mark>,
    /// Of principals whose set's mark is [`Mark::Each`]; empty as long as there are none.
    people: Vec<Verdict>,
}

/// What documents leave to be asked, by policy.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) residuals: Vec<Residual>,
    /// One more than the place of a document's residual; zero if it leaves nothing.
    pub(super) by_document: HashMap<u32, u32>,
    /// The same by policy.
    slots: Slots,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    All(Verdict),
    /// Principals of the set differ.
    Each,
}

/// Everything that sets and principals are judged by.
pub(super) struct Judge<'a> {
    pub(super) population: &'a Population,
    pub(super) question: &'a Question,
    pub(super) scene: &'a Scene<'a>,
    pub(super) request: &'a Request<'a>,
    pub(super) residuals: Residuals<'a>,
    pub(super) grants: Option<Grants>,
    /// Of the accounts from `first` on.
    standings: Vec<Standing>,
    first: u32,
}

/// What the layers of a set come to.
struct Parts {
    scps: Said,
    identity: Said,
    boundary: Said,
    granted: Option<Granted>,
    rcps: Granted,
    personal: bool,
}

impl Solution {
    pub(super) fn new(population: &Population, question: &Question, refine: Option<&dyn Refine>) -> Self {
        let mut solution = Self {
            question: question.clone(),
            findings: Findings::default(),
            sets: vec![Mark::All(Verdict::Never); population.sets.len()],
            people: Vec::new(),
        };
        let scene = Scene::new(population, question);
        let nobody = Principal::anonymous();
        let request = Request::new(&nobody, question.action(), question.resource(), &scene);
        solution.findings = Findings::new(population, &scene, &request);
        let Self { findings, sets, people, .. } = &mut solution;
        let judge = Judge::new(population, question, &scene, &request, findings);
        let mut seen = vec![false; population.sets.len()];
        for set in judge.candidates() {
            if let Some(seen) = seen.get_mut(set as usize)
                && !std::mem::replace(seen, true)
            {
                judge.mark(set, sets, people, refine);
            }
        }
        solution
    }

    /// Judges these sets anew.
    pub(super) fn judge_again(
        &mut self,
        population: &Population,
        again: impl Iterator<Item = u32>,
        refine: Option<&dyn Refine>,
    ) {
        let Self { question, findings, sets, people } = self;
        let scene = Scene::new(population, question);
        let nobody = Principal::anonymous();
        let request = Request::new(&nobody, question.action(), question.resource(), &scene);
        let judge = Judge::new(population, question, &scene, &request, findings);
        again.for_each(|set| judge.mark(set, sets, people, refine));
    }

    /// The question.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The verdict of a principal.
    pub fn verdict(&self, population: &Population, person: PersonId) -> Verdict {
        match self.sets.get(population.people.set(person) as usize) {
            Some(Mark::All(verdict)) => *verdict,
            Some(Mark::Each) => self.people.get(person.0 as usize).copied().unwrap_or(Verdict::Never),
            None => Verdict::Never,
        }
    }

    /// Every principal that can, and whether it always can, in the order in which they were given.
    pub fn people<'a>(
        &'a self,
        population: &'a Population,
    ) -> impl Iterator<Item = (PersonId, Verdict)> + 'a {
        let verdict = |person| (person, self.verdict(population, person));
        (0..population.len() as u32).map(PersonId).map(verdict).filter(|(_, it)| *it != Verdict::Never)
    }

    /// How many principals there are of each verdict.
    pub fn count(&self, population: &Population) -> Count {
        let mut count = Count::default();
        for ((number, _), mark) in population.sets.iter().zip(&self.sets) {
            let people = population.sets.people(number);
            match mark {
                Mark::All(verdict) => count.add(*verdict, people.len() as u64),
                Mark::Each => {
                    people.iter().for_each(|person| count.add(self.verdict(population, PersonId(*person)), 1))
                }
            }
        }
        count
    }

    /// Why these principals can, in the same order.
    pub fn grounds<'p>(&'p self, population: &'p Population, people: &[PersonId]) -> Vec<Grounds<'p>> {
        let scene = Scene::new(population, &self.question);
        let nobody = Principal::anonymous();
        let request = Request::new(&nobody, self.question.action(), self.question.resource(), &scene);
        let judge = Judge::new(population, &self.question, &scene, &request, &self.findings);
        let grounds = people.iter().filter_map(|person| {
            let set = population.set_of(*person)?;
            scene.look_at(Some(*person));
            let found = Grounds::find(&judge, set, *person, self.verdict(population, *person));
            Some(found.within(population, &self.question))
        });
        grounds.collect()
    }
}

impl Count {
    fn add(&mut self, verdict: Verdict, people: u64) {
        match verdict {
            Verdict::Always => self.always += people,
            Verdict::If => self.conditional += people,
            Verdict::Never => self.never += people,
        }
    }
}

impl Findings {
    fn new(population: &Population, scene: &Scene<'_>, request: &Request<'_>) -> Self {
        let slots = Slots::of_all(population.policies.len());
        let mut findings = Self { slots, ..Self::default() };
        for statements in population.documents.about(request).chunk_by(|a, b| a.0 == b.0) {
            let Some((number, _)) = statements.first() else { continue };
            let places: Vec<u32> = statements.iter().map(|(_, place)| *place).collect();
            let slot = findings.add(population, *number, &places, scene, request);
            for policy in population.of_document.get(*number as usize).into_iter().flatten() {
                findings.put(*policy, slot);
            }
        }
        findings
    }

    /// Gives a policy its residual; that of before.
    pub(super) fn put(&mut self, policy: u32, slot: u32) -> Option<u32> {
        let brief = self.residual(slot).map(Residual::brief).unwrap_or_default();
        self.slots.put(policy, slot, brief)
    }

    /// The residual that is meant.
    pub(super) fn residual(&self, slot: u32) -> Option<&Residual> {
        self.residuals.get(slot.checked_sub(1)? as usize)
    }

    /// Finds out what a document leaves of these statements, which cover the action.
    pub(super) fn add(
        &mut self,
        population: &Population,
        number: u32,
        statements: &[u32],
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> u32 {
        let Some(document) = population.documents.get(number) else { return 0 };
        let prepared = |statement| population.documents.prepared(number, statement);
        let residual = Residual::new(document, prepared, statements, scene, request);
        let mut slot = 0;
        if !residual.is_nothing() {
            self.residuals.push(residual);
            slot = self.residuals.len() as u32;
        }
        self.by_document.insert(number, slot);
        slot
    }

    pub(super) fn residuals(&self) -> Residuals<'_> {
        Residuals { all: &self.residuals, slots: &self.slots }
    }
}

impl<'a> Judge<'a> {
    fn new(
        population: &'a Population,
        question: &'a Question,
        scene: &'a Scene<'a>,
        request: &'a Request<'a>,
        findings: &'a Findings,
    ) -> Self {
        Self::of_accounts(population, question, scene, request, findings, 0..population.accounts.len() as u32)
    }

    /// One for principals of these accounts only.
    pub(super) fn of_accounts(
        population: &'a Population,
        question: &'a Question,
        scene: &'a Scene<'a>,
        request: &'a Request<'a>,
        findings: &'a Findings,
        accounts: Range<u32>,
    ) -> Self {
        let residuals = findings.residuals();
        let mut finder = Finder::new(population, question, scene, request);
        let standing = |account| {
            let rcps = finder.binding(account);
            Standing::new(account, question, scene, &residuals, rcps)
        };
        let first = accounts.start;
        let accounts = population.accounts.get(accounts.start as usize..accounts.end as usize);
        let standings = accounts.unwrap_or_default().iter().map(standing).collect();
        let policy = question.resource_policy.as_ref();
        let grants = policy.map(|policy| Grants::new(policy.document(), Layer::Resource, scene, request));
        Self { population, question, scene, request, residuals, grants, standings, first }
    }

    /// The sets whose verdict may be other than never; some perhaps several times.
    fn candidates(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        let sets = &self.population.sets;
        let anywhere = |standing: &Standing| self.grants.is_some() || standing.rule == Rule::Everybody;
        let accounts = (0..).zip(&self.standings);
        let concerned = accounts.filter(move |(_, standing)| standing.home || anywhere(standing));
        let of_accounts = concerned.map(|(account, _)| sets.of_account(account));
        let allows = |policy: &u32| self.residuals.said(std::slice::from_ref(policy)).0.allow != Truth::No;
        let allowing = (0..self.population.policies.len() as u32).filter(allows);
        let having = allowing.map(|policy| sets.containing(policy));
        let count = |lists: &mut dyn Iterator<Item = &[u32]>| lists.map(<[u32]>::len).sum::<usize>();
        // Sets in their order are looked at faster than sets in the order of policies.
        if self.standings.iter().any(anywhere)
            || count(&mut of_accounts.clone()) / 2 <= count(&mut having.clone())
        {
            return Box::new(of_accounts.flatten().copied());
        }
        Box::new(sets.roots().iter().chain(having.flatten()).copied())
    }

    /// Judges a set, or the principals that have it.
    fn mark(&self, number: u32, sets: &mut [Mark], people: &mut Vec<Verdict>, refine: Option<&dyn Refine>) {
        let Some(set) = self.population.sets.get(number) else { return };
        let mark = self.judge(number, set, refine);
        if mark == Mark::Each {
            people.resize(self.population.len(), Verdict::Never);
            for person in self.population.sets.people(number).iter().map(|person| PersonId(*person)) {
                if let Some(verdict) = people.get_mut(person.0 as usize) {
                    *verdict = self.judge_person(set, person, refine);
                }
            }
        }
        if let Some(place) = sets.get_mut(number as usize) {
            *place = mark;
        }
    }

    fn judge(&self, number: u32, set: &Set, refine: Option<&dyn Refine>) -> Mark {
        let Some(standing) = self.standing(set) else { return Mark::All(Verdict::Never) };
        if let Some(verdict) = self.without_policies(standing) {
            return Mark::All(verdict);
        }
        let sets = &self.population.sets;
        let allows = || self.residuals.said(sets.identity(set)).0.allow != Truth::No;
        // Most sets end here, of which nothing else needs to be looked up.
        if self.grants.is_none() && set.kind != Kind::Root && !allows() {
            return Mark::All(Verdict::Never);
        }
        let people = sets.people(number);
        let Some(first) = people.first().map(|person| PersonId(*person)) else {
            return Mark::All(Verdict::Never);
        };
        self.scene.look_at(None);
        let granted = match &self.grants {
            None => None,
            Some(grants) => {
                let named = |person: &u32| grants.may_name(self.population, PersonId(*person));
                if people.iter().any(named) {
                    return Mark::Each;
                }
                Some(grants.of_unnamed(self.population, set, first, self.scene, self.request))
            }
        };
        let Self { population, scene, request, .. } = self;
        let denied =
            rcps::denied_to_all(self.rcps(set, standing), population, set, people, first, scene, request);
        let Some(denied) = denied else { return Mark::Each };
        let parts = self.parts(set, standing, granted, denied);
        match self.combine(&parts, set, standing) {
            Truth::Open if parts.personal => Mark::Each,
            truth => Mark::All(self.refined(truth.into(), set, first, refine)),
        }
    }

    pub(super) fn judge_person(&self, set: &Set, person: PersonId, refine: Option<&dyn Refine>) -> Verdict {
        let Some(standing) = self.standing(set) else { return Verdict::Never };
        if let Some(verdict) = self.without_policies(standing) {
            return verdict;
        }
        self.scene.look_at(Some(person));
        let granted = self.grants.as_ref().map(|grants| {
            let reach = grants.reach(self.population, set, person);
            grants.granted(&reach, self.scene, self.request)
        });
        let Self { population, scene, request, .. } = self;
        let denied = rcps::denied_to(self.rcps(set, standing), population, set, person, scene, request);
        let parts = self.parts_now(set, standing, granted, denied);
        self.refined(self.combine(&parts, set, standing).into(), set, person, refine)
    }

    fn refined(&self, verdict: Verdict, set: &Set, person: PersonId, refine: Option<&dyn Refine>) -> Verdict {
        match refine {
            Some(refine) if verdict == Verdict::If => {
                let found = Grounds::find(self, set, person, verdict);
                refine.refine(person, &found.within(self.population, self.question))
            }
            _ => verdict,
        }
    }

    pub(super) fn standing(&self, set: &Set) -> Option<&Standing> {
        self.standings.get(set.account.checked_sub(self.first)? as usize)
    }

    /// The verdict where no policy of the principal can change it.
    fn without_policies(&self, standing: &Standing) -> Option<Verdict> {
        match standing.rule {
            Rule::Everybody => Some(Verdict::Always),
            Rule::Nobody => Some(Verdict::Never),
            Rule::ResourcePolicy if self.grants.is_none() => Some(Verdict::Never),
            _ if !standing.home && self.grants.is_none() => Some(Verdict::Never),
            Rule::Policies | Rule::ResourcePolicy => None,
        }
    }

    /// Whether SCPs bind the principals of a set.
    pub(super) fn is_bound(&self, set: &Set) -> bool {
        let management = |account: &super::population::Account| account.management;
        set.kind != Kind::LinkedRole
            && !self.population.accounts.get(set.account as usize).is_some_and(management)
    }

    /// The RCPs that bind the principals of a set: those of service-linked roles none.
    pub(super) fn rcps<'s>(&self, set: &Set, standing: &'s Standing) -> &'s [Rcp] {
        if set.kind == Kind::LinkedRole { &[] } else { &standing.rcps }
    }

    fn parts(&self, set: &Set, standing: &Standing, granted: Option<Granted>, rcps: Granted) -> Parts {
        let sets = &self.population.sets;
        let (identity, of_identity) = self.residuals.said(sets.identity(set));
        let (boundary, of_boundary) = self.residuals.said(sets.boundary(set));
        let bound = self.is_bound(set);
        let personal = of_identity
            || of_boundary
            || (bound && standing.personal)
            || rcps.personal
            || granted.is_some_and(|granted| granted.personal);
        let scps = if bound { standing.scps } else { FREE };
        Parts { scps, identity, boundary, granted, rcps, personal }
    }

    fn parts_now(&self, set: &Set, standing: &Standing, granted: Option<Granted>, rcps: Granted) -> Parts {
        let now = |policies| self.residuals.said_now(policies, self.scene, self.request);
        let sets = &self.population.sets;
        let account = self.population.accounts.get(set.account as usize);
        let scps = match account {
            _ if !self.is_bound(set) => FREE,
            Some(account) if standing.personal => {
                scps_now(account, &self.residuals, self.scene, self.request)
            }
            _ => standing.scps,
        };
        let (identity, boundary) = (now(sets.identity(set)), now(sets.boundary(set)));
        Parts { scps, identity, boundary, granted, rcps, personal: false }
    }

    /// What the layers come to together: the rules of `policy::evaluate`.
    fn combine(&self, parts: &Parts, set: &Set, standing: &Standing) -> Truth {
        let granted = parts.granted.unwrap_or_default();
        let deny = parts.scps.deny.or(granted.deny).or(parts.rcps.deny);
        let (identity, limit, deny) = match set.kind {
            Kind::Root => (Truth::Yes, Truth::Yes, deny),
            _ => {
                let limit = if set.bounded { parts.boundary.allow } else { Truth::Yes };
                let own = parts.identity.deny.or(parts.boundary.deny);
                (parts.identity.allow, limit, deny.or(own))
            }
        };
        let asked = identity.and(limit);
        let allowed = match (standing.home, standing.rule) {
            (false, _) => granted.any.and(asked),
            (true, Rule::ResourcePolicy) => granted.of_itself(limit).or(granted.any.and(asked)),
            (true, _) => granted.of_itself(limit).or(asked),
        };
        deny.not().and(parts.scps.allow).and(allowed)
    }
}

impl Granted {
    /// What it comes to at home without identity policies.
    fn of_itself(&self, limit: Truth) -> Truth {
        self.direct.or(self.entity.and(limit))
    }
}

/// What no SCPs come to.
const FREE: Said = Said { allow: Truth::Yes, deny: Truth::No };
