//! Managed policies on users, groups and roles: attach, detach, list.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html> and its neighbours.

use super::find::AnyPolicy;
use super::holder::Holder;
use super::{encode, find, limits, page};
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use directory::Tx;
use model::table::folded;
use model::{AccountState, Group, Named, PolicyRef, Role, Snapshot, User, managed, quota};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Operation, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        attach_row::<ops::AttachUserPolicy>(),
        attach_row::<ops::AttachGroupPolicy>(),
        attach_row::<ops::AttachRolePolicy>(),
        detach_row::<ops::DetachUserPolicy>(),
        detach_row::<ops::DetachGroupPolicy>(),
        detach_row::<ops::DetachRolePolicy>(),
        list_row::<ops::ListAttachedUserPolicies>(),
        list_row::<ops::ListAttachedGroupPolicies>(),
        list_row::<ops::ListAttachedRolePolicies>(),
    ]
}

fn attach_row<O: Change>() -> Row {
    Row::write::<O>("iam", demands::<O>, attach::<O>)
}

fn detach_row<O: Change>() -> Row {
    Row::write::<O>("iam", demands::<O>, detach::<O>)
}

fn list_row<O: List>() -> Row {
    Row::read::<O>("iam", list_demands::<O>, list::<O>)
}

/// An operation that attaches or detaches.
trait Change: Operation<Output = Unit> {
    type Holder: Holder;
    /// The holder's name and the policy's ARN.
    fn read(input: &Self::Input) -> (&str, &str);
}

macro_rules! changes {
    ($($operation:ident $holder:ident $name:ident;)*) => {$(
        impl Change for ops::$operation {
            type Holder = $holder;
            fn read(input: &Self::Input) -> (&str, &str) {
                (&input.$name, &input.policy_arn)
            }
        }
    )*};
}

changes! {
    AttachUserPolicy User user_name;
    AttachGroupPolicy Group group_name;
    AttachRolePolicy Role role_name;
    DetachUserPolicy User user_name;
    DetachGroupPolicy Group group_name;
    DetachRolePolicy Role role_name;
}

/// An operation that lists attachments.
trait List: Operation {
    type Holder: Holder;
    fn read(input: &Self::Input) -> Listing<'_>;
    fn output(policies: Vec<shape::AttachedPolicy>, marker: Option<String>) -> Self::Output;
}

/// What the inputs of the lists have in common.
struct Listing<'a> {
    holder: &'a str,
    path_prefix: Option<&'a str>,
    marker: Option<&'a str>,
    max_items: Option<i32>,
}

macro_rules! lists {
    ($($operation:ident $output:ident $holder:ident $name:ident;)*) => {$(
        impl List for ops::$operation {
            type Holder = $holder;
            fn read(input: &Self::Input) -> Listing<'_> {
                Listing {
                    holder: &input.$name,
                    path_prefix: input.path_prefix.as_deref(),
                    marker: input.marker.as_deref(),
                    max_items: input.max_items,
                }
            }
            fn output(policies: Vec<shape::AttachedPolicy>, marker: Option<String>) -> Self::Output {
                shape::$output { attached_policies: Some(policies), is_truncated: Some(marker.is_some()), marker }
            }
        }
    )*};
}

lists! {
    ListAttachedUserPolicies ListAttachedUserPoliciesResponse User user_name;
    ListAttachedGroupPolicies ListAttachedGroupPoliciesResponse Group group_name;
    ListAttachedRolePolicies ListAttachedRolePoliciesResponse Role role_name;
}

/// The right is on the holder; which policy is a condition key.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PolicyARN>.
fn demands<O: Change>(input: &O::Input, call: &Call, snapshot: &Snapshot) -> Demanded {
    let (holder, policy) = O::read(input);
    Ok(vec![O::Holder::demand(call, snapshot, holder)?.key("iam:policyarn", policy)])
}

fn list_demands<O: List>(input: &O::Input, call: &Call, snapshot: &Snapshot) -> Demanded {
    Ok(vec![O::Holder::demand(call, snapshot, O::read(input).holder)?])
}

/// A policy that is attached again stays attached: no error.
fn attach<O: Change>(at: Allowed<'_, O>, tx: &mut Tx<'_>, input: O::Input) -> Result<Unit, Fault> {
    let (name, arn) = O::read(&input);
    let account = at.account_in(tx)?;
    let holder = O::Holder::find_changeable(account, name)?;
    let policy = find::attachable(&at, account, arn)?;
    refuse_service_policy::<O::Holder>(policy)?;
    let reference = policy.reference();
    if holder.attached().contains(&reference) {
        return Ok(Unit);
    }
    limits::below(O::Holder::ATTACHED_QUOTA, holder.attached().len(), quota::ATTACHED_POLICIES)?;
    let mut holder = O::Holder::clone(holder);
    holder.attached_mut().push(reference);
    tx.put(holder);
    Ok(Unit)
}

/// Policies for service-linked roles are attached by their services alone.
fn refuse_service_policy<H: Holder>(policy: AnyPolicy<'_>) -> Result<(), Fault> {
    match policy {
        AnyPolicy::Aws(policy) if policy.is_for_service_linked_roles() => {
            let message =
                format!("Cannot attach a Service Role Policy to a Customer {}.", capitalized(H::KIND));
            Err(Fault::of(&errors::POLICY_NOT_ATTACHABLE, message))
        }
        _ => Ok(()),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn detach<O: Change>(at: Allowed<'_, O>, tx: &mut Tx<'_>, input: O::Input) -> Result<Unit, Fault> {
    let (name, arn) = O::read(&input);
    let account = at.account_in(tx)?;
    let mut holder = O::Holder::clone(O::Holder::find_changeable(account, name)?);
    let reference = find::readable(&at, account, arn)?.reference();
    let place = holder.attached().iter().position(|attached| *attached == reference);
    holder.attached_mut().remove(place.ok_or_else(|| find::policy_not_found(arn))?);
    tx.put(holder);
    Ok(Unit)
}

fn list<O: List>(at: Allowed<'_, O>, snapshot: &Snapshot, input: O::Input) -> Result<O::Output, Fault> {
    let listing = O::read(&input);
    let account = at.account(snapshot)?;
    let holder = O::Holder::find(account, listing.holder)?;
    let prefix = listing.path_prefix.unwrap_or("/");
    let under = holder.attached().iter().filter(|reference| path(account, reference).starts_with(prefix));
    let under: Vec<PolicyRef> = under.cloned().collect();
    let mut attached = encode::attached(&at, account, &under);
    attached.sort_by_key(order);
    let page = page::of(attached, listing.marker, listing.max_items, order)?;
    Ok(O::output(page.items, page.marker))
}

/// Lists are in the order of names; AWS's policy and the customer's can have the same one.
fn order(attached: &shape::AttachedPolicy) -> String {
    let (name, arn) = (attached.policy_name.as_deref(), attached.policy_arn.as_deref());
    format!("{} {}", folded(name.unwrap_or_default()), arn.unwrap_or_default())
}

/// The path of the policy that a reference points to.
fn path<'a>(account: &'a AccountState, reference: &PolicyRef) -> &'a str {
    match reference {
        PolicyRef::Customer(id) => account.policies.by_id(id.as_str()).map_or("", |policy| policy.path()),
        PolicyRef::Aws(resource) => managed::by_resource(resource).map_or("", |policy| policy.path()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_capitalized_in_messages() {
        assert_eq!((capitalized(Role::KIND), capitalized("")), ("Role".to_owned(), String::new()));
    }

    #[test]
    fn namesakes_have_their_own_places_in_the_order() {
        let attached = |arn: &str| shape::AttachedPolicy {
            policy_name: Some("ReadOnlyAccess".to_owned()),
            policy_arn: Some(arn.to_owned()),
        };
        let of_aws = attached("arn:aws:iam::aws:policy/ReadOnlyAccess");
        let own = attached("arn:aws:iam::123456789012:policy/ReadOnlyAccess");
        assert_ne!(order(&of_aws), order(&own));
        assert!(order(&of_aws).starts_with("readonlyaccess "));
    }
}
