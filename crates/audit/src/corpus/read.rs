//! From the text of a file to its tests.

use super::expect::{self, Expectation};
use super::fields::{Fields, Findings, scalar, texts};
use super::policies::{Place, Policies};
use super::{Case, Corpus, CorpusError, Form, Reader, Test};
use crate::explain::{Brought, Question};
use crate::yaml::{self, Tags};
use base::json::{Json, JsonNode, JsonValue, Limits};
use base::span::LineIndex;
use base::{Diagnostic, Span};
use policy::{PolicyKind, PolicySet};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Bytes of a file.
const LONGEST: usize = 8 << 20;
/// Cases of a file.
const MOST_CASES: usize = 100_000;

const OF_FILE: [&str; 7] = ["$schema", "description", "export", "account", "policies", "defaults", "tests"];
const OF_TEST: [&str; 18] = [
    "name",
    "description",
    "tags",
    "principal",
    "principal_type",
    "issuer",
    "management_account",
    "action",
    "resource",
    "resource_account",
    "context",
    "identity_policies",
    "boundary",
    "session_policies",
    "resource_policy",
    "endpoint_policy",
    "scps",
    "rcps",
];
/// What a test has beside [`OF_TEST`].
const LAST_OF_TEST: [&str; 2] = ["options", "expect"];
/// What only a test itself can say.
const NOT_IN_DEFAULTS: [&str; 3] = ["name", "description", "tags"];
const OPTIONS: [&str; 2] = ["wildcard_only_action", "aws_managed_key"];

pub(super) fn read(text: &str, form: Form, files: &mut Reader<'_>) -> Result<Corpus, CorpusError> {
    let fail = |found: Diagnostic| CorpusError { diagnostics: vec![found] };
    let tree = tree(text, form).map_err(fail)?;
    let mut findings = Findings::default();
    for twice in &tree.duplicates {
        findings.push(*twice, format!("`{}` stands twice", twice.of(text).trim_matches('"')));
    }
    let corpus = corpus(&tree.root, text, files, &mut findings);
    match corpus {
        Some(corpus) if findings.is_empty() => Ok(corpus),
        _ => Err(CorpusError { diagnostics: findings.into_diagnostics() }),
    }
}

fn tree(text: &str, form: Form) -> Result<Json, Diagnostic> {
    if text.len() > LONGEST {
        return Err(Diagnostic::error("SYNTAX", Span::default(), "the file is larger than 8 MiB"));
    }
    match form {
        Form::Yaml => yaml::parse(text, Tags::Refused),
        Form::Json => Json::parse(text, Limits { size: LONGEST, depth: 32 })
            .map_err(|error| Diagnostic::error("SYNTAX", error.span, error.message)),
    }
}

fn corpus(root: &JsonNode, text: &str, files: &mut Reader<'_>, findings: &mut Findings) -> Option<Corpus> {
    let fields = Fields::of(root, "the file", &OF_FILE, findings)?;
    let owned = |(text, _): (&str, Span)| text.to_owned();
    let exports: Vec<String> =
        fields.texts("export", findings).unwrap_or_default().into_iter().map(owned).collect();
    let mut policies = Policies::new(fields.get("policies"), files, findings);
    policies.check_named(findings);
    let known: Vec<&'static str> = members().collect();
    let known_defaults: Vec<&'static str> =
        members().filter(|name| !NOT_IN_DEFAULTS.contains(name)).collect();
    let defaults = fields.get("defaults");
    let defaults = defaults.and_then(|node| Fields::of(node, "`defaults`", &known_defaults, findings));
    let mut reading =
        Reading { policies, defaults, lines: LineIndex::new(text), text, names: HashMap::new(), cases: 0 };
    let description = fields.text("description", findings).map(str::to_owned);
    let account = fields.account("account", findings);
    let Some(nodes) = fields.get("tests") else {
        findings.push(Span { end: root.span.start, ..root.span }, "the file has no `tests`");
        return None;
    };
    let nodes = fields.list("tests", findings).or_else(|| nodes.as_array())?;
    let mut tests = Vec::new();
    for node in nodes {
        let Some(fields) = Fields::of(node, "a test", &known, findings) else { continue };
        tests.extend(reading.test(fields, findings));
        if reading.cases > MOST_CASES {
            findings.push(node.span, format!("the file has more than {MOST_CASES} cases"));
            break;
        }
    }
    Some(Corpus { description, exports, account, tests })
}

fn members() -> impl Iterator<Item = &'static str> {
    OF_TEST.into_iter().chain(LAST_OF_TEST)
}

struct Reading<'a, 'r> {
    policies: Policies<'a, 'r>,
    defaults: Option<Fields<'a>>,
    lines: LineIndex,
    text: &'a str,
    names: HashMap<&'a str, u32>,
    cases: usize,
}

impl<'a> Reading<'a, '_> {
    fn test(&mut self, fields: Fields<'a>, findings: &mut Findings) -> Option<Test> {
        let name = self.name(fields, findings);
        let tags = fields.texts("tags", findings).unwrap_or_default();
        let expected = self.expected(fields, findings);
        let questions = self.questions(fields, findings);
        let brought = self.brought(fields, findings);
        let (name, expected, questions) = (name?, expected?, questions?);
        self.cases += questions.len();
        let cases = questions.into_iter().map(|question| Case {
            question,
            brought: brought.clone(),
            expected: expected.clone(),
        });
        Some(Test {
            name: name.to_owned(),
            tags: tags.into_iter().map(|(tag, _)| tag.to_owned()).collect(),
            place: self.lines.position(self.text, fields.span().start),
            cases: cases.collect(),
        })
    }

    fn name(&mut self, fields: Fields<'a>, findings: &mut Findings) -> Option<&'a str> {
        let Some(node) = fields.get("name") else {
            let start = fields.span().start;
            findings.push(Span { start, end: start }, "the test has no `name`");
            return None;
        };
        let name = fields.text("name", findings)?;
        if name.trim().is_empty() {
            findings.push(node.span, "the name is empty");
        }
        let line = self.lines.position(self.text, node.span.start).line;
        if let Some(before) = self.names.insert(name, line) {
            findings.push(node.span, format!("the test in line {before} is called `{name}`, too"));
        }
        Some(name)
    }

    /// The test's own member, else that of the defaults; one that the test has as `null` is not there.
    fn member(&self, fields: Fields<'a>, key: &str) -> Option<(&'a JsonNode, Fields<'a>)> {
        if fields.has(key) {
            return fields.get(key).map(|node| (node, fields));
        }
        self.defaults.and_then(|defaults| Some((defaults.get(key)?, defaults)))
    }

    fn expected(&self, fields: Fields<'a>, findings: &mut Findings) -> Option<Expectation> {
        let Some((node, _)) = self.member(fields, "expect") else {
            self.missing(fields, "expect", findings);
            return None;
        };
        expect::read(node, findings)
    }

    fn missing(&self, fields: Fields<'a>, key: &str, findings: &mut Findings) {
        let start = fields.span().start;
        findings.push(
            Span { start, end: start },
            format!("the test has no `{key}`, and neither have `defaults`"),
        );
    }

    /// A question for each principal, action and resource.
    fn questions(&self, fields: Fields<'a>, findings: &mut Findings) -> Option<Vec<Question>> {
        let mut list = |key: &str, default: Option<&'static str>| match (self.member(fields, key), default) {
            (Some((node, _)), _) => Some(texts(node, key, findings)),
            (None, Some(default)) => Some(vec![(default, Span::default())]),
            (None, None) => {
                self.missing(fields, key, findings);
                None
            }
        };
        let principals = list("principal", None);
        let actions = list("action", None);
        let resources = list("resource", Some("*"));
        let context = self.context(fields, findings);
        let owner = self.member(fields, "resource_account");
        let owner = owner.and_then(|(_, fields)| fields.account("resource_account", findings));
        let (principals, actions, resources) = (principals?, actions?, resources?);
        if principals.len().saturating_mul(actions.len()).saturating_mul(resources.len()) > MOST_CASES {
            findings.push(fields.span(), format!("the test has more than {MOST_CASES} cases"));
            return None;
        }
        let mut questions = Vec::new();
        for (principal, _) in &principals {
            for (action, span) in &actions {
                check_action(action, *span, findings);
                for (resource, _) in &resources {
                    questions.push(Question {
                        context: context.clone(),
                        resource_account: owner,
                        ..Question::new(*principal, *action, *resource)
                    });
                }
            }
        }
        Some(questions)
    }

    /// The keys of the defaults, and over them those of the test.
    fn context(&self, fields: Fields<'a>, findings: &mut Findings) -> BTreeMap<String, Vec<String>> {
        let mut context = BTreeMap::new();
        let given = [self.defaults.and_then(|defaults| defaults.get("context")), fields.get("context")];
        for node in given.into_iter().flatten() {
            let Some(members) = node.as_object() else {
                findings.push(
                    node.span,
                    format!("`context` must be an object of condition keys, not {}", node.kind()),
                );
                continue;
            };
            for member in members {
                context.retain(|key: &String, _| !key.eq_ignore_ascii_case(&member.key));
                context.insert(member.key.to_string(), values(&member.value, findings));
            }
        }
        context
    }

    /// Layers and options.
    fn brought(&mut self, fields: Fields<'a>, findings: &mut Findings) -> Brought {
        let mut brought = Brought::default();
        brought.identity = self.layer(fields, "identity_policies", PolicyKind::Managed, findings);
        brought.boundary = self.layer(fields, "boundary", PolicyKind::Boundary, findings);
        brought.session = self.layer(fields, "session_policies", PolicyKind::Session, findings);
        brought.session = brought.session.filter(|set| !set.is_empty());
        brought.resource = self.layer(fields, "resource_policy", PolicyKind::Resource, findings);
        brought.endpoint = self.layer(fields, "endpoint_policy", PolicyKind::Endpoint, findings);
        brought.scps = self.levels(fields, "scps", PolicyKind::Scp, findings);
        brought.rcps = self.levels(fields, "rcps", PolicyKind::Rcp, findings);
        let owned = |text: &str| text.to_owned();
        let kind = self.member(fields, "principal_type");
        brought.principal_type =
            kind.and_then(|(_, fields)| fields.text("principal_type", findings)).map(owned);
        let issuer = self.member(fields, "issuer");
        brought.issuer = issuer.and_then(|(_, fields)| fields.text("issuer", findings)).map(owned);
        let management = self.member(fields, "management_account");
        brought.management_account = management
            .and_then(|(_, fields)| fields.flag("management_account", findings))
            .unwrap_or_default();
        if let Some((node, _)) = self.member(fields, "options")
            && let Some(options) = Fields::of(node, "`options`", &OPTIONS, findings)
        {
            brought.wildcard_only = options.flag("wildcard_only_action", findings);
            brought.aws_managed_key = options.flag("aws_managed_key", findings).unwrap_or_default();
        }
        brought
    }

    fn layer(
        &mut self,
        fields: Fields<'a>,
        part: &str,
        kind: PolicyKind,
        findings: &mut Findings,
    ) -> Option<Arc<PolicySet>> {
        let (node, _) = self.member(fields, part)?;
        let place = Place { part, kind };
        if part.ends_with("policies") {
            return Some(self.policies.set(node, place, findings));
        }
        self.policies.policy(node, place, findings).map(|policy| Arc::new(PolicySet::from(policy)))
    }

    /// A list for each level of the organization.
    fn levels(
        &mut self,
        fields: Fields<'a>,
        part: &str,
        kind: PolicyKind,
        findings: &mut Findings,
    ) -> Vec<Arc<PolicySet>> {
        let Some((_, holder)) = self.member(fields, part) else { return Vec::new() };
        let levels = holder.list(part, findings).unwrap_or_default();
        let levels = levels.iter().enumerate().map(|(number, level)| {
            if level.as_array().is_none() {
                let message = format!("`{part}` is a list of levels, root first, each a list of policies");
                findings.push(level.span, message);
            }
            let part = format!("{part}[{number}]");
            self.policies.set(level, Place { part: &part, kind }, findings)
        });
        levels.collect()
    }
}

/// The values of a condition key; `null` and an empty list say that the request does not have it.
fn values(node: &JsonNode, findings: &mut Findings) -> Vec<String> {
    let elements = match &node.value {
        JsonValue::Null => return Vec::new(),
        JsonValue::Array(elements) => elements.iter().collect(),
        _ => vec![node],
    };
    let mut values = Vec::new();
    for element in elements {
        match scalar(element) {
            Some(value) => values.push(value.to_owned()),
            None => {
                let message = "a condition key has a text, a number, true, false, or a list of them";
                findings.push(element.span, message);
            }
        }
    }
    values
}

fn check_action(action: &str, span: Span, findings: &mut Findings) {
    let plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "*?:".contains(c));
    if !action.split_once(':').is_some_and(|(service, name)| plain(service) && plain(name)) {
        let help = Some("write it as SERVICE:ACTION without wildcards; for several, write a list".to_owned());
        findings.push_with_help(span, format!("`{action}` is no action"), help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_schema_has_the_same_members() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../../docs/policy-tests.schema.json")).unwrap();
        let keys = |value: &serde_json::Value| -> BTreeSet<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        let set = |names: &mut dyn Iterator<Item = &'static str>| names.map(str::to_owned).collect();
        let properties = &schema["properties"];
        let of_test = &properties["tests"]["items"]["properties"];
        let of_defaults = members().filter(|name| !NOT_IN_DEFAULTS.contains(name));
        for (written, read) in [
            (keys(properties), set(&mut OF_FILE.into_iter())),
            (keys(of_test), set(&mut members())),
            (keys(&properties["defaults"]["properties"]), set(&mut of_defaults.into_iter())),
            (keys(&of_test["options"]["properties"]), set(&mut OPTIONS.into_iter())),
        ] {
            assert_eq!(written, read);
        }
    }
}
