//! What a simulation is given: policies as texts, the caller, resources, context entries.

use super::invalid;
use crate::call::Call;
use base::{AccountId, ArnRef, Severity};
use policy::{CompiledPolicy, ContextMap, Document, PolicyKind, PolicyLabel, PolicySet, Principal};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{ContextEntry, OrderedOrganizationPolicyType};

/// Policies of one layer.
pub(super) type Documents = Vec<Arc<CompiledPolicy>>;

/// A simulation's request, as it came.
pub(super) struct Scene {
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) resource_policy: Option<String>,
    pub(super) resource_owner: Option<String>,
    pub(super) caller: Option<String>,
    /// Whether only users can be the caller where there is a resource policy.
    pub(super) only_users: bool,
    pub(super) context: Vec<ContextEntry>,
    pub(super) handling: Option<String>,
}

/// The same, understood.
pub(super) struct Read {
    pub(super) actions: Vec<String>,
    /// Empty: no resources were named.
    pub(super) resources: Vec<String>,
    pub(super) resource: PolicySet,
    /// Whether the resource layer is a policy of the request; else it stands for none.
    pub(super) has_resource_policy: bool,
    pub(super) owner: AccountId,
    pub(super) principal: Principal,
    pub(super) context: ContextMap,
}

impl Scene {
    pub(super) fn read(self, call: &Call) -> Result<Read, Fault> {
        for action in &self.actions {
            check_action(action)?;
        }
        for resource in &self.resources {
            if resource != "*" && ArnRef::parse(resource).is_none() {
                return Err(invalid(format!("Invalid resource: {resource} must be in ARN format or \"*\".")));
            }
        }
        check_handling(self.handling.as_deref(), &self.resources)?;
        let principal = caller(call, &self)?;
        let home = principal.account().unwrap_or_else(|| call.account_id());
        let owner = self.resource_owner.as_deref().map(account_of).transpose()?;
        let has_resource_policy = self.resource_policy.is_some();
        let resource = match &self.resource_policy {
            Some(text) => document("ResourcePolicy", text, PolicyKind::Resource)?,
            None => document("ResourcePolicy", &delegating_to(home), PolicyKind::Resource)?,
        };
        Ok(Read {
            context: context(&self.context)?,
            // `*` alone is what no resources at all are.
            resources: if self.resources == ["*"] { Vec::new() } else { self.resources },
            actions: self.actions,
            resource: resource.into(),
            has_resource_policy,
            owner: owner.unwrap_or(home),
            principal,
        })
    }
}

/// Leaves the decision to the caller's own policies, also for roles and keys: AWS's simulator does not look for the
/// policies of resources that are not given.
fn delegating_to(account: AccountId) -> String {
    format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"*","Resource":"*"}}}}"#
    )
}

/// The policies of `PolicyInputList`.
pub(super) fn identity(texts: &[String]) -> Result<Documents, Fault> {
    list("PolicyInputList", texts, PolicyKind::Inline)
}

/// The boundary, of which there can be one.
pub(super) fn boundary(texts: Option<&[String]>) -> Result<Option<PolicySet>, Fault> {
    let texts = texts.unwrap_or_default();
    if texts.len() > 1 {
        return Err(invalid("Only one permissions boundary policy can be simulated."));
    }
    let documents = list("PermissionsBoundaryPolicyInputList", texts, PolicyKind::Boundary)?;
    Ok((!documents.is_empty()).then(|| PolicySet::new(documents)))
}

/// The SCPs of each level, the root first.
pub(super) fn organization(levels: &[OrderedOrganizationPolicyType]) -> Result<Vec<Arc<PolicySet>>, Fault> {
    let read = |(place, level): (usize, &OrderedOrganizationPolicyType)| {
        let name = format!("OrderedOrganizationPolicyInputList.{}.ServiceControlPolicyInputList", place + 1);
        let texts = level.service_control_policy_input_list.as_deref().unwrap_or_default();
        list(&name, texts, PolicyKind::Scp).map(|documents| Arc::new(PolicySet::new(documents)))
    };
    levels.iter().enumerate().map(read).collect()
}

fn list(name: &str, texts: &[String], kind: PolicyKind) -> Result<Documents, Fault> {
    let texts = texts.iter().enumerate();
    texts.map(|(place, text)| document(&format!("{name}.{}", place + 1), text, kind)).collect()
}

/// Reads a policy. Whatever cannot be read makes the simulation worthless, so that it is refused.
fn document(name: &str, text: &str, kind: PolicyKind) -> Result<Arc<CompiledPolicy>, Fault> {
    let (document, diagnostics) = Document::parse_tolerant(text);
    let error = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    match (document, error) {
        (Some(document), None) => {
            Ok(Arc::new(CompiledPolicy::compile(Arc::new(document), PolicyLabel::new(kind, "", name))))
        }
        (_, Some(error)) => Err(invalid(format!("Invalid policy {name}: {}", error.render(text)))),
        (None, None) => Err(invalid(format!("Invalid policy {name}."))),
    }
}

fn check_action(action: &str) -> Result<(), Fault> {
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || "*?:".contains(letter))
    };
    match action.split_once(':') {
        Some((service, name)) if plain(service) && plain(name) => Ok(()),
        _ => Err(invalid(format!(
            "Invalid action name: {action} must be in the form service:operation, without wildcards."
        ))),
    }
}

/// The kinds of EC2 resources that each scenario demands.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>.
fn check_handling(option: Option<&str>, resources: &[String]) -> Result<(), Fault> {
    let Some(option) = option else { return Ok(()) };
    let (subnet, volume) = match option {
        "EC2-VPC-InstanceStore" => (false, false),
        "EC2-VPC-InstanceStore-Subnet" => (true, false),
        "EC2-VPC-EBS" => (false, true),
        "EC2-VPC-EBS-Subnet" => (true, true),
        _ => return Err(invalid(format!("Invalid ResourceHandlingOption: {option}."))),
    };
    let mut demanded = vec!["instance", "image", "security-group", "network-interface"];
    demanded.extend(subnet.then_some("subnet"));
    demanded.extend(volume.then_some("volume"));
    let named = |kind: &str| {
        let parts = resources.iter().filter_map(|resource| ArnRef::parse(resource));
        let mut kinds = parts.filter(|arn| arn.service == "ec2").filter_map(|arn| arn.typed_resource());
        kinds.any(|(found, _)| found == kind)
    };
    match demanded.into_iter().find(|kind| !named(kind)) {
        Some(missing) => Err(invalid(format!("The scenario {option} needs a resource of type {missing}."))),
        None => Ok(()),
    }
}

/// The simulated caller: a user, or a session of a role; a group stands for one of its users.
fn caller(call: &Call, scene: &Scene) -> Result<Principal, Fault> {
    let Some(arn) = &scene.caller else {
        if scene.resource_policy.is_some() {
            return Err(invalid("CallerArn must be provided when ResourcePolicy is specified."));
        }
        return somebody(call.partition.id(), call.account_id());
    };
    let bad = || invalid(format!("Invalid CallerArn: {arn} is not the ARN of an IAM user, group or role."));
    let parts = ArnRef::parse(arn).filter(|parts| parts.service == "iam").ok_or_else(bad)?;
    let (kind, _) = parts.typed_resource().ok_or_else(bad)?;
    if scene.resource_policy.is_some() && (kind == "group" || scene.only_users && kind != "user") {
        return Err(invalid("CallerArn must be the ARN of an IAM user when ResourcePolicy is specified."));
    }
    match kind {
        "user" => Principal::user(arn).map_err(|_| bad()),
        "role" => Principal::role_session(arn, "simulation").map_err(|_| bad()),
        "group" => somebody(parts.partition, AccountId::parse(parts.account).map_err(|_| bad())?),
        _ => Err(bad()),
    }
}

fn somebody(partition: &str, account: AccountId) -> Result<Principal, Fault> {
    Principal::user(&format!("arn:{partition}:iam::{account}:user/simulation")).map_err(|_| Fault::internal())
}

/// The account that `ResourceOwner` names by the ARN of its root user, or by its id.
fn account_of(owner: &str) -> Result<AccountId, Fault> {
    let id = match ArnRef::parse(owner) {
        Some(arn) if arn.service == "iam" && arn.resource == "root" => arn.account,
        Some(_) => "",
        None => owner,
    };
    AccountId::parse(id)
        .map_err(|_| invalid(format!("Invalid ResourceOwner: {owner} is not the ARN of an account.")))
}

/// The context entries. A key without a value, or with an empty one, is not in the simulated request.
fn context(entries: &[ContextEntry]) -> Result<ContextMap, Fault> {
    let mut context = ContextMap::new();
    for entry in entries {
        let name = entry.context_key_name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| invalid("A context entry must have a ContextKeyName."))?;
        let kind = entry.context_key_type.as_deref().unwrap_or("string");
        let values = entry.context_key_values.as_deref().unwrap_or_default();
        let values: Vec<&str> = values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
        for value in &values {
            check_value(name, kind, value)?;
        }
        match values.as_slice() {
            [] => {}
            [value] if !kind.ends_with("List") => context.insert(name, *value),
            _ if kind.ends_with("List") => context.insert_many(name, values),
            _ => return Err(invalid(format!("The context key {name} of type {kind} takes one value."))),
        }
    }
    Ok(context)
}

fn check_value(name: &str, kind: &str, value: &str) -> Result<(), Fault> {
    let fits = match kind.trim_end_matches("List") {
        "numeric" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
        "ip" => value.split('/').next().is_some_and(|address| address.parse::<std::net::IpAddr>().is_ok()),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(invalid(format!("Invalid value of the context key {name}: {value} is not {kind}.")))
    }
}
