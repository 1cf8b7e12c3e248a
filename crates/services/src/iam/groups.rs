//! Groups and who is in them.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html> and its neighbours.

use super::{encode, find, limits, page, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{Group, Snapshot, User, quota};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateGroup>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                Ok(vec![Demand::on(target::group_arn(call, path, &input.group_name))])
            },
            create,
        ),
        Row::read::<ops::GetGroup>(
            "iam",
            |input, call, snapshot| Ok(vec![target::group(call, snapshot, &input.group_name)?]),
            get,
        ),
        Row::read::<ops::ListGroups>(
            "iam",
            |input, call, _| {
                let prefix = input.path_prefix.as_deref().unwrap_or("/");
                Ok(vec![Demand::on(target::group_arn(call, prefix, ""))])
            },
            list,
        ),
        Row::write::<ops::UpdateGroup>(
            "iam",
            |input, call, snapshot| {
                let mut demands = vec![target::group(call, snapshot, &input.group_name)?];
                if input.new_group_name.is_some() || input.new_path.is_some() {
                    demands.push(renamed(call, snapshot, input)?);
                }
                Ok(demands)
            },
            update,
        ),
        Row::write::<ops::DeleteGroup>(
            "iam",
            |input, call, snapshot| Ok(vec![target::group(call, snapshot, &input.group_name)?]),
            delete,
        ),
        Row::write::<ops::AddUserToGroup>(
            "iam",
            |input, call, snapshot| Ok(vec![target::group(call, snapshot, &input.group_name)?]),
            add_user,
        ),
        Row::write::<ops::RemoveUserFromGroup>(
            "iam",
            |input, call, snapshot| Ok(vec![target::group(call, snapshot, &input.group_name)?]),
            remove_user,
        ),
        Row::read::<ops::ListGroupsForUser>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            list_for_user,
        ),
    ]
}

/// A rename needs the right on the old and on the new ARN.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html>.
fn renamed(call: &Call, snapshot: &Snapshot, input: &shape::UpdateGroupRequest) -> Result<Demand, Fault> {
    let known = call.account(snapshot)?.groups.get(&input.group_name);
    let path = input.new_path.as_deref().or(known.map(|group| group.path.as_str())).unwrap_or("/");
    let name = input.new_group_name.as_deref().unwrap_or(&input.group_name);
    Ok(Demand::on(target::group_arn(call, path, name)))
}

fn create(
    at: Allowed<'_, ops::CreateGroup>,
    tx: &mut Tx<'_>,
    input: shape::CreateGroupRequest,
) -> Result<shape::CreateGroupResponse, Fault> {
    let account = at.account_in(tx)?;
    if account.groups.get(&input.group_name).is_some() {
        return Err(already_exists(&input.group_name));
    }
    limits::below("GroupsPerAccount", account.groups.len(), quota::GROUPS)?;
    let group = Group {
        id: UniqueId::generate(IdKind::Group, at.account_id(), &at.entropy),
        account: at.account_id(),
        name: input.group_name,
        path: find::path(input.path),
        created: at.now.whole_seconds(),
        inline: Default::default(),
        attached: Vec::new(),
    };
    let shown = encode::group(&at, &group);
    tx.put(group);
    Ok(shape::CreateGroupResponse { group: shown })
}

fn get(
    at: Allowed<'_, ops::GetGroup>,
    snapshot: &Snapshot,
    input: shape::GetGroupRequest,
) -> Result<shape::GetGroupResponse, Fault> {
    let account = at.account(snapshot)?;
    let group = find::group(account, &input.group_name)?;
    let page = page::of_table(&account.users, input.marker.as_deref(), input.max_items, |user| {
        user.groups.contains(&group.id)
    })?;
    Ok(shape::GetGroupResponse {
        group: encode::group(&at, group),
        is_truncated: Some(page.is_truncated()),
        users: page.items.iter().map(|user| encode::listed_user(&at, user)).collect(),
        marker: page.marker,
    })
}

fn list(
    at: Allowed<'_, ops::ListGroups>,
    snapshot: &Snapshot,
    input: shape::ListGroupsRequest,
) -> Result<shape::ListGroupsResponse, Fault> {
    let account = at.account(snapshot)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let page = page::of_table(&account.groups, input.marker.as_deref(), input.max_items, |group| {
        model::snapshot::under(group, prefix)
    })?;
    Ok(shape::ListGroupsResponse {
        is_truncated: Some(page.is_truncated()),
        groups: page.items.iter().map(|group| encode::group(&at, group)).collect(),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateGroup>,
    tx: &mut Tx<'_>,
    input: shape::UpdateGroupRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let mut group = Group::clone(find::group(account, &input.group_name)?);
    if let Some(name) = input.new_group_name {
        if account.groups.get(&name).is_some_and(|other| other.id != group.id) {
            return Err(already_exists(&name));
        }
        group.name = name;
    }
    if let Some(path) = input.new_path {
        group.path = path;
    }
    tx.put(group);
    Ok(wire::Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteGroup>,
    tx: &mut Tx<'_>,
    input: shape::DeleteGroupRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let group = Arc::clone(find::group(account, &input.group_name)?);
    let has_members = account.members(&group).next().is_some();
    limits::no_leftovers(&[
        (has_members, "must remove users from group first"),
        (!group.attached.is_empty(), "must detach all policies first"),
        (!group.inline.is_empty(), "must delete policies first"),
    ])?;
    tx.remove(&EntityKey::Group(group.account, group.id.clone()));
    Ok(wire::Unit)
}

/// A member that is added again stays a member: no error.
fn add_user(
    at: Allowed<'_, ops::AddUserToGroup>,
    tx: &mut Tx<'_>,
    input: shape::AddUserToGroupRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let group = find::group(account, &input.group_name)?;
    let user = find::user(account, &input.user_name)?;
    if user.groups.contains(&group.id) {
        return Ok(wire::Unit);
    }
    limits::below("GroupsPerUser", user.groups.len(), quota::GROUPS_PER_USER)?;
    let mut user = User::clone(user);
    user.groups.insert(group.id.clone());
    tx.put(user);
    Ok(wire::Unit)
}

fn remove_user(
    at: Allowed<'_, ops::RemoveUserFromGroup>,
    tx: &mut Tx<'_>,
    input: shape::RemoveUserFromGroupRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let group = find::group(account, &input.group_name)?;
    let mut user = User::clone(find::user(account, &input.user_name)?);
    if !user.groups.remove(&group.id) {
        let (user, group) = (&user.name, &group.name);
        return Err(find::no_such_entity(format!("The user with name {user} is not in the group {group}.")));
    }
    tx.put(user);
    Ok(wire::Unit)
}

fn list_for_user(
    at: Allowed<'_, ops::ListGroupsForUser>,
    snapshot: &Snapshot,
    input: shape::ListGroupsForUserRequest,
) -> Result<shape::ListGroupsForUserResponse, Fault> {
    let account = at.account(snapshot)?;
    let user = find::user(account, &input.user_name)?;
    let page = page::of_table(&account.groups, input.marker.as_deref(), input.max_items, |group| {
        user.groups.contains(&group.id)
    })?;
    Ok(shape::ListGroupsForUserResponse {
        is_truncated: Some(page.is_truncated()),
        groups: page.items.iter().map(|group| encode::group(&at, group)).collect(),
        marker: page.marker,
    })
}

fn already_exists(name: &str) -> Fault {
    Fault::of(&errors::ENTITY_ALREADY_EXISTS, format!("Group with name {name} already exists."))
}
