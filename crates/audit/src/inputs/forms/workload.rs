//! Resources with the role that they run as: our own form (`Type`, `Arn`, `Role`), and those answers of the AWS CLI
//! that carry an ARN and a role.

use super::arn::{account_of, is_instance_profile, is_role, kind_of};
use super::resource::{is_role_member, own_arn};
use crate::inputs::error::InputError;
use crate::inputs::fact::{Fact, Reading, WorkloadPart};
use crate::inputs::json::{Json, Members};
use serde::Deserialize;
use std::collections::BTreeMap;

const KIND: &str = "workloads";
/// Members under which services list what runs as roles.
const LISTS: [&str; 22] = [
    "Workloads",
    "Functions",
    "Configuration",
    "taskDefinition",
    "taskDefinitions",
    "projects",
    "Jobs",
    "Job",
    "DevEndpoints",
    "Stacks",
    "stateMachines",
    "cluster",
    "nodegroup",
    "association",
    "associations",
    "NotebookInstances",
    "jobDefinitions",
    "services",
    "Service",
    "Environment",
    "Domains",
    "pipelines",
];
/// How deep roles are looked for below an object that names itself.
const DEEPEST: usize = 6;

/// Takes a workload, or lists of them.
pub(in crate::inputs) fn read(
    value: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    if let Some(reservations) = members.get("Reservations") {
        return instances(*reservations, reading);
    }
    if members.contains_key("Records") {
        return Ok(());
    }
    let lists: Vec<&Json<'_>> = LISTS.iter().filter_map(|name| members.get(*name)).collect();
    if !lists.is_empty() {
        let before = reading.facts.len();
        for list in &lists {
            found(**list, None, DEEPEST, reading)?;
        }
        let is_list = lists.iter().any(|list| list.is_array());
        if is_list && (reading.facts.len() > before || members.contains_key("Workloads")) {
            reading.is(KIND);
            reading.facts.push(Fact::WorkloadsListed);
        }
        return Ok(());
    }
    if own_arn(members).is_some() && members.values().any(is_role_member) || is_our_form(members) {
        found(value, None, DEEPEST, reading)?;
    }
    Ok(())
}

fn is_our_form(members: &Members<'_>) -> bool {
    own_arn(members).is_some() && members.get("Role").and_then(Json::string).is_some()
}

/// Looks for objects with a role, and tells them by the nearest ARN above or beside it.
fn found(
    value: Json<'_>,
    above: Option<&str>,
    depth: usize,
    reading: &mut Reading,
) -> Result<(), InputError> {
    if depth == 0 {
        return Ok(());
    }
    for element in value.elements()? {
        found(element, above, depth - 1, reading)?;
    }
    if !value.is_object() {
        return Ok(());
    }
    let members = value.members()?;
    let own = own_arn(&members).or_else(|| stack(&members)).or_else(|| above.map(str::to_owned));
    let own = own.or_else(|| glue(&members));
    let mut roles = roles(&members);
    roles.dedup();
    match &own {
        Some(arn) if !roles.is_empty() => {
            for role in roles {
                add(arn, role, &members, reading)?;
            }
        }
        _ => {
            for member in members.values() {
                found(*member, own.as_deref(), depth - 1, reading)?;
            }
        }
    }
    Ok(())
}

/// Every member that is the ARN of a role, or our own member `Role`.
fn roles(members: &Members<'_>) -> Vec<String> {
    let named = members.iter().filter_map(|(name, value)| {
        let text = value.string()?;
        let fits = is_role(&text) || is_instance_profile(&text) || (name == "Role" && !text.is_empty());
        fits.then_some(text)
    });
    named.collect()
}

/// Stacks have an id that is their ARN.
fn stack(members: &Members<'_>) -> Option<String> {
    members.get("StackId")?.string().filter(|id| id.starts_with("arn:"))
}

/// Jobs of AWS Glue tell a name and no ARN.
fn glue(members: &Members<'_>) -> Option<String> {
    let name = members.get("Name")?.string()?;
    members.contains_key("Command").then(|| format!("arn:aws:glue:::job/{name}"))
}

fn add(arn: &str, role: String, members: &Members<'_>, reading: &mut Reading) -> Result<(), InputError> {
    reading.is(KIND);
    let account = account_of(arn).or_else(|| account_of(&role));
    reading.told.extend(account);
    let kind = ["ResourceType", "Type"].iter().find_map(|name| members.get(*name)?.string());
    let kind = kind.filter(|kind| kind.starts_with("AWS::")).unwrap_or_else(|| kind_of(arn));
    let public = members.get("Public").map(Json::read::<Option<bool>>).transpose()?.flatten();
    reading.facts.push(Fact::Workload(WorkloadPart {
        arn: arn.to_owned(),
        kind,
        account,
        role,
        public,
        tags: tags(members)?,
    }));
    Ok(())
}

/// Tags as a list of keys and values, or as a map.
fn tags(members: &Members<'_>) -> Result<Vec<(String, String)>, InputError> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "tags")]
    enum Form {
        List(Vec<Pair>),
        Map(BTreeMap<String, String>),
        Other(serde::de::IgnoredAny),
    }
    #[derive(Deserialize)]
    struct Pair {
        #[serde(alias = "Key")]
        key: String,
        #[serde(alias = "Value", default)]
        value: String,
    }
    let Some(tags) = members.get("Tags").or_else(|| members.get("tags")) else { return Ok(Vec::new()) };
    Ok(match tags.read::<Form>()? {
        Form::List(pairs) => pairs.into_iter().map(|pair| (pair.key, pair.value)).collect(),
        Form::Map(map) => map.into_iter().collect(),
        Form::Other(_) => Vec::new(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reservation {
    owner_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    instance_id: String,
    iam_instance_profile: Option<Profile>,
    public_ip_address: Option<String>,
    placement: Option<Placement>,
    state: Option<State>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placement {
    availability_zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    name: Option<String>,
}

/// The answer of `aws ec2 describe-instances`: instances name a profile, which names the role.
fn instances(reservations: Json<'_>, reading: &mut Reading) -> Result<(), InputError> {
    reading.is(KIND);
    reading.facts.push(Fact::WorkloadsListed);
    for reservation in reservations.elements()? {
        let owner: Reservation = reservation.read()?;
        let Some(instances) = reservation.members()?.get("Instances").copied() else { continue };
        for value in instances.elements()? {
            let instance: Instance = value.read()?;
            let is_gone =
                instance.state.and_then(|state| state.name).is_some_and(|state| state == "terminated");
            let Some(profile) = instance.iam_instance_profile.filter(|_| !is_gone) else { continue };
            let account = account_of(&profile.arn);
            let zone = instance.placement.and_then(|it| it.availability_zone).unwrap_or_default();
            let region = zone.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
            let partition = profile.arn.split(':').nth(1).unwrap_or("aws");
            let owner = owner.owner_id.clone().or(account.map(|id| id.to_string())).unwrap_or_default();
            reading.told.extend(account);
            reading.facts.push(Fact::Workload(WorkloadPart {
                arn: format!("arn:{partition}:ec2:{region}:{owner}:instance/{}", instance.instance_id),
                kind: "AWS::EC2::Instance".to_owned(),
                account,
                role: profile.arn,
                public: Some(instance.public_ip_address.is_some()),
                tags: tags(&value.members()?)?,
            }));
        }
    }
    Ok(())
}
