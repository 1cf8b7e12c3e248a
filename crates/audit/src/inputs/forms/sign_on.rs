//! Answers of IAM Identity Center (`aws sso-admin …`), one by one or joined. Answers about a permission set do not
//! tell which: a member `PermissionSetArn` beside them does.

use crate::inputs::error::{InputError, Reason};
use crate::inputs::fact::{Fact, Reading, SignOnPart};
use crate::inputs::json::{Json, Members};
use base::AccountId;
use model::PolicyText;
use model::sign_on::{Assignment, PermissionSet};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Set<'a> {
    permission_set_arn: Option<String>,
    name: Option<String>,
    session_duration: Option<String>,
    #[serde(borrow)]
    inline_policy: Option<&'a RawValue>,
    attached_managed_policies: Option<Vec<Managed>>,
    customer_managed_policy_references: Option<Vec<Reference>>,
    permissions_boundary: Option<Boundary>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a managed policy")]
enum Managed {
    Arn(String),
    #[serde(rename_all = "PascalCase")]
    Entry {
        arn: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reference {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    managed_policy_arn: Option<String>,
    customer_managed_policy_reference: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssignmentEntry {
    account_id: AccountId,
    permission_set_arn: String,
    principal_type: String,
    principal_id: String,
}

/// Members of answers about one permission set.
const OF_A_SET: [&str; 4] =
    ["InlinePolicy", "AttachedManagedPolicies", "CustomerManagedPolicyReferences", "PermissionsBoundary"];

/// Takes whatever of Identity Center there is.
pub(in crate::inputs) fn read(
    value: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    let mut part = SignOnPart::default();
    let mut found = false;
    if let Some(list) =
        members.get("Instances").filter(|list| list.first_members().contains_key("InstanceArn"))
    {
        found = true;
        let first = list.first_members();
        part.instance = first.get("InstanceArn").and_then(Json::string);
    }
    if let Some(list) = members.get("PermissionSets") {
        found = true;
        for element in list.elements()? {
            match element.string() {
                Some(arn) => part.sets.push(empty(arn)),
                None => part.sets.push(set(element, None)?),
            }
        }
    }
    if let Some(one) = members.get("PermissionSet") {
        found = true;
        part.sets.push(set(*one, None)?);
    }
    if let Some(list) = members.get("AccountAssignments") {
        found = true;
        let assignments: Vec<AssignmentEntry> = list.read()?;
        part.assignments.extend(assignments.into_iter().map(|it| Assignment {
            account: it.account_id,
            permission_set: it.permission_set_arn,
            principal_type: it.principal_type,
            principal_id: it.principal_id,
        }));
    }
    let named = members.get("PermissionSetArn").and_then(Json::string);
    if !found
        && OF_A_SET.iter().any(|name| members.contains_key(*name))
        && is_sign_on(members, named.is_some())
    {
        found = true;
        part.sets.push(set(value, named)?);
    }
    if found {
        reading.is("permission sets");
        reading.facts.push(Fact::SignOn(part));
    }
    Ok(())
}

/// Users and roles have members of these names, too.
fn is_sign_on(members: &Members<'_>, is_named: bool) -> bool {
    is_named || (!members.contains_key("UserName") && !members.contains_key("RoleName"))
}

fn set(value: Json<'_>, named: Option<String>) -> Result<PermissionSet, InputError> {
    let entry: Set<'_> = value.read()?;
    let unnamed =
        || value.error(Reason::Belongs("which permission set it is of: add a member `PermissionSetArn`"));
    let mut set = empty(entry.permission_set_arn.or(named).ok_or_else(unnamed)?);
    set.name = entry.name.unwrap_or_default();
    set.session_duration = entry.session_duration;
    let managed = entry.attached_managed_policies.into_iter().flatten();
    set.managed = managed
        .map(|policy| match policy {
            Managed::Arn(arn) | Managed::Entry { arn } => arn,
        })
        .collect();
    set.customer_managed =
        entry.customer_managed_policy_references.into_iter().flatten().map(|policy| policy.name).collect();
    let inline = entry.inline_policy.and_then(crate::import::document_text);
    set.inline = inline.filter(|text| !text.trim().is_empty()).map(PolicyText::new);
    set.boundary = entry.permissions_boundary.and_then(|boundary| {
        boundary.managed_policy_arn.or(boundary.customer_managed_policy_reference.map(|policy| policy.name))
    });
    Ok(set)
}

fn empty(arn: String) -> PermissionSet {
    PermissionSet {
        arn,
        name: String::new(),
        session_duration: None,
        managed: Vec::new(),
        customer_managed: Vec::new(),
        inline: None,
        boundary: None,
    }
}
