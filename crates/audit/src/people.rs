//! Every principal of an estate or snapshot, with its policies and everything that limits it, ready to be asked about.

use crate::estate::Estate;
use analysis::who_can::{
    AccountNumber, Builder, Kind, Person, PersonId, PolicyId, Population, admits_session_tags,
};
use base::{AccountId, Arn, Partition};
use model::organization::{OrganizationPolicy, OrganizationPolicyKind};
use model::{AccountState, EffectivePolicies, Role, Snapshot, Tags, User};
use policy::{CompiledPolicy, Document, PolicyKind, PolicyLabel};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// What binds every principal of an account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits {
    /// SCPs, a list for each level, root first.
    pub(crate) scps: Vec<Vec<Arc<CompiledPolicy>>>,
    /// RCPs, in the same way.
    pub(crate) rcps: Vec<Vec<Arc<CompiledPolicy>>>,
    /// The organization's id, and the path of the account in it.
    pub(crate) organization: Option<(String, String)>,
    /// Whether it is the organization's management account.
    pub(crate) management: bool,
}

/// Whom a person of a population stands for.
#[derive(Debug, Clone)]
pub enum Entity {
    /// The root user of an account.
    Root(AccountId),
    /// A user.
    User(Arc<User>),
    /// A role.
    Role(Arc<Role>),
}

impl Entity {
    /// The account that it is of.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Root(account) => *account,
            Self::User(user) => user.account,
            Self::Role(role) => role.account,
        }
    }

    /// Its ARN.
    pub fn arn(&self, partition: Partition) -> String {
        match self {
            Self::Root(account) => {
                Arn::global(partition.id(), "iam", account.as_str(), ["root"]).as_str().to_owned()
            }
            Self::User(user) => user.arn(partition).as_str().to_owned(),
            Self::Role(role) => role.arn(partition).as_str().to_owned(),
        }
    }

    /// Its tags.
    pub fn tags(&self) -> &Tags {
        static NONE: OnceLock<Tags> = OnceLock::new();
        match self {
            Self::Root(_) => NONE.get_or_init(Tags::default),
            Self::User(user) => &user.tags,
            Self::Role(role) => &role.tags,
        }
    }

    /// The unique id; empty for the root user.
    fn id(&self) -> &str {
        match self {
            Self::Root(_) => "",
            Self::User(user) => user.id.as_str(),
            Self::Role(role) => role.id.as_str(),
        }
    }

    /// What kind of principal it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Root(_) => Kind::Root,
            Self::User(_) => Kind::User,
            Self::Role(role) if role.is_service_linked() => Kind::LinkedRole,
            Self::Role(_) => Kind::Role,
        }
    }

    /// Whether its sessions may have tags that it does not have itself.
    fn session_tags(&self, partition: Partition) -> bool {
        let Self::Role(role) = self else { return false };
        let label = || PolicyLabel::new(PolicyKind::Trust, role.arn(partition).as_str(), &role.name);
        role.trust.compiled(label).is_none_or(|trust| admits_session_tags(trust.document()))
    }

    /// Its policies.
    pub(crate) fn policies(&self, state: &AccountState, partition: Partition) -> EffectivePolicies {
        match self {
            Self::Root(_) => EffectivePolicies::default(),
            Self::User(user) => state.effective_of_user(user, partition),
            Self::Role(role) => state.effective_of_role(role, partition),
        }
    }
}

/// Everybody of an account: root user, users, roles.
pub(crate) fn entities(state: &AccountState) -> impl Iterator<Item = Entity> + '_ {
    let users = state.users.iter().map(|user| Entity::User(Arc::clone(user)));
    let roles = state.roles.iter().map(|role| Entity::Role(Arc::clone(role)));
    std::iter::once(Entity::Root(state.id())).chain(users).chain(roles)
}

/// Gathers a population of entities.
#[derive(Debug)]
pub(crate) struct Gathering {
    builder: Builder,
    partition: Partition,
    accounts: HashMap<AccountId, AccountNumber>,
}

impl Gathering {
    pub(crate) fn new(partition: Partition) -> Self {
        Self { builder: Population::builder(), partition, accounts: HashMap::new() }
    }

    /// Adds an account, before anybody of it.
    pub(crate) fn account(&mut self, id: AccountId, limits: &Limits) {
        let account = self.builder.account(id, self.partition.id());
        let scps: Vec<_> = limits.scps.iter().map(|level| self.policies(level)).collect();
        let rcps: Vec<_> = limits.rcps.iter().map(|level| self.policies(level)).collect();
        self.builder.scps(account, &scps);
        self.builder.rcps(account, &rcps);
        if let Some((id, path)) = &limits.organization {
            self.builder.organization(account, id, std::slice::from_ref(path));
        }
        if limits.management {
            self.builder.management_account(account);
        }
        self.accounts.insert(id, account);
    }

    /// Adds somebody with these policies. `None` if the account is not there or the ARN is none of a principal, which
    /// importers refuse before.
    pub(crate) fn person(&mut self, entity: &Entity, policies: &EffectivePolicies) -> Option<PersonId> {
        let account = *self.accounts.get(&entity.account())?;
        let identity = self.policies(&policies.identity);
        let boundary = policies.boundary.as_ref().map(|boundary| self.policies(boundary));
        let tags: Vec<(&str, &str)> = entity.tags().iter().map(|tag| (&*tag.key, &*tag.value)).collect();
        let arn = entity.arn(self.partition);
        let id = Some(entity.id()).filter(|id| !id.is_empty());
        let person = Person {
            id,
            identity: &identity,
            boundary: boundary.as_deref(),
            tags: &tags,
            session_tags: entity.session_tags(self.partition),
            ..Person::new(account, entity.kind(), &arn)
        };
        self.builder.person(&person).ok()
    }

    pub(crate) fn finish(self) -> Population {
        self.builder.finish()
    }

    fn policies(&mut self, policies: &[Arc<CompiledPolicy>]) -> Vec<PolicyId> {
        let builder = &mut self.builder;
        let add = |policy: &Arc<CompiledPolicy>| {
            builder.policy(Arc::clone(policy.document()), policy.label().clone())
        };
        policies.iter().map(add).collect()
    }
}

/// Everybody of a snapshot, account by account.
pub(crate) fn population(
    snapshot: &Snapshot,
    partition: Partition,
    limits: impl Fn(AccountId) -> Limits,
) -> (Population, Vec<Entity>) {
    let mut gathering = Gathering::new(partition);
    let mut everybody = Vec::new();
    for state in snapshot.accounts() {
        gathering.account(state.id(), &limits(state.id()));
        for entity in entities(state) {
            let policies = entity.policies(state, partition);
            if gathering.person(&entity, &policies).is_some() {
                everybody.push(entity);
            }
        }
    }
    (gathering.finish(), everybody)
}

/// Everybody of an estate, under the policies of its organization.
#[derive(Debug)]
pub struct Everybody {
    /// The persons.
    pub population: Population,
    /// Whom they stand for, in the same order.
    pub entities: Vec<Entity>,
    numbers: HashMap<String, PersonId>,
}

impl Everybody {
    /// Everybody of an estate.
    pub fn of(estate: &Estate) -> Self {
        let limits = |account| limits(estate, account);
        let (population, entities) = population(&estate.snapshot, estate.partition, limits);
        let numbers = population.people().map(|person| (population.arn(person).to_owned(), person)).collect();
        Self { population, entities, numbers }
    }

    /// The person of an ARN.
    pub fn person(&self, arn: &str) -> Option<PersonId> {
        self.numbers.get(arn).copied()
    }
}

/// What binds every principal of an account of an estate.
pub(crate) fn limits(estate: &Estate, account: AccountId) -> Limits {
    let Some(organization) = &estate.organization else { return Limits::default() };
    let levels = |kind, label| {
        let levels = estate.guardrails(account, kind);
        levels.iter().map(|level| compiled(level, label)).collect::<Vec<_>>()
    };
    Limits {
        scps: levels(OrganizationPolicyKind::Scp, PolicyKind::Scp),
        rcps: levels(OrganizationPolicyKind::Rcp, PolicyKind::Rcp),
        organization: organization.path_of(account).map(|path| (organization.id.clone(), path)),
        management: organization.management_account == Some(account),
    }
}

fn compiled(level: &[&OrganizationPolicy], kind: PolicyKind) -> Vec<Arc<CompiledPolicy>> {
    let label = |policy: &OrganizationPolicy| PolicyLabel::new(kind, &policy.id, &policy.name);
    level.iter().filter_map(|policy| policy.text.compiled(|| label(policy)).cloned()).collect()
}

/// A policy that allows everything.
pub(crate) fn everything(kind: PolicyKind, id: &str, name: &str) -> Option<Arc<CompiledPolicy>> {
    static DOCUMENT: OnceLock<Option<Arc<Document>>> = OnceLock::new();
    let text =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let document = DOCUMENT.get_or_init(|| Document::parse_tolerant(text).0.map(Arc::new));
    let label = PolicyLabel::new(kind, id, name);
    Some(Arc::new(CompiledPolicy::compile(Arc::clone(document.as_ref()?), label)))
}
