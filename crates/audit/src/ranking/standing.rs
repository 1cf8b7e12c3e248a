//! How a user, group, role or policy stands: what it reaches, how one gets to it, and whether a boundary limits it.

use super::values::{Value, reach, way};
use crate::auditor::Auditor;
use base::{AccountId, ArnRef, Partition};
use model::{AccountState, Group, PolicyRef, Role, User, managed};
use policy::{CompiledPolicy, Document};
use policy::{Effect, PrincipalType, Statement};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// How an identity stands.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) arn: String,
    pub(super) reach: Value,
    pub(super) way: Value,
    pub(super) bounded: bool,
}

/// The standings of an account's identities, each found out once.
#[derive(Debug)]
pub(super) struct Standings<'a> {
    auditor: &'a Auditor<'a>,
    account: AccountId,
    state: Option<&'a AccountState>,
    known: HashMap<String, Option<Rc<Standing>>>,
    /// What each document reaches, by where it lies in memory: documents are shared.
    documents: HashMap<usize, Value>,
    credentials: HashMap<&'a str, Value>,
    workloads: HashMap<&'a str, Value>,
    /// Who holds each managed policy, made when it is first asked for.
    holders: Option<HashMap<String, Vec<String>>>,
}

impl<'a> Standings<'a> {
    pub(super) fn new(auditor: &'a Auditor<'a>, account: AccountId) -> Self {
        let facts = auditor.estate.facts(account);
        let mut credentials = HashMap::new();
        let rows = facts.and_then(|facts| facts.credential_report.as_ref()).map(|report| &report.rows);
        for row in rows.into_iter().flatten() {
            let password = row.password_enabled == Some(true);
            let way = match (password, row.mfa_active, row.keys.iter().any(|key| key.active)) {
                (true, false, _) => way::PASSWORD,
                (_, _, true) => way::KEY,
                (true, true, _) => way::PASSWORD_AND_MFA,
                _ => way::NOBODY,
            };
            credentials.insert(row.arn.as_str(), way);
        }
        let mut workloads: HashMap<&str, Value> = HashMap::new();
        for workload in facts.and_then(|facts| facts.workloads.as_ref()).into_iter().flatten() {
            let way = if workload.public == Some(true) { way::PUBLIC_WORKLOAD } else { way::WORKLOAD };
            let known = workloads.entry(&workload.role).or_insert(way);
            if way.value > known.value {
                *known = way;
            }
        }
        Self {
            auditor,
            account,
            state: auditor.estate.snapshot.account(account).map(Arc::as_ref),
            known: HashMap::new(),
            documents: HashMap::new(),
            credentials,
            workloads,
            holders: None,
        }
    }

    /// The standing of an identity of the account; none if the ARN names no such thing.
    pub(super) fn of(&mut self, arn: &str) -> Option<Rc<Standing>> {
        if let Some(known) = self.known.get(arn) {
            return known.clone();
        }
        let standing = self.find(arn).map(Rc::new);
        self.known.insert(arn.to_owned(), standing.clone());
        standing
    }

    fn partition(&self) -> Partition {
        self.auditor.estate.partition
    }

    fn find(&mut self, arn: &str) -> Option<Standing> {
        let parts = ArnRef::parse(arn).filter(|parts| parts.service == "iam")?;
        let (kind, _) = parts.typed_resource()?;
        let state = self.state?;
        if kind == "policy" {
            return Some(self.of_policy(arn, parts.resource, state));
        }
        if parts.account != self.account.as_str() {
            return None;
        }
        match kind {
            "user" => Some(self.of_user(arn, state.users.get(parts.name())?, state)),
            "role" => Some(self.of_role(arn, state.roles.get(parts.name())?, state)),
            "group" => Some(self.of_group(arn, state.groups.get(parts.name())?, state)),
            _ => None,
        }
    }

    fn of_user(&mut self, arn: &str, user: &User, state: &AccountState) -> Standing {
        let effective = state.effective_of_user(user, self.partition());
        let way = self.credentials.get(arn).copied().unwrap_or(way::UNKNOWN);
        Standing {
            arn: arn.to_owned(),
            reach: self.reach(&effective.identity),
            way,
            bounded: effective.boundary.is_some(),
        }
    }

    fn of_role(&mut self, arn: &str, role: &Role, state: &AccountState) -> Standing {
        let effective = state.effective_of_role(role, self.partition());
        let trust = state.compiled_trust(role, self.partition());
        let trusted = trust.map_or(way::NOBODY, |trust| self.trusted(trust.document()));
        let runs = self.workloads.get(arn).copied();
        Standing {
            arn: arn.to_owned(),
            reach: self.reach(&effective.identity),
            way: runs.filter(|runs| runs.value > trusted.value).unwrap_or(trusted),
            bounded: effective.boundary.is_some(),
        }
    }

    fn of_group(&mut self, arn: &str, group: &Group, state: &AccountState) -> Standing {
        let compiled = |reference| state.compiled(reference, self.auditor.estate.partition);
        let attached: Vec<_> = group.attached.iter().filter_map(compiled).collect();
        let inline = group.inline.values().filter_map(|text| text.document());
        let inline = inline.map(|document| of_document(document));
        let reach = inline.fold(self.reach(&attached), wider);
        let partition = self.partition();
        let members: Vec<String> =
            state.members(group).take(64).map(|user| user.arn(partition).to_string()).collect();
        let mut way = way::NOBODY;
        let mut bounded = !members.is_empty();
        for member in members {
            let Some(member) = self.of(&member) else { continue };
            way = wider(way, member.way);
            bounded &= member.bounded;
        }
        Standing { arn: arn.to_owned(), reach, way, bounded }
    }

    fn of_policy(&mut self, arn: &str, resource: &str, state: &AccountState) -> Standing {
        let partition = self.partition();
        let customer = state.policies.get(resource.rsplit('/').next().unwrap_or_default());
        let reference = match customer {
            Some(policy) => Some(PolicyRef::Customer(policy.id.clone())),
            None => managed::by_resource(resource).map(PolicyRef::aws),
        };
        let compiled: Vec<_> =
            reference.iter().filter_map(|reference| state.compiled(reference, partition)).collect();
        let reach = self.reach(&compiled);
        let holders = self.holders(state).get(arn).cloned().unwrap_or_default();
        let mut way = way::NOBODY;
        let mut bounded = !holders.is_empty();
        for holder in holders.iter().take(64) {
            let Some(holder) = self.of(holder) else { continue };
            way = wider(way, holder.way);
            bounded &= holder.bounded;
        }
        Standing { arn: arn.to_owned(), reach, way, bounded }
    }

    /// Who holds each managed policy.
    fn holders(&mut self, state: &AccountState) -> &HashMap<String, Vec<String>> {
        let partition = self.partition();
        self.holders.get_or_insert_with(|| {
            let mut holders: HashMap<String, Vec<String>> = HashMap::new();
            let mut add = |attached: &[PolicyRef], holder: &str| {
                for reference in attached {
                    let arn = arn_of(reference, state, partition);
                    holders.entry(arn).or_default().push(holder.to_owned());
                }
            };
            state.users.iter().for_each(|user| add(&user.attached, user.arn(partition).as_str()));
            state.groups.iter().for_each(|group| add(&group.attached, group.arn(partition).as_str()));
            state.roles.iter().for_each(|role| add(&role.attached, role.arn(partition).as_str()));
            holders
        })
    }

    fn reach(&mut self, policies: &[Arc<CompiledPolicy>]) -> Value {
        policies.iter().fold(reach::NOTHING, |reach, policy| {
            let document = policy.document();
            let key = Arc::as_ptr(document).addr();
            let of = *self.documents.entry(key).or_insert_with(|| of_document(document));
            wider(reach, of)
        })
    }

    /// How one gets into a role by its trust policy.
    fn trusted(&self, trust: &Document) -> Value {
        let allow = trust.statements().iter().filter(|statement| statement.effect == Effect::Allow);
        let entries = allow.flat_map(|statement| statement.principal.iter().flat_map(|it| &it.entries));
        let way = entries.map(|entry| self.way_of(entry.kind, &entry.text.value));
        way.fold(way::NOBODY, wider)
    }

    fn way_of(&self, kind: PrincipalType, text: &str) -> Value {
        match kind {
            PrincipalType::Service => way::SERVICE,
            PrincipalType::Federated => way::SIGN_ON,
            _ if text == "*" => way::PUBLIC,
            _ => {
                let id = ArnRef::parse(text).map_or(text, |parts| parts.account);
                match AccountId::parse(id) {
                    Ok(account) if account == self.account => way::INSIDE,
                    Ok(account) if self.auditor.estate.is_ours(account) => way::SISTER,
                    Ok(_) => way::STRANGERS,
                    // Unique ids stand for principals of the account.
                    Err(_) => way::INSIDE,
                }
            }
        }
    }
}

fn arn_of(reference: &PolicyRef, state: &AccountState, partition: Partition) -> String {
    match reference {
        PolicyRef::Customer(id) => {
            state.policies.by_id(id.as_str()).map(|policy| policy.arn(partition).to_string())
        }
        PolicyRef::Aws(resource) => Some(format!("arn:{partition}:iam::aws:{resource}")),
    }
    .unwrap_or_default()
}

fn wider(a: Value, b: Value) -> Value {
    if b.value > a.value { b } else { a }
}

fn of_document(document: &Document) -> Value {
    let allow = document.statements().iter().filter(|statement| statement.effect == Effect::Allow);
    allow.map(of_statement).fold(reach::NOTHING, wider)
}

/// What a statement opens by its elements; how far conditions limit it is told by the protection of a finding.
fn of_statement(statement: &Statement) -> Value {
    let on_all = statement.resource.as_ref().is_none_or(|list| {
        list.negated || list.entries.iter().any(|entry| matches!(&*entry.value, "*" | "arn:aws:iam::*:*"))
    });
    let narrowed = !statement.conditions.is_empty();
    if !on_all || narrowed {
        return reach::NARROW;
    }
    if statement.action.negated {
        return reach::SERVICES;
    }
    statement.action.entries.iter().map(|entry| of_action(&entry.value)).fold(reach::NARROW, wider)
}

fn of_action(action: &str) -> Value {
    let Some((service, name)) = action.split_once(':') else {
        return if action == "*" { reach::EVERYTHING } else { reach::WIDE };
    };
    let changes = ["*", "Put", "Attach", "Create", "Update", "Set", "Add"];
    match (service, name) {
        ("*", "*") => reach::EVERYTHING,
        _ if service.eq_ignore_ascii_case("iam") && changes.iter().any(|verb| name.starts_with(verb)) => {
            reach::IDENTITIES
        }
        (_, "*") => reach::SERVICES,
        _ => reach::WIDE,
    }
}
