//! Finding the entities that inputs name, and the faults that answer for those that are not there.

use crate::call::Call;
use base::ArnRef;
use model::{
    AccountState, Group, InstanceProfile, ManagedPolicy, MfaDevice, PolicyRef, Role, ServerCertificate, User,
    managed,
};
use std::sync::Arc;
use wire::Fault;
use wire::iam::errors;

/// `NoSuchEntity` with a sentence.
pub fn no_such_entity(message: String) -> Fault {
    Fault::of(&errors::NO_SUCH_ENTITY, message)
}

/// The user of this name.
pub fn user<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<User>, Fault> {
    account
        .users
        .get(name)
        .ok_or_else(|| no_such_entity(format!("The user with name {name} cannot be found.")))
}

/// The group of this name.
pub fn group<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Group>, Fault> {
    account
        .groups
        .get(name)
        .ok_or_else(|| no_such_entity(format!("The group with name {name} cannot be found.")))
}

/// The role of this name.
pub fn role<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Role>, Fault> {
    account
        .roles
        .get(name)
        .ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")))
}

/// The role of this name, to be changed. Roles that services made for themselves refuse.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>.
pub fn changeable_role<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Role>, Fault> {
    let role = role(account, name)?;
    if role.is_service_linked() || role.is_reserved() { Err(protected(&role.name)) } else { Ok(role) }
}

/// The role of this name, whose description or tags are to be changed: service-linked ones are among them, AWS's own
/// are not.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html#edit-service-linked-role>.
pub fn described_role<'a>(account: &'a AccountState, name: &str) -> Result<&'a Arc<Role>, Fault> {
    let role = role(account, name)?;
    if role.is_reserved() { Err(protected(&role.name)) } else { Ok(role) }
}

/// The fault for a change of a role that only AWS may change.
pub fn protected(name: &str) -> Fault {
    Fault::of(
        &errors::UNMODIFIABLE_ENTITY,
        format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        ),
    )
}

/// The instance profile of this name.
pub fn instance_profile<'a>(
    account: &'a AccountState,
    name: &str,
) -> Result<&'a Arc<InstanceProfile>, Fault> {
    account
        .instance_profiles
        .get(name)
        .ok_or_else(|| no_such_entity(format!("Instance Profile {name} cannot be found.")))
}

/// The MFA device of this serial number.
pub fn mfa_device<'a>(
    call: &Call,
    account: &'a AccountState,
    serial: &str,
) -> Result<&'a Arc<MfaDevice>, Fault> {
    account.mfa_device(serial, call.partition).ok_or_else(|| no_such_device(serial))
}

/// The virtual MFA device of this serial number.
pub fn virtual_mfa_device<'a>(
    call: &Call,
    account: &'a AccountState,
    serial: &str,
) -> Result<&'a Arc<MfaDevice>, Fault> {
    let device = account.mfa_device(serial, call.partition).filter(|device| device.is_virtual());
    device.ok_or_else(|| no_such_device(serial))
}

fn no_such_device(serial: &str) -> Fault {
    let kind = if serial.starts_with("arn:") { "VirtualMFADevice" } else { "MFADevice" };
    no_such_entity(format!("{kind} with serial number {serial} doesn't exist."))
}

/// The server certificate of this name.
pub fn server_certificate<'a>(
    account: &'a AccountState,
    name: &str,
) -> Result<&'a Arc<ServerCertificate>, Fault> {
    account
        .server_certificates
        .get(name)
        .ok_or_else(|| no_such_entity(format!("The Server Certificate with name {name} cannot be found.")))
}

/// A managed policy of either kind.
#[derive(Clone, Copy)]
pub enum AnyPolicy<'a> {
    /// The customer's.
    Customer(&'a Arc<ManagedPolicy>),
    /// AWS's.
    Aws(&'static managed::AwsManagedPolicy),
}

impl AnyPolicy<'_> {
    /// What an attachment or boundary holds of it.
    pub fn reference(self) -> PolicyRef {
        match self {
            AnyPolicy::Customer(policy) => PolicyRef::Customer(policy.id.clone()),
            AnyPolicy::Aws(policy) => PolicyRef::aws(policy),
        }
    }
}

/// The managed policy of this ARN, the customer's own or AWS's, seen from the caller's account and partition.
pub fn any_policy<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Option<AnyPolicy<'a>> {
    let parts = ArnRef::parse(arn)?;
    if parts.partition != call.partition.id() || parts.service != "iam" {
        return None;
    }
    if parts.account == "aws" {
        return managed::by_arn(arn).map(AnyPolicy::Aws);
    }
    let policy = account.policies.get(parts.name())?;
    (policy.arn(call.partition).as_str() == arn).then_some(AnyPolicy::Customer(policy))
}

/// The managed policy of this ARN, to be attached or set as a boundary.
pub fn attachable<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Result<AnyPolicy<'a>, Fault> {
    check_policy_arn(arn)?;
    any_policy(call, account, arn)
        .ok_or_else(|| no_such_entity(format!("Policy {arn} does not exist or is not attachable.")))
}

/// The managed policy of this ARN, to be read.
pub fn readable<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Result<AnyPolicy<'a>, Fault> {
    check_policy_arn(arn)?;
    any_policy(call, account, arn).ok_or_else(|| policy_not_found(arn))
}

/// The customer managed policy of this ARN, to be changed. AWS's own refuse every change.
pub fn changeable<'a>(
    call: &Call,
    account: &'a AccountState,
    arn: &str,
) -> Result<&'a Arc<ManagedPolicy>, Fault> {
    match readable(call, account, arn)? {
        AnyPolicy::Customer(policy) => Ok(policy),
        AnyPolicy::Aws(_) => Err(Fault::new(
            "AccessDenied",
            403,
            format!("Policy {arn} is an AWS managed policy and cannot be changed."),
        )),
    }
}

/// The fault for a policy ARN that names nothing.
pub fn policy_not_found(arn: &str) -> Fault {
    no_such_entity(format!("Policy {arn} was not found."))
}

fn check_policy_arn(arn: &str) -> Result<(), Fault> {
    let is_policy = ArnRef::parse(arn).is_some_and(|parts| {
        parts.service == "iam" && parts.region.is_empty() && parts.resource.starts_with("policy/")
    });
    if is_policy {
        Ok(())
    } else {
        Err(Fault::of(&errors::INVALID_INPUT, format!("ARN {arn} is not valid.")))
    }
}

/// A path as an input gives it; the root if it does not.
pub fn path(path: Option<String>) -> String {
    path.unwrap_or_else(|| "/".to_owned())
}
