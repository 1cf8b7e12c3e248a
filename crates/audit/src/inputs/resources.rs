//! Resources and workloads of all files, joined by ARN and given to their accounts.

use super::error::{InputError, Reason};
use super::fact::{ResourcePart, WorkloadPart};
use super::forms::arn::{is_instance_profile, is_role, kind_of};
use super::note::{InputNote, InputNoteKind};
use crate::estate::Estate;
use base::{AccountId, ArnRef};
use model::{Resource, Workload};
use std::collections::BTreeMap;

/// Everything seen so far.
#[derive(Debug, Default)]
pub(super) struct Collected {
    resources: BTreeMap<(AccountId, String), (ResourcePart, String)>,
    workloads: Vec<(AccountId, WorkloadPart, String)>,
}

impl Collected {
    /// Takes a part of a resource; `account` is the file's.
    pub(super) fn resource(
        &mut self,
        part: ResourcePart,
        account: Option<AccountId>,
        file: &str,
    ) -> Result<(), InputError> {
        let owner = part.owner.or(account).ok_or_else(|| InputError::of(file, Reason::AccountUnknown))?;
        let key = (owner, part.arn.clone());
        let Some((known, first)) = self.resources.get_mut(&key) else {
            self.resources.insert(key, (part, file.to_owned()));
            return Ok(());
        };
        let twice = |what| {
            let reason = Reason::Twice { what, account: owner, other: first.clone() };
            InputError::of(file, reason)
        };
        join(&mut known.policy, part.policy).map_err(|()| twice("the policy of a resource"))?;
        join(&mut known.block, part.block).map_err(|()| twice("the public access block of a bucket"))?;
        known.kind = known.kind.take().or(part.kind);
        let acl = part.acl.into_iter().filter(|grant| !known.acl.contains(grant)).collect::<Vec<_>>();
        known.acl.extend(acl);
        let grants =
            part.grants.into_iter().filter(|grant| !known.grants.contains(grant)).collect::<Vec<_>>();
        known.grants.extend(grants);
        Ok(())
    }

    /// Takes a workload; `account` is the file's.
    pub(super) fn workload(
        &mut self,
        part: WorkloadPart,
        account: Option<AccountId>,
        file: &str,
    ) -> Result<(), InputError> {
        let owner = part.account.or(account).ok_or_else(|| InputError::of(file, Reason::AccountUnknown))?;
        if !self.workloads.iter().any(|(_, known, _)| *known == part) {
            self.workloads.push((owner, part, file.to_owned()));
        }
        Ok(())
    }

    /// Gives everything to its account.
    pub(super) fn finish(self, estate: &mut Estate, notes: &mut Vec<InputNote>) {
        for ((owner, arn), (part, _)) in self.resources {
            let arn = in_partition(arn, estate);
            let kind = part.kind.unwrap_or_else(|| kind_of(&arn));
            let resource = Resource {
                arn,
                kind,
                owner,
                policy: part.policy,
                public_access_block: part.block,
                acl: part.acl,
                grants: part.grants,
            };
            estate.accounts.entry(owner).or_default().resources.get_or_insert_default().push(resource);
        }
        let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (account, part, file) in self.workloads {
            let Some(role) = role(&part, account, estate) else {
                unknown.entry(file).or_default().push(part.arn);
                continue;
            };
            let WorkloadPart { arn, kind, public, tags, .. } = part;
            let workload = Workload { arn, kind, account, role, public, tags };
            estate.accounts.entry(account).or_default().workloads.get_or_insert_default().push(workload);
        }
        for (file, arns) in unknown {
            let message = format!(
                "names instance profiles that no export has, so the roles of these are not known: {}",
                arns.join(", ")
            );
            notes.push(InputNote::new(InputNoteKind::PassedOver, Some(&file), message));
        }
    }
}

fn join<T: PartialEq>(known: &mut Option<T>, more: Option<T>) -> Result<(), ()> {
    match (&known, more) {
        (_, None) => Ok(()),
        (None, more) => {
            *known = more;
            Ok(())
        }
        (Some(one), Some(other)) if *one == other => Ok(()),
        _ => Err(()),
    }
}

/// Buckets that a file only names get the partition of the accounts.
fn in_partition(arn: String, estate: &Estate) -> String {
    match arn.strip_prefix("arn:aws:s3:::") {
        Some(bucket) if estate.partition.id() != "aws" => {
            format!("arn:{}:s3:::{bucket}", estate.partition.id())
        }
        _ => arn,
    }
}

/// The ARN of the role that a workload runs as.
fn role(part: &WorkloadPart, account: AccountId, estate: &Estate) -> Option<String> {
    if is_role(&part.role) {
        return Some(part.role.clone());
    }
    let state = estate.snapshot.account(account);
    if is_instance_profile(&part.role) {
        let profile = state?.instance_profiles.get(ArnRef::parse(&part.role)?.name())?;
        let role = state?.roles.by_id(profile.role.as_ref()?.as_str())?;
        return Some(role.arn(estate.partition).as_str().to_owned());
    }
    let name = part.role.rsplit('/').next().unwrap_or(&part.role);
    let known = state.and_then(|state| state.roles.get(name));
    Some(match known {
        Some(role) => role.arn(estate.partition).as_str().to_owned(),
        None => format!("arn:{}:iam::{account}:role/{}", estate.partition.id(), part.role),
    })
}
