//! A change, made on a copy of an estate.

use crate::estate::Estate;
use crate::finding::Change;
use base::{AccountId, ArnRef};
use model::snapshot::{Entity, EntityKey};
use model::{
    AccountState, Group, InlinePolicies, ManagedPolicy, PolicyRef, PolicyText, PolicyVersion, Role, User,
};
use std::sync::Arc;

/// A change does not fit what it is to be made on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unchangeable {
    /// There is no such thing.
    #[error("there is no `{0}`")]
    Unknown(String),
    /// The policy is not attached to it, or it has no such inline policy.
    #[error("`{holder}` does not have the policy `{policy}`")]
    NotHeld {
        /// The user, group or role.
        holder: String,
        /// The policy.
        policy: String,
    },
}

/// The estate after the change.
///
/// # Errors
/// If what is to be changed is not there.
pub fn apply(estate: &Estate, change: &Change) -> Result<Estate, Unchangeable> {
    let mut after = estate.clone();
    match change {
        Change::Detach { from, policy } => held(&mut after, from, |holder, state| {
            let reference = reference(policy, state);
            let attached = holder.attached();
            let before = attached.len();
            attached.retain(|known| Some(known) != reference.as_ref());
            (attached.len() < before).then_some(()).ok_or_else(|| not_held(from, policy))
        }),
        Change::DeleteInline { of, name } => held(&mut after, of, |holder, _| {
            holder.inline().remove(name).map(drop).ok_or_else(|| not_held(of, name))
        }),
        Change::PutInline { of, name, text } => held(&mut after, of, |holder, _| {
            holder.inline().insert(name.clone(), PolicyText::new(text.as_str()));
            Ok(())
        }),
        Change::PutVersion { policy, text } => put_version(&mut after, policy, text),
        Change::PutTrust { role, text } => held(&mut after, role, |holder, _| match holder {
            Holder::Role(role) => {
                role.trust = PolicyText::new(text.as_str());
                Ok(())
            }
            _ => Err(Unchangeable::Unknown(role.clone())),
        }),
        Change::PutResourcePolicy { resource, text } => put_resource(&mut after, resource, text.as_deref()),
        Change::Delete { arn } => delete(&mut after, arn),
    }?;
    Ok(after)
}

fn not_held(holder: &str, policy: &str) -> Unchangeable {
    Unchangeable::NotHeld { holder: holder.to_owned(), policy: policy.to_owned() }
}

/// A copy of what holds policies.
enum Holder {
    User(User),
    Group(Group),
    Role(Role),
}

impl Holder {
    fn attached(&mut self) -> &mut Vec<PolicyRef> {
        match self {
            Self::User(it) => &mut it.attached,
            Self::Group(it) => &mut it.attached,
            Self::Role(it) => &mut it.attached,
        }
    }

    fn inline(&mut self) -> &mut InlinePolicies {
        match self {
            Self::User(it) => &mut it.inline,
            Self::Group(it) => &mut it.inline,
            Self::Role(it) => &mut it.inline,
        }
    }
}

fn state<'e>(estate: &'e Estate, arn: &str) -> Option<(&'e Arc<AccountState>, AccountId)> {
    let account = AccountId::parse(ArnRef::parse(arn)?.account).ok()?;
    Some((estate.snapshot.account(account)?, account))
}

fn find(state: &AccountState, arn: &str) -> Option<Holder> {
    let parts = ArnRef::parse(arn)?;
    let name = parts.name();
    Some(match parts.typed_resource()?.0 {
        "user" => Holder::User(User::clone(state.users.get(name)?)),
        "group" => Holder::Group(Group::clone(state.groups.get(name)?)),
        "role" => Holder::Role(Role::clone(state.roles.get(name)?)),
        _ => return None,
    })
}

/// Changes a copy of a user, group or role, and puts it in its place.
fn held(
    estate: &mut Estate,
    arn: &str,
    change: impl FnOnce(&mut Holder, &AccountState) -> Result<(), Unchangeable>,
) -> Result<(), Unchangeable> {
    let unknown = || Unchangeable::Unknown(arn.to_owned());
    let (state, _) = state(estate, arn).ok_or_else(unknown)?;
    let mut holder = find(state, arn).ok_or_else(unknown)?;
    change(&mut holder, state)?;
    let entity = match holder {
        Holder::User(it) => Entity::User(Arc::new(it)),
        Holder::Group(it) => Entity::Group(Arc::new(it)),
        Holder::Role(it) => Entity::Role(Arc::new(it)),
    };
    estate.snapshot.put(entity).map_err(|_| unknown())
}

/// What an attachment of this policy looks like.
fn reference(policy: &str, state: &AccountState) -> Option<PolicyRef> {
    let parts = ArnRef::parse(policy)?;
    if parts.account == "aws" {
        return Some(PolicyRef::Aws(parts.resource.to_owned()));
    }
    Some(PolicyRef::Customer(state.policies.get(parts.name())?.id.clone()))
}

fn put_version(estate: &mut Estate, arn: &str, text: &str) -> Result<(), Unchangeable> {
    let unknown = || Unchangeable::Unknown(arn.to_owned());
    let (state, _) = state(estate, arn).ok_or_else(unknown)?;
    let name = ArnRef::parse(arn).map(|parts| parts.name()).unwrap_or_default();
    let mut policy = ManagedPolicy::clone(state.policies.get(name).ok_or_else(unknown)?);
    let number = policy.next_version;
    policy.versions.push(PolicyVersion { number, text: PolicyText::new(text), created: policy.updated });
    policy.default_version = number;
    policy.next_version += 1;
    estate.snapshot.put(Entity::Policy(Arc::new(policy))).map_err(|_| unknown())
}

fn put_resource(estate: &mut Estate, arn: &str, text: Option<&str>) -> Result<(), Unchangeable> {
    let resources = estate.accounts.values_mut().filter_map(|facts| facts.resources.as_mut()).flatten();
    let mut found = false;
    for resource in resources.filter(|resource| resource.arn == arn) {
        resource.policy = text.map(PolicyText::new);
        found = true;
    }
    if found { Ok(()) } else { Err(Unchangeable::Unknown(arn.to_owned())) }
}

fn delete(estate: &mut Estate, arn: &str) -> Result<(), Unchangeable> {
    let unknown = || Unchangeable::Unknown(arn.to_owned());
    let (state, account) = state(estate, arn).ok_or_else(unknown)?;
    let key = match find(state, arn) {
        Some(Holder::User(it)) => EntityKey::User(account, it.id),
        Some(Holder::Group(it)) => EntityKey::Group(account, it.id),
        Some(Holder::Role(it)) => EntityKey::Role(account, it.id),
        None => {
            let name = ArnRef::parse(arn).map(|parts| parts.name()).unwrap_or_default();
            EntityKey::Policy(account, state.policies.get(name).ok_or_else(unknown)?.id.clone())
        }
    };
    estate.snapshot.remove(&key);
    Ok(())
}
