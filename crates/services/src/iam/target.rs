//! How inputs name resources: the ARN that a demand is judged on, with the tags of the entity behind it.
//!
//! An entity that is there is judged on its ARN with its path; one that is not, on the ARN without a path.

use super::find;
use crate::call::Call;
use crate::demand::Demand;
use base::Arn;
use model::{AccountState, Identity, KeyStatus, PolicyRef, Snapshot, User};
use std::sync::Arc;
use wire::Fault;

fn arn(call: &Call, kind: &str, path: &str, name: &str) -> String {
    Arn::global(call.partition.id(), "iam", call.account_id().as_str(), [kind, path, name]).into()
}

/// The ARN of a user of the caller's account.
pub fn user_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "user", path, name)
}

/// The ARN of a group of the caller's account.
pub fn group_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "group", path, name)
}

/// The ARN of a role of the caller's account.
pub fn role_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "role", path, name)
}

/// The ARN of a managed policy of the caller's account.
pub fn policy_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "policy", path, name)
}

/// The ARN of an instance profile of the caller's account.
pub fn instance_profile_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "instance-profile", path, name)
}

/// The ARN of an MFA device of the caller's account.
pub fn mfa_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "mfa", path, name)
}

/// A demand on an MFA device: on its ARN, or of a hardware token on the ARN that its serial number makes.
pub fn mfa_device(call: &Call, snapshot: &Snapshot, serial: &str) -> Result<Demand, Fault> {
    let arn = if serial.starts_with("arn:") { serial.to_owned() } else { mfa_arn(call, "/", serial) };
    let device = call.account(snapshot)?.mfa_device(serial, call.partition);
    Ok(device.map_or(Demand::on(arn.as_str()), |device| Demand::on(arn).resource_tags(&device.tags)))
}

/// The ARN of a server certificate of the caller's account.
pub fn server_certificate_arn(call: &Call, path: &str, name: &str) -> String {
    arn(call, "server-certificate", path, name)
}

/// A demand on a user.
pub fn user(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
    let account = call.account(snapshot)?;
    Ok(match account.users.get(name) {
        Some(user) => {
            let demand = Demand::on(user.arn(call.partition)).resource_tags(&user.tags);
            boundary_key(demand, call, account, user.boundary.as_ref())
        }
        None => Demand::on(user_arn(call, "/", name)),
    })
}

/// A demand on the user that is named, or else on the caller.
pub fn user_or_self(call: &Call, snapshot: &Snapshot, name: Option<&str>) -> Result<Demand, Fault> {
    match (name, &call.caller.identity) {
        (None, Identity::Root(_)) => Ok(Demand::on(call.caller.identity.arn(call.partition))),
        _ => user(call, snapshot, &named_or_self(call, name)?),
    }
}

/// The user name that is given, or else the caller's.
///
/// A role session has no user name to fall back on:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>.
pub fn named_or_self(call: &Call, name: Option<&str>) -> Result<String, Fault> {
    match (name, &call.caller.identity) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, Identity::User(user)) => Ok(user.name.clone()),
        (None, _) => Err(Fault::validation("Must specify userName when calling with non-User credentials")),
    }
}

/// The user that is named, or else the caller; `None` for the root user, who has a place of its own and no name.
pub fn holder<'a>(
    call: &Call,
    account: &'a AccountState,
    name: Option<&str>,
) -> Result<Option<&'a Arc<User>>, Fault> {
    match (name, &call.caller.identity) {
        (None, Identity::Root(_)) => Ok(None),
        _ => find::user(account, &named_or_self(call, name)?).map(Some),
    }
}

/// The status that an input sets. The model's enumeration also holds `Expired`, a state that nobody can set.
pub fn status(text: &str) -> Result<KeyStatus, Fault> {
    [KeyStatus::Active, KeyStatus::Inactive].into_iter().find(|status| status.as_str() == text).ok_or_else(|| {
        Fault::validation(format!(
            "1 validation error detected: Value '{text}' at 'status' failed to satisfy constraint: Member must \
             satisfy enum value set: [Active, Inactive]"
        ))
    })
}

/// A demand on a group.
pub fn group(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
    Ok(match call.account(snapshot)?.groups.get(name) {
        Some(group) => Demand::on(group.arn(call.partition)),
        None => Demand::on(group_arn(call, "/", name)),
    })
}

/// A demand on a role.
pub fn role(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
    let account = call.account(snapshot)?;
    Ok(match account.roles.get(name) {
        Some(role) => {
            let demand = Demand::on(role.arn(call.partition)).resource_tags(&role.tags);
            boundary_key(demand, call, account, role.boundary.as_ref())
        }
        None => Demand::on(role_arn(call, "/", name)),
    })
}

/// A demand on an instance profile.
pub fn instance_profile(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
    Ok(match call.account(snapshot)?.instance_profiles.get(name) {
        Some(profile) => Demand::on(profile.arn(call.partition)).resource_tags(&profile.tags),
        None => Demand::on(instance_profile_arn(call, "/", name)),
    })
}

/// A demand on a server certificate.
pub fn server_certificate(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
    Ok(match call.account(snapshot)?.server_certificates.get(name) {
        Some(known) => Demand::on(known.arn(call.partition)).resource_tags(&known.tags),
        None => Demand::on(server_certificate_arn(call, "/", name)),
    })
}

/// A demand on the managed policy of this ARN.
pub fn policy(call: &Call, snapshot: &Snapshot, policy_arn: &str) -> Result<Demand, Fault> {
    let demand = Demand::on(policy_arn);
    Ok(match find::any_policy(call, call.account(snapshot)?, policy_arn) {
        Some(find::AnyPolicy::Customer(policy)) => demand.resource_tags(&policy.tags),
        _ => demand,
    })
}

/// `iam:PermissionsBoundary`: the boundary that the entity acted on has.
fn boundary_key(demand: Demand, call: &Call, account: &AccountState, boundary: Option<&PolicyRef>) -> Demand {
    let arn = boundary.and_then(|boundary| super::encode::policy_arn(call, account, boundary));
    demand.key_if("iam:permissionsboundary", arn)
}

/// `iam:PermissionsBoundary` for a request that sets one: the new one speaks, not the old.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate>.
pub fn new_boundary(mut demand: Demand, policy_arn: &str) -> Demand {
    demand.keys.retain(|(name, _)| name != "iam:permissionsboundary");
    demand.key("iam:permissionsboundary", policy_arn)
}
