//! The first pass over an export: every entry takes its place, so that references can be resolved afterwards.

use super::ImportError;
use super::registry::{Home, Kind, Naming, Registry, twice};
use super::shape::{
    Attachment, Boundary, Export, GroupDetail, InstanceProfileDetail, PolicyDetail, RoleDetail, UserDetail,
};
use base::{AccountId, ArnRef, UniqueId};
use std::collections::BTreeSet;

/// The entries of the export with the homes that their ARNs tell, and the names of lists that are not there.
pub(super) struct Lists<'a> {
    pub(super) users: Vec<(Home, UserDetail<'a>)>,
    pub(super) groups: Vec<(Home, GroupDetail<'a>)>,
    pub(super) roles: Vec<(Home, RoleDetail<'a>)>,
    pub(super) profiles: Vec<(Home, InstanceProfileDetail, UniqueId)>,
    pub(super) policies: Vec<(Home, PolicyDetail<'a>)>,
    pub(super) aws_policies: Vec<PolicyDetail<'a>>,
    pub(super) absent: Vec<&'static str>,
}

impl<'a> Lists<'a> {
    pub(super) fn enter(export: Export<'a>, registry: &mut Registry) -> Result<Self, ImportError> {
        let mut lists = Lists {
            users: Vec::new(),
            groups: Vec::new(),
            roles: Vec::new(),
            profiles: Vec::new(),
            policies: Vec::new(),
            aws_policies: Vec::new(),
            absent: Vec::new(),
        };
        let absent = [
            ("UserDetailList", export.user_detail_list.is_none()),
            ("GroupDetailList", export.group_detail_list.is_none()),
            ("RoleDetailList", export.role_detail_list.is_none()),
            ("Policies", export.policies.is_none()),
        ];
        lists.absent.extend(absent.into_iter().filter(|(_, absent)| *absent).map(|(name, _)| name));
        for policy in export.policies.unwrap_or_default() {
            lists.enter_policy(policy, registry)?;
        }
        for group in export.group_detail_list.unwrap_or_default() {
            let naming = Naming {
                kind: Kind::Group,
                arn: &group.arn,
                path: group.path.as_deref(),
                name: &group.group_name,
                id: &group.group_id,
            };
            lists.groups.push((registry.enter(naming)?, group));
        }
        for user in export.user_detail_list.unwrap_or_default() {
            let naming = Naming {
                kind: Kind::User,
                arn: &user.arn,
                path: user.path.as_deref(),
                name: &user.user_name,
                id: &user.user_id,
            };
            lists.users.push((registry.enter(naming)?, user));
        }
        for role in export.role_detail_list.unwrap_or_default() {
            lists.enter_role(role, registry)?;
        }
        Ok(lists)
    }

    fn enter_policy(&mut self, policy: PolicyDetail<'a>, registry: &mut Registry) -> Result<(), ImportError> {
        if let Some(parts) = ArnRef::parse(&policy.arn).filter(|parts| parts.account == "aws") {
            if parts.name() != policy.policy_name {
                let path = policy.path.unwrap_or_else(|| "/".into());
                return Err(ImportError::ArnDisagrees { arn: policy.arn, path, name: policy.policy_name });
            }
            registry.enter_partition(&policy.arn, parts.partition)?;
            if let Some(first) = self.aws_policies.iter().find(|known| known.arn == policy.arn) {
                return Err(twice("the policy", &policy.policy_name, &first.arn, &policy.arn));
            }
            self.aws_policies.push(policy);
            return Ok(());
        }
        let naming = Naming {
            kind: Kind::Policy,
            arn: &policy.arn,
            path: policy.path.as_deref(),
            name: &policy.policy_name,
            id: &policy.policy_id,
        };
        self.policies.push((registry.enter(naming)?, policy));
        Ok(())
    }

    fn enter_role(&mut self, mut role: RoleDetail<'a>, registry: &mut Registry) -> Result<(), ImportError> {
        let naming = Naming {
            kind: Kind::Role,
            arn: &role.arn,
            path: role.path.as_deref(),
            name: &role.role_name,
            id: &role.role_id,
        };
        let home = registry.enter(naming)?;
        for profile in role.instance_profile_list.take().unwrap_or_default() {
            if let Some(other) = profile.roles.iter().flatten().find(|other| other.arn != role.arn) {
                return Err(ImportError::Dangling {
                    entity: profile.arn.clone(),
                    what: "a second role",
                    target: other.arn.clone(),
                });
            }
            let naming = Naming {
                kind: Kind::InstanceProfile,
                arn: &profile.arn,
                path: profile.path.as_deref(),
                name: &profile.instance_profile_name,
                id: &profile.instance_profile_id,
            };
            let profile_home = registry.enter(naming)?;
            if profile_home.account != home.account {
                return Err(ImportError::Dangling {
                    entity: profile.arn,
                    what: "the role",
                    target: role.arn,
                });
            }
            self.profiles.push((profile_home, profile, UniqueId::from_text(role.role_id.as_str())));
        }
        self.roles.push((home, role));
        Ok(())
    }

    /// The accounts whose entities attach the policy of this ARN or have it as boundary.
    pub(super) fn users_of(&self, arn: &str) -> BTreeSet<AccountId> {
        let attached = |list: &Option<Vec<Attachment>>| list.iter().flatten().any(|it| it.policy_arn == arn);
        let bounded = |boundary: &Option<Boundary>| {
            boundary.as_ref().and_then(|it| it.permissions_boundary_arn.as_deref()) == Some(arn)
        };
        let users = self
            .users
            .iter()
            .filter(|(_, it)| attached(&it.attached_managed_policies) || bounded(&it.permissions_boundary));
        let groups = self.groups.iter().filter(|(_, it)| attached(&it.attached_managed_policies));
        let roles = self
            .roles
            .iter()
            .filter(|(_, it)| attached(&it.attached_managed_policies) || bounded(&it.permissions_boundary));
        let users = users.map(|(home, _)| home.account);
        users.chain(groups.map(|(home, _)| home.account)).chain(roles.map(|(home, _)| home.account)).collect()
    }
}
