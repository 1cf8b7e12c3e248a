//! Trying a fix: the change is made on a copy of the estate, the check runs again, and what access is lost is told.

mod apply;

pub use apply::{Unchangeable, apply};

use crate::auditor::{Auditor, Outcome};
use crate::checks::by_id;
use crate::compare::{self, Change as Changed};
use crate::estate::Estate;
use crate::finding::{Change, Finding, Status};
use analysis::{Access, AccessLayer, Options, Scope, Verdict, no_new_access};
use model::PolicyText;
use policy::{Document, Layer};
use std::sync::Arc;

/// What a change would do.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What has become of the finding.
    pub outcome: Ended,
    /// What the check finds after the change and did not find before.
    pub appeared: Vec<Finding>,
    /// How many more findings of the check the change ends.
    pub others: usize,
    /// Users and roles whose access changes, with requests that show it.
    pub access: Vec<Changed>,
    /// Of a change of a resource's policy: what it allowed and does not any more.
    pub resource: Option<Verdict>,
}

/// What has become of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is gone.
    Gone,
    /// It is still found.
    Still,
    /// The check cannot judge any more whether it is.
    Unjudged,
}

/// Makes the change on a copy and looks again.
///
/// # Errors
/// If the change does not fit the estate; see [`Unchangeable`].
pub fn verify(auditor: &Auditor<'_>, finding: &Finding, change: &Change) -> Result<Verified, Unchangeable> {
    let after = apply(auditor.estate, change)?;
    let (before, now) =
        (run(auditor, finding), run(&Auditor::new(&after, auditor.settings, auditor.now), finding));
    let fails = |findings: &[Finding], print: &str| {
        findings.iter().any(|it| it.status == Status::Fail && it.fingerprint == print)
    };
    let unjudged = |it: &Finding| matches!(it.status, Status::Error | Status::NotAssessable);
    let outcome = match fails(&now, &finding.fingerprint) {
        true => Ended::Still,
        false if now.iter().any(unjudged) && !before.iter().any(unjudged) => Ended::Unjudged,
        false => Ended::Gone,
    };
    let failed = |findings: &[Finding], others: &[Finding]| -> Vec<Finding> {
        let fresh = |it: &&Finding| it.status == Status::Fail && !fails(others, &it.fingerprint);
        findings.iter().filter(fresh).cloned().collect()
    };
    let others = failed(&before, &now).iter().filter(|it| it.fingerprint != finding.fingerprint).count();
    let comparison = compare::accounts(
        &auditor.estate.snapshot,
        &after.snapshot,
        auditor.estate.partition,
        Options::default(),
    );
    Ok(Verified {
        outcome,
        appeared: failed(&now, &before),
        others,
        access: comparison.changes,
        resource: resource(auditor.estate, &after, change),
    })
}

/// What the check of a finding says of its account.
fn run(auditor: &Auditor<'_>, finding: &Finding) -> Vec<Finding> {
    let mut outcome = Outcome::default();
    if let Some(check) = by_id(finding.check) {
        auditor.check(check, finding.account, &mut outcome);
    }
    outcome.findings
}

/// What a resource's policy allowed and does not any more.
fn resource(before: &Estate, after: &Estate, change: &Change) -> Option<Verdict> {
    let Change::PutResourcePolicy { resource, .. } = change else { return None };
    let access = |estate: &Estate| {
        let policy = policy_of(estate, resource);
        let document = policy.and_then(|policy| Document::parse_tolerant(policy.text()).0).map(Arc::new);
        match document {
            Some(document) => Access::layered(vec![AccessLayer::new(Layer::Resource, vec![document])]),
            None => Access::nothing(),
        }
    };
    Some(no_new_access(&access(before), &access(after), &Scope::default(), Options::default()))
}

fn policy_of<'e>(estate: &'e Estate, arn: &str) -> Option<&'e PolicyText> {
    let resources = estate.accounts.values().filter_map(|facts| facts.resources.as_ref()).flatten();
    resources.filter(|resource| resource.arn == arn).find_map(|resource| resource.policy.as_ref())
}
