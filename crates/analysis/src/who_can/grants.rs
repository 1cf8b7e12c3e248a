//! Policies that name principals, such as the resource's: whom its statements name, and what they come to.
//!
//! Principals that no statement names stand all alike to it within an account, so that one of them answers for all.

use super::people::PersonId;
use super::population::{Kind, Population, principal};
use super::residual::{Prepared, Residue};
use super::scene::Scene;
use super::sets::Set;
use super::truth::Truth;
use policy::elements::{ActionTest, Naming, PrincipalTest};
use policy::{Document, Effect, Layer, Principal, Request, Statement};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// The statements of a resource's policy, or of an RCP, that may apply.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) left: Vec<Grant>,
    /// Hashes of names and unique ids in its principal elements, and the lengths that these have.
    named: HashSet<u64>,
    lengths: u128,
    /// By account, kind, and whether there is a boundary: of principals that it does not name, as long as nobody is
    /// looked at.
    classes: RefCell<HashMap<Class, (Reach, Granted)>>,
}

/// An account, a kind of principal, and whether it has a boundary.
type Class = (u32, Kind, bool);

/// One statement.
pub(super) struct Grant {
    pub(super) residue: Residue,
    principals: PrincipalTest,
    negated: bool,
}

/// Which statements name a principal, and how.
pub(super) type Reach = Rc<[(u32, Naming)]>;

/// What the resource's policy comes to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Granted {
    /// To the principal itself, or as one of everybody.
    pub(super) direct: Truth,
    /// To the role of the session.
    pub(super) entity: Truth,
    /// In any way, be it to the account.
    pub(super) any: Truth,
    pub(super) deny: Truth,
    /// Whether more can be said of single principals.
    pub(super) personal: bool,
}

impl Grants {
    pub(super) fn new(document: &Document, layer: Layer, scene: &Scene<'_>, request: &Request<'_>) -> Self {
        // Only the policy of a resource may leave `Resource` out.
        let speaks = |statement: &&Statement| layer == Layer::Resource || statement.resource.is_some();
        let numbered = document.statements().iter().zip(0..).filter(|(statement, _)| speaks(statement));
        let version = document.version();
        let residue = |statement, place| {
            let prepared = Arc::new(Prepared::new(statement, version));
            Residue::new(statement, place, version, &prepared, scene, request)
        };
        let left = numbered
            .filter_map(|(statement, place)| Grant::new(statement, residue(statement, place), request));
        // Whatever stands between separators may be a name.
        let names = || document.principals().flat_map(|entry| entry.text.value.split(['/', ':']));
        Self {
            left: left.collect(),
            named: names().map(hash).collect(),
            lengths: names().fold(0, |lengths, name| lengths | length(name)),
            classes: RefCell::default(),
        }
    }

    /// Whether a statement may name the principal, and not only its account or everybody.
    pub(super) fn may_name(&self, population: &Population, person: PersonId) -> bool {
        let people = &population.people;
        let named = |text: &str| {
            !text.is_empty() && self.lengths & length(text) != 0 && self.named.contains(&hash(text))
        };
        named(people.name(person)) || named(people.id(person))
    }

    /// How the policy names a principal; of those that it may not name, all of a kind in one account alike.
    pub(super) fn reach(&self, population: &Population, set: &Set, person: PersonId) -> Reach {
        let known =
            self.classes.borrow().get(&(set.account, set.kind, set.bounded)).map(|(it, _)| Rc::clone(it));
        match known {
            Some(reach) if !self.may_name(population, person) => reach,
            _ => self.reach_of(population, set, person),
        }
    }

    /// What the policy comes to for those of a kind in one account that it may not name, of whom this is one. Nobody is
    /// looked at.
    pub(super) fn of_unnamed(
        &self,
        population: &Population,
        set: &Set,
        person: PersonId,
        scene: &Scene<'_>,
        request: &Request<'_>,
    ) -> Granted {
        let class = (set.account, set.kind, set.bounded);
        if let Some((_, granted)) = self.classes.borrow().get(&class) {
            return *granted;
        }
        let reach = self.reach_of(population, set, person);
        let granted = self.granted(&reach, scene, request);
        self.classes.borrow_mut().insert(class, (reach, granted));
        granted
    }

    fn reach_of(&self, population: &Population, set: &Set, person: PersonId) -> Reach {
        let home = population.accounts.get(set.account as usize);
        let (arn, id) = (population.people.arn(person), population.people.id(person));
        let Some(Ok(who)) = home.map(|home| principal(set.kind, home, arn, id)) else { return Rc::new([]) };
        // Root has no boundary.
        let bounded = set.bounded && set.kind != Kind::Root;
        let named =
            self.left.iter().zip(0..).filter_map(|(grant, place)| Some((place, grant.names(&who, bounded)?)));
        named.collect()
    }

    /// What the statements that name a principal come to, for whom the scene looks at.
    pub(super) fn granted(&self, reach: &Reach, scene: &Scene<'_>, request: &Request<'_>) -> Granted {
        let mut granted = Granted::default();
        for (place, naming) in reach.iter() {
            let Some(Grant { residue, .. }) = self.left.get(*place as usize) else { continue };
            let truth = residue.truth(scene, request);
            granted.personal |= residue.is_personal();
            if residue.effect == Effect::Deny {
                granted.deny = granted.deny.or(truth);
                continue;
            }
            granted.any = granted.any.or(truth);
            match naming {
                Naming::Direct => granted.direct = granted.direct.or(truth),
                Naming::Entity => granted.entity = granted.entity.or(truth),
                Naming::Account => {}
            }
        }
        granted
    }
}

/// A hash of a name without regard to case; two names may share one.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x100_0000_01b3)
    })
}

/// A bit for the length of a name.
fn length(name: &str) -> u128 {
    1 << (name.len() % 128)
}

impl Grant {
    fn new(statement: &Statement, residue: Option<Residue>, request: &Request<'_>) -> Option<Self> {
        // A statement that names no principal never matches here.
        let element = statement.principal.as_ref()?;
        let residue =
            residue.filter(|_| ActionTest::new(&statement.action, statement.effect).covers(request))?;
        let principals = PrincipalTest::new(element, statement.effect);
        Some(Self { residue, principals, negated: element.negated })
    }

    fn names(&self, who: &Principal, bounded: bool) -> Option<Naming> {
        if self.residue.effect == Effect::Deny && self.negated && bounded {
            return Some(Naming::Direct);
        }
        self.principals.names(who)
    }
}
