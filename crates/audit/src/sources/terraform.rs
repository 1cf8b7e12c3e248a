//! Terraform's plans and states as JSON, and its configuration in JSON.
//!
//! See <https://developer.hashicorp.com/terraform/internals/json-format>. A plan has two sides: how the resources are
//! before, and how they are to become.

mod attributes;
mod shadows;

use super::holder::{Held, Holder, held};
use super::permission::Permission;
use super::{BoundaryOf, Found, Place, Side, SourceForm, What, document};
use attributes::{ATTRIBUTES, PERMISSION};
use base::json::{JsonNode, JsonValue, Style};
use shadows::Shadows;
use std::borrow::Cow;
use std::collections::HashMap;

/// Whether Terraform wrote this, or reads it.
pub(super) fn is_any(file: &str, root: &JsonNode) -> bool {
    let has = |key: &str| root.get(key).is_some();
    let is_shown = has("format_version")
        && ["planned_values", "resource_changes", "prior_state", "values"].iter().any(|key| has(key));
    is_shown || is_state_file(root) || is_configuration(file, root)
}

/// A state as Terraform keeps it.
fn is_state_file(root: &JsonNode) -> bool {
    ["version", "terraform_version", "lineage"].iter().all(|key| root.get(key).is_some())
}

fn is_configuration(file: &str, root: &JsonNode) -> bool {
    file.ends_with(".tf.json") && root.as_object().is_some()
}

/// Searches all resources.
pub(super) fn search(root: &JsonNode, found: &mut Found) {
    found.form = SourceForm::Terraform;
    let mut search = Search {
        configuration: root.get("configuration"),
        is_source: false,
        arns: HashMap::new(),
        shadows: Shadows::default(),
        found,
    };
    let changes = root.get("resource_changes").and_then(JsonNode::as_array);
    match changes {
        Some(changes) => changes.iter().for_each(|change| search.change(change)),
        None if root.get("planned_values").is_some() => {
            search.module(root.get("prior_state").and_then(|state| state.get("values")), Side::Before);
            search.module(root.get("planned_values"), Side::After);
        }
        None if is_state_file(root) => search.state_file(root),
        // A plan of nothing has no changes.
        None if root.get("prior_state").is_some() => {
            search.module(root.get("prior_state").and_then(|state| state.get("values")), Side::Only);
        }
        None if root.get("values").is_some() => search.module(root.get("values"), Side::Only),
        None => search.configuration(root),
    }
    search.finish();
}

/// A resource on one side.
struct Resource<'a> {
    address: String,
    kind: &'a str,
    values: &'a JsonNode,
    /// Where it has `true`, the value is not known yet.
    unknown: Option<&'a JsonNode>,
    side: Side,
}

struct Search<'a, 'f> {
    configuration: Option<&'a JsonNode>,
    /// Whether strings may have expressions in them.
    is_source: bool,
    /// The addresses of managed policies by their ARNs.
    arns: HashMap<&'a str, String>,
    shadows: Shadows<'a>,
    found: &'f mut Found,
}

fn text<'a>(node: &'a JsonNode, key: &str) -> Option<&'a str> {
    node.get(key).and_then(JsonNode::as_str)
}

fn elements<'a>(node: Option<&'a JsonNode>, key: &str) -> &'a [JsonNode] {
    node.and_then(|node| node.get(key)?.as_array()).unwrap_or_default()
}

impl<'a> Search<'a, '_> {
    /// What a plan says of a resource.
    fn change(&mut self, change: &'a JsonNode) {
        let Some((mut address, kind)) = managed(change) else { return };
        if let Some(deposed) = text(change, "deposed") {
            address = format!("{address} (deposed {deposed})");
        }
        let Some(sides) = change.get("change") else { return };
        let is_forgotten =
            elements(Some(sides), "actions").iter().any(|action| action.as_str() == Some("forget"));
        if is_forgotten && is_of_interest(kind) {
            self.found.note(format!("`{address}` is only forgotten: it stays as it is, but not in the plan"));
        }
        for (key, side) in [("before", Side::Before), ("after", Side::After)] {
            let Some(values) = sides.get(key) else { continue };
            let unknown = if side == Side::After { sides.get("after_unknown") } else { None };
            self.resource(&Resource { address: address.clone(), kind, values, unknown, side });
        }
    }

    /// `values` or `planned_values`.
    fn module(&mut self, values: Option<&'a JsonNode>, side: Side) {
        let Some(module) = values.and_then(|values| values.get("root_module")) else { return };
        let mut modules = vec![module];
        while let Some(module) = modules.pop() {
            for resource in elements(Some(module), "resources") {
                let (Some((address, kind)), Some(values)) = (managed(resource), resource.get("values"))
                else {
                    continue;
                };
                self.resource(&Resource { address, kind, values, unknown: None, side });
            }
            modules.extend(elements(Some(module), "child_modules").iter().rev());
        }
    }

    /// `terraform.tfstate`.
    fn state_file(&mut self, root: &'a JsonNode) {
        for resource in elements(Some(root), "resources") {
            let (Some("managed"), Some(kind), Some(name)) =
                (text(resource, "mode"), text(resource, "type"), text(resource, "name"))
            else {
                continue;
            };
            let module = text(resource, "module").map(|module| format!("{module}.")).unwrap_or_default();
            for instance in elements(Some(resource), "instances") {
                let index = match instance.get("index_key").map(|key| &key.value) {
                    Some(JsonValue::Number(number)) => format!("[{number}]"),
                    Some(JsonValue::String(key)) => format!("[{}]", base::json::quote(key)),
                    _ => String::new(),
                };
                let deposed =
                    text(instance, "deposed").map(|key| format!(" (deposed {key})")).unwrap_or_default();
                let Some(values) = instance.get("attributes") else { continue };
                let address = format!("{module}{kind}.{name}{index}{deposed}");
                self.resource(&Resource { address, kind, values, unknown: None, side: Side::Only });
            }
        }
    }

    /// `main.tf.json`.
    fn configuration(&mut self, root: &'a JsonNode) {
        self.is_source = true;
        let blocks = |node: Option<&'a JsonNode>| -> Vec<&'a JsonNode> {
            match node.map(|node| (node, &node.value)) {
                Some((_, JsonValue::Array(blocks))) => blocks.iter().collect(),
                Some((block, _)) => vec![block],
                None => Vec::new(),
            }
        };
        for types in blocks(root.get("resource")) {
            for of_type in types.as_object().unwrap_or_default() {
                for names in blocks(Some(&of_type.value)) {
                    for of_name in names.as_object().unwrap_or_default() {
                        for values in blocks(Some(&of_name.value)) {
                            let address = format!("{}.{}", of_type.key, of_name.key);
                            let kind = &*of_type.key;
                            let side = Side::Only;
                            self.resource(&Resource { address, kind, values, unknown: None, side });
                        }
                    }
                }
            }
        }
        if root.get("module").is_some() {
            self.found
                .note("the modules that the configuration calls are not read; a plan has them".to_owned());
        }
    }

    fn resource(&mut self, resource: &Resource<'a>) {
        if resource.values.as_object().is_none() {
            return;
        }
        if resource.kind == PERMISSION {
            self.permission(resource);
        }
        if let Some(arn) = text(resource.values, "arn").filter(|_| resource.kind == "aws_iam_policy") {
            self.arns.insert(arn, resource.address.clone());
        }
        self.shadows.set_by(resource);
        for holder in ATTRIBUTES.iter().filter(|holder| holder.resource == resource.kind) {
            for member in held(resource.values, resource.unknown, holder.path) {
                self.member(resource, holder, &member);
            }
        }
        self.boundary(resource);
    }

    fn boundary(&mut self, resource: &Resource<'a>) {
        let address = &resource.address;
        let told = text(resource.values, "permissions_boundary").filter(|text| !text.is_empty());
        let is_unknown =
            resource.unknown.and_then(|unknown| unknown.get("permissions_boundary")).is_some_and(is_true);
        let policy = match told {
            Some(arn) => Some(arn.to_owned()),
            None if is_unknown => self.referred(address, "permissions_boundary"),
            None => return,
        };
        match policy {
            Some(policy) => {
                let boundary = BoundaryOf { principal: address.clone(), policy, side: resource.side };
                self.found.boundaries.push(boundary);
            }
            None => {
                self.found
                    .note(format!("the permissions boundary of `{address}` is known only after the apply"));
            }
        }
    }

    /// The managed policy of the same module whose ARN an attribute has.
    fn referred(&self, address: &str, attribute: &str) -> Option<String> {
        let attribute = configured(self.configuration?.get("root_module")?, address)?
            .get("expressions")?
            .get(attribute)?;
        let [reference, ..] = elements(Some(attribute), "references") else { return None };
        let policy = reference.as_str()?.strip_suffix(".arn")?;
        let (module, _) = address.split_at_checked(address.rfind("aws_iam_")?)?;
        policy.starts_with("aws_iam_policy.").then(|| format!("{module}{policy}"))
    }

    fn member(&mut self, resource: &Resource<'a>, holder: &Holder, member: &Held<'a>) {
        let Some(value) = member.value else { return self.unknown(resource, holder) };
        let Some(what) = what(holder, resource.values) else { return };
        let name = match holder.label(member) {
            Some(label) => format!("{}: {label}", resource.address),
            None => resource.address.clone(),
        };
        let place = Place::decoded(value.span).on(resource.side);
        match &value.value {
            JsonValue::String(text) if text.trim().is_empty() => {}
            JsonValue::String(text) => match self.evaluated(text) {
                Some(text) => {
                    if attributes::aws_default(resource.kind, holder.path).is_some()
                        && self.configuration.is_none_or(|_| self.leaves_out(&resource.address, holder.path))
                    {
                        self.shadows.shown_by(resource, self.found.policies.len(), member.within);
                    }
                    self.found.add(place, Some(name), document::plain(&text).into_owned(), Some(what));
                }
                None => {
                    let path = holder.path;
                    self.found.note(format!("`{path}` of `{name}` is an expression; a plan has its value"));
                }
            },
            // Nobody but a configuration has anything but strings here.
            JsonValue::Object(_) if document::is_policy(value) => {
                self.found.add(place, Some(name), value.print(Style::Pretty), Some(what));
            }
            _ => self.found.note(format!("`{}` of `{name}` is {}, not a policy", holder.path, value.kind())),
        }
    }

    /// A string of a configuration without expressions, its escapes resolved.
    fn evaluated<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if !self.is_source {
            return Some(Cow::Borrowed(text));
        }
        let plain = text.replace("$${", "").replace("%%{", "");
        let has_expression = plain.contains("${") || plain.contains("%{");
        (!has_expression).then(|| Cow::Owned(text.replace("$${", "${").replace("%%{", "%{")))
    }

    fn unknown(&mut self, resource: &Resource<'_>, holder: &Holder) {
        let address = &resource.address;
        if let Some(default) = attributes::aws_default(resource.kind, holder.path)
            && self.leaves_out(address, holder.path)
        {
            if let Some(default) = default {
                self.found.note(format!("`{address}` tells no policy, and gets AWS's own: {default}"));
            }
            return;
        }
        let path = holder.path;
        self.found
            .note(format!("`{path}` of `{address}` is known only after the apply, and is not looked at"));
    }

    /// Whether the configuration does not set an attribute, so that AWS chooses its value.
    fn leaves_out(&self, address: &str, path: &str) -> bool {
        let attribute = path.split(['.', '[']).next().unwrap_or_default();
        let resource = self.configuration.and_then(|root| configured(root.get("root_module")?, address));
        resource
            .is_some_and(|resource| resource.get("expressions").and_then(|all| all.get(attribute)).is_none())
    }

    /// The region of the provider, where the configuration says it.
    fn region(&self) -> Option<&'a str> {
        let provider = self.configuration?.get("provider_config")?.get("aws")?;
        provider.get("expressions")?.get("region")?.get("constant_value")?.as_str()
    }

    fn permission(&mut self, resource: &Resource<'a>) {
        let values = resource.values;
        let address = &resource.address;
        let is_unknown =
            |key: &&&str| resource.unknown.and_then(|unknown| unknown.get(key)).is_some_and(is_true);
        if let Some(key) = attributes::PERMISSION_PARTS.iter().find(is_unknown) {
            return self.found.note(format!(
                "`{key}` of `{address}` is known only after the apply, and the permission is not looked at"
            ));
        }
        let part = |key: &str| text(values, key).filter(|text| !text.is_empty());
        let is_expression = |key: &&&str| part(key).is_some_and(|text| self.evaluated(text).is_none());
        if let Some(key) = attributes::PERMISSION_PARTS.iter().find(is_expression) {
            return self.found.note(format!("`{key}` of `{address}` is an expression; a plan has its value"));
        }
        let via = match values.get("invoked_via_function_url").map(|node| &node.value) {
            Some(JsonValue::Bool(true)) => Some("true"),
            _ => None,
        };
        let permission = Permission {
            id: part("statement_id"),
            action: part("action"),
            function: part("function_name"),
            qualifier: part("qualifier"),
            principal: part("principal"),
            organization: part("principal_org_id"),
            source_account: part("source_account"),
            source_arn: part("source_arn"),
            event_source_token: part("event_source_token"),
            function_url_auth_type: part("function_url_auth_type"),
            invoked_via_function_url: via,
        };
        let region = part("region").or_else(|| self.region()).unwrap_or("us-east-1");
        let home = ("aws", region, super::template::ACCOUNT);
        let place = Place::decoded(values.span).on(resource.side);
        let what =
            What { kind: policy::DocumentKind::Resource, resource_type: Some("AWS::Lambda::Function") };
        match permission.document(home) {
            Some(document) => {
                self.found.add(place, Some(address.clone()), document.print(Style::Pretty), Some(what));
            }
            None => self.found.note(format!("`{address}` lacks an action, a function or a principal")),
        }
    }

    /// Tells boundaries that are policies of the same source by their addresses, and leaves out what stands twice.
    fn finish(self) {
        for boundary in &mut self.found.boundaries {
            if let Some(address) = self.arns.get(boundary.policy.as_str()) {
                boundary.policy.clone_from(address);
            }
        }
        let shadows = self.shadows.into_numbers();
        let mut number = 0;
        self.found.policies.retain(|_| {
            number += 1;
            !shadows.contains(&(number - 1))
        });
    }
}

fn is_true(node: &JsonNode) -> bool {
    node.value == JsonValue::Bool(true)
}

/// Address and type of a resource of AWS's provider; data sources hold nothing of their own.
fn managed(resource: &JsonNode) -> Option<(String, &str)> {
    let is_data = text(resource, "mode") == Some("data");
    let kind = text(resource, "type")?;
    (!is_data).then_some((text(resource, "address")?.to_owned(), kind))
}

fn is_of_interest(kind: &str) -> bool {
    kind == PERMISSION || ATTRIBUTES.iter().any(|holder| holder.resource == kind)
}

/// What a resource's document is; `None` if it is a policy that does not decide on access.
fn what(holder: &Holder, values: &JsonNode) -> Option<What> {
    if holder.resource != "aws_organizations_policy" {
        return Some(holder.what());
    }
    What::of_organization(text(values, "type").unwrap_or("SERVICE_CONTROL_POLICY"))
}

/// A resource in a module of the configuration, by the resource's address.
fn configured<'a>(module: &'a JsonNode, address: &str) -> Option<&'a JsonNode> {
    let mut module = module;
    let mut rest = address;
    while let Some(call) = rest.strip_prefix("module.") {
        let end = call.find(['.', '[']).unwrap_or(call.len());
        let (name, after) = call.split_at_checked(end)?;
        module = module.get("module_calls")?.get(name)?.get("module")?;
        rest = after_index(after)?.strip_prefix('.')?;
    }
    let plain = rest.split(['[', ' ']).next()?;
    elements(Some(module), "resources").iter().find(|it| text(it, "address") == Some(plain))
}

/// What follows an index, in which brackets may stand in a string.
fn after_index(text: &str) -> Option<&str> {
    let Some(index) = text.strip_prefix('[') else { return Some(text) };
    let mut is_string = false;
    let mut is_escaped = false;
    for (at, letter) in index.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            ']' if !is_string => return index.get(at + 1..),
            _ => {}
        }
    }
    None
}
