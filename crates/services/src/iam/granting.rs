//! Which services policies allow at all, and `ListPoliciesGrantingServiceAccess`.
//!
//! Only permissions policies speak here: neither boundaries nor policies of resources, organizations and sessions. See
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html>.

use super::{encode, find, page};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{ArnRef, Partition};
use model::{AccountState, Group, InlinePolicies, Named, PolicyRef, Role, Snapshot, User};
use policy::catalogue::{Catalogue, Service};
use policy::{Document, PolicyKind, PolicyLabel};
use policy::{Effect, ListElement, Statement};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::ListPoliciesGrantingServiceAccess>(
        "iam",
        |input, _, _| Ok(vec![Demand::on(input.arn.clone())]),
        list,
    )]
}

/// An entity that is named by its ARN.
#[derive(Debug, Clone)]
pub enum Subject<'a> {
    /// A user.
    User(&'a Arc<User>),
    /// A group.
    Group(&'a Arc<Group>),
    /// A role.
    Role(&'a Arc<Role>),
    /// A managed policy.
    Policy(PolicyRef),
}

/// The entity of this ARN in the caller's account and partition.
pub fn subject<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Result<Subject<'a>, Fault> {
    let invalid = || Fault::of(&errors::INVALID_INPUT, format!("ARN {arn} is not valid."));
    let parts = ArnRef::parse(arn).ok_or_else(invalid)?;
    let own = call.account_id();
    let is_here = parts.account == own.as_str() || parts.account == "aws";
    if parts.service != "iam" || parts.partition != call.partition.id() || !is_here {
        return Err(invalid());
    }
    let missing = || find::no_such_entity(format!("The entity {arn} cannot be found."));
    let (kind, _) = parts.typed_resource().ok_or_else(invalid)?;
    let named = |found: base::Arn| found.as_str() == arn;
    match kind {
        "user" => {
            let user = account.users.get(parts.name()).filter(|it| named(it.arn(call.partition)));
            user.map(Subject::User).ok_or_else(missing)
        }
        "group" => {
            let group = account.groups.get(parts.name()).filter(|it| named(it.arn(call.partition)));
            group.map(Subject::Group).ok_or_else(missing)
        }
        "role" => {
            let role = account.roles.get(parts.name()).filter(|it| named(it.arn(call.partition)));
            role.map(Subject::Role).ok_or_else(missing)
        }
        "policy" => find::readable(call, account, arn).map(|policy| Subject::Policy(policy.reference())),
        _ => Err(invalid()),
    }
}

/// A policy that an entity has, and where from.
pub struct Grant<'a> {
    name: &'a str,
    /// The policy if it is a managed one; else the kind and name of the entity whose inline policy it is.
    source: Result<&'a PolicyRef, (&'static str, &'a str)>,
    document: Arc<Document>,
}

/// The permissions policies of an entity, those of a user's groups among them.
pub fn grants<'a>(account: &'a AccountState, subject: &Subject<'a>, partition: Partition) -> Vec<Grant<'a>> {
    let mut all = Vec::new();
    match subject {
        Subject::User(user) => {
            let user: &User = user;
            gather(account, partition, ("USER", user), &user.inline, &user.attached, &mut all);
            for group in account.groups_of(user) {
                gather(account, partition, ("GROUP", &**group), &group.inline, &group.attached, &mut all);
            }
        }
        Subject::Group(group) => {
            gather(account, partition, ("GROUP", &***group), &group.inline, &group.attached, &mut all);
        }
        Subject::Role(role) => {
            gather(account, partition, ("ROLE", &***role), &role.inline, &role.attached, &mut all);
        }
        Subject::Policy(_) => {}
    }
    all
}

fn gather<'a>(
    account: &'a AccountState,
    partition: Partition,
    (kind, entity): (&'static str, &'a impl Named),
    inline: &'a InlinePolicies,
    attached: &'a [PolicyRef],
    into: &mut Vec<Grant<'a>>,
) {
    for reference in attached {
        if let Some(policy) = account.compiled(reference, partition) {
            let (name, document) = (encode::policy_name(account, reference), Arc::clone(policy.document()));
            into.push(Grant { name, source: Ok(reference), document });
        }
    }
    for (name, text) in inline {
        let label = || {
            let resource = [kind.to_ascii_lowercase().as_str(), entity.path(), entity.name()].concat();
            let arn = format!("arn:{}:iam::{}:{resource}", partition.id(), account.id());
            PolicyLabel::new(PolicyKind::Inline, &arn, name)
        };
        if let Some(policy) = text.compiled(label) {
            let document = Arc::clone(policy.document());
            into.push(Grant { name, source: Err((kind, entity.name())), document });
        }
    }
}

/// The services that an entity's policies allow it to call, by namespace, in order.
pub fn allowed_services(account: &AccountState, subject: &Subject<'_>, partition: Partition) -> Vec<String> {
    let documents: Vec<Arc<Document>> = match subject {
        Subject::Policy(reference) => {
            account.compiled(reference, partition).iter().map(|it| Arc::clone(it.document())).collect()
        }
        _ => grants(account, subject, partition).into_iter().map(|grant| grant.document).collect(),
    };
    let reach: Vec<Reach> = documents.iter().map(|document| Reach::of(document)).collect();
    let denied: BTreeSet<&str> = reach.iter().flat_map(|reach| &reach.denied).copied().collect();
    let allowed: BTreeSet<&str> = reach.iter().flat_map(|reach| &reach.allowed).copied().collect();
    allowed.difference(&denied).map(|namespace| (*namespace).to_owned()).collect()
}

/// The services that a document speaks of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reach {
    /// Of which it allows an action.
    allowed: BTreeSet<&'static str>,
    /// Of which it denies everything, on all resources and always.
    denied: BTreeSet<&'static str>,
}

impl Reach {
    fn of(document: &Document) -> Self {
        let mut reach = Self::default();
        for statement in document.statements() {
            match statement.effect {
                Effect::Allow => reach.allowed.extend(touched(&statement.action)),
                Effect::Deny if is_unconditional(statement) => {
                    reach.denied.extend(covered(&statement.action));
                }
                Effect::Deny => {}
            }
        }
        reach
    }
}

fn is_unconditional(statement: &Statement) -> bool {
    let everywhere = statement.resource.as_ref().is_some_and(|resource| {
        !resource.negated && resource.entries.iter().any(|entry| &*entry.value == "*")
    });
    everywhere && statement.conditions.is_empty()
}

/// How many actions of each service the entries of an element name.
fn counts(element: &ListElement) -> HashMap<&'static str, usize> {
    let mut named: HashMap<&'static str, HashSet<&'static str>> = HashMap::new();
    for entry in &element.entries {
        for action in Catalogue::get().actions_matching(&entry.value) {
            named.entry(action.service().prefix()).or_default().insert(action.name());
        }
    }
    named.into_iter().map(|(service, actions)| (service, actions.len())).collect()
}

/// Services of which the element covers an action.
fn touched(element: &ListElement) -> Vec<&'static str> {
    let counts = counts(element);
    if !element.negated {
        return counts.into_keys().collect();
    }
    let is_left = |service: &&'static Service| {
        counts.get(service.prefix()).copied().unwrap_or(0) < service.actions().count()
    };
    Catalogue::get().services().filter(is_left).map(Service::prefix).collect()
}

/// Services of which the element covers every action.
fn covered(element: &ListElement) -> Vec<&'static str> {
    let counts = counts(element);
    let is_whole = |service: &&'static Service| {
        let named = counts.get(service.prefix()).copied().unwrap_or(0);
        if element.negated { named == 0 } else { named == service.actions().count() }
    };
    Catalogue::get().services().filter(is_whole).map(Service::prefix).collect()
}

/// The service of this namespace; a fault if there is none.
pub fn service(namespace: &str) -> Result<&'static Service, Fault> {
    Catalogue::get().service(namespace).filter(|service| service.prefix() == namespace).ok_or_else(|| {
        Fault::of(&errors::INVALID_INPUT, format!("The service namespace {namespace} is not valid."))
    })
}

/// Entries of a page; inputs cannot ask for another number.
const ENTRIES: i32 = 100;

fn list(
    at: Allowed<'_, ops::ListPoliciesGrantingServiceAccess>,
    snapshot: &Snapshot,
    input: shape::ListPoliciesGrantingServiceAccessRequest,
) -> Result<shape::ListPoliciesGrantingServiceAccessResponse, Fault> {
    let account = at.account(snapshot)?;
    let subject = subject(&at, account, &input.arn)?;
    if let Subject::Policy(_) = subject {
        let message = format!("ARN {} is not valid: it must name a user, a group or a role.", input.arn);
        return Err(Fault::of(&errors::INVALID_INPUT, message));
    }
    for namespace in &input.service_namespaces {
        service(namespace)?;
    }
    let grants = grants(account, &subject, at.partition);
    let reach: Vec<Reach> = grants.iter().map(|grant| Reach::of(&grant.document)).collect();
    let entry = |(place, namespace): (usize, &String)| {
        let own = grants.iter().zip(&reach).filter(|(_, reach)| reach.allowed.contains(namespace.as_str()));
        let policies = own.map(|(grant, _)| shown(&at, account, grant)).collect();
        let entry = shape::ListPoliciesGrantingServiceAccessEntry {
            service_namespace: Some(namespace.clone()),
            policies: Some(policies),
        };
        (place, entry)
    };
    let entries = input.service_namespaces.iter().enumerate().map(entry);
    let place = |(place, _): &(usize, shape::ListPoliciesGrantingServiceAccessEntry)| format!("{place:04}");
    let page = page::of(entries, input.marker.as_deref(), Some(ENTRIES), place)?;
    Ok(shape::ListPoliciesGrantingServiceAccessResponse {
        is_truncated: Some(page.is_truncated()),
        policies_granting_service_access: page.items.into_iter().map(|(_, entry)| entry).collect(),
        marker: page.marker,
    })
}

fn shown(call: &Call, account: &AccountState, grant: &Grant<'_>) -> shape::PolicyGrantingServiceAccess {
    let (kind, entity) = grant.source.err().unzip();
    let arn = grant.source.ok().and_then(|policy| encode::policy_arn(call, account, policy));
    shape::PolicyGrantingServiceAccess {
        policy_name: grant.name.to_owned(),
        policy_type: if arn.is_some() { "MANAGED" } else { "INLINE" }.to_owned(),
        policy_arn: arn.map(String::from),
        entity_type: kind.map(str::to_owned),
        entity_name: entity.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(statements: &str) -> Reach {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Reach::of(&Document::parse_tolerant(&text).0.unwrap())
    }

    #[test]
    fn allowed_services_are_those_with_an_action() {
        let some = reach(
            r#"{"Effect":"Allow","Action":["s3:Get*","iam:CreateUser","ec2:NoSuchThing"],"Resource":"*"}"#,
        );
        assert_eq!(some.allowed.into_iter().collect::<Vec<_>>(), ["iam", "s3"]);
        let all = reach(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
        assert_eq!(
            all.allowed.len(),
            Catalogue::get().services().filter(|it| it.actions().count() > 0).count()
        );
        let rest = reach(r#"{"Effect":"Allow","NotAction":["s3:*","iam:Get*"],"Resource":"*"}"#);
        assert!(!rest.allowed.contains("s3") && rest.allowed.contains("iam") && rest.allowed.contains("ec2"));
    }

    #[test]
    fn only_a_denial_of_everything_takes_a_service_away() {
        let whole = reach(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#);
        assert_eq!(whole.denied.into_iter().collect::<Vec<_>>(), ["s3"]);
        for part in [
            r#"{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::a"}"#,
            r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
        ] {
            assert!(reach(part).denied.is_empty(), "{part}");
        }
        let others = reach(r#"{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}"#);
        assert!(!others.denied.contains("s3") && others.denied.contains("iam"));
    }
}
