//! Policy documents: the text, and its elements with their places.
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

mod read;
mod strict;
mod trust;

pub(crate) use read::ELEMENTS;

use crate::operator::Operator;
use base::json::{Json, Limits, Style, quote};
use base::{Diagnostic, Span};
use std::sync::Arc;

/// Which grammar a document follows: what it is attached to decides which elements it must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A policy of a user, group or role.
    Identity,
    /// A policy of a resource.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// The policy of a VPC endpoint.
    Endpoint,
    /// A session policy given to STS.
    Session,
    /// A permissions boundary: the grammar of identity policies.
    Boundary,
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`, or no version: without variables.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What a statement does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// A string and its place, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The string, its escapes resolved.
    pub value: Box<str>,
    /// Its place in the document's text.
    pub span: Span,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListElement {
    /// Whether it is the form with `Not`.
    pub negated: bool,
    /// Key and value.
    pub span: Span,
    /// The entries; one for a single string.
    pub entries: Vec<Text>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// Key and value.
    pub span: Span,
    /// The entries; `"*"` alone reads as one entry `*` of type [`PrincipalType::Aws`], which it equals.
    pub entries: Vec<PrincipalEntry>,
}

/// One principal of a `Principal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    /// The key it stands under.
    pub kind: PrincipalType,
    /// The principal.
    pub text: Text,
}

/// The keys of a principal map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalType {
    /// `AWS`: accounts, users, roles, sessions, unique ids, `*`.
    Aws,
    /// `Service`: service principals.
    Service,
    /// `Federated`: identity providers.
    Federated,
    /// `CanonicalUser`: Amazon S3's ids of accounts.
    CanonicalUser,
}

/// One operator and key of a `Condition` element with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionElement {
    /// The operator; `None` if there is no such operator: then it never matches.
    pub operator: Option<Operator>,
    /// The operator as written.
    pub operator_text: Text,
    /// The condition key as written.
    pub key: Text,
    /// The values; one for a single value.
    pub values: Vec<ConditionValue>,
    /// Key and values.
    pub span: Span,
}

/// A value of a condition: strings, numbers and booleans are all text to the language.
pub type ConditionValue = Text;

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its place among the document's statements, from zero.
    pub index: usize,
    /// From `{` to `}`.
    pub span: Span,
    /// `Sid`.
    pub sid: Option<Text>,
    /// `Effect`.
    pub effect: Effect,
    /// The place of the value of `Effect`.
    pub effect_span: Span,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub action: ListElement,
    /// `Resource` or `NotResource`.
    pub resource: Option<ListElement>,
    /// `Condition`: every operator and key, all of which must hold.
    pub conditions: Vec<ConditionElement>,
}

/// A policy document that was read. It owns its text; spans refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    text: Arc<str>,
    version: Version,
    id: Option<Text>,
    statements: Vec<Statement>,
}

/// The document is not what IAM would store: `MalformedPolicyDocument`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Malformed {
    /// The message as AWS words it.
    pub message: String,
    /// What is wrong, and where; the first is what the message speaks of.
    pub diagnostics: Vec<Diagnostic>,
}

impl Malformed {
    /// The message, followed by line and column and what is wrong there; `text` is the document's.
    pub fn render(&self, text: &str) -> String {
        match self.diagnostics.first() {
            Some(first) => format!("{} ({})", self.message, first.render(text)),
            None => self.message.clone(),
        }
    }
}

/// Policies are small: this is what is read at most, far above every quota.
pub(crate) const LIMITS: Limits = Limits { size: 1 << 20, depth: 16 };

impl Document {
    /// Reads `text` as IAM does at write time, refusing what it refuses.
    ///
    /// Sizes are not judged: quotas belong to what the policy is attached to; see [`Document::counted_size`].
    pub fn parse_strict(text: &str, kind: DocumentKind) -> Result<Document, Malformed> {
        strict::parse(text, kind)
    }

    /// Reads what stands in exports and repositories. There is no document only if `text` is not JSON or holds no
    /// statements; statements that cannot be read are left out, each with an error among the diagnostics.
    ///
    /// ```
    /// # use bailiwick_policy::*;
    /// let text = r#"{"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"},
    ///     {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}"#;
    /// let (document, diagnostics) = Document::parse_tolerant(text);
    /// assert_eq!(document.unwrap().statements().len(), 1);
    /// assert_eq!(diagnostics[0].render(text),
    ///     "1:27: error: `Effect` is `allow` (write `Allow` or `Deny`: the effect is case-sensitive)");
    /// ```
    pub fn parse_tolerant(text: &str) -> (Option<Document>, Vec<Diagnostic>) {
        let reading = read::read(text);
        let diagnostics = reading.problems.into_iter().map(|problem| problem.diagnostic).collect();
        (reading.document, diagnostics)
    }

    /// The text that was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, to share.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The version of the language.
    pub fn version(&self) -> Version {
        self.version
    }

    /// `Id`.
    pub fn id(&self) -> Option<&Text> {
        self.id.as_ref()
    }

    /// The statements, in order of the text.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The size as IAM counts it against its quotas: characters that are not white space.
    pub fn counted_size(&self) -> usize {
        counted_size(&self.text)
    }

    /// The size as it is counted against the quotas of this kind of document: AWS Organizations counts white space,
    /// IAM and STS do not.
    pub fn size_as(&self, kind: DocumentKind) -> usize {
        match kind {
            DocumentKind::Scp | DocumentKind::Rcp => self.text.chars().count(),
            _ => self.counted_size(),
        }
    }

    /// The entries of all `Principal` and `NotPrincipal` elements.
    pub fn principals(&self) -> impl Iterator<Item = &PrincipalEntry> {
        self.statements.iter().filter_map(|statement| statement.principal.as_ref()).flat_map(|p| &p.entries)
    }

    /// The document's text with principals under `AWS` replaced: where `rewrite` returns a text for an entry, it
    /// stands instead; everything else stays as it is, byte for byte.
    ///
    /// IAM stores ARNs of users and roles as their unique ids and shows them as ARNs while these exist.
    pub fn rewrite_principals(&self, rewrite: &mut dyn FnMut(&str) -> Option<String>) -> String {
        let mut replacements: Vec<(Span, String)> = self
            .principals()
            .filter(|entry| entry.kind == PrincipalType::Aws)
            .filter_map(|entry| Some((entry.text.span, rewrite(&entry.text.value)?)))
            .collect();
        replacements.sort_by_key(|(span, _)| *span);
        let mut out = String::with_capacity(self.text.len());
        let mut copied = 0;
        for (span, replacement) in replacements {
            out.push_str(self.text.get(copied..span.start as usize).unwrap_or_default());
            out.push_str(&quote(&replacement));
            copied = span.end as usize;
        }
        out.push_str(self.text.get(copied..).unwrap_or_default());
        out
    }

    /// Writes the document in a layout, keeping its order of elements.
    ///
    /// ```
    /// # use bailiwick_policy::*;
    /// # use base::json::Style;
    /// let text = r#"{ "Statement":[ {"Resource":"*", "Effect":"Deny","Action":"*"} ], "Version":"2012-10-17" }"#;
    /// let document = Document::parse_strict(text, DocumentKind::Identity)?;
    /// assert_eq!(document.print(Style::Compact),
    ///     r#"{"Statement":[{"Resource":"*","Effect":"Deny","Action":"*"}],"Version":"2012-10-17"}"#);
    /// # Ok::<(), Malformed>(())
    /// ```
    pub fn print(&self, style: Style) -> String {
        match Json::parse(&self.text, LIMITS) {
            Ok(json) => json.print(style),
            // The text was read when the document was made.
            Err(_) => self.text.to_string(),
        }
    }
}

/// Characters of `text` that are not white space: how IAM counts a policy's size.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
pub fn counted_size(text: &str) -> usize {
    text.chars().filter(|letter| !letter.is_whitespace()).count()
}
