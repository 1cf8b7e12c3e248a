//! What stands in an export, by name, by unique id and by ARN: everything that a reference can point to, and
//! every way in which two entities can stand in each other's place.

use super::ImportError;
use base::{AccountId, ArnRef, Partition, UniqueId};
use model::PolicyRef;
use model::table::folded;
use std::collections::HashMap;

/// The kinds of entities in an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    User,
    Group,
    Role,
    InstanceProfile,
    Policy,
}

impl Kind {
    /// The resource type in ARNs.
    fn resource(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
            Kind::Role => "role",
            Kind::InstanceProfile => "instance-profile",
            Kind::Policy => "policy",
        }
    }

    fn with_article(self) -> &'static str {
        match self {
            Kind::User => "a user",
            Kind::Group => "a group",
            Kind::Role => "a role",
            Kind::InstanceProfile => "an instance profile",
            Kind::Policy => "a managed policy",
        }
    }

    /// Characters that a name may have at most.
    fn longest_name(self) -> usize {
        match self {
            Kind::User | Kind::Role => 64,
            Kind::Group | Kind::InstanceProfile | Kind::Policy => 128,
        }
    }

    /// Users and roles share a space of ids: trust policies name either by it.
    fn id_space(self) -> Kind {
        if self == Kind::Role { Kind::User } else { self }
    }
}

/// How the export names an entity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming<'a> {
    pub(super) kind: Kind,
    pub(super) arn: &'a str,
    pub(super) path: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) id: &'a str,
}

/// Where an entity belongs, as its ARN tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) account: AccountId,
    pub(super) path: String,
}

/// Everything seen so far.
#[derive(Debug, Default)]
pub(super) struct Registry {
    partition: Option<Partition>,
    names: HashMap<(Kind, AccountId, String), String>,
    ids: HashMap<(Kind, String), String>,
    groups: HashMap<(AccountId, String), UniqueId>,
    principals: HashMap<String, UniqueId>,
    policies: HashMap<(AccountId, String), PolicyRef>,
    sizes: Vec<(AccountId, usize)>,
}

impl Registry {
    /// Takes an entity in: checks its ARN against path and name, and that nothing else has its name or id.
    pub(super) fn enter(&mut self, naming: Naming<'_>) -> Result<Home, ImportError> {
        let home = self.home(naming)?;
        let Naming { kind, arn, name, id, .. } = naming;
        let bad = |member, value: &str| {
            Err(ImportError::BadValue { entity: arn.into(), member, value: value.escape_debug().to_string() })
        };
        if !is_name(name) || name.len() > kind.longest_name() {
            return bad("the name", name);
        }
        if !is_path(&home.path) {
            return bad("the path", &home.path);
        }
        if id.is_empty() || id.len() > MOST_OF_AN_ID || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return bad("the unique id", id);
        }
        let key = (kind, home.account, folded(name));
        if let Some(first) = self.names.insert(key, arn.to_owned()) {
            return Err(twice("the name", name, &first, arn));
        }
        if let Some(first) = self.ids.insert((kind.id_space(), id.to_owned()), arn.to_owned()) {
            return Err(twice("the unique id", id, &first, arn));
        }
        let unique = UniqueId::from_text(id);
        match kind {
            Kind::Group => drop(self.groups.insert((home.account, folded(name)), unique)),
            Kind::User | Kind::Role => drop(self.principals.insert(arn.to_owned(), unique)),
            Kind::Policy => self.enter_policy(home.account, arn, PolicyRef::Customer(unique)),
            Kind::InstanceProfile => {}
        }
        match self.sizes.iter_mut().find(|(account, _)| *account == home.account) {
            Some((_, size)) => *size += 1,
            None => self.sizes.push((home.account, 1)),
        }
        Ok(home)
    }

    /// What entities of `account` refer to when they attach the policy of this ARN.
    pub(super) fn enter_policy(&mut self, account: AccountId, arn: &str, target: PolicyRef) {
        self.policies.insert((account, arn.to_owned()), target);
    }

    /// What entities of `account` refer to when they attach the policy of this ARN.
    pub(super) fn policy(&self, account: AccountId, arn: &str) -> Option<&PolicyRef> {
        self.policies.get(&(account, arn.to_owned()))
    }

    /// The group of this name.
    pub(super) fn group(&self, account: AccountId, name: &str) -> Option<&UniqueId> {
        self.groups.get(&(account, folded(name)))
    }

    /// The unique id of the user or role of this ARN.
    pub(super) fn principal(&self, arn: &str) -> Option<&UniqueId> {
        self.principals.get(arn)
    }

    /// Whether a customer managed policy of this name is there.
    pub(super) fn has_policy_name(&self, account: AccountId, name: &str) -> bool {
        self.names.contains_key(&(Kind::Policy, account, folded(name)))
    }

    /// Sets a policy's name apart for one that is made here.
    pub(super) fn reserve_policy_name(&mut self, account: AccountId, name: &str, arn: &str) {
        self.names.insert((Kind::Policy, account, folded(name)), arn.to_owned());
    }

    /// The accounts of all entities, the one with the most first.
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        let mut sizes = self.sizes.clone();
        sizes.sort_by_key(|(account, size)| (std::cmp::Reverse(*size), *account));
        sizes.into_iter().map(|(account, _)| account).collect()
    }

    /// The partition of all ARNs.
    pub(super) fn partition(&self) -> Partition {
        self.partition.unwrap_or(Partition::aws())
    }

    /// Notes the partition of an ARN; all must be in one.
    pub(super) fn enter_partition(&mut self, arn: &str, id: &str) -> Result<(), ImportError> {
        let bad = || ImportError::BadArn { arn: arn.into(), expected: "any partition that exists" };
        let partition = Partition::by_id(id).ok_or_else(bad)?;
        let known = *self.partition.get_or_insert(partition);
        if known == partition {
            Ok(())
        } else {
            Err(ImportError::MixedPartitions { arn: arn.into(), partition: known.id().into() })
        }
    }

    fn home(&mut self, naming: Naming<'_>) -> Result<Home, ImportError> {
        let Naming { kind, arn, path, name, .. } = naming;
        let bad = || ImportError::BadArn { arn: arn.into(), expected: kind.with_article() };
        let parts = ArnRef::parse(arn)
            .filter(|parts| parts.service == "iam" && parts.region.is_empty())
            .ok_or_else(bad)?;
        self.enter_partition(arn, parts.partition)?;
        let account = AccountId::parse(parts.account).map_err(|_| bad())?;
        let rest = parts
            .resource
            .strip_prefix(kind.resource())
            .filter(|rest| rest.starts_with('/'))
            .ok_or_else(bad)?;
        let slash = rest.rfind('/').unwrap_or_default();
        let (told_path, told_name) = rest.split_at_checked(slash + 1).ok_or_else(bad)?;
        if told_name.is_empty() || told_name != name || path.is_some_and(|path| path != told_path) {
            let path = path.unwrap_or("/").to_owned();
            return Err(ImportError::ArnDisagrees { arn: arn.into(), path, name: name.into() });
        }
        Ok(Home { account, path: told_path.to_owned() })
    }
}

/// Characters of a unique id at most.
const MOST_OF_AN_ID: usize = 128;
/// Characters of a path at most.
const MOST_OF_A_PATH: usize = 512;

/// Whether IAM would take this as a name: letters, digits and `+=,.@_-`.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(fits)
}

/// Whether IAM would take this as a path: visible ASCII between slashes.
fn is_path(path: &str) -> bool {
    path.len() <= MOST_OF_A_PATH
        && path.starts_with('/')
        && path.ends_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The error for a value that two entries share.
pub(super) fn twice(what: &'static str, value: &str, first: &str, second: &str) -> ImportError {
    ImportError::Twice { what, value: value.into(), first: first.into(), second: second.into() }
}
