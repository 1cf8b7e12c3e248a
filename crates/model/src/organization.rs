//! An organization: its accounts, its units, and the policies on them.

use crate::PolicyText;
use base::AccountId;
use policy::{Effect, PolicyKind, PolicyLabel};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::OnceLock;

/// An organization as AWS Organizations tells of it.
/// See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html>.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// The management account, which neither SCPs nor RCPs bind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_account: Option<AccountId>,
    /// `r-…`, or however the export names the root.
    pub root: String,
    /// Whether all features are enabled: without them there are no policies.
    pub all_features: bool,
    /// The accounts.
    pub accounts: Vec<MemberAccount>,
    /// The organizational units.
    pub units: Vec<Unit>,
    /// The policies of all types.
    pub policies: Vec<OrganizationPolicy>,
}

/// An account of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAccount {
    /// Twelve digits.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Whether it is active: not suspended, not being closed.
    pub active: bool,
    /// The unit or root that it is in; the root if the export does not say.
    pub parent: String,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// `ou-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The unit or root that it is in.
    pub parent: String,
}

/// What a policy of an organization is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrganizationPolicyKind {
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// Another type: tags, backups, opting out of AI services and so on.
    Other,
}

/// A policy of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationPolicy {
    /// `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: OrganizationPolicyKind,
    /// The type as AWS writes it: `SERVICE_CONTROL_POLICY`, `TAG_POLICY`.
    pub type_name: String,
    /// The document.
    pub text: PolicyText,
    /// The ids of roots, units and accounts that it is attached to.
    pub targets: Vec<String>,
}

/// Units deeper than AWS allows (five below the root) are an error of the export; a circle must not hang us.
const DEEPEST: usize = 16;

impl Organization {
    /// A member account.
    pub fn account(&self, id: AccountId) -> Option<&MemberAccount> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Whether an account is the management account or a member.
    pub fn has(&self, id: AccountId) -> bool {
        self.management_account == Some(id) || self.account(id).is_some()
    }

    /// The ids from the root down to the account, both included. `None` for an account that is not of the
    /// organization.
    pub fn way_to(&self, id: AccountId) -> Option<Vec<&str>> {
        let account = self.accounts.iter().find(|account| account.id == id)?;
        let mut way = vec![account.id.as_str()];
        let mut next = account.parent.as_str();
        while way.len() < DEEPEST {
            let Some(unit) = self.units.iter().find(|unit| unit.id == next) else { break };
            way.push(&unit.id);
            next = &unit.parent;
        }
        way.push(&self.root);
        way.reverse();
        Some(way)
    }

    /// The value of `aws:PrincipalOrgPaths` for an account: `o-a1b2/r-ab12/ou-ab12-1111/`.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
    pub fn path_of(&self, id: AccountId) -> Option<String> {
        let way = self.way_to(id)?;
        let above = way.get(..way.len().saturating_sub(1))?;
        Some(
            std::iter::once(self.id.as_str())
                .chain(above.iter().copied())
                .map(|id| format!("{id}/"))
                .collect(),
        )
    }

    /// The policies of a kind that bind an account, a list for each level, root first. Empty for the management
    /// account, for strangers, and where no policy of the kind is attached anywhere (the type is not enabled then).
    ///
    /// Every root, unit and account has at least one SCP: AWS attaches `FullAWSAccess` and does not let the last one go
    /// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_attach.html>). Where
    /// some have none, this was written down without all attachments; levels that allow nothing are then taken to have
    /// `FullAWSAccess`.
    pub fn levels(&self, id: AccountId, kind: OrganizationPolicyKind) -> Vec<Vec<&OrganizationPolicy>> {
        let enabled = self.policies.iter().any(|policy| policy.kind == kind && !policy.targets.is_empty());
        if !enabled || self.management_account == Some(id) {
            return Vec::new();
        }
        let Some(way) = self.way_to(id) else { return Vec::new() };
        let is_partial = kind == OrganizationPolicyKind::Scp && self.lacks_scps();
        let at = |target: &&str| {
            let there = |policy: &&OrganizationPolicy| {
                policy.kind == kind && policy.targets.iter().any(|id| id == target)
            };
            let mut level: Vec<&OrganizationPolicy> = self.policies.iter().filter(there).collect();
            if is_partial && !level.iter().any(|policy| policy.allows_something()) {
                level.push(full_access());
            }
            level
        };
        way.iter().map(at).collect()
    }

    /// Whether some root, unit or account has no SCP, which cannot be.
    pub fn lacks_scps(&self) -> bool {
        let scps = self.policies.iter().filter(|policy| policy.kind == OrganizationPolicyKind::Scp);
        let targets: HashSet<&str> = scps.flat_map(|policy| &policy.targets).map(String::as_str).collect();
        let units = self.units.iter().map(|unit| unit.id.as_str());
        let accounts = self.accounts.iter().map(|account| account.id.as_str());
        std::iter::once(self.root.as_str()).chain(units).chain(accounts).any(|id| !targets.contains(id))
    }
}

impl OrganizationPolicy {
    /// Whether any of its statements allows.
    fn allows_something(&self) -> bool {
        let compiled = self.text.compiled(|| PolicyLabel::new(PolicyKind::Scp, &self.id, &self.name));
        let document = compiled.map(|compiled| compiled.document());
        document.is_some_and(|document| document.statements().iter().any(|one| one.effect == Effect::Allow))
    }
}

/// The SCP that AWS attaches by itself.
fn full_access() -> &'static OrganizationPolicy {
    static FULL_ACCESS: OnceLock<OrganizationPolicy> = OnceLock::new();
    FULL_ACCESS.get_or_init(|| OrganizationPolicy {
        id: "p-FullAWSAccess".to_owned(),
        name: "FullAWSAccess".to_owned(),
        kind: OrganizationPolicyKind::Scp,
        type_name: "SERVICE_CONTROL_POLICY".to_owned(),
        text: PolicyText::new(
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#,
        ),
        targets: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> Organization {
        let policy = |id: &str, targets: &[&str]| OrganizationPolicy {
            id: id.into(),
            name: id.into(),
            kind: OrganizationPolicyKind::Scp,
            type_name: "SERVICE_CONTROL_POLICY".into(),
            text: PolicyText::new("{}"),
            targets: targets.iter().map(|target| (*target).to_owned()).collect(),
        };
        let unit = |id: &str, parent: &str| Unit { id: id.into(), name: id.into(), parent: parent.into() };
        let account = |id: &str, parent: &str| MemberAccount {
            id: id.parse().unwrap(),
            name: id.into(),
            active: true,
            parent: parent.into(),
        };
        Organization {
            id: "o-1".into(),
            management_account: "111111111111".parse().ok(),
            root: "r-1".into(),
            all_features: true,
            accounts: vec![account("111111111111", "r-1"), account("222222222222", "ou-b")],
            units: vec![unit("ou-a", "r-1"), unit("ou-b", "ou-a")],
            policies: vec![
                policy("p-1", &["r-1", "ou-a"]),
                policy("p-2", &["ou-b", "111111111111", "222222222222"]),
            ],
        }
    }

    #[test]
    fn levels_go_from_the_root_to_the_account() {
        let organization = organization();
        let member = "222222222222".parse().unwrap();
        assert_eq!(organization.way_to(member).unwrap(), ["r-1", "ou-a", "ou-b", "222222222222"]);
        assert_eq!(organization.path_of(member).unwrap(), "o-1/r-1/ou-a/ou-b/");
        let levels = organization.levels(member, OrganizationPolicyKind::Scp);
        let ids: Vec<Vec<&str>> =
            levels.iter().map(|level| level.iter().map(|policy| &*policy.id).collect()).collect();
        assert_eq!(ids, [vec!["p-1"], vec!["p-1"], vec!["p-2"], vec!["p-2"]]);
        assert!(organization.levels(member, OrganizationPolicyKind::Rcp).is_empty());
    }

    #[test]
    fn what_was_left_out_is_full_access() {
        let mut organization = organization();
        let member = "222222222222".parse().unwrap();
        organization.policies[0].targets.pop();
        organization.policies[1].text = PolicyText::new(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
        );
        let levels = organization.levels(member, OrganizationPolicyKind::Scp);
        let ids: Vec<Vec<&str>> =
            levels.iter().map(|level| level.iter().map(|policy| &*policy.id).collect()).collect();
        let full = "p-FullAWSAccess";
        assert_eq!(ids, [vec!["p-1", full], vec![full], vec!["p-2"], vec!["p-2"]]);
    }

    #[test]
    fn the_management_account_is_bound_by_nothing() {
        let organization = organization();
        let management = "111111111111".parse().unwrap();
        assert!(organization.levels(management, OrganizationPolicyKind::Scp).is_empty());
        assert!(organization.has(management));
        assert!(!organization.has("333333333333".parse().unwrap()));
    }

    #[test]
    fn a_circle_of_units_ends() {
        let mut organization = organization();
        organization.units[0].parent = "ou-b".into();
        assert!(organization.way_to("222222222222".parse().unwrap()).unwrap().len() <= DEEPEST + 1);
    }
}
