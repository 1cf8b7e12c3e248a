//! The questions that are asked of each policy, and what their answers come to.

use super::federated;
use super::grantee::Grantees;
use super::{ExternalAccess, Externals, Subject};
use crate::ask::service_of;
use crate::estate::Estate;
use crate::finding::{External, ExternalKind, Witness};
use crate::settings::Settings;
use analysis::{Access, AccessLayer, KeyValue, Options, Refutation, Scope, Verdict, no_new_access};
use base::AccountId;
use policy::{ConditionElement, Document, Layer, Principal, Statement};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the questions of an account's policies share.
pub(super) struct Asked<'a> {
    estate: &'a Estate,
    settings: &'a Settings,
    owner: AccountId,
    rcps: Vec<Arc<Document>>,
}

/// An organization that nobody names.
const FOREIGN_ORGANIZATION: &str = "o-notyours00";

impl<'a> Asked<'a> {
    pub(super) fn new(
        estate: &'a Estate,
        settings: &'a Settings,
        owner: AccountId,
        rcps: Vec<Arc<Document>>,
    ) -> Self {
        Self { estate, settings, owner, rcps }
    }

    /// Whether an account is trusted: the owner, one of the organization, one that AWS acts from, or one that the settings
    /// name.
    pub(super) fn is_trusted(&self, account: AccountId) -> bool {
        account == self.owner
            || aws_account(account).is_some()
            || self.estate.is_ours(account)
            || self.settings.trusted_accounts.iter().any(|trusted| *trusted == account.as_str())
    }

    /// Asks everything of a policy.
    pub(super) fn of(&self, subject: &Subject<'_>, all: &mut Externals) {
        let grantees = Grantees::of(&subject.document);
        let access = self.access(subject);
        let before = all.found.len();
        if grantees.everybody {
            self.public(subject, &access, all);
        }
        for account in grantees.accounts.iter().filter(|account| !self.is_trusted(**account)) {
            self.account(subject, &access, &grantees, *account, all);
        }
        for organization in grantees.organizations.iter().filter(|id| !self.is_own(id)) {
            self.organization(subject, &access, organization, all);
        }
        for service in &grantees.services {
            self.service(subject, &access, service, all);
            for source in grantees.sources.iter().filter(|source| !self.is_trusted(**source)) {
                self.source(subject, &access, service, *source, all);
            }
        }
        for provider in &grantees.providers {
            self.provider(subject, &access, provider, all);
        }
        without_what_anybody_has(before, all);
    }

    fn access(&self, subject: &Subject<'_>) -> Access {
        let mut layers = vec![AccessLayer::new(Layer::Resource, vec![Arc::clone(&subject.document)])];
        if !self.rcps.is_empty() {
            layers.push(AccessLayer::new(Layer::Rcp, self.rcps.clone()));
        }
        Access::layered(layers)
    }

    fn is_own(&self, organization: &str) -> bool {
        self.estate.organization.as_ref().is_some_and(|own| own.id == organization)
    }

    /// Whether anybody is let in.
    fn public(&self, subject: &Subject<'_>, access: &Access, all: &mut Externals) {
        let scope = Scope { untrusted: true, ..self.scope(subject) };
        if let Some(found) = self.ask(access, &scope, subject, all) {
            let external = External {
                kind: ExternalKind::Public,
                who: "*".to_owned(),
                name: None,
                conditions: Vec::new(),
            };
            all.found.push(finding(subject, external, &found));
        }
    }

    fn account(
        &self,
        subject: &Subject<'_>,
        access: &Access,
        grantees: &Grantees,
        account: AccountId,
        all: &mut Externals,
    ) {
        let organizations: Vec<&str> = std::iter::once(FOREIGN_ORGANIZATION)
            .chain(grantees.organizations.iter().map(String::as_str).filter(|id| !self.is_own(id)))
            .collect();
        for principal in principals(account, self.estate.partition.id(), grantees) {
            for organization in &organizations {
                let scope = Scope {
                    principal: Some(principal.clone()),
                    context: of_organization(organization),
                    ..self.scope(subject)
                };
                let Some(found) = self.ask(access, &scope, subject, all) else { continue };
                let external = External {
                    kind: self.vendor(account).map_or(ExternalKind::Account, |_| ExternalKind::Vendor),
                    who: account.to_string(),
                    name: self.vendor(account),
                    conditions: Vec::new(),
                };
                all.found.push(finding(subject, external, &found));
                return;
            }
        }
    }

    /// The name of a foreign account, if the settings tell it.
    fn vendor(&self, account: AccountId) -> Option<String> {
        self.settings.known_accounts.get(account.as_str()).cloned()
    }

    fn organization(&self, subject: &Subject<'_>, access: &Access, id: &str, all: &mut Externals) {
        if self.estate.organization.is_none() {
            let why = format!("access is limited to organization {id}; whether that is yours is not known");
            all.open.push((subject.arn.to_owned(), why));
            return;
        }
        let stranger = AccountId::parse("999988887777").ok();
        let principal =
            stranger.map(|account| principals(account, self.estate.partition.id(), &Grantees::default()));
        for principal in principal.into_iter().flatten() {
            let scope =
                Scope { principal: Some(principal), context: of_organization(id), ..self.scope(subject) };
            let Some(found) = self.ask(access, &scope, subject, all) else { continue };
            let external = External {
                kind: ExternalKind::Organization,
                who: id.to_owned(),
                name: None,
                conditions: Vec::new(),
            };
            all.found.push(finding(subject, external, &found));
            return;
        }
    }

    /// A service that acts for whoever asks it, if nothing says for whom. Roles are left out: who hands a role to a
    /// service needs `iam:PassRole` in the role's own account.
    fn service(&self, subject: &Subject<'_>, access: &Access, name: &str, all: &mut Externals) {
        if subject.is_trust {
            return;
        }
        let scope =
            Scope { principal: Some(Principal::service(name)), untrusted: true, ..self.scope(subject) };
        let Some(found) = self.ask(access, &scope, subject, all) else { return };
        let external = External {
            kind: ExternalKind::Service,
            who: name.to_owned(),
            name: None,
            conditions: Vec::new(),
        };
        all.found.push(finding(subject, external, &found));
    }

    /// A service on behalf of a foreign account that the policy names.
    fn source(
        &self,
        subject: &Subject<'_>,
        access: &Access,
        service: &str,
        source: AccountId,
        all: &mut Externals,
    ) {
        let known = KeyValue::One(source.to_string());
        let scope = Scope {
            principal: Some(Principal::service(service)),
            context: vec![("aws:SourceAccount".to_owned(), known)],
            ..self.scope(subject)
        };
        let Some(found) = self.ask(access, &scope, subject, all) else { return };
        let external = External {
            kind: self.vendor(source).map_or(ExternalKind::Account, |_| ExternalKind::Vendor),
            who: source.to_string(),
            name: self.vendor(source),
            conditions: Vec::new(),
        };
        let finding = finding(subject, external, &found);
        // A statement that does not name the account lets the service in for other reasons.
        if finding.external.conditions.iter().any(|condition| condition.contains(source.as_str())) {
            all.found.push(finding);
        }
    }

    fn provider(&self, subject: &Subject<'_>, access: &Access, provider: &str, all: &mut Externals) {
        let Some(issuer) = federated::issuer_of(provider) else { return };
        for context in federated::foreign_tokens(issuer, &subject.document) {
            let scope =
                Scope { principal: Some(Principal::federated(provider)), context, ..self.scope(subject) };
            let Some(found) = self.ask(access, &scope, subject, all) else { continue };
            let external = External {
                kind: ExternalKind::Federated,
                who: provider.to_owned(),
                name: Some(issuer.name.to_owned()),
                conditions: Vec::new(),
            };
            all.found.push(finding(subject, external, &found));
            return;
        }
    }

    /// Requests on the resource itself and what is in it.
    fn scope(&self, subject: &Subject<'_>) -> Scope {
        let arn = subject.arn;
        let resources = match subject.kind {
            "AWS::IAM::Role" => vec![arn.to_owned()],
            "AWS::S3::Bucket" => vec![arn.to_owned(), format!("{arn}/*")],
            "AWS::Lambda::Function" => vec![arn.to_owned(), format!("{arn}:*")],
            _ => vec![arn.to_owned(), format!("{arn}/*"), format!("{arn}:*")],
        };
        let kind = if subject.is_trust { "AWS::IAM::AssumeRolePolicyDocument" } else { subject.kind };
        Scope { resources: Some(resources), service: service_of(kind), ..Scope::default() }
    }

    fn ask(
        &self,
        access: &Access,
        scope: &Scope,
        subject: &Subject<'_>,
        all: &mut Externals,
    ) -> Option<Refutation> {
        match no_new_access(access, &Access::nothing(), scope, Options::default()) {
            Verdict::Proved => None,
            Verdict::Refuted(found) => Some(*found),
            Verdict::Undetermined(reasons) => {
                all.open.push((subject.arn.to_owned(), reasons.join("; ")));
                None
            }
        }
    }
}

/// What AWS does from an account of its own, which policies must name: those are no strangers.
fn aws_account(account: AccountId) -> Option<&'static str> {
    let lines = include_str!("aws_accounts.tsv").lines();
    lines
        .filter_map(|line| line.split_once('\t'))
        .find(|(id, _)| *id == account.as_str())
        .map(|(_, what)| what)
}

/// Whoever has no more than anybody has is not told by itself.
fn without_what_anybody_has(from: usize, all: &mut Externals) {
    let looked_at = all.found.get(from..).unwrap_or_default();
    let Some(public) = looked_at.iter().find(|found| found.external.kind == ExternalKind::Public).cloned()
    else {
        return;
    };
    let mut place = 0;
    all.found.retain(|found| {
        place += 1;
        place <= from
            || found.external.kind == ExternalKind::Public
            || !found.statements.iter().all(|statement| public.statements.contains(statement))
    });
}

/// Those of an account that policies tell apart: whom they name, and anybody else.
fn principals(account: AccountId, partition: &str, grantees: &Grantees) -> Vec<Principal> {
    let of_account = format!(":{account}:");
    let named = grantees.arns.iter().filter(|arn| arn.contains(&of_account));
    let named = named.filter_map(|arn| match arn.split(':').nth(5)?.split('/').next()? {
        "user" => Principal::user(arn).ok(),
        "role" => Principal::role_session(arn, "session").ok(),
        "assumed-role" => Principal::assumed_role(arn).ok(),
        _ => None,
    });
    let arn = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/somebody");
    let others = [
        Principal::role_session(&arn("role"), "session").ok(),
        Principal::user(&arn("user")).ok(),
        Some(Principal::root(account, partition)),
    ];
    named.chain(others.into_iter().flatten()).collect()
}

/// The keys of somebody whose account is of an organization.
fn of_organization(id: &str) -> Vec<(String, KeyValue)> {
    vec![
        ("aws:PrincipalOrgID".to_owned(), KeyValue::One(id.to_owned())),
        ("aws:PrincipalIsAWSService".to_owned(), KeyValue::One("false".to_owned())),
    ]
}

fn finding(subject: &Subject<'_>, external: External, found: &Refutation) -> ExternalAccess {
    let statements: BTreeSet<usize> =
        found.blamed.iter().filter(|blamed| blamed.layer == 0).map(|blamed| blamed.statement).collect();
    let blamed: Vec<&Statement> = subject
        .document
        .statements()
        .iter()
        .filter(|statement| statements.contains(&statement.index))
        .collect();
    let conditions =
        blamed.iter().flat_map(|statement| &statement.conditions).map(words).collect::<BTreeSet<_>>();
    let actions = blamed.iter().flat_map(|statement| actions(statement)).collect::<BTreeSet<_>>();
    ExternalAccess {
        resource: subject.arn.to_owned(),
        kind: subject.kind.to_owned(),
        external: External { conditions: conditions.into_iter().collect(), ..external },
        actions: actions.into_iter().collect(),
        witness: Some(witness(&found.witness)),
        statements: statements.into_iter().collect(),
        by: None,
    }
}

fn actions(statement: &Statement) -> Vec<String> {
    let entries = statement.action.entries.iter().map(|entry| entry.value.to_string());
    if statement.action.negated {
        vec![format!("all but {}", entries.collect::<Vec<_>>().join(", "))]
    } else {
        entries.collect()
    }
}

/// A condition as one reads it.
fn words(condition: &ConditionElement) -> String {
    let values: Vec<&str> = condition.values.iter().map(|value| &*value.value).collect();
    format!("{} {} {}", condition.key.value, condition.operator_text.value, values.join(" | "))
}

fn witness(found: &analysis::Witness) -> Witness {
    let values = |value: &KeyValue| match value {
        KeyValue::Absent => None,
        KeyValue::One(text) => Some(vec![text.clone()]),
        KeyValue::Many(texts) => Some(texts.clone()),
    };
    let principal = found.principal.clone().filter(|name| name != "anonymous");
    Witness {
        principal: principal.unwrap_or_else(|| "*".to_owned()),
        action: found.action.clone(),
        resource: found.resource.clone(),
        context: found
            .context
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), values(value)?)))
            .collect(),
    }
}
