//! RCPs: what the organization of the resource's account denies to whoever asks.

use super::grants::{Granted, Grants};
use super::people::PersonId;
use super::population::{Account, Population};
use super::question::Question;
use super::scene::Scene;
use super::sets::Set;
use policy::elements::rcps_apply;
use policy::{Layer, Request};
use std::collections::HashMap;
use std::rc::Rc;

/// The RCPs of an account that may deny what is asked. They only ever deny: `RCPFullAWSAccess` is attached everywhere
/// and cannot be detached.
///
/// See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html>.
pub(super) type Rcps = Rc<[Rcp]>;

/// One of them.
#[derive(Clone)]
pub(super) struct Rcp {
    pub(super) level: u32,
    pub(super) policy: u32,
    pub(super) denies: Rc<Grants>,
}

/// Finds the RCPs that bind principals of accounts.
pub(super) struct Finder<'a> {
    population: &'a Population,
    question: &'a Question,
    scene: &'a Scene<'a>,
    request: &'a Request<'a>,
    by_policy: HashMap<u32, Rc<Grants>>,
    /// Of the owner's account, once it has been looked for.
    of_owner: Option<Rcps>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        population: &'a Population,
        question: &'a Question,
        scene: &'a Scene<'a>,
        request: &'a Request<'a>,
    ) -> Self {
        Self { population, question, scene, request, by_policy: HashMap::new(), of_owner: None }
    }

    /// The RCPs that bind principals of this account: those of the resource's account, which is this one if the owner
    /// is not known.
    pub(super) fn binding(&mut self, account: &'a Account) -> Rcps {
        if !self.population.has_rcps || !rcps_apply(self.request) {
            return Rc::new([]);
        }
        let Some(owner) = self.question.owner() else { return self.of(account) };
        if let Some(known) = &self.of_owner {
            return Rc::clone(known);
        }
        let owner = self.population.account_of(owner);
        let found = owner.map_or_else(|| Rc::from([]), |account| self.of(account));
        Rc::clone(self.of_owner.insert(found))
    }

    fn of(&mut self, account: &'a Account) -> Rcps {
        // Resources of the management account are not bound.
        let levels = if account.management { &[][..] } else { &account.rcps };
        let mut found = Vec::new();
        for (policies, level) in levels.iter().zip(0..) {
            for policy in policies {
                let denies = self.denies(*policy);
                if !denies.left.is_empty() {
                    found.push(Rcp { level, policy: *policy, denies });
                }
            }
        }
        found.into()
    }

    fn denies(&mut self, policy: u32) -> Rc<Grants> {
        if let Some(known) = self.by_policy.get(&policy) {
            return Rc::clone(known);
        }
        let document = self.population.document_of(policy);
        let found = document.map(|document| Grants::new(document, Layer::Rcp, self.scene, self.request));
        let found = Rc::new(found.unwrap_or_default());
        self.by_policy.insert(policy, Rc::clone(&found));
        found
    }
}

impl Rcp {
    /// What it comes to for one principal, whom the scene looks at.
    fn for_one(
        &self,
        population: &Population,
        set: &Set,
        person: PersonId,
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> Granted {
        let reach = self.denies.reach(population, set, person);
        self.denies.granted(&reach, scene, request)
    }
}

/// What the RCPs deny to one principal, whom the scene looks at.
pub(super) fn denied_to(
    rcps: &[Rcp],
    population: &Population,
    set: &Set,
    person: PersonId,
    scene: &Scene<'_>,
    request: &Request<'_>,
) -> Granted {
    let one = |rcp: &Rcp| rcp.for_one(population, set, person, scene, request);
    rcps.iter().map(one).fold(Granted::default(), denied)
}

/// What the RCPs deny to all that have a set, of whom `first` is one; `None` if they name some of them.
pub(super) fn denied_to_all(
    rcps: &[Rcp],
    population: &Population,
    set: &Set,
    people: &[u32],
    first: PersonId,
    scene: &Scene<'_>,
    request: &Request<'_>,
) -> Option<Granted> {
    let mut sum = Granted::default();
    for Rcp { denies, .. } in rcps.iter() {
        if people.iter().any(|person| denies.may_name(population, PersonId(*person))) {
            return None;
        }
        sum = denied(sum, denies.of_unnamed(population, set, first, scene, request));
    }
    Some(sum)
}

fn denied(sum: Granted, more: Granted) -> Granted {
    Granted { deny: sum.deny.or(more.deny), personal: sum.personal || more.personal, ..sum }
}
