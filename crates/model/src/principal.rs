//! Who a request comes from, in the model's terms.

use crate::{Named, Role, Tags, User};
use base::{AccountId, Arn, Partition};
use std::sync::Arc;

/// The entity behind a set of credentials.
#[derive(Debug, Clone)]
pub enum Identity {
    /// The account's root user.
    Root(AccountId),
    /// A user, by a long-term key or by `GetSessionToken` credentials.
    User(Arc<User>),
    /// A role, by a session of it.
    Role {
        /// The role.
        role: Arc<Role>,
        /// The session's name.
        session: Arc<str>,
    },
    /// The person who runs the server, over the local socket that only the same user can open. The operator
    /// stands outside every account and can do what belongs to the realm, and nothing else.
    Operator(AccountId),
}

impl Identity {
    /// The account that the caller belongs to.
    pub fn account(&self) -> AccountId {
        match self {
            Identity::Root(account) | Identity::Operator(account) => *account,
            Identity::User(user) => user.account,
            Identity::Role { role, .. } => role.account,
        }
    }

    /// The caller's ARN as `GetCallerIdentity` answers it.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>.
    pub fn arn(&self, partition: Partition) -> Arn {
        match self {
            Identity::Root(account) => Arn::global(partition.id(), "iam", account.as_str(), ["root"]),
            Identity::User(user) => user.arn(partition),
            Identity::Role { role, session } => role.session_arn(partition, session),
            Identity::Operator(account) => {
                Arn::global(partition.id(), "bailiwick", account.as_str(), ["operator"])
            }
        }
    }

    /// The value of `aws:userid`.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>.
    pub fn user_id(&self) -> String {
        match self {
            Identity::Root(account) => account.to_string(),
            Identity::User(user) => user.id.to_string(),
            Identity::Role { role, session } => format!("{}:{session}", role.id),
            Identity::Operator(_) => "operator".to_owned(),
        }
    }

    /// The tags of the entity itself, session tags apart.
    pub fn tags(&self) -> Option<&Tags> {
        match self {
            Identity::User(user) => Some(&user.tags),
            Identity::Role { role, .. } => Some(&role.tags),
            Identity::Root(_) | Identity::Operator(_) => None,
        }
    }

    /// The name of the user or the role.
    pub fn name(&self) -> Option<&str> {
        match self {
            Identity::User(user) => Some(user.name()),
            Identity::Role { role, .. } => Some(role.name()),
            Identity::Root(_) | Identity::Operator(_) => None,
        }
    }
}
