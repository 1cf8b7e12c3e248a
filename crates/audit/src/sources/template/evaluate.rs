//! The functions of a template, as far as they can be evaluated without a stack.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.
//! Parameters have their defaults, conditions hold unless it is said that they do not, and what only a stack knows is
//! stood for by a name that nothing else in the template has, which is noted.

use super::ACCOUNT;
use super::names::{self, Naming, PARTITION, REGION, STACK};
use base::json::{JsonNode, JsonValue, Member, Style};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Values that are made at most, and bytes of text: functions can double their arguments again and again.
const VALUES: usize = 1 << 20;
const BYTES: usize = 16 << 20;
/// Names that are made of names that are made of names …
const NAMES: usize = 8;

/// Evaluates the values of one template.
pub(super) struct Evaluator<'a> {
    template: &'a JsonNode,
    resources: HashMap<&'a str, &'a JsonNode>,
    /// What had to be assumed.
    pub(super) notes: BTreeSet<String>,
    /// What stands for values that are not known.
    pub(super) stand_ins: BTreeSet<String>,
    /// Conditions of which it is said whether they hold.
    pub(super) conditions: BTreeMap<String, bool>,
    /// The conditions that were asked of, in order.
    pub(super) asked: Vec<String>,
    values: usize,
    bytes: usize,
    /// How many names are being made.
    naming: usize,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(template: &'a JsonNode) -> Self {
        let resources = template.get("Resources").and_then(JsonNode::as_object).unwrap_or_default();
        Self {
            template,
            resources: resources.iter().map(|member| (&*member.key, &member.value)).collect(),
            notes: BTreeSet::new(),
            stand_ins: BTreeSet::new(),
            conditions: BTreeMap::new(),
            asked: Vec::new(),
            values: 0,
            bytes: 0,
            naming: 0,
        }
    }

    /// The value that CloudFormation would make of this one; `None` if it is left out.
    pub(super) fn value(&mut self, node: &JsonNode) -> Option<JsonNode> {
        self.values += 1;
        if self.values > VALUES || self.bytes > BYTES {
            self.notes
                .insert("the functions of the template make too much of it; the rest is left out".to_owned());
            return None;
        }
        let value = match &node.value {
            JsonValue::Object(members) => match members.as_slice() {
                [only] if is_function(&only.key) => return self.function(node, &only.key, &only.value),
                _ => JsonValue::Object(self.members(members)),
            },
            JsonValue::Array(elements) => {
                JsonValue::Array(elements.iter().filter_map(|element| self.value(element)).collect())
            }
            JsonValue::String(text) => {
                self.bytes += text.len();
                if text.contains("{{resolve:") {
                    self.notes.insert(format!("`{}` is resolved only in a stack", shortened(text)));
                    self.stand_ins.insert(text.to_string());
                }
                JsonValue::String(text.clone())
            }
            // CloudFormation hands everything on as text.
            JsonValue::Number(text) => JsonValue::String(text.clone()),
            JsonValue::Bool(is) => JsonValue::String(is.to_string().into()),
            JsonValue::Null => JsonValue::Null,
        };
        Some(JsonNode { span: node.span, value })
    }

    /// The text of a value, if it has one.
    pub(super) fn text(&mut self, node: &JsonNode) -> Option<String> {
        match self.value(node)?.value {
            JsonValue::String(text) => Some(text.into_string()),
            _ => None,
        }
    }

    fn members(&mut self, members: &[Member]) -> Vec<Member> {
        let mut out = Vec::with_capacity(members.len());
        for member in members {
            if let Some(value) = self.value(&member.value) {
                out.push(Member { key: member.key.clone(), key_span: member.key_span, value });
            }
        }
        out
    }

    fn function(&mut self, node: &JsonNode, name: &str, argument: &JsonNode) -> Option<JsonNode> {
        let text = |text: String| JsonNode { span: node.span, value: JsonValue::String(text.into()) };
        let at = |value: JsonNode| JsonNode { span: node.span, ..value };
        match name {
            "Ref" => return self.reference(argument.as_str()?).map(at),
            "Fn::Sub" => return self.substitute(argument).map(text),
            "Fn::GetAtt" => return self.attribute(argument).map(text),
            "Fn::If" => return self.choice(argument).map(at),
            _ => {}
        }
        let argument = self.value(argument)?;
        let list = argument.as_array().unwrap_or_default();
        let done = match name {
            "Fn::Join" => joined(list).map(text),
            "Fn::Select" => selected(list).map(at),
            "Fn::Split" => split(list, node),
            "Fn::FindInMap" => self.mapped(list).map(at),
            "Fn::ToJsonString" => Some(text(argument.print(Style::Compact))),
            "Fn::Length" => Some(text(list.len().to_string())),
            "Fn::GetAZs" => Some(zones(node)),
            _ => None,
        };
        if done.is_none() {
            return Some(text(self.unknown(name, &argument)));
        }
        done.inspect(|done| self.charge(done))
    }

    /// Counts what a function made.
    fn charge(&mut self, node: &JsonNode) {
        self.values += 1;
        match &node.value {
            JsonValue::String(text) | JsonValue::Number(text) => self.bytes += text.len(),
            JsonValue::Array(elements) => elements.iter().for_each(|element| self.charge(element)),
            JsonValue::Object(members) => members.iter().for_each(|member| self.charge(&member.value)),
            JsonValue::Null | JsonValue::Bool(_) => {}
        }
    }

    /// What stands for something that cannot be known, the same wherever the same is asked for.
    fn unknown(&mut self, function: &str, argument: &JsonNode) -> String {
        let asked = match argument.as_str() {
            Some(text) => text.to_owned(),
            None => argument.print(Style::Compact),
        };
        let function = function.trim_start_matches("Fn::");
        let value = names::stand_in(&function.to_ascii_lowercase().replace("::", "-"), &asked, "");
        self.assume(&format!("`{function}` of `{}` is known only in a stack", shortened(&asked)), value)
    }

    /// Notes that a value stands for one that is not known.
    fn assume(&mut self, why: &str, value: String) -> String {
        self.notes.insert(format!("{why}: `{value}` stands for it"));
        self.stand_ins.insert(value.clone());
        value
    }

    /// `Ref`.
    fn reference(&mut self, name: &str) -> Option<JsonNode> {
        let span = base::Span::default();
        let text = |text: &str| Some(JsonNode { span, value: JsonValue::String(text.into()) });
        match name {
            "AWS::NoValue" => return None,
            "AWS::Partition" => return text(PARTITION),
            "AWS::AccountId" => return text(ACCOUNT),
            "AWS::Region" => return text(REGION),
            "AWS::URLSuffix" => return text("amazonaws.com"),
            "AWS::StackName" => return text(STACK),
            "AWS::StackId" => {
                return text(&format!("arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1"));
            }
            "AWS::NotificationARNs" => return Some(JsonNode { span, value: JsonValue::Array(Vec::new()) }),
            _ => {}
        }
        if let Some(parameter) = self.template.get("Parameters").and_then(|all| all.get(name)) {
            return Some(self.parameter(name, parameter));
        }
        let Some(resource) = self.resources.get(name).copied() else {
            let why = format!("`{name}` is neither a parameter nor a resource of the template");
            return text(&self.assume(&why, name.to_owned()));
        };
        let kind = resource.get("Type").and_then(JsonNode::as_str).unwrap_or_default();
        let own_name = self.name(name, resource, kind);
        match Naming::of(kind) {
            Some(naming) => {
                let path = self.path(resource);
                text(&naming.reference(&own_name, &path))
            }
            None => text(&self.assume(&format!("`Ref` of `{name}` is known only in a stack"), own_name)),
        }
    }

    fn parameter(&mut self, name: &str, parameter: &JsonNode) -> JsonNode {
        let kind = parameter.get("Type").and_then(JsonNode::as_str).unwrap_or_default();
        let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
        // The default of such a parameter is where its value is kept.
        let is_stored = kind.starts_with("AWS::SSM::Parameter::Value");
        let default = parameter.get("Default").filter(|_| !is_stored).and_then(|node| match &node.value {
            JsonValue::String(text) | JsonValue::Number(text) => Some(text.to_string()),
            JsonValue::Bool(is) => Some(is.to_string()),
            _ => None,
        });
        let allowed = parameter.get("AllowedValues").filter(|_| !is_stored);
        let first = allowed.and_then(|all| all.as_array()?.first()?.as_str()).map(str::to_owned);
        let value = match (default, first) {
            (Some(value), _) => value,
            (None, Some(first)) => {
                self.assume(&format!("the parameter `{name}` has no default, but allowed values"), first)
            }
            (None, None) => {
                let why = if is_stored { "is read from Systems Manager" } else { "has no default" };
                let value = names::stand_in("parameter", name, kind);
                self.assume(&format!("the parameter `{name}` {why}"), value)
            }
        };
        self.bytes += value.len();
        let text = |text: &str| JsonNode { span: parameter.span, value: JsonValue::String(text.into()) };
        if is_list {
            let elements: Vec<_> = value.split(',').map(|element| text(element.trim())).collect();
            self.values += elements.len();
            JsonNode { span: parameter.span, value: JsonValue::Array(elements) }
        } else {
            text(&value)
        }
    }

    /// The physical name of a resource: the one that it is given, or one that stands for what CloudFormation makes up.
    fn name(&mut self, logical: &str, resource: &JsonNode, kind: &str) -> String {
        let property = Naming::of(kind).map(|naming| naming.name).filter(|name| !name.is_empty());
        let given = property.and_then(|name| resource.get("Properties")?.get(name));
        if let Some(name) = given.and_then(|given| self.within_name(given)) {
            return name;
        }
        if let Some(id) = names::id(kind, logical) {
            return id;
        }
        let name = format!("{STACK}-{logical}");
        // The names of buckets have no capitals.
        if kind == "AWS::S3::Bucket" { name.to_ascii_lowercase() } else { name }
    }

    /// The path of an IAM entity.
    fn path(&mut self, resource: &JsonNode) -> String {
        let path = resource.get("Properties").and_then(|properties| properties.get("Path"));
        path.and_then(|path| self.within_name(path)).unwrap_or_else(|| "/".to_owned())
    }

    /// A text that is a part of a name. Names may be made of each other, in a circle even.
    fn within_name(&mut self, node: &JsonNode) -> Option<String> {
        if self.naming >= NAMES {
            return None;
        }
        self.naming += 1;
        let text = self.text(node);
        self.naming -= 1;
        text
    }

    /// `Fn::GetAtt`.
    fn attribute(&mut self, argument: &JsonNode) -> Option<String> {
        let (logical, attribute) = match &argument.value {
            JsonValue::String(text) => {
                let (logical, attribute) = text.split_once('.')?;
                (logical.to_owned(), attribute.to_owned())
            }
            JsonValue::Array(parts) => match parts.as_slice() {
                [logical, attribute] => (logical.as_str()?.to_owned(), self.text(attribute)?),
                _ => return None,
            },
            _ => return None,
        };
        Some(self.attribute_of(&logical, &attribute))
    }

    fn attribute_of(&mut self, logical: &str, attribute: &str) -> String {
        let Some(resource) = self.resources.get(logical).copied() else {
            let why = format!("`{logical}` is no resource of the template");
            return self.assume(&why, format!("{logical}.{attribute}"));
        };
        let kind = resource.get("Type").and_then(JsonNode::as_str).unwrap_or_default();
        let name = self.name(logical, resource, kind);
        match Naming::of(kind) {
            Some(naming) if names::is_arn(attribute) => {
                let path = self.path(resource);
                return naming.arn(&name, &path);
            }
            Some(_) if names::is_name(attribute) => return name,
            _ => {}
        }
        let value = if names::is_arn(attribute) {
            names::made_up_arn(kind, &name)
        } else {
            format!("{name}-{}", attribute.replace('.', "-"))
        };
        self.assume(&format!("`{attribute}` of `{logical}` is known only in a stack"), value)
    }

    /// `Fn::If`.
    fn choice(&mut self, argument: &JsonNode) -> Option<JsonNode> {
        let parts = argument.as_array()?;
        let condition = parts.first().and_then(JsonNode::as_str).unwrap_or("a condition");
        if !self.asked.iter().any(|known| known == condition) {
            self.asked.push(condition.to_owned());
        }
        let holds = self.conditions.get(condition).copied().unwrap_or(true);
        self.value(parts.get(if holds { 1 } else { 2 })?)
    }

    /// `Fn::Sub`.
    fn substitute(&mut self, argument: &JsonNode) -> Option<String> {
        let (pattern, own) = match &argument.value {
            JsonValue::String(text) => (&**text, None),
            JsonValue::Array(parts) => (parts.first()?.as_str()?, parts.get(1)),
            _ => return None,
        };
        // Each once, however often it stands in the text.
        let own: HashMap<&str, Option<String>> = own
            .and_then(JsonNode::as_object)
            .unwrap_or_default()
            .iter()
            .map(|member| (&*member.key, self.text(&member.value)))
            .collect();
        let mut out = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            if self.bytes + out.len() > BYTES {
                self.bytes += out.len();
                return None;
            }
            let Some((inner, after)) = after.split_once('}') else {
                out.push_str("${");
                rest = after;
                continue;
            };
            rest = after;
            let inner = inner.trim();
            match (inner.strip_prefix('!'), own.get(inner)) {
                (Some(literal), _) => out.push_str(&format!("${{{literal}}}")),
                (None, Some(value)) => out.push_str(value.as_deref().unwrap_or_default()),
                (None, None) => out.push_str(&self.substituted(inner)),
            }
        }
        out.push_str(rest);
        self.bytes += out.len();
        Some(out)
    }

    fn substituted(&mut self, name: &str) -> String {
        if let Some((logical, attribute)) = name.split_once('.') {
            return self.attribute_of(logical, attribute);
        }
        let is_pseudo = name.starts_with("AWS::");
        if !is_pseudo && name.contains(':') {
            // A variable of the policy language that is not escaped; CloudFormation would refuse it.
            self.notes.insert(format!("`${{{name}}}` is to be written `${{!{name}}}` in `Fn::Sub`"));
            return format!("${{{name}}}");
        }
        match self.reference(name).map(|node| node.value) {
            Some(JsonValue::String(text)) => text.into_string(),
            Some(JsonValue::Array(elements)) => {
                let texts: Vec<_> = elements.iter().filter_map(JsonNode::as_str).collect();
                texts.join(",")
            }
            _ => String::new(),
        }
    }

    /// `Fn::FindInMap`.
    fn mapped(&self, list: &[JsonNode]) -> Option<JsonNode> {
        let mut node = self.template.get("Mappings")?;
        for key in list.iter().take(3) {
            let found = node.get(key.as_str()?);
            // A fourth argument may tell a default.
            let default = || list.get(3)?.get("DefaultValue");
            match found {
                Some(found) => node = found,
                None => return default().cloned(),
            }
        }
        (list.len() >= 3).then(|| node.clone())
    }
}

pub(super) fn is_function(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

fn joined(list: &[JsonNode]) -> Option<String> {
    let [separator, parts] = list else { return None };
    let parts: Option<Vec<&str>> = parts.as_array()?.iter().map(JsonNode::as_str).collect();
    Some(parts?.join(separator.as_str()?))
}

fn selected(list: &[JsonNode]) -> Option<JsonNode> {
    let [index, from] = list else { return None };
    let index = index.as_str()?.parse::<usize>().ok()?;
    from.as_array()?.get(index).cloned()
}

fn split(list: &[JsonNode], node: &JsonNode) -> Option<JsonNode> {
    let [separator, text] = list else { return None };
    let separator = separator.as_str().filter(|separator| !separator.is_empty())?;
    let part = |part: &str| JsonNode { span: node.span, value: JsonValue::String(part.into()) };
    let parts = text.as_str()?.split(separator).map(part).collect();
    Some(JsonNode { span: node.span, value: JsonValue::Array(parts) })
}

fn zones(node: &JsonNode) -> JsonNode {
    let zone = |letter: &str| JsonNode {
        span: node.span,
        value: JsonValue::String(format!("{REGION}{letter}").into()),
    };
    JsonNode { span: node.span, value: JsonValue::Array(["a", "b", "c"].map(zone).into()) }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
