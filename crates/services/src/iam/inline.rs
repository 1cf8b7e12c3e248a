//! Inline policies of users, groups and roles: put, get, delete, list.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html> and its neighbours.

use super::holder::Holder;
use super::{encode, find, page};
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use directory::Tx;
use model::{Group, InlinePolicies, Named as _, PolicyText, Role, Snapshot, User};
use policy::{Document, DocumentKind};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Operation, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        put_row::<ops::PutUserPolicy>(),
        put_row::<ops::PutGroupPolicy>(),
        put_row::<ops::PutRolePolicy>(),
        get_row::<ops::GetUserPolicy>(),
        get_row::<ops::GetGroupPolicy>(),
        get_row::<ops::GetRolePolicy>(),
        delete_row::<ops::DeleteUserPolicy>(),
        delete_row::<ops::DeleteGroupPolicy>(),
        delete_row::<ops::DeleteRolePolicy>(),
        list_row::<ops::ListUserPolicies>(),
        list_row::<ops::ListGroupPolicies>(),
        list_row::<ops::ListRolePolicies>(),
    ]
}

/// What inputs have in common: whose policy, and which.
struct Chosen<'a> {
    holder: &'a str,
    policy: &'a str,
}

/// `Put…Policy`.
trait Put: Operation<Output = Unit> {
    type Holder: Holder;
    fn read(input: &Self::Input) -> Chosen<'_>;
    fn document(input: Self::Input) -> String;
}

/// `Get…Policy`.
trait Get: Operation {
    type Holder: Holder;
    fn read(input: &Self::Input) -> Chosen<'_>;
    fn output(holder: String, policy: String, document: String) -> Self::Output;
}

/// `Delete…Policy`.
trait Delete: Operation<Output = Unit> {
    type Holder: Holder;
    fn read(input: &Self::Input) -> Chosen<'_>;
}

/// `List…Policies`.
trait List: Operation {
    type Holder: Holder;
    fn holder(input: &Self::Input) -> &str;
    fn page(input: &Self::Input) -> (Option<&str>, Option<i32>);
    fn output(names: Vec<String>, marker: Option<String>) -> Self::Output;
}

macro_rules! chosen {
    ($name:ident) => {
        fn read(input: &Self::Input) -> Chosen<'_> {
            Chosen { holder: &input.$name, policy: &input.policy_name }
        }
    };
}

macro_rules! operations {
    ($(
        $holder:ident $name:ident:
        $put:ident, $get:ident -> $get_output:ident, $delete:ident, $list:ident -> $list_output:ident;
    )*) => {$(
        impl Put for ops::$put {
            type Holder = $holder;
            chosen!($name);
            fn document(input: Self::Input) -> String {
                input.policy_document
            }
        }
        impl Get for ops::$get {
            type Holder = $holder;
            chosen!($name);
            fn output(holder: String, policy: String, document: String) -> Self::Output {
                shape::$get_output { $name: holder, policy_name: policy, policy_document: document }
            }
        }
        impl Delete for ops::$delete {
            type Holder = $holder;
            chosen!($name);
        }
        impl List for ops::$list {
            type Holder = $holder;
            fn holder(input: &Self::Input) -> &str {
                &input.$name
            }
            fn page(input: &Self::Input) -> (Option<&str>, Option<i32>) {
                (input.marker.as_deref(), input.max_items)
            }
            fn output(names: Vec<String>, marker: Option<String>) -> Self::Output {
                shape::$list_output { policy_names: names, is_truncated: Some(marker.is_some()), marker }
            }
        }
    )*};
}

operations! {
    User user_name:
        PutUserPolicy, GetUserPolicy -> GetUserPolicyResponse,
        DeleteUserPolicy, ListUserPolicies -> ListUserPoliciesResponse;
    Group group_name:
        PutGroupPolicy, GetGroupPolicy -> GetGroupPolicyResponse,
        DeleteGroupPolicy, ListGroupPolicies -> ListGroupPoliciesResponse;
    Role role_name:
        PutRolePolicy, GetRolePolicy -> GetRolePolicyResponse,
        DeleteRolePolicy, ListRolePolicies -> ListRolePoliciesResponse;
}

/// The right is on the holder, whatever the policy's name.
fn demanded<H: Holder>(call: &Call, snapshot: &Snapshot, holder: &str) -> Demanded {
    Ok(vec![H::demand(call, snapshot, holder)?])
}

fn put_row<O: Put>() -> Row {
    let demands = |input: &O::Input, call: &Call, snapshot: &Snapshot| {
        demanded::<O::Holder>(call, snapshot, O::read(input).holder)
    };
    Row::write::<O>("iam", demands, put::<O>)
}

fn get_row<O: Get>() -> Row {
    let demands = |input: &O::Input, call: &Call, snapshot: &Snapshot| {
        demanded::<O::Holder>(call, snapshot, O::read(input).holder)
    };
    Row::read::<O>("iam", demands, get::<O>)
}

fn delete_row<O: Delete>() -> Row {
    let demands = |input: &O::Input, call: &Call, snapshot: &Snapshot| {
        demanded::<O::Holder>(call, snapshot, O::read(input).holder)
    };
    Row::write::<O>("iam", demands, delete::<O>)
}

fn list_row<O: List>() -> Row {
    let demands = |input: &O::Input, call: &Call, snapshot: &Snapshot| {
        demanded::<O::Holder>(call, snapshot, O::holder(input))
    };
    Row::read::<O>("iam", demands, list::<O>)
}

fn put<O: Put>(at: Allowed<'_, O>, tx: &mut Tx<'_>, input: O::Input) -> Result<Unit, Fault> {
    let chosen = O::read(&input);
    let mut holder = O::Holder::clone(O::Holder::find_changeable(at.account_in(tx)?, chosen.holder)?);
    let policy = chosen.policy.to_owned();
    let text = O::document(input);
    Document::parse_strict(&text, DocumentKind::Identity).map_err(|error| malformed(&error))?;
    holder.inline_mut().insert(policy, PolicyText::new(text));
    within_size(&holder)?;
    tx.put(holder);
    Ok(Unit)
}

fn malformed(error: &policy::Malformed) -> Fault {
    Fault::of(&errors::MALFORMED_POLICY_DOCUMENT, error.message.clone())
}

/// All inline policies of an entity together have one quota.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>.
fn within_size<H: Holder>(holder: &H) -> Result<(), Fault> {
    if counted(holder.inline()) <= H::INLINE_SIZE {
        return Ok(());
    }
    let (limit, kind, name) = (H::INLINE_SIZE, H::KIND, holder.name());
    let message = format!("Maximum policy size of {limit} bytes exceeded for {kind} {name}");
    Err(Fault::of(&errors::LIMIT_EXCEEDED, message))
}

/// The size that the quota speaks of: white space does not count.
fn counted(policies: &InlinePolicies) -> usize {
    policies
        .values()
        .map(|policy| policy.text().chars().filter(|letter| !letter.is_whitespace()).count())
        .sum()
}

fn get<O: Get>(at: Allowed<'_, O>, snapshot: &Snapshot, input: O::Input) -> Result<O::Output, Fault> {
    let chosen = O::read(&input);
    let holder = O::Holder::find(at.account(snapshot)?, chosen.holder)?;
    let text = holder.inline().get(chosen.policy).ok_or_else(|| not_found::<O::Holder>(chosen.policy))?;
    Ok(O::output(holder.name().to_owned(), chosen.policy.to_owned(), encode::document(text.text())))
}

fn delete<O: Delete>(at: Allowed<'_, O>, tx: &mut Tx<'_>, input: O::Input) -> Result<Unit, Fault> {
    let chosen = O::read(&input);
    let mut holder = O::Holder::clone(O::Holder::find_changeable(at.account_in(tx)?, chosen.holder)?);
    let removed = holder.inline_mut().remove(chosen.policy);
    removed.ok_or_else(|| not_found::<O::Holder>(chosen.policy))?;
    tx.put(holder);
    Ok(Unit)
}

fn list<O: List>(at: Allowed<'_, O>, snapshot: &Snapshot, input: O::Input) -> Result<O::Output, Fault> {
    let holder = O::Holder::find(at.account(snapshot)?, O::holder(&input))?;
    let (marker, max_items) = O::page(&input);
    let page =
        page::of(holder.inline().keys(), marker, max_items, |name| (*name).clone())?.map(String::clone);
    Ok(O::output(page.items, page.marker))
}

fn not_found<H: Holder>(policy: &str) -> Fault {
    find::no_such_entity(format!("The {} policy with name {policy} cannot be found.", H::KIND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_of_all_policies_without_white_space() {
        let policies: InlinePolicies = [("a", "{ \"ä\" :\n1 }"), ("b", "{}")]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), PolicyText::new(text)))
            .collect();
        assert_eq!(counted(&policies), 9);
    }
}
