//! The SCPs and RCPs that bind accounts.

use crate::estate::Estate;
use base::AccountId;
use model::organization::{OrganizationPolicy, OrganizationPolicyKind};
use policy::{CompiledPolicy, Effect, Layer, PolicyKind, PolicyLabel};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The policies of an organization, looked up once an account.
pub(super) struct Guardrails<'a> {
    estate: &'a Estate,
    known: BTreeMap<(AccountId, OrganizationPolicyKind), Levels>,
    /// What is odd about them.
    pub(super) notes: Vec<String>,
}

/// Layers, one for each level.
type Levels = Vec<(Layer, Vec<Arc<CompiledPolicy>>)>;

impl<'a> Guardrails<'a> {
    pub(super) fn of(estate: &'a Estate) -> Self {
        Self { estate, known: BTreeMap::new(), notes: Vec::new() }
    }

    /// The SCPs that bind an account's principals, a layer for each level; none if nothing binds them.
    pub(super) fn scps(&mut self, account: AccountId) -> Levels {
        self.levels(account, OrganizationPolicyKind::Scp)
    }

    /// The RCPs that bind an account's resources.
    pub(super) fn rcps(&mut self, account: AccountId) -> Levels {
        self.levels(account, OrganizationPolicyKind::Rcp)
    }

    fn levels(&mut self, account: AccountId, kind: OrganizationPolicyKind) -> Levels {
        if let Some(known) = self.known.get(&(account, kind)) {
            return known.clone();
        }
        let layer = if kind == OrganizationPolicyKind::Rcp { Layer::Rcp } else { Layer::Scp };
        let mut levels = Levels::new();
        for level in self.estate.guardrails(account, kind) {
            let policies = level.into_iter().filter_map(|policy| self.compiled(policy, kind)).collect();
            levels.push((layer, policies));
        }
        if layer == Layer::Scp {
            self.note_closed(account, &levels);
        }
        self.known.insert((account, kind), levels.clone());
        levels
    }

    fn compiled(
        &mut self,
        policy: &OrganizationPolicy,
        kind: OrganizationPolicyKind,
    ) -> Option<Arc<CompiledPolicy>> {
        let kind = if kind == OrganizationPolicyKind::Rcp { PolicyKind::Rcp } else { PolicyKind::Scp };
        let label = || PolicyLabel::new(kind, &policy.id, &policy.name);
        let compiled = policy.text.compiled(label).cloned();
        if compiled.is_none() {
            self.note(format!(
                "the policy `{}` of the organization cannot be read: it is taken to say nothing",
                policy.name
            ));
        }
        compiled
    }

    /// Where a level of SCPs allows nothing, as in files that leave out `FullAWSAccess`, no principal may do anything.
    fn note_closed(&mut self, account: AccountId, levels: &Levels) {
        let allows = |policy: &Arc<CompiledPolicy>| {
            policy.document().statements().iter().any(|statement| statement.effect == Effect::Allow)
        };
        let closed = levels.iter().position(|(_, policies)| !policies.iter().any(allows));
        if let Some(level) = closed {
            self.note(format!(
                "account {account}: no SCP of level {} from the root allows anything, so that its principals may do \
                 nothing; `FullAWSAccess` may be missing there",
                level + 1
            ));
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
