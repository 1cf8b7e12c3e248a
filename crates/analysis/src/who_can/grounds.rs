//! Why somebody can: the statements that allow, those that may deny, and the conditions that are open.

use super::account::Rule;
use super::grants::{Grant, Reach};
use super::people::PersonId;
use super::population::{Kind, Population};
use super::question::Question;
use super::rcps::Rcp;
use super::residual::{Opens, Residue};
use super::sets::Set;
use super::solve::{Judge, Verdict};
use super::truth::Truth;
use policy::elements::Naming;
use policy::{ConditionElement, Document, Effect, Layer, PolicyLabel, Statement, Text};

/// Why somebody can do what was asked: no statement of `denies` may apply, and of one of the ways every gate must be
/// open.
#[derive(Debug, Clone)]
pub struct Grounds<'p> {
    /// The verdict.
    pub verdict: Verdict,
    /// Statements that deny if what is open of them holds.
    pub denies: Vec<Ground<'p>>,
    /// None if no policy is asked, as of `sts:GetCallerIdentity`.
    pub ways: Vec<Way<'p>>,
}

/// One way to be allowed: every gate must be passed.
#[derive(Debug, Clone)]
pub struct Way<'p> {
    /// In the order of the layers; those that nobody set up are left out.
    pub gates: Vec<Gate<'p>>,
}

/// A layer, or a level of one, one statement of which must allow.
#[derive(Debug, Clone)]
pub struct Gate<'p> {
    /// The layer.
    pub layer: Layer,
    /// For SCPs: the level, root first, from zero.
    pub level: u32,
    /// Whether it allows whatever is open.
    pub settled: bool,
    /// The statements that allow: of a gate that is settled those of which nothing is open, else all that may. None
    /// for the root user's identity policies, which it needs none of.
    pub statements: Vec<Ground<'p>>,
}

/// A statement that applies, if what is open of it holds.
#[derive(Debug, Clone)]
pub struct Ground<'p> {
    /// Its layer.
    pub layer: Layer,
    /// For SCPs and RCPs: the level, root first, from zero.
    pub level: u32,
    /// Its policy.
    pub label: &'p PolicyLabel,
    /// Its document.
    pub document: &'p Document,
    /// The statement.
    pub statement: &'p Statement,
    /// Conditions that are open.
    pub conditions: Vec<&'p ConditionElement>,
    /// Entries of its resource element that hold variables of which nothing is known; one must cover the resource, or
    /// of `NotResource` none may.
    pub resources: Vec<&'p Text>,
}

/// Decides what open conditions come to together.
pub trait Refine {
    /// The verdict of a principal, which is [`Verdict::If`] as long as nobody knows better. If the conditions depend on
    /// no single principal, it is asked of one for all that have the same policies.
    fn refine(&self, person: PersonId, grounds: &Grounds<'_>) -> Verdict;
}

/// Grounds by numbers, so that they can be found while a solution is being made.
pub(super) struct Found {
    verdict: Verdict,
    denies: Vec<FoundGround>,
    ways: Vec<Vec<FoundGate>>,
}

#[derive(Clone)]
struct FoundGate {
    layer: Layer,
    level: u32,
    truth: Truth,
    statements: Vec<FoundGround>,
}

#[derive(Clone)]
struct FoundGround {
    layer: Layer,
    level: u32,
    /// `None`: the policy of the resource.
    policy: Option<u32>,
    statement: u32,
    truth: Truth,
    opens: Opens,
}

impl Grounds<'_> {
    /// Finds the grounds of a principal, or, while the scene looks at nobody, those of all that have the set.
    pub(super) fn find(judge: &Judge<'_>, set: &Set, person: PersonId, verdict: Verdict) -> Found {
        let mut found = Found { verdict, denies: Vec::new(), ways: Vec::new() };
        let Some(standing) = judge.standing(set) else { return found };
        if verdict == Verdict::Never || standing.rule == Rule::Everybody {
            return found;
        }
        let finder = Finder { judge };
        let sets = &judge.population.sets;
        let mut scps = Vec::new();
        if judge.is_bound(set) {
            let account = judge.population.accounts.get(set.account as usize);
            for (policies, level) in account.iter().flat_map(|account| &account.levels).zip(0..) {
                scps.push(finder.gate(Layer::Scp, level, policies));
                found.denies.extend(finder.statements(Layer::Scp, level, policies, Effect::Deny));
            }
        }
        let mut identity =
            FoundGate { layer: Layer::Identity, level: 0, truth: Truth::Yes, statements: Vec::new() };
        let mut limit = None;
        if set.kind != Kind::Root {
            identity = finder.gate(Layer::Identity, 0, sets.identity(set));
            limit = set.bounded.then(|| finder.gate(Layer::Boundary, 0, sets.boundary(set)));
            for (layer, policies) in
                [(Layer::Identity, sets.identity(set)), (Layer::Boundary, sets.boundary(set))]
            {
                found.denies.extend(finder.statements(layer, 0, policies, Effect::Deny));
            }
        }
        for rcp in judge.rcps(set, standing) {
            found.denies.extend(finder.rcp(rcp, &rcp.denies.reach(judge.population, set, person)));
        }
        let reach = judge.grants.as_ref().map(|grants| grants.reach(judge.population, set, person));
        let granted = |least| finder.granted(reach.as_ref(), least);
        found.denies.extend(finder.granting(reach.as_ref(), Effect::Deny, None));
        let needs_grant = !standing.home || standing.rule == Rule::ResourcePolicy;
        let own: Vec<FoundGate> = std::iter::once(identity).chain(limit.clone()).collect();
        let mut ways = Vec::new();
        if standing.home {
            ways.push(vec![granted(Some(Naming::Direct))]);
            ways.push(std::iter::once(granted(Some(Naming::Entity))).chain(limit).collect());
        }
        let grant = needs_grant.then(|| granted(None));
        ways.push(grant.into_iter().chain(own).collect());
        found.ways = ways.into_iter().map(|way| scps.iter().cloned().chain(way).collect()).collect();
        found.ways.retain(|way: &Vec<FoundGate>| way.iter().all(|gate| gate.truth != Truth::No));
        found
    }
}

struct Finder<'j, 'a> {
    judge: &'j Judge<'a>,
}

impl Finder<'_, '_> {
    fn gate(&self, layer: Layer, level: u32, policies: &[u32]) -> FoundGate {
        gate(layer, level, self.statements(layer, level, policies, Effect::Allow))
    }

    /// The statements of an effect that may apply.
    fn statements(&self, layer: Layer, level: u32, policies: &[u32], effect: Effect) -> Vec<FoundGround> {
        let mut found = Vec::new();
        for policy in policies {
            let left = self.judge.residuals.of(*policy).map(|residual| residual.left.as_slice());
            let left = left.unwrap_or_default().iter().filter(|residue| residue.effect == effect);
            found.extend(left.filter_map(|residue| self.ground(layer, level, Some(*policy), residue)));
        }
        found
    }

    /// The gate of the resource's policy, by statements that name the principal in this way, or in any.
    fn granted(&self, reach: Option<&Reach>, naming: Option<Naming>) -> FoundGate {
        gate(Layer::Resource, 0, self.granting(reach, Effect::Allow, naming))
    }

    fn granting(&self, reach: Option<&Reach>, effect: Effect, naming: Option<Naming>) -> Vec<FoundGround> {
        let (Some(grants), Some(reach)) = (&self.judge.grants, reach) else { return Vec::new() };
        let named = reach.iter().filter(|(_, how)| naming.is_none_or(|naming| naming == *how));
        named
            .filter_map(|(place, _)| grants.left.get(*place as usize))
            .map(|Grant { residue, .. }| residue)
            .filter(|residue| residue.effect == effect)
            .filter_map(|residue| self.ground(Layer::Resource, 0, None, residue))
            .collect()
    }

    fn rcp(&self, rcp: &Rcp, reach: &Reach) -> Vec<FoundGround> {
        let named = reach.iter().filter_map(|(place, _)| rcp.denies.left.get(*place as usize));
        let denies = named.filter(|grant| grant.residue.effect == Effect::Deny);
        denies
            .filter_map(|grant| self.ground(Layer::Rcp, rcp.level, Some(rcp.policy), &grant.residue))
            .collect()
    }

    fn ground(
        &self,
        layer: Layer,
        level: u32,
        policy: Option<u32>,
        residue: &Residue,
    ) -> Option<FoundGround> {
        let Judge { scene, request, .. } = self.judge;
        let truth = residue.truth(scene, request);
        let statement = residue.statement;
        let opens = residue.opens(scene, request);
        (truth != Truth::No).then_some(FoundGround { layer, level, policy, statement, truth, opens })
    }
}

fn gate(layer: Layer, level: u32, mut statements: Vec<FoundGround>) -> FoundGate {
    let truth = statements.iter().fold(Truth::No, |sum, ground| sum.or(ground.truth));
    statements.retain(|ground| ground.truth == truth);
    FoundGate { layer, level, truth, statements }
}

impl Found {
    /// The grounds with the texts that they speak of.
    pub(super) fn within<'p>(self, population: &'p Population, question: &'p Question) -> Grounds<'p> {
        let shown = |ground: &FoundGround| ground.within(population, question);
        let gate = |gate: FoundGate| Gate {
            layer: gate.layer,
            level: gate.level,
            settled: gate.truth == Truth::Yes,
            statements: gate.statements.iter().filter_map(shown).collect(),
        };
        let way = |way: Vec<FoundGate>| Way { gates: way.into_iter().map(gate).collect() };
        Grounds {
            verdict: self.verdict,
            denies: self.denies.iter().filter_map(shown).collect(),
            ways: self.ways.into_iter().map(way).collect(),
        }
    }
}

impl FoundGround {
    fn within<'p>(&self, population: &'p Population, question: &'p Question) -> Option<Ground<'p>> {
        let (label, document): (_, &Document) = match self.policy {
            Some(number) => {
                (&population.policies.get(number as usize)?.label, population.document_of(number)?)
            }
            None => {
                let policy = question.resource_policy.as_ref()?;
                (policy.label(), policy.document())
            }
        };
        let statement = document.statements().get(self.statement as usize)?;
        let conditions = self.opens.conditions.iter();
        let entries =
            statement.resource.as_ref().map(|element| element.entries.as_slice()).unwrap_or_default();
        let resources = self.opens.resources.iter().filter_map(|place| entries.get(*place as usize));
        Some(Ground {
            layer: self.layer,
            level: self.level,
            label,
            document,
            statement,
            conditions: conditions.filter_map(|place| statement.conditions.get(*place as usize)).collect(),
            resources: resources.collect(),
        })
    }
}
