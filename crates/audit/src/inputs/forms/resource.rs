//! Policies of resources, blocks of public access, access control lists and grants: our own form
//! (`ResourceArn`, `ResourceType`, `Policy`, …) and the answers of the AWS CLI.
//!
//! Many answers do not tell which resource they are of. A member beside the answer does (`ResourceArn`, `Bucket`),
//! the policy itself where it names one resource only, or the file's name: the ARN, or the bucket.

use super::arn::{account_of, arn_in_name, is_role, stem};
use crate::import::document_text;
use crate::inputs::error::{InputError, Reason};
use crate::inputs::fact::{Fact, Reading, ResourcePart};
use crate::inputs::json::{Json, Members};
use base::{AccountId, ArnRef};
use model::PolicyText;
use model::resource::{AclGrant, KeyGrant, PublicAccessBlock};
use serde::Deserialize;
use std::collections::BTreeMap;

const POLICIES: [&str; 8] = [
    "Policy",
    "ResourcePolicy",
    "policyText",
    "PolicyText",
    "BucketPolicy",
    "KeyPolicy",
    "policy",
    "resourcePolicy",
];
const BLOCKS: [&str; 2] = ["PublicAccessBlock", "PublicAccessBlockConfiguration"];
const LISTS: [&str; 2] = ["Resources", "ResourcePolicies"];

/// Takes a resource, or lists of them.
pub(in crate::inputs) fn read(
    value: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    for list in LISTS.iter().filter_map(|name| members.get(*name)).filter(|list| list.is_array()) {
        let first = list.first_members();
        if first.is_empty() || is_resource(&first) {
            reading.is("resource policies");
            reading.facts.push(Fact::ResourcesListed);
        }
        for element in list.elements()? {
            read(element, &element.members()?, reading)?;
        }
    }
    // Queues and topics answer a map of attributes.
    if let Some(attributes) = members.get("Attributes").filter(|it| it.is_object()) {
        let mut joined = attributes.members()?;
        if joined.contains_key("QueueArn") || joined.contains_key("TopicArn") {
            joined.extend(members.iter().map(|(name, value)| (name.clone(), *value)));
            return one(value, &joined, reading);
        }
    }
    if is_resource(members) { one(value, members, reading) } else { Ok(()) }
}

/// Whether an object is of a resource with a policy, a list or grants.
fn is_resource(members: &Members<'_>) -> bool {
    let policy = policy_member(members);
    let has = |names: &[&str]| names.iter().any(|name| members.contains_key(*name));
    // Other tools have members of these names: a text must be a document, or stand beside an ARN.
    let is_text =
        |policy: &Json<'_>| policy.string().is_some_and(|text| text.trim_start().starts_with(['{', '%']));
    policy.is_some_and(|policy| is_document(&policy) || is_text(&policy) || own_arn(members).is_some())
        || is_bare_document(members)
        || has(&BLOCKS)
        || members.get("Acl").is_some_and(|acl| acl.is_array() || acl.is_object())
        || members.get("Grants").is_some_and(Json::is_array)
        || has(&["KeyGrants"])
}

fn policy_member<'a>(members: &Members<'a>) -> Option<Json<'a>> {
    POLICIES.iter().find_map(|name| members.get(*name)).copied()
}

fn is_document(value: &Json<'_>) -> bool {
    value.members().is_ok_and(|members| members.contains_key("Statement"))
}

/// A policy document by itself, if every statement names principals: policies of users and roles never do.
fn is_bare_document(members: &Members<'_>) -> bool {
    let Some(statements) = members.get("Statement") else { return false };
    let all = match statements.is_array() {
        true => statements.elements().unwrap_or_default(),
        false => vec![*statements],
    };
    let names = |statement: &Json<'_>| {
        statement.members().is_ok_and(|it| it.contains_key("Principal") || it.contains_key("NotPrincipal"))
    };
    !all.is_empty() && all.iter().all(names)
}

fn one(value: Json<'_>, members: &Members<'_>, reading: &mut Reading) -> Result<(), InputError> {
    let policy = match (policy_member(members), is_bare_document(members)) {
        (Some(member), _) => document(member)?,
        (None, true) => document(value)?,
        (None, false) => None,
    };
    let block = BLOCKS.iter().find_map(|name| members.get(*name));
    let block: Option<PublicAccessBlock> = block.map(Json::read::<Option<_>>).transpose()?.flatten();
    let owner = ["OwnerAccount", "AccountId"].iter().find_map(|name| members.get(*name)?.string());
    let owner = owner.and_then(|id| AccountId::parse(&id).ok());
    let arn = arn(value.file, members, policy.as_deref());
    if let (Some(block), None, None) = (block, &arn, &policy)
        && (owner.is_some() || stem(value.file).to_ascii_lowercase().contains("account"))
    {
        reading.is("public access block");
        reading.told.extend(owner);
        reading.facts.push(Fact::AccountBlock(block));
        return Ok(());
    }
    reading.is("resource policies");
    let mut part = ResourcePart {
        kind: members.get("ResourceType").or_else(|| members.get("Type")).and_then(Json::string),
        owner: owner.or_else(|| account_of(arn.as_deref()?)),
        policy: policy.map(PolicyText::new),
        block,
        acl: acl(members)?,
        ..ResourcePart::default()
    };
    let by_key = grants(members)?;
    if let Some(arn) = arn {
        part.arn = arn;
        part.grants = by_key.into_values().flatten().collect();
        reading.told.extend(part.owner);
        reading.facts.push(Fact::Resource(Box::new(part)));
        return Ok(());
    }
    // The answer of `list-grants` names its key in every grant.
    let keys: Vec<_> = by_key.into_iter().collect();
    if keys.is_empty() || keys.iter().any(|(key, _)| ArnRef::parse(key).is_none()) || part.policy.is_some() {
        let is_empty = members.get("Grants").is_some_and(|list| list.first_members().is_empty());
        if is_empty && part.policy.is_none() && part.block.is_none() {
            return Ok(());
        }
        return Err(value.error(Reason::ResourceUnknown));
    }
    for (arn, grants) in keys {
        let owner = account_of(&arn);
        reading.told.extend(owner);
        let part = ResourcePart { arn, owner, grants, ..ResourcePart::default() };
        reading.facts.push(Fact::Resource(Box::new(part)));
    }
    Ok(())
}

/// The text of a policy; none of `null` and of an empty string.
fn document(value: Json<'_>) -> Result<Option<String>, InputError> {
    if value.is_null() {
        return Ok(None);
    }
    let text = document_text(value.raw_value());
    let text =
        text.ok_or_else(|| value.error(Reason::Shape("a policy is neither an object nor a string".into())))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() {
        return Err(value.error(Reason::Shape("a policy is not JSON".into())));
    }
    Ok(Some(text))
}

/// Which resource it is: by a member, by the policy, by the file's name.
fn arn(file: &str, members: &Members<'_>, policy: Option<&str>) -> Option<String> {
    let text = |name: &str| members.get(name).and_then(Json::string);
    if let Some(arn) = own_arn(members) {
        return Some(arn);
    }
    if let Some(bucket) = text("Bucket").or_else(|| text("BucketName")) {
        return Some(format!("arn:aws:s3:::{bucket}"));
    }
    if let (Some(registry), Some(name)) = (text("registryId"), text("repositoryName")) {
        return Some(format!("arn:aws:ecr:{}:{registry}:repository/{name}", region_in(file)));
    }
    policy.and_then(sole_resource).or_else(|| arn_in_name(file)).or_else(|| {
        let stem = stem(file);
        let is_of_s3 = policy.is_some_and(|text| text.contains(":s3:::"))
            || members.contains_key("Acl")
            || BLOCKS.iter().any(|name| members.contains_key(*name))
            || members.get("Grants").is_some_and(|list| list.first_members().contains_key("Grantee"));
        (is_of_s3 && is_bucket(&stem)).then(|| format!("arn:aws:s3:::{stem}"))
    })
}

/// The ARN by which an object names itself: a member that ends in `Arn` and is no role's.
pub(in crate::inputs) fn own_arn(members: &Members<'_>) -> Option<String> {
    const FIRST: [&str; 6] = ["ResourceArn", "resourceArn", "Arn", "ARN", "arn", "KeyArn"];
    let arn = |value: &Json<'_>| {
        let text = value.string()?;
        let parts = ArnRef::parse(&text)?;
        (!matches!(parts.service, "iam" | "sts")).then_some(text)
    };
    let first = FIRST.iter().filter_map(|name| members.get(*name)).find_map(arn);
    first.or_else(|| {
        let named = members.iter().filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name.ends_with("arn") && !name.contains("role") && !name.contains("policy")
        });
        named.map(|(_, value)| value).find_map(arn)
    })
}

/// The resource that every statement of a policy names, if it is one: policies of buckets, queues, topics and
/// functions may name no other.
fn sole_resource(policy: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(policy).ok()?;
    let statements = document.get("Statement")?;
    let list = |value: &serde_json::Value| match value {
        serde_json::Value::Array(elements) => elements.clone(),
        other => vec![other.clone()],
    };
    let mut sole: Option<String> = None;
    for statement in list(statements) {
        for resource in list(statement.get("Resource")?) {
            let whole = whole(resource.as_str()?)?;
            if sole.get_or_insert_with(|| whole.clone()) != &whole {
                return None;
            }
        }
    }
    sole
}

/// The bucket of objects, the function of a version; everything else is what it is. Patterns name nothing.
fn whole(resource: &str) -> Option<String> {
    let parts = ArnRef::parse(resource)?;
    let whole = match parts.service {
        "s3" => {
            let bucket = parts.resource.split('/').next()?;
            format!("arn:{}:s3:::{bucket}", parts.partition)
        }
        "lambda" => resource.split(':').take(7).collect::<Vec<_>>().join(":"),
        _ => resource.to_owned(),
    };
    (!whole.contains(['*', '?', '$'])).then_some(whole)
}

fn is_bucket(name: &str) -> bool {
    const WORDS: [&str; 3] = ["policy", "acl", "block"];
    (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        && !WORDS.iter().any(|word| name == *word || name.ends_with(&format!("-{word}")))
}

/// The region that a folder is named by.
fn region_in(file: &str) -> &str {
    file.split('/').find(|part| base::Region::named(part).is_some()).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AclEntry {
    grantee: Grantee,
    permission: String,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a grantee")]
enum Grantee {
    Text(String),
    Entry {
        #[serde(rename = "URI")]
        uri: Option<String>,
        #[serde(rename = "ID")]
        id: Option<String>,
        #[serde(rename = "EmailAddress")]
        email: Option<String>,
    },
}

/// The grants of an access control list, which are the answer of `get-bucket-acl` or stand in a member `Acl`.
fn acl(members: &Members<'_>) -> Result<Vec<AclGrant>, InputError> {
    let within = members.get("Acl").filter(|acl| acl.is_object()).map(Json::members).transpose()?;
    let list = match (&within, members.get("Acl")) {
        (Some(acl), _) => acl.get("Grants"),
        (None, Some(acl)) if acl.is_array() => Some(acl),
        _ => members.get("Grants").filter(|list| list.first_members().contains_key("Grantee")),
    };
    let Some(list) = list else { return Ok(Vec::new()) };
    let entries: Vec<AclEntry> = list.read()?;
    Ok(entries
        .into_iter()
        .map(|entry| {
            let grantee = match entry.grantee {
                Grantee::Text(text) => text,
                Grantee::Entry { uri, id, email } => uri.or(id).or(email).unwrap_or_default(),
            };
            AclGrant { grantee, permission: entry.permission }
        })
        .collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GrantEntry {
    key_id: Option<String>,
    grant_id: String,
    grantee_principal: Option<String>,
    #[serde(default)]
    operations: Vec<String>,
    constraints: Option<BTreeMap<String, serde::de::IgnoredAny>>,
}

/// The grants on keys, by the key's ARN or id.
fn grants(members: &Members<'_>) -> Result<BTreeMap<String, Vec<KeyGrant>>, InputError> {
    let mut lists = ["KeyGrants", "Grants"].iter().filter_map(|name| members.get(*name));
    let list = lists.find(|list| list.first_members().contains_key("GrantId"));
    let Some(list) = list else { return Ok(BTreeMap::new()) };
    let entries: Vec<GrantEntry> = list.read()?;
    let mut by_key: BTreeMap<String, Vec<KeyGrant>> = BTreeMap::new();
    for entry in entries {
        by_key.entry(entry.key_id.unwrap_or_default()).or_default().push(KeyGrant {
            id: entry.grant_id,
            grantee: entry.grantee_principal.unwrap_or_default(),
            operations: entry.operations,
            constrained: entry.constraints.is_some_and(|constraints| !constraints.is_empty()),
        });
    }
    Ok(by_key)
}

/// Whether a member names a role.
pub(in crate::inputs) fn is_role_member(value: &Json<'_>) -> bool {
    value.string().is_some_and(|text| is_role(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_tell_the_one_resource_that_they_name() {
        let of = |resources: &str| {
            sole_resource(&format!(r#"{{"Statement":[{{"Effect":"Allow","Resource":{resources}}}]}}"#))
        };
        assert_eq!(of(r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#).unwrap(), "arn:aws:s3:::b");
        assert_eq!(of(r#"["arn:aws:s3:::b","arn:aws:s3:::c/*"]"#), None);
        assert_eq!(of(r#""*""#), None);
        assert_eq!(of(r#""arn:aws:s3:::b*/x""#), None);
        let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
        assert_eq!(of(&format!("\"{function}:live\"")).unwrap(), function);
    }
}
