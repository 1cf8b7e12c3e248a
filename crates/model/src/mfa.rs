//! MFA devices: second factors of users.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html>.

use crate::{Named, Tags};
use base::{AccountId, Arn, Partition, Timestamp, UniqueId};
use serde::{Deserialize, Serialize};

/// A device that proves a second factor. It belongs to the account, and once it is enabled to one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Tells it from a device of the same name made later.
    pub id: UniqueId,
    /// The owner.
    pub account: AccountId,
    /// The name of a virtual device, the serial number of a hardware token, `NAME-ID` of a security key; unique in
    /// the account ignoring case.
    pub name: String,
    /// `/` or `/…/`; of a security key `/user/USER/`.
    pub path: String,
    /// When it was made or registered.
    pub created: Timestamp,
    /// What it proves a factor with.
    pub kind: MfaKind,
    /// Whose it is and since when; `None` until it is enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<Enabled>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// The user that a device is enabled for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enabled {
    /// The user's unique id.
    pub user: UniqueId,
    /// Since when.
    pub at: Timestamp,
}

/// The kinds of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MfaKind {
    /// An app that shows codes; we made its seed.
    Virtual(CodeDevice),
    /// A token that shows codes; its maker told the seed.
    Hardware(CodeDevice),
    /// A FIDO2 security key or a passkey.
    SecurityKey(SecurityKey),
}

/// A device that shows time-based one-time passwords.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeDevice {
    /// The sealed seed.
    pub sealed: Vec<u8>,
    /// How many steps of thirty seconds its clock is ahead of ours.
    #[serde(default)]
    pub drift: i64,
    /// The counter of the last code that was accepted: neither it nor an earlier one is good again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
}

impl std::fmt::Debug for CodeDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeDevice")
            .field("drift", &self.drift)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// A WebAuthn credential. What we keep of it is public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityKey {
    /// The credential's id, as its authenticator made it.
    pub credential: Vec<u8>,
    /// The public key in COSE's form.
    pub public_key: Vec<u8>,
    /// The signature counter at the last use; zero for those that do not count.
    pub counter: u32,
    /// When the challenge was made that was answered last: answers to that one or an older one are refused.
    pub challenged: Timestamp,
}

impl MfaDevice {
    /// The serial number by which the API names the device: an ARN, or of a hardware token what is printed on it.
    /// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_MFADevice.html>.
    pub fn serial(&self, partition: Partition) -> String {
        let arn = |kind: &str| {
            let resource = [kind, &self.path, &self.name];
            Arn::global(partition.id(), "iam", self.account.as_str(), resource).into()
        };
        match self.kind {
            MfaKind::Virtual(_) => arn("mfa"),
            MfaKind::Hardware(_) => self.name.clone(),
            MfaKind::SecurityKey(_) => arn("u2f"),
        }
    }

    /// Whether it is a virtual device: the kind that the API makes, deletes, lists and tags.
    pub fn is_virtual(&self) -> bool {
        matches!(self.kind, MfaKind::Virtual(_))
    }

    /// Whether it is enabled for this user.
    pub fn is_of(&self, user: &UniqueId) -> bool {
        self.enabled.as_ref().is_some_and(|enabled| enabled.user == *user)
    }
}

impl Named for MfaDevice {
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

/// Wrong answers of a user's second factors since the last right one, over all its devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaTries {
    /// The user.
    pub user: UniqueId,
    /// How many were wrong in a row.
    pub failed: u32,
    /// When the last one came.
    pub last: Timestamp,
}
