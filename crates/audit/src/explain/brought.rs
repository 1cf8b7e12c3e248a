//! What a question brings along instead of what a snapshot holds.

use super::subject::Asker;
use super::{ExplainError, Setting, subject};
use crate::decide;
use base::Partition;
use model::Snapshot;
use policy::PolicySet;
use std::sync::Arc;

/// Layers that a question brings along; each stands instead of what the snapshot has for it.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// Policies of the principal, those of its groups included.
    pub identity: Option<Arc<PolicySet>>,
    /// The permissions boundary.
    pub boundary: Option<Arc<PolicySet>>,
    /// Session policies.
    pub session: Option<Arc<PolicySet>>,
    /// The policy of the resource.
    pub resource: Option<Arc<PolicySet>>,
    /// The policy of the VPC endpoint.
    pub endpoint: Option<Arc<PolicySet>>,
    /// SCPs, a set for each level, root first; empty: no organization.
    pub scps: Vec<Arc<PolicySet>>,
    /// RCPs, a set for each level, root first.
    pub rcps: Vec<Arc<PolicySet>>,
    /// What kind of principal it is, where its name alone does not say it; as in questions of [`crate::decide`].
    pub principal_type: Option<String>,
    /// Of a federated user: the ARN of the user that federated.
    pub issuer: Option<String>,
    /// Whether the principal belongs to the organization's management account.
    pub management_account: bool,
    /// Whether the action has no resource type; the catalogue's word if it is not said.
    pub wildcard_only: Option<bool>,
    /// Whether the resource is a KMS key that AWS manages.
    pub aws_managed_key: bool,
}

impl Brought {
    /// The principal: of the snapshot, or, where there is none or the question brings its policies along, what its ARN
    /// says. The flag says whether nothing else is known of it.
    pub(super) fn asker(
        &self,
        snapshot: Option<&Snapshot>,
        text: &str,
        setting: &Setting,
    ) -> Result<(Asker, Partition, bool), ExplainError> {
        let said = self.principal_type.is_some() || self.issuer.is_some();
        let known = snapshot.filter(|_| !said).map(|snapshot| subject::asker(snapshot, text, setting));
        match known {
            Some(Ok((asker, partition))) => Ok((asker, partition, false)),
            Some(Err(error)) if self.identity.is_none() => Err(error),
            _ => {
                let principal = decide::named(text, self.principal_type.as_deref(), self.issuer.as_deref())
                    .map_err(|_| ExplainError::NotAPrincipal(text.to_owned()))?;
                let partition = principal.partition().and_then(Partition::by_id).unwrap_or(setting.partition);
                Ok((Asker::Outside(principal), partition, true))
            }
        }
    }
}
