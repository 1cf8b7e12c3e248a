//! What users, groups and roles have in common: they hold policies, inline ones and attached ones.
//!
//! The operations on policies of the three differ only in the names of their shapes, so each kind of operation
//! has one implementation over this trait.

use super::{find, target};
use crate::call::Call;
use crate::demand::Demand;
use model::snapshot::Entity;
use model::{AccountState, Group, InlinePolicies, Named, PolicyRef, Role, Snapshot, User, quota};
use std::sync::Arc;
use wire::Fault;

/// An entity that holds policies.
pub trait Holder: Named + Clone + Into<Entity> + 'static {
    /// `user`, `group` or `role`, as messages call it.
    const KIND: &'static str;
    /// The quota of attached policies, as messages call it.
    const ATTACHED_QUOTA: &'static str;
    /// Characters of all its inline policies, white space not counted.
    const INLINE_SIZE: usize;

    /// The entity of this name, to be read.
    fn find<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Self>, Fault>;
    /// The entity of this name, to be changed.
    fn find_changeable<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Self>, Fault> {
        Self::find(account, name)
    }
    /// A demand on the entity of this name.
    fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault>;

    /// Its inline policies.
    fn inline(&self) -> &InlinePolicies;
    /// Its inline policies, to be changed.
    fn inline_mut(&mut self) -> &mut InlinePolicies;
    /// Its attached policies.
    fn attached(&self) -> &[PolicyRef];
    /// Its attached policies, to be changed.
    fn attached_mut(&mut self) -> &mut Vec<PolicyRef>;
}

macro_rules! policy_fields {
    () => {
        fn inline(&self) -> &InlinePolicies {
            &self.inline
        }
        fn inline_mut(&mut self) -> &mut InlinePolicies {
            &mut self.inline
        }
        fn attached(&self) -> &[PolicyRef] {
            &self.attached
        }
        fn attached_mut(&mut self) -> &mut Vec<PolicyRef> {
            &mut self.attached
        }
    };
}

impl Holder for User {
    const KIND: &'static str = "user";
    const ATTACHED_QUOTA: &'static str = "PoliciesPerUser";
    const INLINE_SIZE: usize = quota::USER_INLINE_SIZE;

    fn find<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Self>, Fault> {
        find::user(account, name)
    }
    fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
        target::user(call, snapshot, name)
    }
    policy_fields!();
}

impl Holder for Group {
    const KIND: &'static str = "group";
    const ATTACHED_QUOTA: &'static str = "PoliciesPerGroup";
    const INLINE_SIZE: usize = quota::GROUP_INLINE_SIZE;

    fn find<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Self>, Fault> {
        find::group(account, name)
    }
    fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
        target::group(call, snapshot, name)
    }
    policy_fields!();
}

impl Holder for Role {
    const KIND: &'static str = "role";
    const ATTACHED_QUOTA: &'static str = "PoliciesPerRole";
    const INLINE_SIZE: usize = quota::ROLE_INLINE_SIZE;

    fn find<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Self>, Fault> {
        find::role(account, name)
    }
    fn find_changeable<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Self>, Fault> {
        find::changeable_role(account, name)
    }
    fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
        target::role(call, snapshot, name)
    }
    policy_fields!();
}
