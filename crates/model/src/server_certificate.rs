//! Server certificates.

use crate::{Named, Tags};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// A certificate for servers, with its chain and its private key.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html>.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// `ASCA…`.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// 1–128 characters, unique in the account ignoring case.
    pub name: String,
    /// `/` or `/…/`.
    pub path: String,
    /// When it was uploaded.
    pub uploaded: Timestamp,
    /// When its validity ends.
    pub expires: Timestamp,
    /// The certificate in PEM.
    pub body: String,
    /// The certificates that lead from it to a root, in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// The sealed private key; no operation yields it.
    pub sealed: Vec<u8>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

impl ServerCertificate {
    /// `arn:PARTITION:iam::ACCOUNT:server-certificate/PATH/NAME`.
    pub fn arn(&self, partition: Partition) -> Arn {
        let resource = ["server-certificate", &self.path, &self.name];
        Arn::global(partition.id(), "iam", self.account.as_str(), resource)
    }
}

impl Named for ServerCertificate {
    fn id(&self) -> &UniqueId {
        &self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn path(&self) -> &str {
        &self.path
    }
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerCertificate")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
