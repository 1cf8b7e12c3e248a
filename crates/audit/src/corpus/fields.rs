//! Members of objects, taken one by one; what is left over is not known.

use base::json::{JsonNode, JsonValue, Member};
use base::{AccountId, Diagnostic, Span};
use policy::catalogue::nearest;

/// What is wrong with a file so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Diagnostic>);

impl Findings {
    pub(super) fn push(&mut self, span: Span, message: impl Into<String>) {
        self.0.push(Diagnostic::error("CORPUS", span, message));
    }

    pub(super) fn push_with_help(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        let found = Diagnostic::error("CORPUS", span, message);
        self.0.push(Diagnostic { help, ..found });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it, in the order of the text.
    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.0.sort_by_key(|found| found.span);
        self.0.dedup();
        self.0
    }
}

/// The members of an object that has the members `known` and no others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    node: &'a JsonNode,
    members: &'a [Member],
}

impl<'a> Fields<'a> {
    /// Looks at `node`, which is `what`; tells members that are not known.
    pub(super) fn of(
        node: &'a JsonNode,
        what: &str,
        known: &[&'static str],
        findings: &mut Findings,
    ) -> Option<Self> {
        let Some(members) = node.as_object() else {
            findings.push(node.span, format!("{what} must be an object, not {}", node.kind()));
            return None;
        };
        for member in members.iter().filter(|member| !known.contains(&&*member.key)) {
            let message = format!("{what} has no member `{}`", member.key);
            findings.push_with_help(member.key_span, message, Some(did_you_mean(&member.key, known)));
        }
        Some(Self { node, members })
    }

    /// The place of the whole object.
    pub(super) fn span(&self) -> Span {
        self.node.span
    }

    /// Whether a member is there, `null` or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.members.iter().any(|member| *member.key == *key)
    }

    /// A member that is there and not `null`.
    pub(super) fn get(&self, key: &str) -> Option<&'a JsonNode> {
        let found = self.members.iter().find(|member| *member.key == *key)?;
        (found.value.value != JsonValue::Null).then_some(&found.value)
    }

    /// A member that is a text.
    pub(super) fn text(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        text(self.get(key)?, key, findings)
    }

    /// A member that is a text or a list of texts, with their places.
    pub(super) fn texts(&self, key: &str, findings: &mut Findings) -> Option<Vec<(&'a str, Span)>> {
        Some(texts(self.get(key)?, key, findings))
    }

    /// A member that is `true` or `false`.
    pub(super) fn flag(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let node = self.get(key)?;
        match node.value {
            JsonValue::Bool(value) => Some(value),
            _ => {
                findings.push(node.span, format!("`{key}` must be true or false, not {}", node.kind()));
                None
            }
        }
    }

    /// A member that is an account's id.
    pub(super) fn account(&self, key: &str, findings: &mut Findings) -> Option<AccountId> {
        let node = self.get(key)?;
        let text = scalar(node)?;
        let account = AccountId::parse(text);
        if let Err(error) = &account {
            findings.push(node.span, error.to_string());
        }
        account.ok()
    }

    /// A member that is a list; its elements.
    pub(super) fn list(&self, key: &str, findings: &mut Findings) -> Option<&'a [JsonNode]> {
        let node = self.get(key)?;
        let elements = node.as_array();
        if elements.is_none() {
            findings.push(node.span, format!("`{key}` must be a list, not {}", node.kind()));
        }
        elements
    }
}

/// A text; a number is its own text, as account ids without quotes are.
pub(super) fn text<'a>(node: &'a JsonNode, what: &str, findings: &mut Findings) -> Option<&'a str> {
    match &node.value {
        JsonValue::String(text) | JsonValue::Number(text) => Some(text),
        _ => {
            findings.push(node.span, format!("`{what}` must be a text, not {}", node.kind()));
            None
        }
    }
}

/// A text or a list of texts.
pub(super) fn texts<'a>(node: &'a JsonNode, what: &str, findings: &mut Findings) -> Vec<(&'a str, Span)> {
    let Some(elements) = node.as_array() else {
        return text(node, what, findings).map(|text| (text, node.span)).into_iter().collect();
    };
    if elements.is_empty() {
        findings.push(node.span, format!("`{what}` is empty"));
    }
    let texts = elements.iter().filter_map(|element| Some((text(element, what, findings)?, element.span)));
    texts.collect()
}

/// Texts, numbers and booleans as text.
pub(super) fn scalar(node: &JsonNode) -> Option<&str> {
    match &node.value {
        JsonValue::String(text) | JsonValue::Number(text) => Some(text),
        JsonValue::Bool(true) => Some("true"),
        JsonValue::Bool(false) => Some("false"),
        _ => None,
    }
}

/// `did you mean …?`, or all that could be meant.
pub(super) fn did_you_mean(text: &str, known: &[&'static str]) -> String {
    let near = nearest(text, known.iter().copied());
    match near.as_slice() {
        [] => format!("there are {}", known.join(", ")),
        near => format!("did you mean `{}`?", near.join("` or `")),
    }
}
