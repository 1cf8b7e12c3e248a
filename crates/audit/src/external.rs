//! Access from outside: who that is not of the account or its organization can reach a resource, by which actions,
//! and what limits it.
//!
//! The answer is exact: for everybody whom a policy could mean (anybody, a foreign account, another organization, a
//! service on behalf of anybody, users of a shared identity provider) it is asked whether there is a request that the
//! policy allows, given the organization's resource control policies; the request found is the finding's witness.
//! What is of the organization is trusted, as by an analyzer whose zone of trust is the organization.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html>.

mod asked;
mod bucket;
mod federated;
mod grantee;
mod mend;

pub use mend::mend;

use crate::estate::{Estate, Facts};
use crate::finding::{External, Witness};
use crate::settings::Settings;
use asked::Asked;
use base::AccountId;
use model::Resource;
use model::organization::OrganizationPolicyKind;
use policy::Document;
use std::sync::Arc;

/// Access from outside that a resource gives.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalAccess {
    /// The resource's ARN.
    pub resource: String,
    /// Its type, as CloudFormation names it; of roles `AWS::IAM::Role`.
    pub kind: String,
    /// Who has it.
    pub external: External,
    /// The actions, as the policy writes them.
    pub actions: Vec<String>,
    /// A request that the engine allows.
    pub witness: Option<Witness>,
    /// The places of the statements that allow it, from zero; none if it is not by a policy.
    pub statements: Vec<usize>,
    /// By what, if not by a policy: `access control list`, `grant`.
    pub by: Option<String>,
}

/// What came of looking at an account's resources.
#[derive(Debug, Clone, Default)]
pub struct Externals {
    /// Access from outside.
    pub found: Vec<ExternalAccess>,
    /// Resources of which it could not be shown, and why.
    pub open: Vec<(String, String)>,
    /// How many resources were looked at.
    pub resources: usize,
}

/// A policy that is looked at.
struct Subject<'a> {
    arn: &'a str,
    kind: &'a str,
    document: Arc<Document>,
    is_trust: bool,
}

/// Looks at every role and every resource that is known of an account.
pub fn externals(estate: &Estate, settings: &Settings, account: AccountId) -> Externals {
    let mut all = Externals::default();
    let Some(facts) = estate.facts(account) else { return all };
    let asked = Asked::new(estate, settings, account, rcps(estate, account));
    roles(estate, account, &asked, &mut all);
    for resource in facts.resources.iter().flatten() {
        all.resources += 1;
        look_at(&asked, resource, facts, &mut all);
    }
    all
}

fn roles(estate: &Estate, account: AccountId, asked: &Asked<'_>, all: &mut Externals) {
    let Some(state) = estate.snapshot.account(account) else { return };
    for role in state.roles.iter().filter(|role| !role.is_service_linked()) {
        all.resources += 1;
        let arn = role.arn(estate.partition);
        let Some(trust) = state.compiled_trust(role, estate.partition) else {
            all.open.push((arn.as_str().to_owned(), "the trust policy cannot be read".to_owned()));
            continue;
        };
        let document = Arc::clone(trust.document());
        let subject = Subject { arn: arn.as_str(), kind: "AWS::IAM::Role", document, is_trust: true };
        asked.of(&subject, all);
    }
}

fn look_at(asked: &Asked<'_>, resource: &Resource, facts: &Facts, all: &mut Externals) {
    let block = bucket::block(resource, facts);
    let before = all.found.len();
    if let Some(text) = &resource.policy {
        match text.document().cloned() {
            Some(document) => {
                let subject = Subject { arn: &resource.arn, kind: &resource.kind, document, is_trust: false };
                asked.of(&subject, all);
            }
            None => all.open.push((resource.arn.clone(), "the policy cannot be read".to_owned())),
        }
    }
    bucket::restrict(&block, before, all);
    bucket::lists(resource, &block, all);
    bucket::grants(resource, asked, all);
}

/// The resource control policies that bind an account's resources.
fn rcps(estate: &Estate, account: AccountId) -> Vec<Arc<Document>> {
    let levels = estate.guardrails(account, OrganizationPolicyKind::Rcp);
    levels.into_iter().flatten().filter_map(|policy| policy.text.document().cloned()).collect()
}
