//! Resources outside IAM that have a policy of their own, or other ways to let somebody in.

use crate::PolicyText;
use base::AccountId;
use serde::{Deserialize, Serialize};

/// A resource, and whom it lets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its type, as CloudFormation names it: `AWS::S3::Bucket`.
    pub kind: String,
    /// The account that owns it, which the ARNs of buckets do not tell.
    pub owner: AccountId,
    /// Its policy; `None` if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyText>,
    /// A bucket's block of public access; `None` if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_access_block: Option<PublicAccessBlock>,
    /// Grants of an access control list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acl: Vec<AclGrant>,
    /// Grants on a KMS key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<KeyGrant>,
}

/// Amazon S3's block of public access, of a bucket or of an account.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PublicAccessBlock {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Public ACLs are ignored.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Buckets with a public policy let in only the owner's account and AWS services.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// What holds of a bucket: the stricter of the bucket's and the account's.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// Whether all four are on.
    pub fn is_whole(self) -> bool {
        self.block_public_acls
            && self.ignore_public_acls
            && self.block_public_policy
            && self.restrict_public_buckets
    }
}

/// A grant of an access control list.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclGrant {
    /// A canonical user id, an e-mail address, or the URI of a group.
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
    pub permission: String,
}

impl AclGrant {
    /// Whether it lets in everybody, or everybody with an AWS account.
    pub fn is_public(&self) -> bool {
        self.grantee.ends_with("/global/AllUsers") || self.grantee.ends_with("/global/AuthenticatedUsers")
    }
}

/// A grant on a KMS key. See <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGrant {
    /// Its id.
    pub id: String,
    /// Who may: an ARN, or a service principal.
    pub grantee: String,
    /// The operations: `Decrypt`, `CreateGrant`.
    pub operations: Vec<String>,
    /// Whether an encryption context limits it.
    pub constrained: bool,
}
