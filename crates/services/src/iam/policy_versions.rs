//! Versions of managed policies.
//!
//! A version never changes and its number is never used again; which one is in force is the policy's default.
//! Of AWS's own policies only the default version is known. See
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>.

use super::{encode, find, page, policies, target};
use crate::gate::Allowed;
use crate::row::Row;
use directory::Tx;
use model::managed::AwsManagedPolicy;
use model::{ManagedPolicy, PolicyVersion, Snapshot, quota};
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreatePolicyVersion>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            create,
        ),
        Row::read::<ops::GetPolicyVersion>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            get,
        ),
        Row::read::<ops::ListPolicyVersions>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            list,
        ),
        Row::write::<ops::SetDefaultPolicyVersion>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            set_default,
        ),
        Row::write::<ops::DeletePolicyVersion>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            delete,
        ),
    ]
}

fn create(
    at: Allowed<'_, ops::CreatePolicyVersion>,
    tx: &mut Tx<'_>,
    input: shape::CreatePolicyVersionRequest,
) -> Result<shape::CreatePolicyVersionResponse, Fault> {
    let mut policy = ManagedPolicy::clone(find::changeable(&at, at.account_in(tx)?, &input.policy_arn)?);
    let text = policies::version_text(input.policy_document)?;
    if policy.versions.len() >= quota::POLICY_VERSIONS {
        return Err(Fault::of(
            &errors::LIMIT_EXCEEDED,
            format!(
                "A managed policy can have up to {} versions. Before you create a new version, you must delete an \
                 existing version.",
                quota::POLICY_VERSIONS
            ),
        ));
    }
    let version = PolicyVersion { number: policy.next_version, text, created: at.now.whole_seconds() };
    policy.next_version += 1;
    policy.updated = version.created;
    if input.set_as_default == Some(true) {
        policy.default_version = version.number;
    }
    let shown = listed(&policy, &version);
    policy.versions.push(version);
    tx.put(policy);
    Ok(shape::CreatePolicyVersionResponse { policy_version: Some(shown) })
}

/// A version as every answer but `GetPolicyVersion`'s shows it: without its document.
fn listed(policy: &ManagedPolicy, version: &PolicyVersion) -> shape::PolicyVersion {
    shape::PolicyVersion {
        document: None,
        version_id: Some(format!("v{}", version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(version.created),
    }
}

/// The one version that is known of an AWS managed policy.
fn listed_of_aws(policy: &AwsManagedPolicy) -> shape::PolicyVersion {
    shape::PolicyVersion {
        document: None,
        version_id: Some(format!("v{}", policy.default_version())),
        is_default_version: Some(true),
        create_date: Some(policy.updated()),
    }
}

fn get(
    at: Allowed<'_, ops::GetPolicyVersion>,
    snapshot: &Snapshot,
    input: shape::GetPolicyVersionRequest,
) -> Result<shape::GetPolicyVersionResponse, Fault> {
    let number = number(&input.version_id);
    let version = match find::readable(&at, at.account(snapshot)?, &input.policy_arn)? {
        find::AnyPolicy::Customer(policy) => {
            number.and_then(|number| policy.version(number)).map(|version| shape::PolicyVersion {
                document: Some(encode::document(version.text.text())),
                ..listed(policy, version)
            })
        }
        find::AnyPolicy::Aws(policy) => {
            (number == Some(policy.default_version())).then(|| shape::PolicyVersion {
                document: Some(encode::document(&policy.document_in(at.partition))),
                ..listed_of_aws(policy)
            })
        }
    };
    let version = version.ok_or_else(|| no_such_version(&input.policy_arn, &input.version_id))?;
    Ok(shape::GetPolicyVersionResponse { policy_version: Some(version) })
}

fn list(
    at: Allowed<'_, ops::ListPolicyVersions>,
    snapshot: &Snapshot,
    input: shape::ListPolicyVersionsRequest,
) -> Result<shape::ListPolicyVersionsResponse, Fault> {
    let versions: Vec<(u32, _)> = match find::readable(&at, at.account(snapshot)?, &input.policy_arn)? {
        // Newest first.
        find::AnyPolicy::Customer(policy) => {
            policy.versions.iter().rev().map(|version| (version.number, listed(policy, version))).collect()
        }
        find::AnyPolicy::Aws(policy) => vec![(policy.default_version(), listed_of_aws(policy))],
    };
    let page = page::of(versions, input.marker.as_deref(), input.max_items, |(number, _)| {
        format!("{:010}", u32::MAX - number)
    })?;
    Ok(shape::ListPolicyVersionsResponse {
        is_truncated: Some(page.is_truncated()),
        versions: Some(page.items.into_iter().map(|(_, version)| version).collect()),
        marker: page.marker,
    })
}

fn set_default(
    at: Allowed<'_, ops::SetDefaultPolicyVersion>,
    tx: &mut Tx<'_>,
    input: shape::SetDefaultPolicyVersionRequest,
) -> Result<wire::Unit, Fault> {
    let mut policy = ManagedPolicy::clone(find::changeable(&at, at.account_in(tx)?, &input.policy_arn)?);
    let number = existing(&policy, &input.policy_arn, &input.version_id)?;
    if policy.default_version != number {
        policy.default_version = number;
        policy.updated = at.now.whole_seconds();
        tx.put(policy);
    }
    Ok(wire::Unit)
}

fn delete(
    at: Allowed<'_, ops::DeletePolicyVersion>,
    tx: &mut Tx<'_>,
    input: shape::DeletePolicyVersionRequest,
) -> Result<wire::Unit, Fault> {
    let mut policy = ManagedPolicy::clone(find::changeable(&at, at.account_in(tx)?, &input.policy_arn)?);
    let number = existing(&policy, &input.policy_arn, &input.version_id)?;
    if number == policy.default_version {
        return Err(Fault::of(&errors::DELETE_CONFLICT, "Cannot delete the default version of a policy."));
    }
    policy.versions.retain(|version| version.number != number);
    tx.put(policy);
    Ok(wire::Unit)
}

/// The number in `v3`.
fn number(version_id: &str) -> Option<u32> {
    version_id.strip_prefix('v')?.parse().ok()
}

/// The number of a version that the policy has.
fn existing(policy: &ManagedPolicy, policy_arn: &str, version_id: &str) -> Result<u32, Fault> {
    number(version_id)
        .filter(|number| policy.version(*number).is_some())
        .ok_or_else(|| no_such_version(policy_arn, version_id))
}

fn no_such_version(policy_arn: &str, version_id: &str) -> Fault {
    find::no_such_entity(format!(
        "Policy {policy_arn} version {version_id} does not exist or is not attachable."
    ))
}
