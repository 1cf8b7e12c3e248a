//! Instance profiles.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html> and its neighbours.

use super::{encode, find, limits, page, tags, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{InstanceProfile, Snapshot, quota};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateInstanceProfile>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                let demand =
                    Demand::on(target::instance_profile_arn(call, path, &input.instance_profile_name));
                Ok(tags::on_create(demand, "iam:TagInstanceProfile", input.tags.as_deref()))
            },
            create,
        ),
        Row::read::<ops::GetInstanceProfile>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::instance_profile(call, snapshot, &input.instance_profile_name)?])
            },
            get,
        ),
        Row::read::<ops::ListInstanceProfiles>(
            "iam",
            |input, call, _| {
                let prefix = input.path_prefix.as_deref().unwrap_or("/");
                Ok(vec![Demand::on(target::instance_profile_arn(call, prefix, ""))])
            },
            list,
        ),
        Row::read::<ops::ListInstanceProfilesForRole>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            list_for_role,
        ),
        Row::write::<ops::DeleteInstanceProfile>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::instance_profile(call, snapshot, &input.instance_profile_name)?])
            },
            delete,
        ),
        Row::write::<ops::AddRoleToInstanceProfile>(
            "iam",
            |input, call, snapshot| {
                let profile = target::instance_profile(call, snapshot, &input.instance_profile_name)?;
                Ok(vec![profile, passing(call, snapshot, &input.role_name)?])
            },
            add_role,
        ),
        Row::write::<ops::RemoveRoleFromInstanceProfile>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::instance_profile(call, snapshot, &input.instance_profile_name)?])
            },
            remove_role,
        ),
    ]
}

/// `iam:PassRole` for the role that goes into a profile: instances of the account will have it.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>.
fn passing(call: &Call, snapshot: &Snapshot, role_name: &str) -> Result<Demand, Fault> {
    let demand = match call.account(snapshot)?.roles.get(role_name) {
        Some(role) => Demand::of("iam:PassRole", role.arn(call.partition)).resource_tags(&role.tags),
        None => Demand::of("iam:PassRole", target::role_arn(call, "/", role_name)),
    };
    let instances = format!("arn:{}:ec2:*:{}:instance/*", call.partition, call.account_id());
    Ok(demand.key("iam:passedtoservice", "ec2.amazonaws.com").key("iam:associatedresourcearn", instances))
}

fn create(
    at: Allowed<'_, ops::CreateInstanceProfile>,
    tx: &mut Tx<'_>,
    input: shape::CreateInstanceProfileRequest,
) -> Result<shape::CreateInstanceProfileResponse, Fault> {
    let account = at.account_in(tx)?;
    if account.instance_profiles.get(&input.instance_profile_name).is_some() {
        return Err(Fault::of(
            &errors::ENTITY_ALREADY_EXISTS,
            format!("Instance Profile {} already exists.", input.instance_profile_name),
        ));
    }
    limits::below("InstanceProfilesPerAccount", account.instance_profiles.len(), quota::INSTANCE_PROFILES)?;
    let profile = InstanceProfile {
        id: UniqueId::generate(IdKind::InstanceProfile, at.account_id(), &at.entropy),
        account: at.account_id(),
        name: input.instance_profile_name,
        path: find::path(input.path),
        created: at.now.whole_seconds(),
        role: None,
        tags: tags::checked(input.tags)?,
    };
    let shown = encode::instance_profile(&at, tx.snapshot(), account, &profile);
    tx.put(profile);
    Ok(shape::CreateInstanceProfileResponse { instance_profile: shown })
}

fn get(
    at: Allowed<'_, ops::GetInstanceProfile>,
    snapshot: &Snapshot,
    input: shape::GetInstanceProfileRequest,
) -> Result<shape::GetInstanceProfileResponse, Fault> {
    let account = at.account(snapshot)?;
    let profile = find::instance_profile(account, &input.instance_profile_name)?;
    Ok(shape::GetInstanceProfileResponse {
        instance_profile: encode::instance_profile(&at, snapshot, account, profile),
    })
}

/// An instance profile in a list: without tags.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>.
fn listed(
    call: &Call,
    snapshot: &Snapshot,
    account: &model::AccountState,
    profile: &InstanceProfile,
) -> shape::InstanceProfile {
    shape::InstanceProfile { tags: None, ..encode::instance_profile(call, snapshot, account, profile) }
}

fn list(
    at: Allowed<'_, ops::ListInstanceProfiles>,
    snapshot: &Snapshot,
    input: shape::ListInstanceProfilesRequest,
) -> Result<shape::ListInstanceProfilesResponse, Fault> {
    let account = at.account(snapshot)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let page =
        page::of_table(&account.instance_profiles, input.marker.as_deref(), input.max_items, |profile| {
            model::snapshot::under(profile, prefix)
        })?;
    Ok(shape::ListInstanceProfilesResponse {
        is_truncated: Some(page.is_truncated()),
        instance_profiles: page.items.iter().map(|it| listed(&at, snapshot, account, it)).collect(),
        marker: page.marker,
    })
}

fn list_for_role(
    at: Allowed<'_, ops::ListInstanceProfilesForRole>,
    snapshot: &Snapshot,
    input: shape::ListInstanceProfilesForRoleRequest,
) -> Result<shape::ListInstanceProfilesForRoleResponse, Fault> {
    let account = at.account(snapshot)?;
    let role = find::role(account, &input.role_name)?;
    let page =
        page::of_table(&account.instance_profiles, input.marker.as_deref(), input.max_items, |profile| {
            profile.role.as_ref() == Some(&role.id)
        })?;
    Ok(shape::ListInstanceProfilesForRoleResponse {
        is_truncated: Some(page.is_truncated()),
        instance_profiles: page.items.iter().map(|it| listed(&at, snapshot, account, it)).collect(),
        marker: page.marker,
    })
}

fn delete(
    at: Allowed<'_, ops::DeleteInstanceProfile>,
    tx: &mut Tx<'_>,
    input: shape::DeleteInstanceProfileRequest,
) -> Result<wire::Unit, Fault> {
    let profile = Arc::clone(find::instance_profile(at.account_in(tx)?, &input.instance_profile_name)?);
    limits::no_leftovers(&[(profile.role.is_some(), "must remove roles from instance profile first")])?;
    tx.remove(&EntityKey::InstanceProfile(profile.account, profile.id.clone()));
    Ok(wire::Unit)
}

fn add_role(
    at: Allowed<'_, ops::AddRoleToInstanceProfile>,
    tx: &mut Tx<'_>,
    input: shape::AddRoleToInstanceProfileRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let mut profile = InstanceProfile::clone(find::instance_profile(account, &input.instance_profile_name)?);
    let role = find::changeable_role(account, &input.role_name)?.id.clone();
    let roles = usize::from(profile.role.is_some());
    limits::below("InstanceSessionsPerInstanceProfile", roles, quota::ROLES_PER_INSTANCE_PROFILE)?;
    profile.role = Some(role);
    tx.put(profile);
    Ok(wire::Unit)
}

fn remove_role(
    at: Allowed<'_, ops::RemoveRoleFromInstanceProfile>,
    tx: &mut Tx<'_>,
    input: shape::RemoveRoleFromInstanceProfileRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let mut profile = InstanceProfile::clone(find::instance_profile(account, &input.instance_profile_name)?);
    let role = find::role(account, &input.role_name)?;
    if profile.role.as_ref() != Some(&role.id) {
        return Err(find::no_such_entity(format!(
            "The role with name {} is not in the instance profile {}.",
            input.role_name, input.instance_profile_name
        )));
    }
    profile.role = None;
    tx.put(profile);
    Ok(wire::Unit)
}
