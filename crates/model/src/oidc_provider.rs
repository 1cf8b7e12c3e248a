//! OpenID Connect providers.

use crate::{Named, Tags};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// A provider whose tokens roles of the account may trust.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// Names the row; AWS has no unique ids for providers, trust policies name them by ARN.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// Its address, as its tokens name it in `iss`.
    pub url: String,
    /// When it was made.
    pub created: Timestamp,
    /// The clients whose tokens are taken; at most a hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_ids: Vec<String>,
    /// SHA-1 thumbprints of certificates, in hexadecimal; at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thumbprints: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl OidcProvider {
    /// `arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH`.
    pub fn arn(&self, partition: Partition) -> Arn {
        let resource = ["oidc-provider/", self.name()];
        Arn::global(partition.id(), "iam", self.account.as_str(), resource)
    }
}

impl Named for OidcProvider {
    fn id(&self) -> &UniqueId {
        &self.id
    }
    /// Host and path.
    fn name(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, name)| name)
    }
    fn path(&self) -> &str {
        "/"
    }
}
