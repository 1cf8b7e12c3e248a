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
    /// Somebody for whom a user asked `GetFederationToken`.
    FederatedUser {
        /// The user: its policies are the session's upper bound.
        user: Arc<User>,
        /// The name that the user gave.
        name: Arc<str>,
    },
    /// Somebody whom an identity provider vouches for, before a role is assumed.
    Outsider(Arc<Outsider>),
    /// The person who runs the server, over the local socket that only the same user can open. The operator
    /// stands outside every account and can do what belongs to the realm, and nothing else.
    Operator(AccountId),
}

/// Somebody whom an identity provider of an account vouches for.
///
/// All of it comes from what was verified: a token or an assertion, never from a member of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// The account of the role that is asked for.
    pub account: AccountId,
    /// The provider as trust policies name it: its ARN, or the domain of one that has none.
    pub provider: String,
    /// What vouches.
    pub proof: Proof,
    /// Who issued the proof, as it names itself.
    pub issuer: String,
    /// Whom it is about: the claim `sub`, the `NameID`.
    pub subject: String,
    /// For whom it was made: the claim `aud` (or `azp`), the recipient.
    pub audience: String,
    /// The condition keys that follow from it, in lower case.
    pub keys: Vec<(String, Vec<String>)>,
    /// The session tags that it passes.
    pub tags: Tags,
    /// The keys among them that pass down a chain of roles.
    pub transitive: Vec<String>,
    /// The source identity that it sets.
    pub source_identity: Option<String>,
}

/// What an outsider has brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A token of an OIDC provider.
    WebIdentity,
    /// A SAML assertion.
    Saml {
        /// The format of the `NameID`, as in `persistent`.
        subject_type: String,
        /// `NameQualifier` as STS makes it: a hash of issuer, account and provider.
        name_qualifier: String,
        /// The name of the session that the assertion asks for.
        session_name: String,
        /// How long the session may last at most, if the assertion says so.
        until: Option<base::Timestamp>,
        /// How long the session is to last in seconds, if the assertion says so.
        seconds: Option<u32>,
        /// The id of the assertion, which is good for one session.
        assertion: String,
        /// When the assertion is no longer taken.
        ends: base::Timestamp,
    },
}

impl Outsider {
    /// Provider, audience and subject: the principal id in records.
    /// See <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.
    pub fn principal_id(&self) -> String {
        match &self.proof {
            Proof::WebIdentity => format!("{}:{}:{}", self.provider, self.audience, self.subject),
            Proof::Saml { name_qualifier, .. } => format!("{name_qualifier}:{}", self.subject),
        }
    }
}

impl Identity {
    /// The account that the caller belongs to.
    pub fn account(&self) -> AccountId {
        match self {
            Identity::Root(account) | Identity::Operator(account) => *account,
            Identity::User(user) | Identity::FederatedUser { user, .. } => user.account,
            Identity::Role { role, .. } => role.account,
            Identity::Outsider(outsider) => outsider.account,
        }
    }

    /// The caller's ARN as `GetCallerIdentity` answers it.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>.
    pub fn arn(&self, partition: Partition) -> Arn {
        match self {
            Identity::Root(account) => Arn::global(partition.id(), "iam", account.as_str(), ["root"]),
            Identity::User(user) => user.arn(partition),
            Identity::Role { role, session } => role.session_arn(partition, session),
            Identity::FederatedUser { user, name } => {
                Arn::global(partition.id(), "sts", user.account.as_str(), ["federated-user/", name])
            }
            // It has no ARN of its own; the name of the provider stands for it in refusals.
            Identity::Outsider(outsider) => Arn::global(
                partition.id(),
                "sts",
                outsider.account.as_str(),
                ["outsider/", &outsider.subject],
            ),
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
            Identity::FederatedUser { user, name } => format!("{}:{name}", user.account),
            Identity::Outsider(outsider) => outsider.principal_id(),
            Identity::Operator(_) => "operator".to_owned(),
        }
    }

    /// The tags of the entity itself, session tags apart.
    pub fn tags(&self) -> Option<&Tags> {
        match self {
            Identity::User(user) | Identity::FederatedUser { user, .. } => Some(&user.tags),
            Identity::Role { role, .. } => Some(&role.tags),
            Identity::Root(_) | Identity::Operator(_) | Identity::Outsider(_) => None,
        }
    }

    /// The name of the user or the role.
    pub fn name(&self) -> Option<&str> {
        match self {
            Identity::User(user) => Some(user.name()),
            Identity::Role { role, .. } => Some(role.name()),
            Identity::FederatedUser { .. }
            | Identity::Root(_)
            | Identity::Operator(_)
            | Identity::Outsider(_) => None,
        }
    }
}
