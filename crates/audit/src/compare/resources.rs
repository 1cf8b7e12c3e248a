//! Resources with policies of their own: whom they let in that they did not before.

use super::guardrails::Guardrails;
use super::people::of_resource;
use super::side::Side;
use super::{Comparing, Part};
use crate::ask::service_of;
use crate::estate::Estate;
use analysis::Scope;
use base::AccountId;
use model::Resource;
use policy::catalogue::Catalogue;
use policy::{PolicyKind, PolicyLabel};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the resources of accounts whose resources are known on both sides.
pub(super) fn compare(
    comparing: &mut Comparing,
    (old, old_rails): (&Estate, &mut Guardrails<'_>),
    (new, new_rails): (&Estate, &mut Guardrails<'_>),
) {
    let accounts: BTreeSet<AccountId> = old.accounts.keys().chain(new.accounts.keys()).copied().collect();
    for account in accounts {
        let (before, after) = match (known(old, account), known(new, account)) {
            (None, None) => continue,
            (Some(before), Some(after)) => (before, after),
            _ => {
                let known = "known of one version only, and not compared";
                comparing.note(&format!("the resources of account {account} are {known}"));
                continue;
            }
        };
        let all: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for arn in all {
            let (old, new) = (before.get(arn).copied(), after.get(arn).copied());
            let sides = (side(old, old_rails), side(new, new_rails));
            if sides.0.texts() == sides.1.texts() {
                comparing.comparison.unchanged += 1;
                continue;
            }
            let kind = new.or(old).map(|resource| resource.kind.as_str()).unwrap_or_default();
            let scope = Scope { service: service_of(kind), ..Scope::default() };
            let found = comparing.ask(&sides.0, &sides.1, &scope);
            comparing.add(arn, Part::Resource, (old.is_some(), new.is_some()), found);
        }
    }
}

/// An account's resources by ARN, if they are known.
fn known(estate: &Estate, account: AccountId) -> Option<BTreeMap<&str, &Resource>> {
    let resources = estate.facts(account)?.resources.as_ref()?;
    Some(resources.iter().map(|resource| (resource.arn.as_str(), resource)).collect())
}

/// The resource's policy, and the RCPs that bind it if its service is one of theirs.
fn side(resource: Option<&Resource>, guardrails: &mut Guardrails<'_>) -> Side {
    let Some(resource) = resource else { return Side::default() };
    let label = || PolicyLabel::new(PolicyKind::Resource, &resource.arn, &resource.arn);
    let policy = resource.policy.as_ref().and_then(|policy| policy.compiled(label).cloned());
    let service = service_of(&resource.kind).and_then(|service| Catalogue::get().service(&service));
    let rcps = match service.is_some_and(|service| service.rcp_supported()) {
        true => guardrails.rcps(resource.owner),
        false => Vec::new(),
    };
    of_resource(policy, rcps)
}
