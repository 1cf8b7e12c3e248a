//! Which policies speak for a principal.

use crate::{AccountState, Group, InlinePolicies, Named, PolicyRef, PolicyText, Role, User, managed};
use base::Partition;
use policy::{CompiledPolicy, Document, PolicyKind, PolicyLabel};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The policies of a user or role, in the order: inline, attached, then those of a user's groups.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.
#[derive(Debug, Clone, Default)]
pub struct EffectivePolicies {
    /// Identity-based policies.
    pub identity: Vec<Arc<CompiledPolicy>>,
    /// The permissions boundary; `None` if there is none. A boundary whose policy cannot be read is a
    /// boundary of nothing, which allows nothing.
    pub boundary: Option<Vec<Arc<CompiledPolicy>>>,
}

/// Whose inline policies are meant, for labels.
struct Owner<'a> {
    kind: &'static str,
    path: &'a str,
    name: &'a str,
    partition: Partition,
    account: &'a AccountState,
}

impl Owner<'_> {
    fn arn(&self) -> String {
        let Owner { kind, path, name, partition, account } = self;
        format!("arn:{partition}:iam::{}:{kind}{path}{name}", account.id())
    }
}

impl AccountState {
    /// The policies of a user of this account. Labels name ARNs of `partition`.
    pub fn effective_of_user(&self, user: &User, partition: Partition) -> EffectivePolicies {
        let mut identity = Vec::new();
        let owner = self.owner("user", user, partition);
        self.gather(&owner, &user.inline, &user.attached, &mut identity);
        for group in self.groups_of(user) {
            self.gather_group(group, partition, &mut identity);
        }
        if self.account.password_policy.as_ref().is_some_and(|policy| policy.allow_users_to_change_password) {
            identity.extend(own_password());
        }
        EffectivePolicies { identity, boundary: self.boundary(user.boundary.as_ref(), partition) }
    }

    /// The policies of a role of this account.
    pub fn effective_of_role(&self, role: &Role, partition: Partition) -> EffectivePolicies {
        let mut identity = Vec::new();
        let owner = self.owner("role", role, partition);
        self.gather(&owner, &role.inline, &role.attached, &mut identity);
        EffectivePolicies { identity, boundary: self.boundary(role.boundary.as_ref(), partition) }
    }

    /// The policy that a reference points to, compiled. `None` if it is gone or cannot be read.
    pub fn compiled(&self, reference: &PolicyRef, partition: Partition) -> Option<Arc<CompiledPolicy>> {
        match reference {
            PolicyRef::Customer(id) => {
                let policy = self.policies.by_id(id.as_str())?;
                let version = policy.default()?;
                let label =
                    || PolicyLabel::new(PolicyKind::Managed, policy.arn(partition).as_str(), &policy.name);
                version.text.compiled(label).cloned()
            }
            PolicyRef::Aws(resource) => match self.aws_policies.get(resource) {
                Some(exported) => {
                    let arn = aws_policy_arn(resource, partition);
                    let label = || PolicyLabel::new(PolicyKind::Managed, &arn, short(resource));
                    exported.text.compiled(label).cloned()
                }
                None => aws_policy(resource, partition),
            },
        }
    }

    /// The text in force of the policy that a reference points to. `None` if it is gone.
    pub fn policy_text(&self, reference: &PolicyRef, partition: Partition) -> Option<Cow<'_, str>> {
        match reference {
            PolicyRef::Customer(id) => {
                let version = self.policies.by_id(id.as_str())?.default()?;
                Some(Cow::Borrowed(version.text.text()))
            }
            PolicyRef::Aws(resource) => match self.aws_policies.get(resource) {
                Some(exported) => Some(Cow::Borrowed(exported.text.text())),
                None => Some(Cow::Owned(managed::by_resource(resource)?.document_in(partition))),
            },
        }
    }

    /// The ARN of the policy that a reference points to. `None` if it is a customer managed policy that is gone.
    pub fn policy_arn(&self, reference: &PolicyRef, partition: Partition) -> Option<String> {
        match reference {
            PolicyRef::Customer(id) => {
                Some(self.policies.by_id(id.as_str())?.arn(partition).as_str().to_owned())
            }
            PolicyRef::Aws(resource) => Some(aws_policy_arn(resource, partition)),
        }
    }

    /// A role's trust policy, compiled.
    pub fn compiled_trust(&self, role: &Role, partition: Partition) -> Option<Arc<CompiledPolicy>> {
        let label = || PolicyLabel::new(PolicyKind::Trust, role.arn(partition).as_str(), &role.name);
        role.trust.compiled(label).cloned()
    }

    fn owner<'a>(&'a self, kind: &'static str, entity: &'a impl Named, partition: Partition) -> Owner<'a> {
        Owner { kind, path: entity.path(), name: entity.name(), partition, account: self }
    }

    fn gather_group(&self, group: &Group, partition: Partition, into: &mut Vec<Arc<CompiledPolicy>>) {
        let owner = self.owner("group", group, partition);
        self.gather(&owner, &group.inline, &group.attached, into);
    }

    fn gather(
        &self,
        owner: &Owner<'_>,
        inline: &InlinePolicies,
        attached: &[PolicyRef],
        into: &mut Vec<Arc<CompiledPolicy>>,
    ) {
        for (name, text) in inline {
            into.extend(text.compiled(|| PolicyLabel::new(PolicyKind::Inline, &owner.arn(), name)).cloned());
        }
        into.extend(attached.iter().filter_map(|reference| self.compiled(reference, owner.partition)));
    }

    fn boundary(
        &self,
        reference: Option<&PolicyRef>,
        partition: Partition,
    ) -> Option<Vec<Arc<CompiledPolicy>>> {
        Some(self.compiled(reference?, partition).into_iter().collect())
    }
}

/// What every user of an account may do whose password policy lets users change their own password. The operation
/// changes nobody's but the caller's, so that the resource need not say whose.
/// See `AllowUsersToChangePassword` on <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html>.
fn own_password() -> Option<Arc<CompiledPolicy>> {
    const TEXT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ChangePassword","iam:GetAccountPasswordPolicy"],"Resource":"*"}]}"#;
    static COMPILED: OnceLock<PolicyText> = OnceLock::new();
    let name = "AllowUsersToChangePassword";
    let text = COMPILED.get_or_init(|| PolicyText::new(TEXT));
    text.compiled(|| PolicyLabel::new(PolicyKind::Inline, "account password policy", name)).cloned()
}

fn aws_policy_arn(resource: &str, partition: Partition) -> String {
    format!("arn:{}:iam::aws:{resource}", partition.id())
}

/// A policy's name: what stands after its path.
fn short(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

/// An AWS managed policy, compiled once a partition for the whole process: its text never changes while it runs.
fn aws_policy(resource: &str, partition: Partition) -> Option<Arc<CompiledPolicy>> {
    type Compiled = HashMap<(&'static str, &'static str), Arc<CompiledPolicy>>;
    static COMPILED: OnceLock<Mutex<Compiled>> = OnceLock::new();
    let facts = managed::by_resource(resource)?;
    let key = (facts.id(), partition.id());
    let mut known = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(policy) = known.get(&key) {
        return Some(Arc::clone(policy));
    }
    let (document, _) = Document::parse_tolerant(&facts.document_in(partition));
    let label = PolicyLabel::new(PolicyKind::Managed, facts.arn(partition).as_str(), facts.name());
    let policy = Arc::new(CompiledPolicy::compile(Arc::new(document?), label));
    known.insert(key, Arc::clone(&policy));
    Some(policy)
}
