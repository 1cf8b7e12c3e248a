//! The users, roles and root users of an estate with the policies that speak for them.

use super::guardrails::Guardrails;
use super::side::Side;
use crate::estate::Estate;
use crate::explain::subject::arn_of_id;
use analysis::KeyValue;
use analysis::who_can::admits_session_tags;
use base::{AccountId, Partition};
use model::{AccountState, EffectivePolicies, Snapshot, Tags};
use policy::{CompiledPolicy, Document, Layer, PolicyKind, PolicyLabel, Principal};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A user, a role, or an account's root user.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) principal: Option<Principal>,
    /// Its own policies, those of its groups, its boundary and the SCPs of its account.
    pub(super) side: Side,
    /// Of a role: its trust policy, with ARNs for unique ids, and the RCPs of its account.
    pub(super) trust: Side,
    pub(super) tags: Tags,
    /// Whether its requests may carry tags of a session.
    pub(super) session_tags: bool,
    /// Condition keys that tell who it is.
    pub(super) keys: Vec<(String, KeyValue)>,
}

/// All users and roles by ARN, and the root users of accounts that SCPs bind. Service-linked roles are AWS's own.
pub(super) fn people(estate: &Estate, guardrails: &mut Guardrails<'_>) -> BTreeMap<String, Person> {
    let mut people = BTreeMap::new();
    for state in estate.snapshot.accounts() {
        let mut gather = Gather { estate, state, guardrails, people: &mut people };
        gather.users();
        gather.roles();
        gather.root();
    }
    people
}

struct Gather<'a, 'g, 'e> {
    estate: &'a Estate,
    state: &'a AccountState,
    guardrails: &'g mut Guardrails<'e>,
    people: &'g mut BTreeMap<String, Person>,
}

impl Gather<'_, '_, '_> {
    fn users(&mut self) {
        let (state, partition) = (self.state, self.estate.partition);
        for user in state.users.iter() {
            let arn = user.arn(partition).to_string();
            let own = [("aws:username", user.name.clone()), ("aws:userid", user.id.to_string())];
            let person = Person {
                principal: Principal::user(&arn).ok(),
                side: self.side(state.effective_of_user(user, partition)),
                trust: Side::default(),
                tags: user.tags.clone(),
                session_tags: false,
                keys: self.keys(&own),
            };
            self.people.insert(arn, person);
        }
    }

    fn roles(&mut self) {
        let (state, partition) = (self.state, self.estate.partition);
        for role in state.roles.iter().filter(|role| !role.is_service_linked()) {
            let arn = role.arn(partition).to_string();
            let trust = state.compiled_trust(role, partition);
            let session_tags = trust.as_ref().is_none_or(|trust| admits_session_tags(trust.document()));
            let trust = trust.and_then(|trust| readable(&self.estate.snapshot, &trust, partition));
            let rcps = self.guardrails.rcps(state.id());
            let person = Person {
                principal: Principal::role_session(&arn, "session").ok(),
                side: self.side(state.effective_of_role(role, partition)),
                trust: of_resource(trust, rcps),
                tags: role.tags.clone(),
                session_tags,
                keys: self.keys(&[]),
            };
            self.people.insert(arn, person);
        }
    }

    /// The root user may do everything but what SCPs keep from it.
    fn root(&mut self) {
        let (state, partition) = (self.state, self.estate.partition);
        let scps = self.guardrails.scps(state.id());
        if scps.is_empty() {
            return;
        }
        let everything = (Layer::Identity, everything().into_iter().collect());
        let person = Person {
            principal: Some(Principal::root(state.id(), partition.id())),
            side: Side { layers: std::iter::once(everything).chain(scps).collect() },
            trust: Side::default(),
            tags: Tags::default(),
            session_tags: false,
            keys: self.keys(&[("aws:userid", state.id().to_string())]),
        };
        self.people.insert(root_arn(state.id(), partition), person);
    }

    fn side(&mut self, effective: EffectivePolicies) -> Side {
        let EffectivePolicies { identity, boundary } = effective;
        let boundary = boundary.map(|boundary| (Layer::Boundary, boundary));
        let scps = self.guardrails.scps(self.state.id());
        Side { layers: std::iter::once((Layer::Identity, identity)).chain(boundary).chain(scps).collect() }
    }

    fn keys(&self, own: &[(&str, String)]) -> Vec<(String, KeyValue)> {
        let account = self.state.id();
        let one = |(key, value): (&str, String)| (key.to_owned(), KeyValue::One(value));
        let mut keys: Vec<_> = own.iter().cloned().map(one).collect();
        keys.push(one(("aws:PrincipalAccount", account.to_string())));
        let organization = self.estate.organization.as_ref().filter(|known| known.has(account));
        if let Some(organization) = organization {
            keys.push(one(("aws:PrincipalOrgID", organization.id.clone())));
            let path = organization.path_of(account).into_iter().collect();
            keys.push(("aws:PrincipalOrgPaths".to_owned(), KeyValue::Many(path)));
        }
        keys
    }
}

/// The ARN of an account's root user.
fn root_arn(account: AccountId, partition: Partition) -> String {
    format!("arn:{partition}:iam::{account}:root")
}

/// The policy of a resource and the RCPs that bind it; nothing where there is no policy.
pub(super) fn of_resource(
    policy: Option<Arc<CompiledPolicy>>,
    rcps: Vec<(Layer, Vec<Arc<CompiledPolicy>>)>,
) -> Side {
    match policy {
        Some(policy) => {
            Side { layers: std::iter::once((Layer::Resource, vec![policy])).chain(rcps).collect() }
        }
        None => Side::default(),
    }
}

/// What a root user may do by itself. It has no name: no policy says so.
fn everything() -> Option<Arc<CompiledPolicy>> {
    const TEXT: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    static EVERYTHING: OnceLock<Option<Arc<CompiledPolicy>>> = OnceLock::new();
    let compile = || {
        let label = PolicyLabel::new(PolicyKind::Inline, "", "");
        Some(Arc::new(CompiledPolicy::compile(Arc::new(Document::parse_tolerant(TEXT).0?), label)))
    };
    EVERYTHING.get_or_init(compile).clone()
}

/// A trust policy with ARNs where IAM keeps unique ids: a role that was made anew has another one.
fn readable(
    snapshot: &Snapshot,
    trust: &Arc<CompiledPolicy>,
    partition: Partition,
) -> Option<Arc<CompiledPolicy>> {
    let text = trust.document().rewrite_principals(&mut |id| arn_of_id(snapshot, id, partition));
    let (document, _) = Document::parse_tolerant(&text);
    let label = PolicyLabel::new(PolicyKind::Trust, &trust.label().id, &trust.label().name);
    Some(Arc::new(CompiledPolicy::compile(Arc::new(document?), label)))
}
