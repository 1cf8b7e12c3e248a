//! Policies of questions: what they are, and what they allow.

use super::AskError;
use crate::decide::{Note, is_loss};
use analysis::{Access, AccessLayer, layer_of};
use policy::catalogue::Catalogue;
use policy::validate::ResourceKind;
use policy::{Document, DocumentKind, Effect};
use std::sync::{Arc, OnceLock};

/// A policy, as far as it can be read.
#[derive(Debug, Clone)]
pub struct ReadPolicy {
    /// The document.
    pub document: Arc<Document>,
    /// What it is.
    pub kind: DocumentKind,
    /// What is to be said of its text.
    pub notes: Vec<Note>,
    /// Why nothing that is shown of the document is sure: part of it cannot be read.
    pub loss: Option<String>,
}

impl ReadPolicy {
    /// Reads a document; `part` is what it is called in messages.
    ///
    /// # Errors
    /// If nothing of it can be read.
    pub fn read(part: &str, text: &str, kind: DocumentKind) -> Result<Self, AskError> {
        let (document, diagnostics) = Document::parse_tolerant(text);
        let lost = diagnostics.iter().find(|diagnostic| is_loss(diagnostic));
        let loss = lost.map(|lost| format!("`{part}` cannot be read whole: {}", lost.render(text)));
        let mut notes: Vec<_> =
            diagnostics.iter().map(|diagnostic| Note::of_policy(part, text, diagnostic)).collect();
        let Some(document) = document else {
            let message = diagnostics
                .first()
                .map_or_else(|| "it is no policy".to_owned(), |diagnostic| diagnostic.render(text));
            return Err(AskError::NoPolicy { part: part.to_owned(), message });
        };
        let policy = |notes| Self { document: Arc::new(document), kind, notes, loss };
        let read = policy(Vec::new());
        if read.is_deny_list() {
            notes.push(Note {
                part: part.to_owned(),
                severity: "note",
                code: "DENY_LIST".to_owned(),
                message: "the SCP allows nothing by itself; it is taken as attached beside `FullAWSAccess`"
                    .to_owned(),
                help: None,
                line: None,
                column: None,
            });
        }
        Ok(Self { notes, ..read })
    }

    /// What it allows by itself. An SCP that only denies is never attached alone: it has `FullAWSAccess` beside it.
    pub fn access(&self) -> Access {
        if self.is_deny_list() {
            let documents = std::iter::once(&self.document).chain(full_access()).map(Arc::clone).collect();
            return Access::layered(vec![AccessLayer::new(layer_of(self.kind), documents)]);
        }
        Access::of(Arc::clone(&self.document), self.kind)
    }

    fn is_deny_list(&self) -> bool {
        let statements = self.document.statements();
        let denies = |effect: Effect| effect == Effect::Deny;
        self.kind == DocumentKind::Scp
            && !statements.is_empty()
            && statements.iter().all(|statement| denies(statement.effect))
    }
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>
fn full_access() -> Option<&'static Arc<Document>> {
    const TEXT: &str =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    static FULL: OnceLock<Option<Arc<Document>>> = OnceLock::new();
    FULL.get_or_init(|| Document::parse_tolerant(TEXT).0.map(Arc::new)).as_ref()
}

/// The kind of policies by a name of ours, or by AWS's (`IDENTITY_POLICY`).
pub fn kind_named(name: &str) -> Option<DocumentKind> {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    Some(match name.strip_suffix("policy").unwrap_or(&name) {
        "identity" => DocumentKind::Identity,
        "resource" => DocumentKind::Resource,
        "trust" | "roletrust" | "assumerole" => DocumentKind::Trust,
        "scp" | "servicecontrol" => DocumentKind::Scp,
        "rcp" | "resourcecontrol" => DocumentKind::Rcp,
        "boundary" | "permissionsboundary" => DocumentKind::Boundary,
        "session" => DocumentKind::Session,
        "endpoint" | "vpcendpoint" => DocumentKind::Endpoint,
        _ => return None,
    })
}

/// The prefix of the service's actions for a type of resources, as CloudFormation calls it.
pub fn service_of(resource_type: &str) -> Option<String> {
    if resource_type == ResourceKind::IamRole.as_str() {
        return Some("sts".to_owned());
    }
    let mut parts = resource_type.split("::");
    let (Some("AWS"), Some(product), Some(resource)) = (parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let product = product.to_lowercase();
    let prefix = match (product.as_str(), resource) {
        ("s3", "Glacier") => "glacier",
        ("s3objectlambda", _) => "s3-object-lambda",
        ("s3outposts", _) => "s3-outposts",
        ("efs", _) => "elasticfilesystem",
        ("opensearchservice" | "elasticsearch", _) => "es",
        ("apigateway", "RestApi") => "execute-api",
        (product, _) => product,
    };
    Catalogue::get().service(prefix).map(|service| service.prefix().to_owned())
}
