//! Every principal, by the policies it has.

use super::documents::Documents;
use super::people::{People, PersonId};
use super::question::Question;
use super::sets::Sets;
use super::solve::{Solution, Verdict};
use base::AccountId;
use policy::{Document, InvalidPrincipal, PolicyKind, PolicyLabel, Principal};
use std::collections::HashMap;
use std::sync::Arc;

/// A policy of a population: a document under a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub(super) u32);

/// An account of a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNumber(pub(super) u32);

/// What kind of principal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An IAM user.
    User,
    /// A role, by a session of it that has neither session policies nor tags beside the role's.
    Role,
    /// A service-linked role, which SCPs do not bind.
    LinkedRole,
    /// An account's root user, which needs no policies.
    Root,
}

impl Kind {
    /// The value of `aws:PrincipalType`.
    pub(super) fn principal_type(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Role | Kind::LinkedRole => "AssumedRole",
            Kind::Root => "Account",
        }
    }
}

/// A principal to be added. Policies of its groups count among its own.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Its account.
    pub account: AccountNumber,
    /// What it is.
    pub kind: Kind,
    /// The ARN of the user or role, path included, or of the account's root.
    pub arn: &'a str,
    /// The unique id (`AIDA…`, `AROA…`), if it is known.
    pub id: Option<&'a str>,
    /// Identity policies, in any order.
    pub identity: &'a [PolicyId],
    /// The permissions boundary: `None` if there is none, nothing if it cannot be read.
    pub boundary: Option<&'a [PolicyId]>,
    /// Keys and values.
    pub tags: &'a [(&'a str, &'a str)],
}

impl<'a> Person<'a> {
    /// One without policies, boundary and tags.
    pub fn new(account: AccountNumber, kind: Kind, arn: &'a str) -> Self {
        Self { account, kind, arn, id: None, identity: &[], boundary: None, tags: &[] }
    }
}

/// Gathers a population.
#[derive(Debug, Default)]
pub struct Builder {
    population: Population,
    policies: HashMap<(u32, PolicyLabel), u32>,
    /// Room for the policies of one principal.
    sorted: Vec<u32>,
}

/// Principals and their policies, ready to be asked about. See the module's documentation.
#[derive(Debug, Default)]
pub struct Population {
    pub(super) documents: Documents,
    pub(super) policies: Vec<Policy>,
    /// The policies that each document has become.
    pub(super) of_document: Vec<Vec<u32>>,
    pub(super) accounts: Vec<Account>,
    pub(super) sets: Sets,
    pub(super) people: People,
}

#[derive(Debug)]
pub(super) struct Policy {
    pub(super) document: u32,
    pub(super) label: PolicyLabel,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) partition: Box<str>,
    /// SCPs do not bind the organization's management account.
    pub(super) management: bool,
    /// SCPs on the way to the account, root first.
    pub(super) levels: Vec<Vec<u32>>,
}

/// How the session of a role is called where a name is needed; a policy that names one session is not about it.
pub(super) const SESSION: &str = "any-session";

impl Builder {
    /// Adds a policy; the same document under the same label is one policy.
    pub fn policy(&mut self, document: Arc<Document>, label: PolicyLabel) -> PolicyId {
        let population = &mut self.population;
        let document = population.documents.intern(document);
        population.of_document.resize(population.documents.len(), Vec::new());
        let next = population.policies.len() as u32;
        let number = *self.policies.entry((document, label)).or_insert_with_key(|(document, label)| {
            population.policies.push(Policy { document: *document, label: label.clone() });
            next
        });
        if number == next
            && let Some(policies) = population.of_document.get_mut(document as usize)
        {
            policies.push(number);
        }
        PolicyId(number)
    }

    /// Adds an account, outside of any organization.
    pub fn account(&mut self, id: AccountId, partition: &str) -> AccountNumber {
        let accounts = &mut self.population.accounts;
        accounts.push(Account { id, partition: partition.into(), management: false, levels: Vec::new() });
        AccountNumber(accounts.len() as u32 - 1)
    }

    /// Says which SCPs lie on the way to an account, root first; a level without any denies. No levels: it is in no
    /// organization.
    pub fn scps(&mut self, account: AccountNumber, levels: &[Vec<PolicyId>]) {
        if let Some(account) = self.population.accounts.get_mut(account.0 as usize) {
            account.levels =
                levels.iter().map(|level| level.iter().map(|policy| policy.0).collect()).collect();
        }
    }

    /// Says that an account is its organization's management account.
    pub fn management_account(&mut self, account: AccountNumber) {
        if let Some(account) = self.population.accounts.get_mut(account.0 as usize) {
            account.management = true;
        }
    }

    /// Adds a principal.
    ///
    /// # Errors
    /// If the ARN is not one of its kind.
    pub fn person(&mut self, person: &Person<'_>) -> Result<PersonId, InvalidPrincipal> {
        let Person { account, kind, arn, id, identity, boundary, tags } = *person;
        let id = id.unwrap_or_default();
        let too_long = arn.len().max(id.len()) > usize::from(u16::MAX);
        if too_long || !self.is_of_kind(account, kind, arn) {
            return Err(InvalidPrincipal(arn.to_owned()));
        }
        self.sorted.clear();
        self.sorted.extend(identity.iter().map(|policy| policy.0));
        sort(&mut self.sorted, 0);
        let middle = self.sorted.len();
        self.sorted.extend(boundary.into_iter().flatten().map(|policy| policy.0));
        sort(&mut self.sorted, middle);
        let (identity, limits) = self.sorted.split_at(middle.min(self.sorted.len()));
        let set = self.population.sets.intern(account.0, kind, identity, boundary.map(|_| limits));
        let number = PersonId(self.population.people.len() as u32);
        self.population.people.push(set, kind, arn, id, tags);
        Ok(number)
    }

    fn is_of_kind(&self, account: AccountNumber, kind: Kind, arn: &str) -> bool {
        let Some(home) = self.population.accounts.get(account.0 as usize) else { return false };
        let Ok(principal) = principal(kind, home, arn, "") else { return false };
        let is_root =
            base::ArnRef::parse(arn).is_some_and(|arn| arn.service == "iam" && arn.resource == "root");
        principal.account() == Some(home.id)
            && principal.partition() == Some(&*home.partition)
            && is_root == (kind == Kind::Root)
            && principal.is_service_linked() == (kind == Kind::LinkedRole)
    }

    /// The population, indexed.
    pub fn finish(self) -> Population {
        let mut population = self.population;
        let people = &mut population.people;
        people.settle();
        population.sets.settle(people.sets().collect::<Vec<_>>().into_iter(), population.policies.len());
        population
    }
}

/// Sorts what follows a place, each number once.
fn sort(numbers: &mut Vec<u32>, from: usize) {
    if let Some(numbers) = numbers.get_mut(from..) {
        numbers.sort_unstable();
    }
    let mut place = 0;
    let mut before = None;
    numbers.retain(|number| {
        let again = place >= from && before == Some(*number);
        before = (place >= from).then_some(*number);
        place += 1;
        !again
    });
}

/// The principal as the engine knows it.
pub(super) fn principal(
    kind: Kind,
    home: &Account,
    arn: &str,
    id: &str,
) -> Result<Principal, InvalidPrincipal> {
    let principal = match kind {
        Kind::Root => Principal::root(home.id, &home.partition),
        Kind::User => Principal::user(arn)?,
        Kind::Role | Kind::LinkedRole => Principal::role_session(arn, SESSION)?,
    };
    let principal = if id.is_empty() { principal } else { principal.with_id(id) };
    Ok(if home.management { principal.in_management_account() } else { principal })
}

impl Population {
    /// A builder of one.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Answers a question.
    pub fn who_can(&self, question: &Question) -> Solution {
        Solution::new(self, question, None)
    }

    /// Answers a question; where conditions stay open, `refine` says what they come to together.
    pub fn who_can_with(&self, question: &Question, refine: &dyn super::Refine) -> Solution {
        Solution::new(self, question, Some(refine))
    }

    /// How many principals there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many accounts there are.
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Whether an account is there.
    pub fn has_account(&self, id: AccountId) -> bool {
        self.accounts.iter().any(|account| account.id == id)
    }

    /// How many different sets of policies there are; principals of different accounts or kinds share none.
    pub fn sets(&self) -> usize {
        self.sets.len()
    }

    /// How many policies there are.
    pub fn policies(&self) -> usize {
        self.policies.len()
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.documents.len()
    }

    /// The ARN of a principal: of the user or role, or of the account's root.
    pub fn arn(&self, person: PersonId) -> &str {
        self.people.arn(person)
    }

    /// What kind of principal it is.
    pub fn kind(&self, person: PersonId) -> Kind {
        self.set_of(person).map_or(Kind::User, |set| set.kind)
    }

    /// The principal as the engine knows it: of a role, a session of it.
    pub fn principal(&self, person: PersonId) -> Option<Principal> {
        let home = self.accounts.get(self.set_of(person)?.account as usize)?;
        principal(self.kind(person), home, self.arn(person), self.people.id(person)).ok()
    }

    /// A policy's label.
    pub fn label(&self, policy: PolicyId) -> Option<&PolicyLabel> {
        self.policies.get(policy.0 as usize).map(|policy| &policy.label)
    }

    /// The policies of this kind and name.
    pub fn policies_named<'a>(
        &'a self,
        kind: PolicyKind,
        name: &'a str,
    ) -> impl Iterator<Item = PolicyId> + 'a {
        let named = move |policy: &Policy| policy.label.kind == kind && *policy.label.name == *name;
        self.policies
            .iter()
            .zip(0..)
            .filter(move |(policy, _)| named(policy))
            .map(|(_, number)| PolicyId(number))
    }

    /// The verdict that a solution has of a principal.
    pub fn verdict(&self, solution: &Solution, person: PersonId) -> Verdict {
        solution.verdict(self, person)
    }

    pub(super) fn set_of(&self, person: PersonId) -> Option<&super::sets::Set> {
        self.sets.get(self.people.set(person))
    }

    pub(super) fn document_of(&self, policy: u32) -> Option<&Arc<Document>> {
        self.documents.get(self.policies.get(policy as usize)?.document)
    }
}
