//! Sessions: what temporary credentials stand for.
//!
//! A session is carried whole in its sealed token and needs no row in the store. What it names is looked up
//! again at every call by unique id, so that a deleted or re-created parent ends it and a changed policy
//! takes effect at once.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html>.

use base::{AccountId, SecretString, Timestamp, UniqueId};
use model::{PolicyRef, PolicyText, Tags};
use serde::{Deserialize, Serialize};

/// The entity whose permissions a session starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parent {
    /// `AssumeRole`: the role.
    Role {
        /// The role's unique id.
        id: UniqueId,
        /// The session's name.
        session: String,
    },
    /// `GetFederationToken`: the user, and the name of whoever it vouches for.
    Federated {
        /// The user's unique id.
        id: UniqueId,
        /// The long-term key that asked for the session; when it goes, the session goes.
        key: UniqueId,
        /// The federated user's name.
        name: String,
    },
    /// `AssumeRoot`: the root user of the session's account.
    Root,
    /// `GetDelegatedAccessToken`: the user who accepted the request.
    Delegated {
        /// The user's unique id.
        id: UniqueId,
        /// The delegation request.
        request: String,
    },
    /// `GetSessionToken`: the user.
    User {
        /// The user's unique id.
        id: UniqueId,
        /// The long-term key that asked for the session; when it goes, the session goes.
        key: UniqueId,
    },
    /// A sign-in with a password: the user.
    Console {
        /// The user's unique id.
        id: UniqueId,
        /// The generation of the password; when that is changed or deleted, the session goes.
        password: u64,
        /// Whether the session is good for nothing but setting a new password.
        must_change: bool,
    },
}

/// Temporary credentials with all that they carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `ASIA…`.
    pub key: UniqueId,
    /// The secret access key.
    pub secret: SecretString,
    /// The parent's account.
    pub account: AccountId,
    /// Whose permissions it has.
    pub parent: Parent,
    /// When it was issued: `aws:TokenIssueTime`.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Whether a session policy was passed at all: without one the parent's policies alone decide.
    pub inline_policy: Option<PolicyText>,
    /// Managed session policies, by reference: they are read at every call.
    pub managed_policies: Vec<PolicyRef>,
    /// Session tags.
    pub tags: Tags,
    /// The keys among them that pass down a chain of roles.
    pub transitive: Vec<String>,
    /// `aws:SourceIdentity`; it cannot change along a chain.
    pub source_identity: Option<String>,
    /// When the caller proved a second factor, if so.
    pub mfa: Option<Timestamp>,
    /// Whether the session was asked for with a role's session: the chain's limit of an hour applies.
    pub chained: bool,
    /// Who has vouched for its holder, if an identity provider has.
    pub federation: Option<Federation>,
}

/// What a session keeps of the proof that it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// The provider, as trust policies name it: `aws:FederatedProvider`.
    #[serde(rename = "p")]
    pub provider: String,
    /// The condition keys that stay for the whole session, in lower case.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<(String, Vec<String>)>,
}

impl Session {
    /// Whether any session policy limits the session.
    pub fn is_limited(&self) -> bool {
        self.inline_policy.is_some() || !self.managed_policies.is_empty()
    }
}
