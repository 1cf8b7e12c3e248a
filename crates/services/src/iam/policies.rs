//! Managed policies.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html> and its neighbours.

use super::encode::UseCount;
use super::{encode, find, limits, page, tags, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId};
use directory::Tx;
use model::managed::{self, AwsManagedPolicy};
use model::snapshot::EntityKey;
use model::table::folded;
use model::{AccountState, ManagedPolicy, PolicyRef, PolicyText, PolicyVersion, Snapshot, quota};
use policy::{Document, DocumentKind};
use std::collections::HashMap;
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreatePolicy>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                let demand = Demand::on(target::policy_arn(call, path, &input.policy_name));
                Ok(tags::on_create(demand, "iam:TagPolicy", input.tags.as_deref()))
            },
            create,
        ),
        Row::read::<ops::GetPolicy>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            get,
        ),
        // AWS's refusals speak of `policy path /` here.
        Row::read::<ops::ListPolicies>(
            "iam",
            |input, _, _| {
                Ok(vec![Demand::on(format!("policy path {}", input.path_prefix.as_deref().unwrap_or("/")))])
            },
            list,
        ),
        Row::write::<ops::DeletePolicy>(
            "iam",
            |input, call, snapshot| Ok(vec![target::policy(call, snapshot, &input.policy_arn)?]),
            delete,
        ),
    ]
}

/// Reads a policy document as IAM does when it is written.
pub fn parsed(text: &str, kind: DocumentKind) -> Result<Document, Fault> {
    Document::parse_strict(text, kind)
        .map_err(|malformed| Fault::of(&errors::MALFORMED_POLICY_DOCUMENT, malformed.message))
}

/// The document of a managed policy's version: read strictly, within its quota.
pub fn version_text(text: String) -> Result<PolicyText, Fault> {
    if parsed(&text, DocumentKind::Identity)?.counted_size() > quota::MANAGED_POLICY_SIZE {
        return Err(limits::exceeded("PolicySize", quota::MANAGED_POLICY_SIZE));
    }
    Ok(PolicyText::new(text))
}

fn create(
    at: Allowed<'_, ops::CreatePolicy>,
    tx: &mut Tx<'_>,
    input: shape::CreatePolicyRequest,
) -> Result<shape::CreatePolicyResponse, Fault> {
    let account = at.account_in(tx)?;
    if account.policies.get(&input.policy_name).is_some() {
        return Err(Fault::of(
            &errors::ENTITY_ALREADY_EXISTS,
            format!("A policy called {} already exists. Duplicate names are not allowed.", input.policy_name),
        ));
    }
    limits::below("PoliciesPerAccount", account.policies.len(), quota::POLICIES)?;
    let created = at.now.whole_seconds();
    let policy = ManagedPolicy {
        id: UniqueId::generate(IdKind::Policy, at.account_id(), &at.entropy),
        account: at.account_id(),
        name: input.policy_name,
        path: find::path(input.path),
        description: input.description.filter(|text| !text.is_empty()),
        created,
        updated: created,
        default_version: 1,
        next_version: 2,
        versions: vec![PolicyVersion { number: 1, text: version_text(input.policy_document)?, created }],
        tags: tags::checked(input.tags)?,
    };
    let shown = encode::policy(&at, &policy, UseCount::default());
    let tags = encode::tags(&policy.tags);
    tx.put(policy);
    Ok(shape::CreatePolicyResponse { policy: Some(shape::Policy { tags, ..shown }) })
}

fn get(
    at: Allowed<'_, ops::GetPolicy>,
    snapshot: &Snapshot,
    input: shape::GetPolicyRequest,
) -> Result<shape::GetPolicyResponse, Fault> {
    let account = at.account(snapshot)?;
    let found = find::readable(&at, account, &input.policy_arn)?;
    let count = encode::use_count(account, &found.reference());
    let policy = match found {
        find::AnyPolicy::Customer(policy) => shape::Policy {
            description: policy.description.clone(),
            tags: Some(encode::tag_list(&policy.tags)),
            ..encode::policy(&at, policy, count)
        },
        find::AnyPolicy::Aws(policy) => {
            shape::Policy { tags: Some(Vec::new()), ..encode::aws_policy(&at, policy, count) }
        }
    };
    Ok(shape::GetPolicyResponse { policy: Some(policy) })
}

/// A policy of either kind in a list.
enum Listed<'a> {
    Customer(&'a ManagedPolicy),
    Aws(&'static AwsManagedPolicy),
}

impl Listed<'_> {
    /// Where it stands in the list: by name whatever the case, the customer's before AWS's namesake.
    fn place(&self) -> String {
        match self {
            Listed::Customer(policy) => folded(&policy.name),
            Listed::Aws(policy) => format!("{} {}", folded(policy.name()), policy.path()),
        }
    }

    fn path(&self) -> &str {
        match self {
            Listed::Customer(policy) => &policy.path,
            Listed::Aws(policy) => policy.path(),
        }
    }

    fn count(&self, counts: &HashMap<PolicyRef, UseCount>) -> UseCount {
        let reference = match self {
            Listed::Customer(policy) => PolicyRef::Customer(policy.id.clone()),
            Listed::Aws(policy) => PolicyRef::aws(policy),
        };
        counts.get(&reference).copied().unwrap_or_default()
    }

    fn shown(&self, call: &Call, count: UseCount) -> shape::Policy {
        match self {
            Listed::Customer(policy) => encode::policy(call, policy, count),
            Listed::Aws(policy) => encode::aws_policy(call, policy, count),
        }
    }
}

fn list(
    at: Allowed<'_, ops::ListPolicies>,
    snapshot: &Snapshot,
    input: shape::ListPoliciesRequest,
) -> Result<shape::ListPoliciesResponse, Fault> {
    let account = at.account(snapshot)?;
    let counts = use_counts(account);
    let (prefix, scope) =
        (input.path_prefix.as_deref().unwrap_or("/"), input.scope.as_deref().unwrap_or("All"));
    let local = account.policies.iter().filter(|_| scope != "AWS").map(|policy| Listed::Customer(policy));
    let aws = managed::all().filter(|_| scope != "Local").map(Listed::Aws);
    let mut all: Vec<_> = local
        .chain(aws)
        .filter(|policy| policy.path().starts_with(prefix) && is_meant(&input, policy.count(&counts)))
        .map(|policy| (policy.place(), policy))
        .collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    let page = page::of(all, input.marker.as_deref(), input.max_items, |(place, _)| place.clone())?;
    Ok(shape::ListPoliciesResponse {
        is_truncated: Some(page.is_truncated()),
        policies: Some(
            page.items.iter().map(|(_, policy)| policy.shown(&at, policy.count(&counts))).collect(),
        ),
        marker: page.marker,
    })
}

/// Whether `OnlyAttached` and `PolicyUsageFilter` let a policy of this use through.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>.
fn is_meant(input: &shape::ListPoliciesRequest, count: UseCount) -> bool {
    match input.policy_usage_filter.as_deref() {
        Some("PermissionsBoundary") => count.boundary > 0,
        Some(_) => count.attached > 0,
        None => input.only_attached != Some(true) || count.attached > 0,
    }
}

/// The uses of all policies in one pass: counting them policy by policy would visit every entity for each.
fn use_counts(account: &AccountState) -> HashMap<PolicyRef, UseCount> {
    let mut counts: HashMap<PolicyRef, UseCount> = HashMap::new();
    let mut add = |attached: &[PolicyRef], boundary: Option<&PolicyRef>| {
        for reference in attached {
            counts.entry(reference.clone()).or_default().attached += 1;
        }
        if let Some(reference) = boundary {
            counts.entry(reference.clone()).or_default().boundary += 1;
        }
    };
    account.users.iter().for_each(|user| add(&user.attached, user.boundary.as_ref()));
    account.groups.iter().for_each(|group| add(&group.attached, None));
    account.roles.iter().for_each(|role| add(&role.attached, role.boundary.as_ref()));
    counts
}

fn delete(
    at: Allowed<'_, ops::DeletePolicy>,
    tx: &mut Tx<'_>,
    input: shape::DeletePolicyRequest,
) -> Result<wire::Unit, Fault> {
    let account = at.account_in(tx)?;
    let policy = Arc::clone(find::changeable(&at, account, &input.policy_arn)?);
    if encode::use_count(account, &PolicyRef::Customer(policy.id.clone())) != UseCount::default() {
        return Err(Fault::of(&errors::DELETE_CONFLICT, "Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(Fault::of(
            &errors::DELETE_CONFLICT,
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.",
        ));
    }
    tx.remove(&EntityKey::Policy(policy.account, policy.id.clone()));
    Ok(wire::Unit)
}
