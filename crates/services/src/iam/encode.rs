//! Entities as the API shows them.
//!
//! Lists leave out tags and boundaries, `Get…` and `Create…` show them: see the note on
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>.

use crate::call::Call;
use base::Arn;
use model::{
    AccountState, Group, InstanceProfile, ManagedPolicy, PolicyRef, Role, Snapshot, Tags, User, managed,
};
use std::collections::HashMap;
use wire::iam as shape;

/// The ARN that an attachment points to; `None` if the policy is gone, which no writer brings about.
pub fn policy_arn(call: &Call, account: &AccountState, reference: &PolicyRef) -> Option<Arn> {
    match reference {
        PolicyRef::Customer(id) => Some(account.policies.by_id(id.as_str())?.arn(call.partition)),
        PolicyRef::Aws(resource) => Some(managed::by_resource(resource)?.arn(call.partition)),
    }
}

/// The name of the policy that an attachment points to.
pub fn policy_name<'a>(account: &'a AccountState, reference: &'a PolicyRef) -> &'a str {
    match reference {
        PolicyRef::Customer(id) => {
            account.policies.by_id(id.as_str()).map_or("", |policy| policy.name.as_str())
        }
        PolicyRef::Aws(resource) => resource.rsplit('/').next().unwrap_or(resource),
    }
}

/// Attachments as the lists show them, sorted by name.
pub fn attached(call: &Call, account: &AccountState, references: &[PolicyRef]) -> Vec<shape::AttachedPolicy> {
    let mut all: Vec<_> = references
        .iter()
        .map(|reference| shape::AttachedPolicy {
            policy_name: Some(policy_name(account, reference).to_owned()),
            policy_arn: policy_arn(call, account, reference).map(String::from),
        })
        .collect();
    all.sort_by(|a, b| a.policy_name.cmp(&b.policy_name));
    all
}

/// Tags; `None` if there are none, as AWS leaves the element out.
pub fn tags(tags: &Tags) -> Option<Vec<shape::Tag>> {
    (!tags.is_empty()).then(|| tag_list(tags))
}

/// Tags as a list that may be empty.
pub fn tag_list(tags: &Tags) -> Vec<shape::Tag> {
    tags.iter().map(|tag| shape::Tag { key: tag.key.clone(), value: tag.value.clone() }).collect()
}

/// A permissions boundary.
pub fn boundary(
    call: &Call,
    account: &AccountState,
    reference: Option<&PolicyRef>,
) -> Option<shape::AttachedPermissionsBoundary> {
    Some(shape::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("PermissionsBoundaryPolicy".to_owned()),
        permissions_boundary_arn: Some(policy_arn(call, account, reference?)?.into()),
    })
}

/// A policy document as the API carries it in answers: URL-encoded by RFC 3986.
pub fn document(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A user in a list.
pub fn listed_user(call: &Call, user: &User) -> shape::User {
    shape::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.to_string(),
        arn: user.arn(call.partition).into(),
        create_date: user.created,
        password_last_used: user.password_last_used,
        ..Default::default()
    }
}

/// A user with everything.
pub fn user(call: &Call, account: &AccountState, user: &User) -> shape::User {
    shape::User {
        permissions_boundary: boundary(call, account, user.boundary.as_ref()),
        tags: tags(&user.tags),
        ..listed_user(call, user)
    }
}

/// A group.
pub fn group(call: &Call, group: &Group) -> shape::Group {
    shape::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.to_string(),
        arn: group.arn(call.partition).into(),
        create_date: group.created,
    }
}

/// A role in a list, or inside an instance profile.
pub fn listed_role(call: &Call, snapshot: &Snapshot, role: &Role) -> shape::Role {
    shape::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.to_string(),
        arn: role.arn(call.partition).into(),
        create_date: role.created,
        assume_role_policy_document: Some(document(&super::trust::shown(call, snapshot, role.trust.text()))),
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session_seconds).ok(),
        ..Default::default()
    }
}

/// A role with everything.
pub fn role(call: &Call, snapshot: &Snapshot, account: &AccountState, role: &Role) -> shape::Role {
    let usage = snapshot.role_usage(role.id.as_str());
    shape::Role {
        permissions_boundary: boundary(call, account, role.boundary.as_ref()),
        tags: tags(&role.tags),
        role_last_used: Some(shape::RoleLastUsed {
            last_used_date: usage.map(|usage| usage.at.whole_seconds()),
            region: usage.map(|usage| usage.region.clone()),
        }),
        ..listed_role(call, snapshot, role)
    }
}

/// An instance profile with its role.
pub fn instance_profile(
    call: &Call,
    snapshot: &Snapshot,
    account: &AccountState,
    profile: &InstanceProfile,
) -> shape::InstanceProfile {
    let role = profile.role.as_ref().and_then(|id| account.roles.by_id(id.as_str()));
    shape::InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.to_string(),
        arn: profile.arn(call.partition).into(),
        create_date: profile.created,
        roles: role.iter().map(|role| listed_role(call, snapshot, role)).collect(),
        tags: tags(&profile.tags),
    }
}

/// How often a policy is attached, and how often it is a boundary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UseCount {
    /// Attachments to users, groups and roles.
    pub attached: i32,
    /// Users and roles that have it as their boundary.
    pub boundary: i32,
}

/// Counts the uses of one policy.
pub fn use_count(account: &AccountState, reference: &PolicyRef) -> UseCount {
    let mut count = UseCount::default();
    let mut look = |attached: &[PolicyRef], boundary: Option<&PolicyRef>| {
        count.attached += i32::from(attached.contains(reference));
        count.boundary += i32::from(boundary == Some(reference));
    };
    account.users.iter().for_each(|user| look(&user.attached, user.boundary.as_ref()));
    account.groups.iter().for_each(|group| look(&group.attached, None));
    account.roles.iter().for_each(|role| look(&role.attached, role.boundary.as_ref()));
    count
}

/// Counts the uses of every policy that is used at all, in one pass.
pub fn use_counts(account: &AccountState) -> HashMap<&PolicyRef, UseCount> {
    let mut counts: HashMap<&PolicyRef, UseCount> = HashMap::new();
    let attached = account.users.iter().map(|user| &user.attached);
    let attached = attached.chain(account.groups.iter().map(|group| &group.attached));
    let attached = attached.chain(account.roles.iter().map(|role| &role.attached));
    for reference in attached.flatten() {
        counts.entry(reference).or_default().attached += 1;
    }
    let boundaries = account.users.iter().filter_map(|user| user.boundary.as_ref());
    let boundaries = boundaries.chain(account.roles.iter().filter_map(|role| role.boundary.as_ref()));
    for reference in boundaries {
        counts.entry(reference).or_default().boundary += 1;
    }
    counts
}

/// A customer managed policy; a list leaves out tags and description.
pub fn policy(call: &Call, policy: &ManagedPolicy, count: UseCount) -> shape::Policy {
    shape::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.to_string()),
        arn: Some(policy.arn(call.partition).into()),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default_version)),
        attachment_count: Some(count.attached),
        permissions_boundary_usage_count: Some(count.boundary),
        is_attachable: Some(true),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        ..Default::default()
    }
}

/// An AWS managed policy.
pub fn aws_policy(call: &Call, policy: &managed::AwsManagedPolicy, count: UseCount) -> shape::Policy {
    shape::Policy {
        policy_name: Some(policy.name().to_owned()),
        policy_id: Some(policy.id().to_owned()),
        arn: Some(policy.arn(call.partition).into()),
        path: Some(policy.path().to_owned()),
        default_version_id: Some(format!("v{}", policy.default_version())),
        attachment_count: Some(count.attached),
        permissions_boundary_usage_count: Some(count.boundary),
        is_attachable: Some(policy.is_attachable()),
        create_date: Some(policy.created()),
        update_date: Some(policy.updated()),
        ..Default::default()
    }
}
