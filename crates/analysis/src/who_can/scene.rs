//! What is known of the request: keys of the question, of the resource, and of the principal that is looked at.

use super::people::{Follows, PersonId, is_personal};
use super::population::{Organization, Population};
use super::question::Question;
use base::ArnRef;
use policy::catalogue::Catalogue;
use policy::{ConditionKey, Context, ContextMap, Values};
use std::cell::Cell;
use std::collections::HashSet;

/// The request's context as far as it is known.
pub(super) struct Scene<'p> {
    population: &'p Population,
    given: ContextMap,
    /// Keys of which the question says all there is to say.
    named: HashSet<ConditionKey>,
    /// Whether there are personal ones among these.
    names_personal: bool,
    closed: bool,
    /// Whether the owner is known, but not its organization.
    foreign: bool,
    /// Who is looked at; nobody while sets are.
    person: Cell<Option<PersonId>>,
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Its values, or that it is absent.
    Known,
    /// Nothing until a principal is looked at.
    Personal,
    /// Nothing.
    Unknown,
}

/// Keys that only requests of AWS services have.
const OF_SERVICES: [&str; 2] = ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"];

impl<'p> Scene<'p> {
    pub(super) fn new(population: &'p Population, question: &Question) -> Self {
        let (given, named) = (ContextMap::new(), HashSet::new());
        let (closed, person) = (question.closed, Cell::new(None));
        let mut scene =
            Self { population, given, named, names_personal: false, closed, foreign: false, person };
        for (key, values) in &question.context {
            scene.put(key, values.iter().map(String::as_str));
        }
        if let Some(owner) = question.owner() {
            scene.put_other("aws:ResourceAccount", Some(owner.as_str()));
            let account = population.account_of(owner);
            scene.put_organization(account.map_or(&Organization::Unknown, |account| &account.organization));
        }
        if let Some(arn) = ArnRef::parse(question.resource()).filter(|arn| !arn.region.is_empty()) {
            scene.put_other("aws:RequestedRegion", Some(arn.region));
        }
        scene.put_other("aws:PrincipalIsAWSService", Some("false"));
        for key in OF_SERVICES {
            scene.put_other(key, None);
        }
        scene
    }

    fn put<'v>(&mut self, key: &str, values: impl ExactSizeIterator<Item = &'v str>) {
        let named = ConditionKey::new(key);
        self.names_personal |= is_personal(&named);
        self.named.insert(named);
        let multivalued = Catalogue::get().condition_key(key).is_some_and(|facts| facts.is_multivalued());
        if values.len() == 1 && !multivalued {
            values.for_each(|value| self.given.insert(key, value));
        } else if values.len() > 0 {
            self.given.insert_many(key, values);
        }
    }

    /// A key of which the question may know better.
    fn put_other(&mut self, key: &str, value: Option<&str>) {
        if !self.named.contains(&ConditionKey::new(key)) {
            self.put(key, value.into_iter());
        }
    }

    /// The keys of the organization of the account that owns the resource.
    fn put_organization(&mut self, organization: &Organization) {
        let none = Box::default();
        let (id, paths) = match organization {
            Organization::Unknown => return self.foreign = true,
            Organization::None => (&none, [].as_slice()),
            Organization::Known { id, paths } => (id, paths.as_slice()),
        };
        self.put_other("aws:ResourceOrgID", Some(&**id).filter(|id| !id.is_empty()));
        if !self.named.contains(&ConditionKey::new("aws:ResourceOrgPaths")) {
            self.put("aws:ResourceOrgPaths", paths.iter().map(String::as_str));
        }
    }

    /// Looks at a principal, or at none.
    pub(super) fn look_at(&self, person: Option<PersonId>) {
        self.person.set(person);
    }

    /// What is known of a key.
    pub(super) fn word(&self, key: &ConditionKey) -> Word {
        if self.named.contains(key) {
            return Word::Known;
        }
        let unknown = if self.closed { Word::Known } else { Word::Unknown };
        if !is_personal(key) || (self.foreign && is_of_resource_organization(key)) {
            return unknown;
        }
        match self.person.get().map(|person| self.follows(person, key)) {
            None => Word::Personal,
            Some(Follows::Value) => Word::Known,
            Some(Follows::Session) => unknown,
        }
    }

    /// Whether these keys, which are personal and of which the question says nothing, are known of whom the scene looks
    /// at.
    pub(super) fn knows_all(&self, keys: &[ConditionKey]) -> bool {
        let Some(person) = self.person.get() else { return false };
        self.closed || keys.iter().all(|key| self.follows(person, key) == Follows::Value)
    }

    fn follows(&self, person: PersonId, key: &ConditionKey) -> Follows {
        if !is_of_organization(key) {
            return self.population.people.follows(person, key);
        }
        match self.population.organization_of(person) {
            Organization::Unknown => Follows::Session,
            _ => Follows::Value,
        }
    }

    /// The values of a key that follows from the principal.
    fn personal(&self, person: PersonId, key: &ConditionKey) -> Values<'_> {
        if !is_of_organization(key) {
            return self.population.people.values(person, key);
        }
        if self.foreign && is_of_resource_organization(key) {
            return Values::Absent;
        }
        match self.population.organization_of(person) {
            Organization::Known { id, .. } if key.name().ends_with("orgid") => Values::One(id),
            Organization::Known { paths, .. } => Values::Many(paths),
            _ => Values::Absent,
        }
    }
}

/// Whether a key speaks of an organization.
fn is_of_organization(key: &ConditionKey) -> bool {
    matches!(key.name(), "aws:principalorgid" | "aws:principalorgpaths") || is_of_resource_organization(key)
}

fn is_of_resource_organization(key: &ConditionKey) -> bool {
    matches!(key.name(), "aws:resourceorgid" | "aws:resourceorgpaths")
}

impl Context for Scene<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        match self.person.get() {
            Some(person) if is_personal(key) && !(self.names_personal && self.named.contains(key)) => {
                self.personal(person, key)
            }
            // What the question does not name is absent there too.
            _ => self.given.values(key),
        }
    }
}
