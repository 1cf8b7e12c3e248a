//! The parts of an organization and of Identity Center, joined.

use super::error::{InputError, Reason};
use super::fact::{OrganizationPart, PolicyPart, SignOnPart};
use super::note::{InputNote, InputNoteKind};
use base::AccountId;
use model::organization::{MemberAccount, Organization, OrganizationPolicy, OrganizationPolicyKind, Unit};
use model::sign_on::PermissionSet;
use model::{PolicyText, SignOn};
use std::collections::BTreeMap;

/// What AWS's own policies that allow everything say; nobody can change them.
const FULL_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Joins the parts of an organization; none is `None`.
pub(super) fn join(
    parts: Vec<(String, OrganizationPart)>,
    notes: &mut Vec<InputNote>,
) -> Result<Option<Organization>, InputError> {
    if parts.is_empty() {
        return Ok(None);
    }
    let file = parts.first().map(|(file, _)| file.clone()).unwrap_or_default();
    let mut whole = Whole::default();
    for (file, part) in parts {
        whole.take(&file, part)?;
    }
    whole.finish(&file, notes).map(Some)
}

#[derive(Default)]
struct Whole {
    id: Option<String>,
    management: Option<AccountId>,
    all_features: Option<bool>,
    root: Option<String>,
    accounts: BTreeMap<AccountId, (String, bool, Option<String>)>,
    units: BTreeMap<String, Unit>,
    policies: BTreeMap<String, (PolicyPart, String)>,
    parents: BTreeMap<String, String>,
    targets: Vec<(String, String)>,
}

impl Whole {
    fn take(&mut self, file: &str, part: OrganizationPart) -> Result<(), InputError> {
        match (&self.id, part.id) {
            (Some(expected), Some(found)) if *expected != found => {
                let reason = Reason::TwoOrganizations { found, expected: expected.clone() };
                return Err(InputError::of(file, reason));
            }
            (_, found) => self.id = self.id.take().or(found),
        }
        self.management = self.management.or(part.management);
        self.all_features = self.all_features.or(part.all_features);
        self.root = self.root.take().or(part.root);
        for account in part.accounts {
            let entry = self.accounts.entry(account.id).or_insert((account.name, account.active, None));
            entry.2 = entry.2.take().or(account.parent);
        }
        self.units.extend(part.units.into_iter().map(|unit| (unit.id.clone(), unit)));
        for policy in part.policies {
            match self.policies.get_mut(&policy.id) {
                Some((known, _)) => {
                    known.text = known.text.take().or(policy.text);
                    known.kind = known.kind.take().or(policy.kind);
                    known.aws_managed |= policy.aws_managed;
                }
                None => drop(self.policies.insert(policy.id.clone(), (policy, file.to_owned()))),
            }
        }
        self.parents.extend(part.parents);
        self.targets.extend(part.targets);
        Ok(())
    }

    fn finish(mut self, file: &str, notes: &mut Vec<InputNote>) -> Result<Organization, InputError> {
        let root = self.find_root();
        let placed = self.units.is_empty()
            || self.accounts.iter().all(|(id, (_, _, parent))| {
                parent.is_some() || self.parents.contains_key(id.as_str()) || self.management == Some(*id)
            });
        let mut note =
            |message: &str| notes.push(InputNote::new(InputNoteKind::PassedOver, Some(file), message));
        if !placed {
            note(
                "does not tell which unit each account is in: those it does not place count as directly under the root",
            );
        }
        if self.id.is_none() {
            note(
                "does not tell the organization's id: conditions on it cannot be judged (`aws organizations describe-organization`)",
            );
        }
        if !self.policies.is_empty() && self.targets.is_empty() {
            note(
                "does not tell what the organization's policies are attached to: none of them counts (`aws organizations list-targets-for-policy`)",
            );
        }
        let accounts = std::mem::take(&mut self.accounts).into_iter().map(|(id, (name, active, parent))| {
            let parent =
                parent.or_else(|| self.parents.get(id.as_str()).cloned()).unwrap_or_else(|| root.clone());
            MemberAccount { id, name, active, parent }
        });
        let accounts = accounts.collect();
        let policies = self.policies()?;
        Ok(Organization {
            id: self.id.unwrap_or_default(),
            management_account: self.management,
            root,
            all_features: self.all_features.unwrap_or(true),
            accounts,
            units: self.units.into_values().collect(),
            policies,
        })
    }

    /// The root that is listed, else what is above units and is none.
    fn find_root(&self) -> String {
        let parents = self.units.values().map(|unit| &unit.parent);
        let parents = parents.chain(self.accounts.values().filter_map(|(_, _, parent)| parent.as_ref()));
        let above = parents.chain(self.parents.values()).find(|id| !self.units.contains_key(*id));
        let target = self.targets.iter().map(|(_, target)| target).find(|id| id.starts_with("r-"));
        self.root.as_ref().or(above).or(target).cloned().unwrap_or_else(|| "root".to_owned())
    }

    fn policies(&mut self) -> Result<Vec<OrganizationPolicy>, InputError> {
        let mut policies = Vec::new();
        for (id, (part, file)) in std::mem::take(&mut self.policies) {
            let mut targets: Vec<String> = self
                .targets
                .iter()
                .filter(|(policy, _)| *policy == id)
                .map(|(_, target)| target.clone())
                .collect();
            targets.sort();
            targets.dedup();
            let is_full = part.aws_managed || matches!(&*id, "p-FullAWSAccess" | "p-RCPFullAWSAccess");
            let (kind, type_name) = part.kind.unwrap_or((OrganizationPolicyKind::Other, String::new()));
            let text = match part.text {
                Some(text) => text,
                None if is_full => PolicyText::new(FULL_ACCESS),
                None if kind == OrganizationPolicyKind::Other || targets.is_empty() => PolicyText::new("{}"),
                None => return Err(InputError::of(&file, Reason::NoContent(id))),
            };
            policies.push(OrganizationPolicy { id, name: part.name, kind, type_name, text, targets });
        }
        Ok(policies)
    }
}

/// Joins the parts of Identity Center; none is `None`.
pub(super) fn join_sign_on(parts: Vec<(String, SignOnPart)>, notes: &mut Vec<InputNote>) -> Option<SignOn> {
    let file = parts.first().map(|(file, _)| file.clone())?;
    let mut whole = SignOn::default();
    let mut sets: BTreeMap<String, (PermissionSet, usize)> = BTreeMap::new();
    for (_, part) in parts {
        whole.instance = whole.instance.take().or(part.instance);
        for set in part.sets {
            let (known, times) = sets.entry(set.arn.clone()).or_insert_with(|| (bare(&set.arn), 0));
            *times += usize::from(set != bare(&set.arn));
            add(known, set);
        }
        for assignment in part.assignments {
            if !whole.assignments.contains(&assignment) {
                whole.assignments.push(assignment);
            }
        }
    }
    let untold = sets.values().filter(|(_, times)| *times == 0).count();
    if untold > 0 {
        let message = format!("lists {untold} permission sets of which nothing tells the policies");
        notes.push(InputNote::new(InputNoteKind::PassedOver, Some(&file), message));
    }
    whole.permission_sets = sets
        .into_values()
        .map(|(mut set, _)| {
            if set.name.is_empty() {
                set.name = set.arn.rsplit('/').next().unwrap_or_default().to_owned();
            }
            set
        })
        .collect();
    Some(whole)
}

fn bare(arn: &str) -> PermissionSet {
    PermissionSet {
        arn: arn.to_owned(),
        name: String::new(),
        session_duration: None,
        managed: Vec::new(),
        customer_managed: Vec::new(),
        inline: None,
        boundary: None,
    }
}

fn add(known: &mut PermissionSet, more: PermissionSet) {
    if known.name.is_empty() {
        known.name = more.name;
    }
    known.session_duration = known.session_duration.take().or(more.session_duration);
    let managed: Vec<String> = more.managed.into_iter().filter(|it| !known.managed.contains(it)).collect();
    known.managed.extend(managed);
    let own: Vec<String> =
        more.customer_managed.into_iter().filter(|it| !known.customer_managed.contains(it)).collect();
    known.customer_managed.extend(own);
    known.inline = known.inline.take().or(more.inline);
    known.boundary = known.boundary.take().or(more.boundary);
}
