//! Answers of AWS Organizations, one by one or joined in one object.
//!
//! Some answers do not tell what they belong to (the units of which parent, the targets of which policy): a member
//! beside the answer does (`ParentId`, `PolicyId`, `TargetId`), or an id in the file's name.

use crate::inputs::error::{InputError, Reason};
use crate::inputs::fact::{Fact, MemberPart, OrganizationPart, PolicyPart, Reading};
use crate::inputs::json::{Json, Members};
use base::{AccountId, ArnRef};
use model::PolicyText;
use model::organization::{OrganizationPolicyKind, Unit};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    id: String,
    master_account_id: Option<AccountId>,
    management_account_id: Option<AccountId>,
    feature_set: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: AccountId,
    name: Option<String>,
    status: Option<String>,
    state: Option<String>,
    parent_id: Option<String>,
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnitEntry {
    id: String,
    name: Option<String>,
    parent_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Root {
    id: String,
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy<'a> {
    id: String,
    name: Option<String>,
    r#type: Option<String>,
    #[serde(default)]
    aws_managed: bool,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    targets: Option<Vec<Target>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "the id of a root, unit or account")]
enum Target {
    Id(String),
    #[serde(rename_all = "PascalCase")]
    Entry {
        #[serde(alias = "Id")]
        target_id: String,
    },
}

impl Target {
    fn id(self) -> String {
        match self {
            Self::Id(id) | Self::Entry { target_id: id } => id,
        }
    }
}

/// Takes whatever of an organization there is.
pub(in crate::inputs) fn read(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let mut part = OrganizationPart::default();
    let mut found = false;
    for (name, member) in members {
        found |= match name.as_str() {
            "Organization" => described(*member, &mut part)?,
            "Accounts" => accounts(*member, members, &mut part)?,
            "Roots" => {
                let roots: Vec<Root> = member.read()?;
                if let Some(arn) = roots.first().and_then(|root| root.arn.as_deref()) {
                    organization_in(arn, &mut part);
                }
                part.root = roots.into_iter().next().map(|root| root.id);
                true
            }
            "OrganizationalUnits" => units(*member, members, &mut part)?,
            "Policies" => policies(*member, members, &mut part)?,
            "Policy" => policy(*member, &mut part)?,
            "Targets" => targets(*member, members, &mut part)?,
            "Parents" => parents(*member, members, &mut part)?,
            "Children" => children(*member, members, &mut part)?,
            _ => false,
        };
    }
    if found {
        reading.is("organization");
        reading.facts.push(Fact::Organization(Box::new(part)));
    }
    Ok(())
}

fn described(value: Json<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    if !value.members()?.contains_key("Id") {
        return Ok(false);
    }
    let described: Described = value.read()?;
    part.id = Some(described.id);
    part.management = described.master_account_id.or(described.management_account_id);
    part.all_features = described.feature_set.map(|features| features == "ALL");
    Ok(true)
}

fn accounts(value: Json<'_>, members: &Members<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    // Other services have lists of this name: those of an organization tell states.
    let first = value.first_members();
    let is_organizations =
        first.contains_key("Status") || first.contains_key("State") || first.contains_key("ParentId");
    if !first.is_empty() && !is_organizations {
        return Ok(false);
    }
    let listed: Vec<Account> = value.read()?;
    let above = beside(members, "ParentId").or_else(|| id_in_name(value.file, is_parent));
    if let Some(arn) = listed.iter().find_map(|account| account.arn.as_deref()) {
        organization_in(arn, part);
    }
    part.accounts.extend(listed.into_iter().map(|account| MemberPart {
        id: account.id,
        name: account.name.unwrap_or_else(|| account.id.to_string()),
        active: account.status.or(account.state).is_none_or(|status| status == "ACTIVE"),
        parent: account.parent_id.or_else(|| above.clone()),
    }));
    Ok(true)
}

/// The organization and its management account in the ARN of anything of theirs:
/// `arn:aws:organizations::MANAGEMENT:account/ORGANIZATION/ID`.
fn organization_in(arn: &str, part: &mut OrganizationPart) {
    let Some(parts) = ArnRef::parse(arn).filter(|parts| parts.service == "organizations") else { return };
    let Ok(management) = AccountId::parse(parts.account) else { return };
    let id = parts.resource.split('/').nth(1).filter(|id| id.starts_with("o-"));
    part.id = part.id.take().or_else(|| id.map(str::to_owned));
    part.management = part.management.or(Some(management));
}

fn units(value: Json<'_>, members: &Members<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    let listed: Vec<UnitEntry> = value.read()?;
    let above = beside(members, "ParentId").or_else(|| id_in_name(value.file, is_parent));
    for unit in listed {
        let parent = unit.parent_id.or_else(|| above.clone());
        let reason = Reason::Belongs("under which root or unit these units are: add a member `ParentId`");
        let parent = parent.ok_or_else(|| value.error(reason))?;
        let name = unit.name.unwrap_or_else(|| unit.id.clone());
        part.units.push(Unit { id: unit.id, name, parent });
    }
    Ok(true)
}

fn policies(value: Json<'_>, members: &Members<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    let first = value.first_members();
    if !first.contains_key("Id") || first.contains_key("PolicyVersionList") {
        // An empty list is of an organization only among other members of one.
        return Ok(false);
    }
    let target = beside(members, "TargetId");
    let listed: Vec<Policy<'_>> = value.read()?;
    for policy in listed {
        if let Some(target) = &target {
            part.targets.push((policy.id.clone(), target.clone()));
        }
        add(policy, value, part)?;
    }
    Ok(true)
}

/// The answer of `describe-policy`.
fn policy(value: Json<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        policy_summary: Policy<'a>,
        #[serde(borrow)]
        content: &'a RawValue,
    }
    if !value.is_object() || !value.members()?.contains_key("PolicySummary") {
        return Ok(false);
    }
    let answer: Answer<'_> = value.read()?;
    add(Policy { content: Some(answer.content), ..answer.policy_summary }, value, part)?;
    Ok(true)
}

fn add(policy: Policy<'_>, value: Json<'_>, part: &mut OrganizationPart) -> Result<(), InputError> {
    let text = match policy.content {
        None => None,
        Some(raw) => {
            let bad =
                || value.error(Reason::Shape(format!("the content of policy {} is no document", policy.id)));
            Some(PolicyText::new(crate::import::document_text(raw).ok_or_else(bad)?))
        }
    };
    let targets = policy.targets.unwrap_or_default();
    part.targets.extend(targets.into_iter().map(|target| (policy.id.clone(), target.id())));
    part.policies.push(PolicyPart {
        name: policy.name.unwrap_or_else(|| policy.id.clone()),
        kind: policy.r#type.map(|name| (kind(&name), name)),
        aws_managed: policy.aws_managed,
        text,
        id: policy.id,
    });
    Ok(())
}

fn kind(name: &str) -> OrganizationPolicyKind {
    match name {
        "SERVICE_CONTROL_POLICY" => OrganizationPolicyKind::Scp,
        "RESOURCE_CONTROL_POLICY" => OrganizationPolicyKind::Rcp,
        _ => OrganizationPolicyKind::Other,
    }
}

/// The answer of `list-targets-for-policy`.
fn targets(value: Json<'_>, members: &Members<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    let first = value.first_members();
    if !first.is_empty() && !first.contains_key("TargetId") {
        return Ok(false);
    }
    let policy = beside(members, "PolicyId").or_else(|| id_in_name(value.file, |id| id.starts_with("p-")));
    let policy = match policy {
        Some(policy) => policy,
        None if first.is_empty() => return Ok(false),
        None => {
            return Err(
                value.error(Reason::Belongs("which policy these are targets of: add a member `PolicyId`"))
            );
        }
    };
    let targets: Vec<Target> = value.read()?;
    part.targets.extend(targets.into_iter().map(|target| (policy.clone(), target.id())));
    Ok(true)
}

/// The answer of `list-parents`.
fn parents(value: Json<'_>, members: &Members<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    let parents: Vec<Root> = value.read()?;
    let child = beside(members, "ChildId");
    let child = child
        .ok_or_else(|| value.error(Reason::Belongs("whose parents these are: add a member `ChildId`")))?;
    part.parents.extend(parents.into_iter().map(|parent| (child.clone(), parent.id)));
    Ok(true)
}

/// The answer of `list-children`.
fn children(value: Json<'_>, members: &Members<'_>, part: &mut OrganizationPart) -> Result<bool, InputError> {
    let children: Vec<Root> = value.read()?;
    let parent = beside(members, "ParentId").or_else(|| id_in_name(value.file, is_parent));
    let parent = parent
        .ok_or_else(|| value.error(Reason::Belongs("whose children these are: add a member `ParentId`")))?;
    part.parents.extend(children.into_iter().map(|child| (child.id, parent.clone())));
    Ok(true)
}

/// A string that stands beside an answer.
fn beside(members: &Members<'_>, name: &str) -> Option<String> {
    members.get(name).and_then(Json::string)
}

fn is_parent(id: &str) -> bool {
    id.starts_with("r-") || id.starts_with("ou-")
}

/// The id that the file's name ends in: `list-targets-for-policy-p-examp1e1.json`.
fn id_in_name(file: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let stem = super::arn::stem(file);
    let starts = stem.char_indices().filter(|(at, _)| {
        *at == 0 || stem.get(..*at).is_some_and(|before| before.ends_with(['-', '_', '.']))
    });
    let mut ids = starts.filter_map(|(at, _)| stem.get(at..)).filter(|id| {
        fits(id)
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && id.bytes().any(|byte| byte.is_ascii_digit())
    });
    ids.next().map(str::to_owned)
}
