//! Every principal, by the policies it has.

use super::documents::Documents;
use super::people::{People, PersonId};
use super::question::Question;
use super::sets::Sets;
use super::solve::{Solution, Verdict};
use base::AccountId;
use policy::{Document, InvalidPrincipal, PolicyKind, PolicyLabel, Principal};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

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
    /// Of a role: whether its sessions may have tags that the role has not, because its trust policy allows
    /// `sts:TagSession`; if it does not, a tag that the role has not is not there.
    pub session_tags: bool,
}

impl<'a> Person<'a> {
    /// One without policies, boundary and tags.
    pub fn new(account: AccountNumber, kind: Kind, arn: &'a str) -> Self {
        Self { account, kind, arn, id: None, identity: &[], boundary: None, tags: &[], session_tags: true }
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
    /// Whether some account has RCPs.
    pub(super) has_rcps: bool,
    /// Principals by their ARNs in order, once somebody asked for one.
    pub(super) by_arn: OnceLock<Vec<u32>>,
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
    /// RCPs on the way to the account, root first.
    pub(super) rcps: Vec<Vec<u32>>,
    pub(super) organization: Organization,
}

/// What is known of an account's organization.
#[derive(Debug, Default)]
pub(super) enum Organization {
    #[default]
    Unknown,
    /// It is in none.
    None,
    Known {
        id: Box<str>,
        /// The account's place: `o-…/r-…/ou-…/`; of several each is a value.
        paths: Vec<String>,
    },
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
        accounts.push(Account {
            id,
            partition: partition.into(),
            management: false,
            levels: Vec::new(),
            rcps: Vec::new(),
            organization: Organization::Unknown,
        });
        AccountNumber(accounts.len() as u32 - 1)
    }

    /// Says which SCPs lie on the way to an account, root first; a level without any denies. No levels: it is in no
    /// organization.
    pub fn scps(&mut self, account: AccountNumber, levels: &[Vec<PolicyId>]) {
        if let Some(account) = self.population.accounts.get_mut(account.0 as usize) {
            account.levels = numbers(levels);
        }
    }

    /// Says which RCPs lie on the way to an account, root first. They bind whoever asks for the account's resources, of
    /// the services that RCPs bind; `RCPFullAWSAccess` need not be among them. A resource whose owner is not known is
    /// taken to be of the asker's account.
    ///
    /// See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>.
    pub fn rcps(&mut self, account: AccountNumber, levels: &[Vec<PolicyId>]) {
        if let Some(account) = self.population.accounts.get_mut(account.0 as usize) {
            account.rcps = numbers(levels);
            self.population.has_rcps |= account.rcps.iter().any(|level| !level.is_empty());
        }
    }

    /// Says which organization an account is in, and where: `o-…/r-…/ou-…/`, each unit with a slash behind it. It
    /// gives `aws:PrincipalOrgID` and `aws:PrincipalOrgPaths` of its principals and `aws:ResourceOrgID` and
    /// `aws:ResourceOrgPaths` of its resources, which are not known without.
    pub fn organization(&mut self, account: AccountNumber, id: &str, paths: &[String]) {
        if let Some(account) = self.population.accounts.get_mut(account.0 as usize) {
            account.organization = Organization::Known { id: id.into(), paths: paths.to_vec() };
        }
    }

    /// Says that an account is in no organization, so that requests do not have these keys.
    pub fn no_organization(&mut self, account: AccountNumber) {
        if let Some(account) = self.population.accounts.get_mut(account.0 as usize) {
            account.organization = Organization::None;
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
        let Person { account, kind, arn, id, identity, boundary, tags, .. } = *person;
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
        self.population.people.push(set, kind, arn, id, tags, !person.session_tags);
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

/// Levels by the numbers of their policies.
fn numbers(levels: &[Vec<PolicyId>]) -> Vec<Vec<u32>> {
    levels.iter().map(|level| level.iter().map(|policy| policy.0).collect()).collect()
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

    /// The verdict of one principal, without solving the question for others: for who asks many questions of few.
    pub fn judge(&self, person: PersonId, question: &Question) -> Verdict {
        super::single::judge(self, person, question, None)
    }

    /// The same; where conditions stay open, `refine` says what they come to together.
    pub fn judge_with(&self, person: PersonId, question: &Question, refine: &dyn super::Refine) -> Verdict {
        super::single::judge(self, person, question, Some(refine))
    }

    /// Why one principal can, without solving the question for others. `None` if it is not there.
    pub fn grounds<'p>(&'p self, person: PersonId, question: &'p Question) -> Option<super::Grounds<'p>> {
        super::single::grounds(self, person, question)
    }

    /// Every principal, in the order in which they were given.
    pub fn people(&self) -> impl ExactSizeIterator<Item = PersonId> + use<> {
        (0..self.len() as u32).map(PersonId)
    }

    /// The principal of this ARN: of the user or role, or of the account's root. The first question for one sorts them.
    pub fn person_by_arn(&self, arn: &str) -> Option<PersonId> {
        let of = |person: &u32| self.people.arn(PersonId(*person));
        let sorted = self.by_arn.get_or_init(|| {
            let mut sorted: Vec<u32> = (0..self.len() as u32).collect();
            sorted.sort_by(|a, b| of(a).cmp(of(b)));
            sorted
        });
        let place = sorted.partition_point(|person| of(person) < arn);
        sorted.get(place).filter(|person| of(person) == arn).map(|person| PersonId(*person))
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

    pub(super) fn account_of(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// What is known of the organization of a principal's account.
    pub(super) fn organization_of(&self, person: PersonId) -> &Organization {
        let account = self.set_of(person).and_then(|set| self.accounts.get(set.account as usize));
        account.map_or(&Organization::Unknown, |account| &account.organization)
    }

    pub(super) fn document_of(&self, policy: u32) -> Option<&Arc<Document>> {
        self.documents.get(self.policies.get(policy as usize)?.document)
    }
}
