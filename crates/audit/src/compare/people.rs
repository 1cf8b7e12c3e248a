//! The users and roles of a snapshot with the policies that speak for them.

use crate::explain::subject::arn_of_id;
use base::Partition;
use model::{EffectivePolicies, Snapshot, Tags};
use policy::{CompiledPolicy, Document, PolicyKind, PolicyLabel, Principal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A user or a role.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) principal: Option<Principal>,
    pub(super) effective: EffectivePolicies,
    /// Of a role: its trust policy, with ARNs for unique ids.
    pub(super) trust: Option<Arc<CompiledPolicy>>,
    pub(super) tags: Tags,
    /// Condition keys that tell who it is.
    pub(super) keys: Vec<(String, String)>,
}

impl Person {
    /// The texts of its policies, layer by layer, whatever their order and names.
    pub(super) fn texts(&self) -> Vec<Vec<Arc<str>>> {
        let texts = |policies: &[Arc<CompiledPolicy>]| {
            let mut texts: Vec<Arc<str>> =
                policies.iter().map(|policy| policy.document().shared_text()).collect();
            texts.sort();
            texts.dedup();
            texts
        };
        let EffectivePolicies { identity, boundary } = &self.effective;
        std::iter::once(texts(identity)).chain(boundary.iter().map(|boundary| texts(boundary))).collect()
    }
}

/// All users and roles by ARN. Service-linked roles are AWS's own.
pub(super) fn people(snapshot: &Snapshot, partition: Partition) -> BTreeMap<String, Person> {
    let mut people = BTreeMap::new();
    for state in snapshot.accounts() {
        for user in state.users.iter() {
            let arn = user.arn(partition).to_string();
            let person = Person {
                principal: Principal::user(&arn).ok(),
                effective: state.effective_of_user(user, partition),
                trust: None,
                tags: user.tags.clone(),
                keys: vec![
                    ("aws:username".to_owned(), user.name.clone()),
                    ("aws:userid".to_owned(), user.id.to_string()),
                    ("aws:PrincipalAccount".to_owned(), state.id().to_string()),
                ],
            };
            people.insert(arn, person);
        }
        for role in state.roles.iter().filter(|role| !role.is_service_linked()) {
            let arn = role.arn(partition).to_string();
            let trust = state.compiled_trust(role, partition);
            let person = Person {
                principal: Principal::role_session(&arn, "session").ok(),
                effective: state.effective_of_role(role, partition),
                trust: trust.and_then(|trust| readable(snapshot, &trust, partition)),
                tags: role.tags.clone(),
                keys: vec![("aws:PrincipalAccount".to_owned(), state.id().to_string())],
            };
            people.insert(arn, person);
        }
    }
    people
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
