//! The policies in a text: the text itself, or documents in what AWS's APIs answer.

use base::Span;
use base::json::{Json, JsonNode, JsonValue, Limits, Member};
use policy::DocumentKind;
use policy::validate::{Finding, ResourceKind, ValidateOptions, detect};
use std::borrow::Cow;
use std::path::PathBuf;
use wire::percent::decode_plain;

/// Exports are large and no deeper than this.
const LIMITS: Limits = Limits { size: 64 << 20, depth: 40 };

/// A file with its policies.
#[derive(Debug)]
pub(crate) struct Source {
    /// As it was named.
    pub(crate) name: String,
    /// Where it is; standard input is nowhere.
    pub(crate) path: Option<PathBuf>,
    pub(crate) text: String,
    pub(crate) policies: Vec<LintedPolicy>,
    /// How many of AWS's own policies were passed over.
    pub(crate) skipped: usize,
}

/// A policy and what is to be said of it.
#[derive(Debug)]
pub(crate) struct LintedPolicy {
    /// Whose it is and what it is called, among several of a file.
    pub(crate) name: Option<String>,
    /// The document.
    pub(crate) text: String,
    /// Where it stands in the file.
    pub(crate) place: Span,
    /// Whether it stands there as it is, and not in a string.
    pub(crate) is_verbatim: bool,
    pub(crate) options: ValidateOptions,
    /// Whether the command line or the file says what it is, not only the document.
    pub(crate) is_told: bool,
    pub(crate) findings: Vec<Finding>,
}

impl Source {
    /// Finds the policies of a text. One that was found in a folder may have none; another is a policy itself if
    /// nothing else, so that it is told what is wrong with it.
    pub(crate) fn new(
        name: String,
        path: Option<PathBuf>,
        text: String,
        told: &Option<ValidateOptions>,
        is_found: bool,
    ) -> Self {
        let mut source = Self { name, path, text, policies: Vec::new(), skipped: 0 };
        let mut finder =
            Finder { told, text: &source.text, file: &source.name, policies: Vec::new(), skipped: 0 };
        match Json::parse(&source.text, LIMITS) {
            Ok(json) if is_policy(&json.root) => finder.whole(),
            Ok(json) => finder.search(&json.root, &Context::default(), 0),
            Err(_) if source.text.contains("\"Statement\"") => finder.whole(),
            Err(_) => {}
        }
        if finder.policies.is_empty() && finder.skipped == 0 && !is_found {
            finder.whole();
        }
        (source.policies, source.skipped) = (finder.policies, finder.skipped);
        source
    }
}

fn is_policy(node: &JsonNode) -> bool {
    node.get("Statement").is_some()
}

/// What surrounds a document.
#[derive(Debug, Clone, Default)]
struct Context {
    /// The user, group, role or policy.
    owner: Option<String>,
    /// The inline policy or the version.
    name: Option<String>,
}

struct Finder<'a> {
    told: &'a Option<ValidateOptions>,
    text: &'a str,
    file: &'a str,
    policies: Vec<LintedPolicy>,
    skipped: usize,
}

impl Finder<'_> {
    /// The text is a policy.
    fn whole(&mut self) {
        let span = Span::new(0, self.text.len());
        let hint = self.hint_of_name();
        self.add(None, self.text.to_owned(), span, true, hint);
    }

    fn search(&mut self, node: &JsonNode, around: &Context, depth: usize) {
        match &node.value {
            JsonValue::Array(nodes) => nodes.iter().for_each(|node| self.search(node, around, depth + 1)),
            JsonValue::Object(members) => self.search_object(node, members, around, depth),
            _ => {}
        }
    }

    fn search_object(&mut self, node: &JsonNode, members: &[Member], around: &Context, depth: usize) {
        let text = |key: &str| node.get(key).and_then(JsonNode::as_str);
        if text("Arn").is_some_and(|arn| arn.contains(":iam::aws:policy/")) {
            self.skipped += 1;
            return;
        }
        let is_old_version =
            matches!(node.get("IsDefaultVersion").map(|node| &node.value), Some(JsonValue::Bool(false)));
        if is_old_version && depth > 2 {
            return;
        }
        let mut here = around.clone();
        let own = ["UserName", "RoleName", "GroupName"].iter().find_map(|key| text(key));
        let of_policy = text("PolicyName");
        match (own, of_policy) {
            (Some(owner), _) => here.owner = Some(owner.to_owned()),
            (None, Some(policy)) if around.owner.is_none() => here.owner = Some(policy.to_owned()),
            _ => {}
        }
        here.name = of_policy.or_else(|| text("VersionId")).map(str::to_owned).or(here.name);
        for member in members {
            let hint = match &*member.key {
                "AssumeRolePolicyDocument" => Some(ValidateOptions::of_resource(ResourceKind::IamRole)),
                "PolicyDocument" | "Document" | "Policy" | "ResourcePolicy" | "policy" => None,
                "Content" => organization_kind(node),
                _ => {
                    self.search(&member.value, &here, depth + 1);
                    continue;
                }
            };
            let name = name_of(&here, &member.key);
            if !self.take(&member.value, name, hint) {
                self.search(&member.value, &here, depth + 1);
            }
        }
    }

    /// Takes a document, if it is one.
    fn take(&mut self, node: &JsonNode, name: Option<String>, hint: Option<ValidateOptions>) -> bool {
        match &node.value {
            JsonValue::Object(_) if is_policy(node) => {
                let text = node.span.of(self.text).to_owned();
                self.add(name, text, node.span, true, hint);
                true
            }
            JsonValue::String(text) => {
                let decoded = if text.trim_start().starts_with('%') {
                    decode_plain(text.as_bytes()).ok()
                } else {
                    None
                };
                let document = decoded.map_or_else(|| text.to_string(), Cow::into_owned);
                let is_document =
                    document.trim_start().starts_with('{') && document.contains("\"Statement\"");
                if is_document {
                    self.add(name, document, node.span, false, hint);
                }
                is_document
            }
            _ => false,
        }
    }

    fn add(
        &mut self,
        name: Option<String>,
        text: String,
        place: Span,
        is_verbatim: bool,
        hint: Option<ValidateOptions>,
    ) {
        let (options, is_told) = match (self.told, hint) {
            (Some(told), _) => (*told, true),
            (None, Some(hint)) => (hint, true),
            (None, None) => {
                let found = detect(&text);
                (ValidateOptions { kind: found.kind, resource_kind: found.resource_kind }, false)
            }
        };
        self.policies.push(LintedPolicy {
            name,
            text,
            place,
            is_verbatim,
            options,
            is_told,
            findings: Vec::new(),
        });
    }

    /// SCPs look like identity policies, and RCPs like policies of resources: the file's name may tell.
    fn hint_of_name(&self) -> Option<ValidateOptions> {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let has =
            |word: &str| name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == word);
        let kind = match () {
            () if has("scp") || has("scps") => DocumentKind::Scp,
            () if has("rcp") || has("rcps") => DocumentKind::Rcp,
            () if has("boundary") => DocumentKind::Boundary,
            () => return None,
        };
        Some(ValidateOptions::new(kind))
    }
}

/// What `describe-policy` of Organizations says of its document.
fn organization_kind(node: &JsonNode) -> Option<ValidateOptions> {
    let kind = match node.get("PolicySummary")?.get("Type")?.as_str()? {
        "SERVICE_CONTROL_POLICY" => DocumentKind::Scp,
        "RESOURCE_CONTROL_POLICY" => DocumentKind::Rcp,
        _ => return None,
    };
    Some(ValidateOptions::new(kind))
}

fn name_of(around: &Context, key: &str) -> Option<String> {
    let what = if key == "AssumeRolePolicyDocument" { Some("trust policy") } else { around.name.as_deref() };
    match (&around.owner, what) {
        (Some(owner), Some(what)) if owner != what => Some(format!("{owner}: {what}")),
        (Some(name), _) => Some(name.clone()),
        (None, what) => what.map(str::to_owned),
    }
}
