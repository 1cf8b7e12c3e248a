//! Users. See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html> and its neighbours.

use super::{encode, find, limits, page, tags, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{Identity, Snapshot, User, quota};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateUser>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                let demand = Demand::on(target::user_arn(call, path, &input.user_name))
                    .key_if("iam:permissionsboundary", input.permissions_boundary.clone());
                Ok(tags::on_create(demand, "iam:TagUser", input.tags.as_deref()))
            },
            create,
        ),
        Row::read::<ops::GetUser>(
            "iam",
            |input, call, snapshot| {
                target::user_or_self(call, snapshot, input.user_name.as_deref()).map(|demand| vec![demand])
            },
            get,
        ),
        Row::read::<ops::ListUsers>(
            "iam",
            |input, call, _| {
                let prefix = input.path_prefix.as_deref().unwrap_or("/");
                Ok(vec![Demand::on(target::user_arn(call, prefix, ""))])
            },
            list,
        ),
        Row::write::<ops::UpdateUser>(
            "iam",
            |input, call, snapshot| {
                let mut demands = vec![target::user(call, snapshot, &input.user_name)?];
                if input.new_user_name.is_some() || input.new_path.is_some() {
                    demands.push(renamed(call, snapshot, input)?);
                }
                Ok(demands)
            },
            update,
        ),
        Row::write::<ops::DeleteUser>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            delete,
        ),
        Row::write::<ops::PutUserPermissionsBoundary>(
            "iam",
            |input, call, snapshot| {
                let demand = target::user(call, snapshot, &input.user_name)?;
                Ok(vec![target::new_boundary(demand, &input.permissions_boundary)])
            },
            put_boundary,
        ),
        Row::write::<ops::DeleteUserPermissionsBoundary>(
            "iam",
            |input, call, snapshot| Ok(vec![target::user(call, snapshot, &input.user_name)?]),
            delete_boundary,
        ),
    ]
}

/// A rename needs the right on the old and on the new ARN.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>.
fn renamed(call: &Call, snapshot: &Snapshot, input: &shape::UpdateUserRequest) -> Result<Demand, Fault> {
    let known = call.account(snapshot)?.users.get(&input.user_name);
    let path = input.new_path.as_deref().or(known.map(|user| user.path.as_str())).unwrap_or("/");
    let name = input.new_user_name.as_deref().unwrap_or(&input.user_name);
    let demand = Demand::on(target::user_arn(call, path, name));
    Ok(known.map_or(demand.clone(), |user| demand.resource_tags(&user.tags)))
}

fn create(
    at: Allowed<'_, ops::CreateUser>,
    tx: &mut Tx<'_>,
    input: shape::CreateUserRequest,
) -> Result<shape::CreateUserResponse, Fault> {
    let account = at.account_in(tx)?;
    if account.users.get(&input.user_name).is_some() {
        return Err(already_exists(&input.user_name));
    }
    limits::below("UsersPerAccount", account.users.len(), quota::USERS)?;
    let boundary = match &input.permissions_boundary {
        Some(arn) => Some(find::attachable(&at, account, arn)?.reference()),
        None => None,
    };
    let user = User {
        id: UniqueId::generate(IdKind::User, at.account_id(), &at.entropy),
        account: at.account_id(),
        name: input.user_name,
        path: find::path(input.path),
        created: at.now.whole_seconds(),
        password_last_used: None,
        tags: tags::checked(input.tags)?,
        boundary,
        inline: Default::default(),
        attached: Vec::new(),
        groups: Default::default(),
        access_keys: Vec::new(),
        login_profile: None,
        credentials: Default::default(),
    };
    let shown = encode::user(&at, account, &user);
    tx.put(user);
    Ok(shape::CreateUserResponse { user: Some(shown) })
}

fn get(
    at: Allowed<'_, ops::GetUser>,
    snapshot: &Snapshot,
    input: shape::GetUserRequest,
) -> Result<shape::GetUserResponse, Fault> {
    let account = at.account(snapshot)?;
    if input.user_name.is_none() && matches!(at.caller.identity, Identity::Root(_)) {
        return Ok(shape::GetUserResponse { user: root(&at, account) });
    }
    let name = target::named_or_self(&at, input.user_name.as_deref())?;
    let user = find::user(account, &name)?;
    Ok(shape::GetUserResponse { user: encode::user(&at, account, user) })
}

/// The root user as `GetUser` shows it: no name, the account id in place of a unique id.
fn root(call: &Call, account: &model::AccountState) -> shape::User {
    shape::User {
        path: "/".to_owned(),
        user_name: String::new(),
        user_id: account.id().to_string(),
        arn: call.caller.identity.arn(call.partition).into(),
        create_date: account.account.created,
        ..Default::default()
    }
}

fn list(
    at: Allowed<'_, ops::ListUsers>,
    snapshot: &Snapshot,
    input: shape::ListUsersRequest,
) -> Result<shape::ListUsersResponse, Fault> {
    let account = at.account(snapshot)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let page = page::of_table(&account.users, input.marker.as_deref(), input.max_items, |user| {
        model::snapshot::under(user, prefix)
    })?;
    Ok(shape::ListUsersResponse {
        is_truncated: Some(page.is_truncated()),
        users: page.items.iter().map(|user| encode::listed_user(&at, user)).collect(),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateUser>,
    tx: &mut Tx<'_>,
    input: shape::UpdateUserRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let mut user = User::clone(find::user(account, &input.user_name)?);
    if let Some(name) = input.new_user_name {
        if account.users.get(&name).is_some_and(|other| other.id != user.id) {
            return Err(already_exists(&name));
        }
        user.name = name;
    }
    if let Some(path) = input.new_path {
        user.path = path;
    }
    tx.put(user);
    Ok(wire::Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteUser>,
    tx: &mut Tx<'_>,
    input: shape::DeleteUserRequest,
) -> Result<wire::Unit, Fault> {
    let user = Arc::clone(find::user(at.account_in(tx)?, &input.user_name)?);
    let account = at.account_in(tx)?;
    limits::no_leftovers(&[
        (account.mfa_devices_of(&user.id).next().is_some(), "must delete MFA device first"),
        (!user.access_keys.is_empty(), "must delete access keys first"),
        (user.login_profile.is_some(), "must delete login profile first"),
        (!user.credentials.certificates.is_empty(), "must delete signing certificates first"),
        (!user.credentials.ssh_keys.is_empty(), "must delete SSH public keys first"),
        (!user.credentials.service_specific.is_empty(), "must remove referenced objects first"),
        (!user.groups.is_empty(), "must remove users from group first"),
        (!user.attached.is_empty(), "must detach all policies first"),
        (!user.inline.is_empty(), "must delete policies first"),
    ])?;
    authn::second_factor::forgive(tx, &user.id);
    tx.remove(&EntityKey::User(user.account, user.id.clone()));
    tx.remove(&EntityKey::AccessUsage(user.id.clone()));
    Ok(wire::Unit)
}

fn put_boundary(
    at: Allowed<'_, ops::PutUserPermissionsBoundary>,
    tx: &mut Tx<'_>,
    input: shape::PutUserPermissionsBoundaryRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let mut user = User::clone(find::user(account, &input.user_name)?);
    user.boundary = Some(find::attachable(&at, account, &input.permissions_boundary)?.reference());
    tx.put(user);
    Ok(wire::Unit)
}

fn delete_boundary(
    at: Allowed<'_, ops::DeleteUserPermissionsBoundary>,
    tx: &mut Tx<'_>,
    input: shape::DeleteUserPermissionsBoundaryRequest,
) -> Result<wire::Unit, Fault> {
    let mut user = User::clone(find::user(at.account_in(tx)?, &input.user_name)?);
    if user.boundary.take().is_none() {
        return Err(find::no_such_entity(format!(
            "The user with name {} does not have a permissions boundary.",
            input.user_name
        )));
    }
    tx.put(user);
    Ok(wire::Unit)
}

fn already_exists(name: &str) -> Fault {
    Fault::of(&errors::ENTITY_ALREADY_EXISTS, format!("User with name {name} already exists."))
}
