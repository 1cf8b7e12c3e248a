//! Trust policies: who may assume a role.
//!
//! In the store a trust policy names users and roles of this realm by unique id, as IAM's does: deleting one and
//! making another of the same name does not bring the trust back. Shown, the ids are ARNs again, those of
//! entities that are gone excepted. See
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html> and
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>.

use super::{find, limits, policies, target};
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::Row;
use base::{AccountId, Arn, ArnRef, Partition};
use directory::Tx;
use model::{AccountState, PolicyText, Role, Snapshot, quota};
use policy::{Document, DocumentKind};
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::write::<ops::UpdateAssumeRolePolicy>(
        "iam",
        |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
        update,
    )]
}

fn update(
    at: Allowed<'_, ops::UpdateAssumeRolePolicy>,
    tx: &mut Tx<'_>,
    input: shape::UpdateAssumeRolePolicyRequest,
) -> Result<wire::Unit, Fault> {
    let mut role = Role::clone(find::changeable_role(at.account_in(tx)?, &input.role_name)?);
    role.trust = stored(at.partition, tx.snapshot(), &input.policy_document)?;
    tx.put(role);
    Ok(wire::Unit)
}

/// Reads a trust policy as IAM does when it is written, and yields it as it is kept: users and roles of this
/// realm by unique id.
pub fn stored(partition: Partition, snapshot: &Snapshot, text: &str) -> Result<PolicyText, Fault> {
    let document = policies::parsed(text, DocumentKind::Trust)?;
    if document.counted_size() > quota::TRUST_POLICY_SIZE {
        return Err(limits::exceeded("ACLSizePerRole", quota::TRUST_POLICY_SIZE));
    }
    let mut invalid = None;
    let kept = document.rewrite_principals(&mut |principal| match kept_as(partition, snapshot, principal) {
        Kept::AsIs => None,
        Kept::Id(id) => Some(id),
        Kept::Nowhere => {
            invalid.get_or_insert_with(|| principal.to_owned());
            None
        }
    });
    match invalid {
        Some(principal) => Err(invalid_principal(&principal)),
        None => Ok(PolicyText::new(kept)),
    }
}

/// The trust policy as the API shows it: unique ids of users and roles that exist are their ARNs again.
pub fn shown(call: &Call, snapshot: &Snapshot, text: &str) -> String {
    if !text.contains("AIDA") && !text.contains("AROA") {
        return text.to_owned();
    }
    match Document::parse_tolerant(text) {
        (Some(document), _) => {
            document.rewrite_principals(&mut |principal| arn_of_id(call.partition, snapshot, principal))
        }
        (None, _) => text.to_owned(),
    }
}

/// How a principal stands in the store.
#[derive(Debug, PartialEq, Eq)]
enum Kept {
    /// As it was written.
    AsIs,
    /// By this unique id.
    Id(String),
    /// It names nobody: the policy is refused.
    Nowhere,
}

/// Judges a principal whose form the strict reader has found good.
fn kept_as(partition: Partition, snapshot: &Snapshot, principal: &str) -> Kept {
    if principal == "*" || AccountId::parse(principal).is_ok() {
        return Kept::AsIs;
    }
    let Some(arn) = ArnRef::parse(principal) else {
        let exists = arn_of_id(partition, snapshot, principal).is_some();
        return if exists { Kept::AsIs } else { Kept::Nowhere };
    };
    if arn.partition != partition.id() {
        return Kept::Nowhere;
    }
    // Of accounts that are not here, only the form can be judged.
    let account = AccountId::parse(arn.account).ok().and_then(|id| snapshot.account(id));
    account.map_or(Kept::AsIs, |account| arn_kept_as(partition, account, &arn))
}

fn arn_kept_as(partition: Partition, account: &AccountState, arn: &ArnRef<'_>) -> Kept {
    let is_named = |found: Arn| found.as_str() == arn.to_string();
    let found = match (arn.service, arn.typed_resource()) {
        ("iam", Some(("user", _))) => {
            account.users.get(arn.name()).filter(|user| is_named(user.arn(partition))).map(|user| &user.id)
        }
        ("iam", Some(("role", _))) => {
            account.roles.get(arn.name()).filter(|role| is_named(role.arn(partition))).map(|role| &role.id)
        }
        ("sts", Some(("assumed-role", rest))) => {
            let role = rest.split_once('/').and_then(|(role, _)| account.roles.get(role));
            return if role.is_some() { Kept::AsIs } else { Kept::Nowhere };
        }
        _ => return Kept::AsIs,
    };
    found.map_or(Kept::Nowhere, |id| Kept::Id(id.to_string()))
}

/// The ARN of the user or role that has this unique id, in whichever account.
fn arn_of_id(partition: Partition, snapshot: &Snapshot, id: &str) -> Option<String> {
    snapshot.accounts().find_map(|account| {
        let user = account.users.by_id(id).map(|user| user.arn(partition));
        let found = user.or_else(|| account.roles.by_id(id).map(|role| role.arn(partition)));
        found.map(String::from)
    })
}

fn invalid_principal(principal: &str) -> Fault {
    Fault::of(
        &errors::MALFORMED_POLICY_DOCUMENT,
        format!("Invalid principal in policy: \"AWS\":\"{principal}\""),
    )
}
