//! A document as the checks see it: every element that is there, whether or not the statement around it is whole.

use crate::document::{Effect, PrincipalType};
use crate::operator::Operator;
use base::Span;
use base::json::{Json, JsonNode, JsonValue, Member};

/// A string and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// A policy.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    pub(super) text: &'a str,
    pub(super) root: &'a JsonNode,
    /// The element `Statement`.
    pub(super) statement: Option<&'a JsonNode>,
    pub(super) statements: Vec<Statement<'a>>,
    /// Whether `${…}` is a variable in this version.
    pub(super) variables: bool,
}

/// A statement.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) node: &'a JsonNode,
    pub(super) effect: Option<Effect>,
    pub(super) sid: Option<Entry<'a>>,
    /// `Action` or `NotAction`, whichever comes first.
    pub(super) actions: Option<List<'a>>,
    /// `Resource` or `NotResource`.
    pub(super) resources: Option<List<'a>>,
    /// `Principal` or `NotPrincipal`.
    pub(super) principals: Option<Principals<'a>>,
    pub(super) conditions: Vec<Condition<'a>>,
}

/// A list of strings, or one string.
#[derive(Debug)]
pub(super) struct List<'a> {
    /// Whether it is the form with `Not`.
    pub(super) negated: bool,
    pub(super) member: &'a Member,
    pub(super) entries: Vec<Entry<'a>>,
}

/// A `Principal` element.
#[derive(Debug)]
pub(super) struct Principals<'a> {
    pub(super) negated: bool,
    pub(super) member: &'a Member,
    /// `"*"`, not an object.
    pub(super) is_star: bool,
    /// With their keys; `"*"` alone is one of `AWS`.
    pub(super) entries: Vec<PrincipalEntry<'a>>,
}

/// One principal.
#[derive(Debug, Clone, Copy)]
pub(super) struct PrincipalEntry<'a> {
    pub(super) kind: PrincipalType,
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// An operator and a key with its values.
#[derive(Debug)]
pub(super) struct Condition<'a> {
    /// The operator's member: its value are the keys.
    pub(super) operators: &'a Member,
    pub(super) operator: Option<Operator>,
    /// The key's member.
    pub(super) member: &'a Member,
    pub(super) values: Vec<Value<'a>>,
}

/// A value of a condition: text, number or boolean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
    pub(super) node: &'a JsonNode,
}

impl<'a> Policy<'a> {
    pub(super) fn read(text: &'a str, json: &'a Json) -> Self {
        let root = &json.root;
        let statement = root.get("Statement");
        let nodes = match statement.map(|node| &node.value) {
            Some(JsonValue::Array(nodes)) => nodes.as_slice(),
            Some(JsonValue::Object(_)) => statement.map(std::slice::from_ref).unwrap_or_default(),
            _ => &[],
        };
        let variables = root.get("Version").and_then(JsonNode::as_str) == Some("2012-10-17");
        let statements = nodes.iter().filter_map(Statement::read).collect();
        Self { text, root, statement, statements, variables }
    }

    /// All conditions, each with its statement.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&Statement<'a>, &Condition<'a>)> {
        self.statements
            .iter()
            .flat_map(|statement| statement.conditions.iter().map(move |condition| (statement, condition)))
    }
}

impl<'a> Statement<'a> {
    fn read(node: &'a JsonNode) -> Option<Self> {
        let members = node.as_object()?;
        let text = |name: &str| {
            let node = node.get(name)?;
            node.as_str().map(|text| Entry { text, span: node.span })
        };
        let effect = match text("Effect").map(|entry| entry.text) {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            _ => None,
        };
        let either = |plain: &str, negated: &str| {
            let member = members.iter().find(|member| *member.key == *plain || *member.key == *negated)?;
            Some((member, *member.key == *negated))
        };
        Some(Self {
            node,
            effect,
            sid: text("Sid"),
            actions: either("Action", "NotAction").map(List::read),
            resources: either("Resource", "NotResource").map(List::read),
            principals: either("Principal", "NotPrincipal").map(Principals::read),
            conditions: node.get("Condition").map(read_conditions).unwrap_or_default(),
        })
    }

    pub(super) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    pub(super) fn denies(&self) -> bool {
        self.effect == Some(Effect::Deny)
    }

    /// The entries of `Action`; none if it is `NotAction`.
    pub(super) fn plain_actions(&self) -> &[Entry<'a>] {
        self.actions.as_ref().filter(|list| !list.negated).map_or(&[], |list| &list.entries)
    }

    /// The entries of `Principal`; none if it is `NotPrincipal`.
    pub(super) fn plain_principals(&self) -> &[PrincipalEntry<'a>] {
        self.principals.as_ref().filter(|list| !list.negated).map_or(&[], |list| &list.entries)
    }

    /// Whether some condition asks for this key.
    pub(super) fn asks_for(&self, key: &str) -> bool {
        self.conditions.iter().any(|condition| condition.is_on(key))
    }

    pub(super) fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }
}

impl<'a> List<'a> {
    fn read((member, negated): (&'a Member, bool)) -> Self {
        let text = |node: &'a JsonNode| node.as_str().map(|text| Entry { text, span: node.span });
        Self { negated, member, entries: nodes(&member.value).iter().filter_map(text).collect() }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.member.key
    }
}

impl<'a> Principals<'a> {
    fn read((member, negated): (&'a Member, bool)) -> Self {
        let mut entries = Vec::new();
        let mut is_star = false;
        match &member.value.value {
            JsonValue::String(text) if **text == *"*" => {
                is_star = true;
                entries.push(PrincipalEntry { kind: PrincipalType::Aws, text, span: member.value.span });
            }
            JsonValue::Object(keys) => {
                for key in keys {
                    let Some(kind) = principal_type(&key.key) else { continue };
                    let texts = nodes(&key.value).iter().filter_map(|node| Some((scalar(node)?, node.span)));
                    entries.extend(texts.map(|(text, span)| PrincipalEntry { kind, text, span }));
                }
            }
            _ => {}
        }
        Self { negated, member, is_star, entries }
    }

    pub(super) fn span(&self) -> Span {
        self.member.key_span.to(self.member.value.span)
    }
}

impl Condition<'_> {
    pub(super) fn key(&self) -> &str {
        &self.member.key
    }

    pub(super) fn key_span(&self) -> Span {
        self.member.key_span
    }

    pub(super) fn is_on(&self, key: &str) -> bool {
        self.member.key.eq_ignore_ascii_case(key)
    }

    /// The key's name before its slash, in lower case: `aws:resourcetag` of `aws:ResourceTag/team`.
    pub(super) fn family(&self) -> String {
        self.member.key.split('/').next().unwrap_or_default().to_ascii_lowercase()
    }
}

/// What an object's `AWS`, `Service` and so on mean.
pub(super) fn principal_type(key: &str) -> Option<PrincipalType> {
    Some(match key {
        "AWS" => PrincipalType::Aws,
        "Service" => PrincipalType::Service,
        "Federated" => PrincipalType::Federated,
        "CanonicalUser" => PrincipalType::CanonicalUser,
        _ => return None,
    })
}

/// The elements of an array, or the value itself.
pub(super) fn nodes(node: &JsonNode) -> &[JsonNode] {
    match &node.value {
        JsonValue::Array(nodes) => nodes,
        _ => std::slice::from_ref(node),
    }
}

fn scalar(node: &JsonNode) -> Option<&str> {
    match &node.value {
        JsonValue::String(text) | JsonValue::Number(text) => Some(text),
        JsonValue::Bool(true) => Some("true"),
        JsonValue::Bool(false) => Some("false"),
        JsonValue::Null | JsonValue::Array(_) | JsonValue::Object(_) => None,
    }
}

fn read_conditions(node: &JsonNode) -> Vec<Condition<'_>> {
    let mut conditions = Vec::new();
    for operators in node.as_object().unwrap_or_default() {
        for member in operators.value.as_object().unwrap_or_default() {
            let value = |node| Some(Value { text: scalar(node)?, span: node.span, node });
            conditions.push(Condition {
                operators,
                operator: Operator::parse(&operators.key),
                member,
                values: nodes(&member.value).iter().filter_map(value).collect(),
            });
        }
    }
    conditions
}
