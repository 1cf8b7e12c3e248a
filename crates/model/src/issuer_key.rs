//! Keys of an account that sign tokens for others.

use crate::Named;
use base::{AccountId, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// A key pair with which `GetWebIdentityToken` signs.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html>.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerKey {
    /// The name under which it is published, `kid`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// `RS256` or `ES384`.
    pub algorithm: String,
    /// When it was made.
    pub created: Timestamp,
    /// The public key, a JSON web key without its name.
    pub public: String,
    /// The sealed private key.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuerKey")
            .field("id", &self.id)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

impl Named for IssuerKey {
    fn id(&self) -> &UniqueId {
        &self.id
    }
    fn name(&self) -> &str {
        self.id.as_str()
    }
    fn path(&self) -> &str {
        "/"
    }
}
