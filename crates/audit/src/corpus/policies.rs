//! The policies of a corpus: documents in the file, named ones, files beside it, and AWS's own.

use super::Reader;
use super::fields::Findings;
use base::json::{JsonNode, JsonValue, Style};
use base::{Diagnostic, Partition, Severity, Span};
use policy::{CompiledPolicy, Document, PolicyKind, PolicyLabel, PolicySet};
use std::collections::HashMap;
use std::sync::Arc;

/// Every policy of the file that was read so far.
pub(super) struct Policies<'a, 'r> {
    /// What the file names under `policies`.
    named: Vec<(&'a str, &'a JsonNode)>,
    /// Documents by where they come from.
    documents: HashMap<String, Option<Arc<Document>>>,
    files: &'a mut Reader<'r>,
}

/// Where a policy is to serve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// The member it stands in, as in `scps[0][1]`.
    pub(super) part: &'p str,
    pub(super) kind: PolicyKind,
}

impl<'a, 'r> Policies<'a, 'r> {
    pub(super) fn new(
        named: Option<&'a JsonNode>,
        files: &'a mut Reader<'r>,
        findings: &mut Findings,
    ) -> Self {
        let members = named.and_then(JsonNode::as_object);
        if let (Some(node), None) = (named, members) {
            findings.push(
                node.span,
                format!("`policies` must be an object of names and policies, not {}", node.kind()),
            );
        }
        let named = members.into_iter().flatten().map(|member| (&*member.key, &member.value)).collect();
        Self { named, documents: HashMap::new(), files }
    }

    /// Reads every named policy, so that a broken one is told even if no test uses it.
    pub(super) fn check_named(&mut self, findings: &mut Findings) {
        for (name, node) in self.named.clone() {
            let _ = self.named_document(name, node, findings);
        }
    }

    /// A list of policies; a lone one is a list of one.
    pub(super) fn set(
        &mut self,
        node: &JsonNode,
        place: Place<'_>,
        findings: &mut Findings,
    ) -> Arc<PolicySet> {
        let one;
        let elements = match node.as_array() {
            Some(elements) => elements,
            None => {
                one = [node.clone()];
                &one
            }
        };
        let policies = elements.iter().enumerate().filter_map(|(number, element)| {
            let part = format!("{}[{number}]", place.part);
            self.policy(element, Place { part: &part, ..place }, findings)
        });
        Arc::new(policies.collect())
    }

    /// One policy: a document, the name of one, the path of a file, or the ARN of one that AWS manages.
    pub(super) fn policy(
        &mut self,
        node: &JsonNode,
        place: Place<'_>,
        findings: &mut Findings,
    ) -> Option<Arc<CompiledPolicy>> {
        let (document, label) = match &node.value {
            JsonValue::Object(_) => {
                // The layer tells its kind; where it stands tells which it is.
                let label = PolicyLabel::new(shown(place.kind, PolicyKind::Inline), "the test", place.part);
                (self.inline(node, place.part, findings)?, label)
            }
            JsonValue::String(text) => {
                let label = PolicyLabel::new(shown(place.kind, PolicyKind::Managed), text, text);
                (self.referred(text, node.span, findings)?, label)
            }
            _ => {
                let message = format!(
                    "`{}` must be a policy, the name of one or the path of a file, not {}",
                    place.part,
                    node.kind()
                );
                findings.push(node.span, message);
                return None;
            }
        };
        Some(Arc::new(CompiledPolicy::compile(document, label)))
    }

    /// A policy that a text refers to.
    fn referred(&mut self, text: &str, span: Span, findings: &mut Findings) -> Option<Arc<Document>> {
        if let Some((name, node)) = self.named.iter().find(|(name, _)| *name == text).copied() {
            return self.named_document(name, node, findings);
        }
        if let Some(known) = self.documents.get(text) {
            return known.clone();
        }
        let document = match managed(text) {
            Some(content) => self.read(&content, span, &format!("the policy `{text}`"), findings),
            None => match (self.files)(text) {
                Ok(content) => self.read(&content, span, &format!("the file `{text}`"), findings),
                Err(reason) => {
                    findings.push_with_help(
                        span,
                        format!("there is no policy `{text}`: {reason}"),
                        self.near(text),
                    );
                    None
                }
            },
        };
        self.documents.insert(text.to_owned(), document.clone());
        document
    }

    fn named_document(
        &mut self,
        name: &str,
        node: &JsonNode,
        findings: &mut Findings,
    ) -> Option<Arc<Document>> {
        let key = format!("policies.{name}");
        if let Some(known) = self.documents.get(&key) {
            return known.clone();
        }
        let document = match &node.value {
            JsonValue::Object(_) => self.inline(node, &key, findings),
            JsonValue::String(text) if managed(text).is_some() || !self.is_named(text) => {
                self.referred(text, node.span, findings)
            }
            _ => {
                findings.push(
                    node.span,
                    format!("`{key}` must be a policy or the path of a file, not {}", node.kind()),
                );
                None
            }
        };
        self.documents.insert(key, document.clone());
        document
    }

    fn is_named(&self, text: &str) -> bool {
        self.named.iter().any(|(name, _)| *name == text)
    }

    fn near(&self, text: &str) -> Option<String> {
        if text.contains(['/', '.']) || self.named.is_empty() {
            return None;
        }
        let names: Vec<String> = self.named.iter().map(|(name, _)| (*name).to_owned()).collect();
        Some(format!("`policies` of the file names {}", names.join(", ")))
    }

    /// A document that stands in the file.
    fn inline(&mut self, node: &JsonNode, what: &str, findings: &mut Findings) -> Option<Arc<Document>> {
        let key = format!("inline {}", node.span.start);
        if let Some(known) = self.documents.get(&key) {
            return known.clone();
        }
        let document = self.read(&node.print(Style::Pretty), node.span, &format!("`{what}`"), findings);
        self.documents.insert(key, document.clone());
        document
    }

    /// What cannot be read whole might deny, so no test is run with it.
    fn read(&self, text: &str, span: Span, what: &str, findings: &mut Findings) -> Option<Arc<Document>> {
        let (document, diagnostics) = Document::parse_tolerant(text);
        let lost = diagnostics.iter().find(|found| is_loss(found));
        if let Some(lost) = lost {
            let at = base::span::position(text, lost.span.start);
            let help = lost.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
            let help = format!("at {}:{}{help}", at.line, at.column);
            findings.push_with_help(span, format!("{what} cannot be read: {}", lost.message), Some(help));
            return None;
        }
        if document.is_none() {
            findings.push(span, format!("{what} is no policy"));
        }
        document.map(Arc::new)
    }
}

/// The kind that explanations name: of identity policies whether they stand in the file.
fn shown(layer: PolicyKind, identity: PolicyKind) -> PolicyKind {
    if layer == PolicyKind::Managed { identity } else { layer }
}

/// The text of a policy that AWS manages.
fn managed(arn: &str) -> Option<String> {
    let partition = Partition::by_id(arn.split(':').nth(1)?)?;
    let policy = model::managed::by_arn(&arn.replacen(partition.id(), "aws", 1))?;
    arn.contains(":iam::aws:policy/").then(|| policy.document_in(partition))
}

/// Whether part of the policy was left out. A statement with an unknown operator was read: it never matches.
fn is_loss(found: &Diagnostic) -> bool {
    found.severity == Severity::Error && !matches!(&*found.code, "INVALID_OPERATOR" | "MISSING_STATEMENT")
}
