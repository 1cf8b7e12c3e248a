//! What a user proves itself with besides access keys and a password: SSH keys, service-specific credentials,
//! signing certificates.

use crate::KeyStatus;
use base::{Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// All of them, each kind oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UserCredentials {
    /// SSH public keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssh_keys: Vec<SshPublicKey>,
    /// Service-specific credentials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_specific: Vec<ServiceCredential>,
    /// Signing certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<SigningCertificate>,
}

impl UserCredentials {
    /// Whether there are none of any kind.
    pub fn is_empty(&self) -> bool {
        self.ssh_keys.is_empty() && self.service_specific.is_empty() && self.certificates.is_empty()
    }
}

/// An SSH public key, as it is used with CodeCommit.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SSHPublicKey.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshPublicKey {
    /// `APKA…`.
    pub id: UniqueId,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was uploaded.
    pub uploaded: Timestamp,
    /// The text as it was uploaded: `ssh-rsa …` or PEM.
    pub body: String,
}

/// A user name and a password, or an API key, for one service.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredential.html>.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCredential {
    /// `ACCA…`.
    pub id: UniqueId,
    /// The service's name, as in `codecommit.amazonaws.com`.
    pub service: String,
    /// `NAME-at-ACCOUNT`: the user name, or of an API key the alias.
    pub login: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None` if never. Only API keys have an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// SHA-256 of the password or secret, which has more than 256 random bits: no slow hash would add anything.
    pub hash: Vec<u8>,
}

impl ServiceCredential {
    /// Whether its time is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

impl std::fmt::Debug for ServiceCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceCredential")
            .field("id", &self.id)
            .field("service", &self.service)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An X.509 certificate with which a user signs requests to some old services.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SigningCertificate.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningCertificate {
    /// 32 capital letters and digits.
    pub id: String,
    /// Whether it may be used.
    pub status: KeyStatus,
    /// When it was uploaded.
    pub uploaded: Timestamp,
    /// When its validity ends.
    pub expires: Timestamp,
    /// PEM, as it was uploaded.
    pub body: String,
}
