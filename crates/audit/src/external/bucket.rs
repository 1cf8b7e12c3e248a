//! What else lets somebody in: access control lists, grants of keys; and what shuts buckets again.

use super::asked::Asked;
use super::{ExternalAccess, Externals};
use crate::estate::Facts;
use crate::finding::{External, ExternalKind};
use base::{AccountId, ArnRef};
use model::Resource;
use model::resource::PublicAccessBlock;

/// What holds of a bucket: its own block of public access and the account's.
pub(super) fn block(resource: &Resource, facts: &Facts) -> PublicAccessBlock {
    if resource.kind != "AWS::S3::Bucket" {
        return PublicAccessBlock::default();
    }
    let own = resource.public_access_block.unwrap_or_default();
    own.and(facts.public_access_block.unwrap_or_default())
}

/// A public policy of a bucket with `RestrictPublicBuckets` lets in only the owner's account and services.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
pub(super) fn restrict(block: &PublicAccessBlock, from: usize, all: &mut Externals) {
    let is_public = |found: &ExternalAccess| found.external.kind == ExternalKind::Public;
    if block.restrict_public_buckets && all.found.get(from..).unwrap_or_default().iter().any(is_public) {
        let mut place = 0;
        all.found.retain(|found| {
            place += 1;
            place <= from || found.external.kind == ExternalKind::Service
        });
    }
}

/// Grants of an access control list to everybody.
pub(super) fn lists(resource: &Resource, block: &PublicAccessBlock, all: &mut Externals) {
    if block.ignore_public_acls {
        return;
    }
    let public = resource.acl.iter().filter(|grant| grant.is_public());
    let mut actions: Vec<String> =
        public.flat_map(|grant| actions_of(&grant.permission)).map(|action| (*action).to_owned()).collect();
    actions.sort();
    actions.dedup();
    if actions.is_empty() {
        return;
    }
    all.found.push(ExternalAccess {
        resource: resource.arn.clone(),
        kind: resource.kind.clone(),
        external: External {
            kind: ExternalKind::Public,
            who: "*".to_owned(),
            name: None,
            conditions: Vec::new(),
        },
        actions,
        witness: None,
        statements: Vec::new(),
        by: Some("access control list".to_owned()),
    });
}

/// What a permission of an access control list of a bucket allows.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>.
fn actions_of(permission: &str) -> &'static [&'static str] {
    match permission {
        "READ" => &["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
        "WRITE" => &["s3:PutObject", "s3:DeleteObject"],
        "READ_ACP" => &["s3:GetBucketAcl"],
        "WRITE_ACP" => &["s3:PutBucketAcl"],
        "FULL_CONTROL" => {
            &["s3:ListBucket", "s3:PutObject", "s3:DeleteObject", "s3:GetBucketAcl", "s3:PutBucketAcl"]
        }
        _ => &[],
    }
}

/// Grants of a key to foreign accounts.
pub(super) fn grants(resource: &Resource, asked: &Asked<'_>, all: &mut Externals) {
    for grant in &resource.grants {
        let arn = ArnRef::parse(&grant.grantee);
        let Some(account) = arn.and_then(|arn| AccountId::parse(arn.account).ok()) else { continue };
        if asked.is_trusted(account) {
            continue;
        }
        let limit = grant.constrained.then(|| "an encryption context".to_owned());
        all.found.push(ExternalAccess {
            resource: resource.arn.clone(),
            kind: resource.kind.clone(),
            external: External {
                kind: ExternalKind::Account,
                who: grant.grantee.clone(),
                name: None,
                conditions: limit.into_iter().collect(),
            },
            actions: grant.operations.iter().map(|operation| format!("kms:{operation}")).collect(),
            witness: None,
            statements: Vec::new(),
            by: Some(format!("grant {}", grant.id)),
        });
    }
}
