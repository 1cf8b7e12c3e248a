//! Roles. See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html> and its neighbours.

use super::{encode, find, limits, page, tags, target, trust};
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId};
use directory::Tx;
use model::role::DEFAULT_MAX_SESSION_SECONDS;
use model::snapshot::EntityKey;
use model::{Role, Snapshot, quota};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateRole>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                let demand = Demand::on(target::role_arn(call, path, &input.role_name))
                    .key_if("iam:permissionsboundary", input.permissions_boundary.clone());
                Ok(tags::on_create(demand, "iam:TagRole", input.tags.as_deref()))
            },
            create,
        ),
        Row::read::<ops::GetRole>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            get,
        ),
        Row::read::<ops::ListRoles>(
            "iam",
            |input, call, _| {
                let prefix = input.path_prefix.as_deref().unwrap_or("/");
                Ok(vec![Demand::on(target::role_arn(call, prefix, ""))])
            },
            list,
        ),
        Row::write::<ops::UpdateRole>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            update,
        ),
        Row::write::<ops::UpdateRoleDescription>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            update_description,
        ),
        Row::write::<ops::DeleteRole>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            delete,
        ),
        Row::write::<ops::PutRolePermissionsBoundary>(
            "iam",
            |input, call, snapshot| {
                let demand = target::role(call, snapshot, &input.role_name)?;
                Ok(vec![target::new_boundary(demand, &input.permissions_boundary)])
            },
            put_boundary,
        ),
        Row::write::<ops::DeleteRolePermissionsBoundary>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            delete_boundary,
        ),
    ]
}

fn create(
    at: Allowed<'_, ops::CreateRole>,
    tx: &mut Tx<'_>,
    input: shape::CreateRoleRequest,
) -> Result<shape::CreateRoleResponse, Fault> {
    let account = at.account_in(tx)?;
    let path = find::path(input.path);
    refuse_reserved_path(&path)?;
    if account.roles.get(&input.role_name).is_some() {
        return Err(Fault::of(
            &errors::ENTITY_ALREADY_EXISTS,
            format!("Role with name {} already exists.", input.role_name),
        ));
    }
    limits::below("RolesPerAccount", account.roles.len(), quota::ROLES)?;
    let boundary = match &input.permissions_boundary {
        Some(arn) => Some(find::attachable(&at, account, arn)?.reference()),
        None => None,
    };
    let role = Role {
        id: UniqueId::generate(IdKind::Role, at.account_id(), &at.entropy),
        account: at.account_id(),
        name: input.role_name,
        path,
        created: at.now.whole_seconds(),
        description: input.description,
        trust: trust::stored(at.partition, tx.snapshot(), &input.assume_role_policy_document)?,
        max_session_seconds: session_limit(input.max_session_duration),
        tags: tags::checked(input.tags)?,
        boundary,
        inline: Default::default(),
        attached: Vec::new(),
    };
    // A role just made shows neither a last use nor a limit that nobody set.
    let shown = shape::Role {
        max_session_duration: input.max_session_duration,
        role_last_used: None,
        ..encode::role(&at, tx.snapshot(), account, &role)
    };
    tx.put(role);
    Ok(shape::CreateRoleResponse { role: shown })
}

/// Paths that AWS keeps for services and for itself.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>.
fn refuse_reserved_path(path: &str) -> Result<(), Fault> {
    let reserved = ["/aws-service-role/", "/aws-reserved/"];
    match reserved.into_iter().find(|reserved| path.starts_with(reserved)) {
        Some(reserved) => Err(Fault::of(
            &errors::INVALID_INPUT,
            format!("Roles under the path {reserved} can be created only by AWS."),
        )),
        None => Ok(()),
    }
}

/// `MaxSessionDuration` in seconds: one hour if it is not given, also in `UpdateRole`.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>.
fn session_limit(seconds: Option<i32>) -> u32 {
    seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_MAX_SESSION_SECONDS)
}

fn get(
    at: Allowed<'_, ops::GetRole>,
    snapshot: &Snapshot,
    input: shape::GetRoleRequest,
) -> Result<shape::GetRoleResponse, Fault> {
    let account = at.account(snapshot)?;
    let role = find::role(account, &input.role_name)?;
    Ok(shape::GetRoleResponse { role: encode::role(&at, snapshot, account, role) })
}

fn list(
    at: Allowed<'_, ops::ListRoles>,
    snapshot: &Snapshot,
    input: shape::ListRolesRequest,
) -> Result<shape::ListRolesResponse, Fault> {
    let account = at.account(snapshot)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let page = page::of_table(&account.roles, input.marker.as_deref(), input.max_items, |role| {
        model::snapshot::under(role, prefix)
    })?;
    Ok(shape::ListRolesResponse {
        is_truncated: Some(page.is_truncated()),
        roles: page.items.iter().map(|role| encode::listed_role(&at, snapshot, role)).collect(),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateRole>,
    tx: &mut Tx<'_>,
    input: shape::UpdateRoleRequest,
) -> Result<shape::UpdateRoleResponse, Fault> {
    let account = at.account_in(tx)?;
    let mut role = Role::clone(find::described_role(account, &input.role_name)?);
    if role.is_service_linked() && input.max_session_duration.is_some() {
        return Err(find::protected(&role.name));
    }
    role.max_session_seconds = session_limit(input.max_session_duration);
    if let Some(description) = input.description {
        role.description = Some(description);
    }
    tx.put(role);
    Ok(shape::UpdateRoleResponse {})
}

fn update_description(
    at: Allowed<'_, ops::UpdateRoleDescription>,
    tx: &mut Tx<'_>,
    input: shape::UpdateRoleDescriptionRequest,
) -> Result<shape::UpdateRoleDescriptionResponse, Fault> {
    let account = at.account_in(tx)?;
    let mut role = Role::clone(find::described_role(account, &input.role_name)?);
    role.description = Some(input.description);
    let shown = encode::role(&at, tx.snapshot(), account, &role);
    tx.put(role);
    Ok(shape::UpdateRoleDescriptionResponse { role: Some(shown) })
}

fn delete(
    at: Allowed<'_, ops::DeleteRole>,
    tx: &mut Tx<'_>,
    input: shape::DeleteRoleRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let role = Arc::clone(find::changeable_role(account, &input.role_name)?);
    let in_profile = account.instance_profiles.iter().any(|profile| profile.role.as_ref() == Some(&role.id));
    limits::no_leftovers(&[
        (in_profile, "must remove roles from instance profile first"),
        (!role.attached.is_empty(), "must detach all policies first"),
        (!role.inline.is_empty(), "must delete policies first"),
    ])?;
    tx.remove(&EntityKey::Role(role.account, role.id.clone()));
    tx.remove(&EntityKey::RoleUsage(role.id.clone()));
    tx.remove(&EntityKey::AccessUsage(role.id.clone()));
    Ok(wire::Unit)
}

fn put_boundary(
    at: Allowed<'_, ops::PutRolePermissionsBoundary>,
    tx: &mut Tx<'_>,
    input: shape::PutRolePermissionsBoundaryRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let mut role = Role::clone(find::changeable_role(account, &input.role_name)?);
    role.boundary = Some(find::attachable(&at, account, &input.permissions_boundary)?.reference());
    tx.put(role);
    Ok(wire::Unit)
}

fn delete_boundary(
    at: Allowed<'_, ops::DeleteRolePermissionsBoundary>,
    tx: &mut Tx<'_>,
    input: shape::DeleteRolePermissionsBoundaryRequest,
) -> Result<wire::Unit, Fault> {
    let mut role = Role::clone(find::changeable_role(at.account_in(tx)?, &input.role_name)?);
    if role.boundary.take().is_none() {
        return Err(find::no_such_entity(format!(
            "The role with name {} does not have a permissions boundary.",
            input.role_name
        )));
    }
    tx.put(role);
    Ok(wire::Unit)
}
