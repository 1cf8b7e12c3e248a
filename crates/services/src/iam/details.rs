//! The whole account in one answer: what audit tools start from, and what an import reads.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.

use super::encode::{self, UseCount};
use super::page;
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use model::managed::{self, AwsManagedPolicy};
use model::table::folded;
use model::{AccountState, Group, InlinePolicies, ManagedPolicy, PolicyRef, Role, Snapshot, User};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::GetAccountAuthorizationDetails>(
        "iam",
        |_, _, _| Ok(vec![Demand::anywhere()]),
        details,
    )]
}

/// One entry of one of the lists. Pages go on across the lists in this order.
enum Entry<'a> {
    User(&'a Arc<User>),
    Group(&'a Arc<Group>),
    Role(&'a Arc<Role>),
    Policy(&'a Arc<ManagedPolicy>),
    AwsPolicy(&'a str, &'static AwsManagedPolicy),
}

impl Entry<'_> {
    /// The entry's place in the order of all.
    fn place(&self) -> String {
        match self {
            Entry::User(user) => format!("1{}", folded(&user.name)),
            Entry::Group(group) => format!("2{}", folded(&group.name)),
            Entry::Role(role) => format!("3{}", folded(&role.name)),
            Entry::Policy(policy) => format!("4{}", folded(&policy.name)),
            Entry::AwsPolicy(resource, _) => format!("5{resource}"),
        }
    }
}

type UseCounts<'a> = HashMap<&'a PolicyRef, UseCount>;

fn details(
    at: Allowed<'_, ops::GetAccountAuthorizationDetails>,
    snapshot: &Snapshot,
    input: shape::GetAccountAuthorizationDetailsRequest,
) -> Result<shape::GetAccountAuthorizationDetailsResponse, Fault> {
    let account = at.account(snapshot)?;
    let counts = encode::use_counts(account);
    let filter = input.filter.unwrap_or_default();
    let all = entries(account, &counts, &filter);
    let page = page::of(all, input.marker.as_deref(), input.max_items, Entry::place)?;
    let show = Show { call: &at, snapshot, account, counts };
    let (mut users, mut groups, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let is_truncated = Some(page.is_truncated());
    for entry in page.items {
        match entry {
            Entry::User(user) => users.push(show.user(user)),
            Entry::Group(group) => groups.push(show.group(group)),
            Entry::Role(role) => roles.push(show.role(role)),
            Entry::Policy(policy) => policies.push(show.policy(policy)),
            Entry::AwsPolicy(_, policy) => policies.push(show.aws_policy(policy)),
        }
    }
    Ok(shape::GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(users),
        group_detail_list: Some(groups),
        role_detail_list: Some(roles),
        policies: Some(policies),
        is_truncated,
        marker: page.marker,
    })
}

/// The entries that the filter asks for, all if it is empty. Of AWS's policies those in use are shown.
fn entries<'a>(
    account: &'a AccountState,
    counts: &UseCounts<'a>,
    filter: &[String],
) -> impl Iterator<Item = Entry<'a>> + use<'a> {
    let wants = |kind: &str| filter.is_empty() || filter.iter().any(|wanted| wanted == kind);
    let users = wants("User").then(|| account.users.iter().map(Entry::User));
    let groups = wants("Group").then(|| account.groups.iter().map(Entry::Group));
    let roles = wants("Role").then(|| account.roles.iter().map(Entry::Role));
    let policies = wants("LocalManagedPolicy").then(|| account.policies.iter().map(Entry::Policy));
    let of_aws = wants("AWSManagedPolicy").then(|| aws_policies(counts));
    let own =
        users.into_iter().flatten().chain(groups.into_iter().flatten()).chain(roles.into_iter().flatten());
    own.chain(policies.into_iter().flatten()).chain(of_aws.into_iter().flatten())
}

fn aws_policies<'a>(counts: &UseCounts<'a>) -> impl Iterator<Item = Entry<'a>> + use<'a> {
    let used: BTreeMap<&'a str, &'static AwsManagedPolicy> = counts
        .keys()
        .filter_map(|reference| match reference {
            PolicyRef::Aws(resource) => Some((resource.as_str(), managed::by_resource(resource)?)),
            PolicyRef::Customer(_) => None,
        })
        .collect();
    used.into_iter().map(|(resource, policy)| Entry::AwsPolicy(resource, policy))
}

/// Shows entries in full.
struct Show<'a> {
    call: &'a Call,
    snapshot: &'a Snapshot,
    account: &'a AccountState,
    counts: UseCounts<'a>,
}

impl Show<'_> {
    fn user(&self, user: &User) -> shape::UserDetail {
        let groups = self.account.groups_of(user).into_iter().map(|group| group.name.clone());
        shape::UserDetail {
            path: Some(user.path.clone()),
            user_name: Some(user.name.clone()),
            user_id: Some(user.id.to_string()),
            arn: Some(user.arn(self.call.partition).into()),
            create_date: Some(user.created),
            // The one list that AWS leaves out when it is empty.
            user_policy_list: (!user.inline.is_empty()).then(|| inline(&user.inline)),
            group_list: Some(groups.collect()),
            attached_managed_policies: Some(self.attached(&user.attached)),
            permissions_boundary: encode::boundary(self.call, self.account, user.boundary.as_ref()),
            tags: Some(encode::tag_list(&user.tags)),
        }
    }

    fn group(&self, group: &Group) -> shape::GroupDetail {
        shape::GroupDetail {
            path: Some(group.path.clone()),
            group_name: Some(group.name.clone()),
            group_id: Some(group.id.to_string()),
            arn: Some(group.arn(self.call.partition).into()),
            create_date: Some(group.created),
            group_policy_list: Some(inline(&group.inline)),
            attached_managed_policies: Some(self.attached(&group.attached)),
        }
    }

    fn role(&self, role: &Role) -> shape::RoleDetail {
        let full = encode::role(self.call, self.snapshot, self.account, role);
        let profiles =
            self.account.instance_profiles.iter().filter(|profile| profile.role.as_ref() == Some(&role.id));
        let profiles =
            profiles.map(|profile| encode::instance_profile(self.call, self.snapshot, self.account, profile));
        shape::RoleDetail {
            path: Some(full.path),
            role_name: Some(full.role_name),
            role_id: Some(full.role_id),
            arn: Some(full.arn),
            create_date: Some(full.create_date),
            assume_role_policy_document: full.assume_role_policy_document,
            instance_profile_list: Some(profiles.collect()),
            role_policy_list: Some(inline(&role.inline)),
            attached_managed_policies: Some(self.attached(&role.attached)),
            permissions_boundary: full.permissions_boundary,
            tags: Some(encode::tag_list(&role.tags)),
            role_last_used: full.role_last_used,
        }
    }

    fn attached(&self, references: &[PolicyRef]) -> Vec<shape::AttachedPolicy> {
        encode::attached(self.call, self.account, references)
    }

    fn count(&self, reference: &PolicyRef) -> UseCount {
        self.counts.get(reference).copied().unwrap_or_default()
    }

    fn policy(&self, policy: &ManagedPolicy) -> shape::ManagedPolicyDetail {
        let count = self.count(&PolicyRef::Customer(policy.id.clone()));
        let versions = policy.versions.iter().rev().map(|version| shape::PolicyVersion {
            document: Some(encode::document(version.text.text())),
            version_id: Some(format!("v{}", version.number)),
            is_default_version: Some(version.number == policy.default_version),
            create_date: Some(version.created),
        });
        shape::ManagedPolicyDetail {
            description: policy.description.clone(),
            ..detail(encode::policy(self.call, policy, count), versions.collect())
        }
    }

    fn aws_policy(&self, policy: &AwsManagedPolicy) -> shape::ManagedPolicyDetail {
        let count = self.count(&PolicyRef::aws(policy));
        let version = shape::PolicyVersion {
            document: Some(encode::document(&policy.document_in(self.call.partition))),
            version_id: Some(format!("v{}", policy.default_version())),
            is_default_version: Some(true),
            create_date: Some(policy.updated()),
        };
        detail(encode::aws_policy(self.call, policy, count), vec![version])
    }
}

/// A policy in the form of this answer.
fn detail(policy: shape::Policy, versions: Vec<shape::PolicyVersion>) -> shape::ManagedPolicyDetail {
    shape::ManagedPolicyDetail {
        policy_name: policy.policy_name,
        policy_id: policy.policy_id,
        arn: policy.arn,
        path: policy.path,
        default_version_id: policy.default_version_id,
        attachment_count: policy.attachment_count,
        permissions_boundary_usage_count: policy.permissions_boundary_usage_count,
        is_attachable: policy.is_attachable,
        description: None,
        create_date: policy.create_date,
        update_date: policy.update_date,
        policy_version_list: Some(versions),
    }
}

/// Inline policies with their documents.
fn inline(policies: &InlinePolicies) -> Vec<shape::PolicyDetail> {
    let shown = policies.iter().map(|(name, policy)| shape::PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(encode::document(policy.text())),
    });
    shown.collect()
}
