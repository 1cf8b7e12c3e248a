//! The policies of one side, layer by layer.

use super::StatementOf;
use crate::explain::words;
use analysis::{Access, AccessLayer, Blamed};
use policy::{CompiledPolicy, Layer};
use std::sync::Arc;

/// The policies that speak for a principal, or of a resource. Without layers, nothing is allowed.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    pub(super) layers: Vec<(Layer, Vec<Arc<CompiledPolicy>>)>,
}

/// The texts of all policies, layer by layer, whatever their order and names.
pub(super) type Texts = Vec<(Layer, Vec<Arc<str>>)>;

impl Side {
    /// What they say.
    pub(super) fn texts(&self) -> Texts {
        let texts = |policies: &[Arc<CompiledPolicy>]| {
            let mut texts: Vec<Arc<str>> =
                policies.iter().map(|policy| policy.document().shared_text()).collect();
            texts.sort();
            texts.dedup();
            texts
        };
        self.layers.iter().map(|(layer, policies)| (*layer, texts(policies))).collect()
    }

    /// What they are called.
    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let policies = self.layers.iter().flat_map(|(_, policies)| policies);
        policies.map(|policy| Arc::from(&*policy.label().name)).collect()
    }

    /// What they allow together.
    pub(super) fn access(&self) -> Access {
        if self.layers.is_empty() {
            return Access::nothing();
        }
        let documents = |policies: &[Arc<CompiledPolicy>]| {
            policies.iter().map(|policy| Arc::clone(policy.document())).collect()
        };
        let layer = |(layer, policies): &(Layer, Vec<_>)| AccessLayer::new(*layer, documents(policies));
        Access::layered(self.layers.iter().map(layer).collect())
    }

    /// A statement of theirs; none for what is no policy.
    pub(super) fn statement(&self, blamed: &Blamed) -> Option<StatementOf> {
        let (layer, policies) = self.layers.get(blamed.layer)?;
        let policy = policies.get(blamed.policy)?;
        let document = policy.document();
        let known = document.statements().iter().find(|known| known.index == blamed.statement)?;
        let (label, text) = (policy.label(), known.span.of(document.text()));
        if label.id.is_empty() {
            return None;
        }
        let name = match layer {
            Layer::Resource => String::new(),
            _ => format!(" {}", label.name),
        };
        Some(StatementOf {
            policy: format!("{}{name}", words::kind(label, *layer)),
            statement: blamed.statement,
            sid: blamed.sid.clone().filter(|sid| !sid.is_empty()),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }
}
