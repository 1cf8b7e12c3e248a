//! The policies in a text: a document itself, or what other tools write with documents in it.
//!
//! [`find`] reads what AWS's command line prints, Terraform's plans and states, and CloudFormation's templates, and
//! gives every policy in them a name, a kind and a text. It says what it could not read: a document that is known only
//! after an apply, a parameter without a value.
//!
//! Nothing here opens files or runs anything: texts come in, policies go out.

mod document;
mod error;
mod holder;
mod permission;
mod printed;
mod template;
mod terraform;
mod text;
mod tree;

pub use error::SourceError;
pub use text::{MAX_BYTES, text};

use base::Span;
use base::json::{JsonNode, Style};
use policy::DocumentKind;
use policy::validate::{ResourceKind, detect};

/// So many notes are told of a source.
const MOST_NOTES: usize = 500;

/// A policy of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPolicy {
    /// What it is called: an address of Terraform, a logical id of CloudFormation, an owner and a policy's name; the
    /// file's name if there is nothing else.
    pub name: String,
    /// By what it is attached to, or else by what it says.
    pub kind: DocumentKind,
    /// Whether the source says what kind it is, and not only the document.
    pub kind_is_certain: bool,
    /// The CloudFormation name of the type of resource that it is a policy of: `AWS::S3::Bucket`; of a trust policy
    /// `AWS::IAM::AssumeRolePolicyDocument`, as Access Analyzer calls it.
    pub resource_type: Option<&'static str>,
    /// The document.
    pub text: String,
    /// On which side of a change it stands.
    pub side: Side,
    /// The name of the source.
    pub file: String,
    /// Where it stands in the source.
    pub place: Span,
    /// Whether it stands there as it is, and not in a string, in YAML or with functions to be evaluated.
    pub is_verbatim: bool,
}

/// Sources that tell of a change have two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The source tells of no change.
    Only,
    /// How it is before.
    Before,
    /// How it is to become.
    After,
}

/// A permissions boundary that a principal of the source has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundaryOf {
    /// The principal, named as its policies are.
    pub principal: String,
    /// The policy: the name of one of the same source, or else an ARN.
    pub policy: String,
    /// On which side of a change it stands.
    pub side: Side,
}

/// What a source is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SourceForm {
    /// A policy document.
    Policy,
    /// Something in which documents may stand, such as AWS's command line prints.
    #[default]
    Printed,
    /// A plan or a state of Terraform, or its configuration in JSON.
    Terraform,
    /// A template of CloudFormation.
    CloudFormation,
}

/// What was found in a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The name of the source.
    pub file: String,
    /// Its path below the folder that was named, if one was: whoever reads folders sets it.
    pub below: Option<String>,
    /// What it is.
    pub form: SourceForm,
    /// The policies, in order of the text.
    pub policies: Vec<FoundPolicy>,
    /// Permissions boundaries, as references.
    pub boundaries: Vec<BoundaryOf>,
    /// What could not be read or had to be assumed, a sentence each.
    pub notes: Vec<String>,
    /// What stands in the policies for values that the source does not tell; the notes say for which.
    pub stand_ins: Vec<String>,
    /// How many of AWS's own managed policies were passed over.
    pub skipped: usize,
}

/// Finds the policies of a text. There may be none.
///
/// # Errors
/// If the text cannot be read at all: neither JSON nor YAML, too large or too deep.
pub fn find(file: &str, text: &str) -> Result<Found, SourceError> {
    let mut found = Found { file: file.to_owned(), ..Found::default() };
    let Some(tree) = tree::read(file, text)? else {
        if let Some(document) = document::in_string(text) {
            found.form = SourceForm::Policy;
            found.add(Place::decoded(Span::new(0, text.len())), None, document, None);
        }
        return Ok(found);
    };
    let root = &tree.root;
    match template::body(root) {
        _ if document::is_policy(root) => found.add_root(text, root, tree.is_json),
        _ if terraform::is_any(file, root) => terraform::search(root, &mut found),
        Some(template::Body::Template(body)) => template::search(body, text, tree.is_json, &mut found),
        Some(template::Body::Text(body, span)) => {
            let inner = find(file, body)?;
            let moved = |policy: FoundPolicy| FoundPolicy { place: span, is_verbatim: false, ..policy };
            found = Found { policies: inner.policies.into_iter().map(moved).collect(), ..inner };
        }
        None => printed::search(root, text, &mut found),
    }
    Ok(found)
}

impl FoundPolicy {
    /// Takes a whole text for a policy, whatever it is, so that what is wrong with it can be told.
    pub fn whole(file: &str, text: &str) -> Self {
        let place = Place::verbatim(Span::new(0, text.len()));
        Self::new(file, place, None, text.to_owned(), printed::hint_of_name(file))
    }

    fn new(file: &str, place: Place, name: Option<String>, text: String, what: Option<What>) -> Self {
        let kind_is_certain = what.is_some();
        let what = what.unwrap_or_else(|| {
            let guessed = detect(&text);
            What { kind: guessed.kind, resource_type: guessed.resource_kind.map(ResourceKind::as_str) }
        });
        Self {
            name: name.filter(|name| !name.is_empty()).unwrap_or_else(|| file.to_owned()),
            kind: what.kind,
            kind_is_certain,
            resource_type: what.resource_type,
            text,
            side: place.side,
            file: file.to_owned(),
            place: place.span,
            is_verbatim: place.is_verbatim,
        }
    }
}

impl Found {
    /// What to find a policy again by in another version of the source: its name, and within a folder its file.
    /// It is empty for the one policy of a file.
    pub fn key(&self, policy: &FoundPolicy) -> String {
        let name = if policy.name == self.file { "" } else { policy.name.as_str() };
        match (self.below.as_deref(), name) {
            (Some(below), "") => below.to_owned(),
            (Some(below), name) => format!("{below}: {name}"),
            (None, name) => name.to_owned(),
        }
    }

    fn add(&mut self, place: Place, name: Option<String>, text: String, what: Option<What>) {
        self.policies.push(FoundPolicy::new(&self.file, place, name, text, what));
    }

    /// The source is a policy.
    fn add_root(&mut self, text: &str, root: &JsonNode, is_json: bool) {
        self.form = SourceForm::Policy;
        if is_json {
            self.policies.push(FoundPolicy::whole(&self.file, text));
        } else {
            let document = root.print(Style::Pretty);
            self.add(Place::decoded(root.span), None, document, printed::hint_of_name(&self.file));
        }
    }

    /// Notes something, once. Nobody reads thousands of notes.
    fn note(&mut self, note: String) {
        match self.notes.len() {
            MOST_NOTES => self.notes.push("there is more of this kind that is not told".to_owned()),
            noted if noted < MOST_NOTES && !self.notes.contains(&note) => self.notes.push(note),
            _ => {}
        }
    }
}

/// What the source says that a document is.
#[derive(Debug, Clone, Copy)]
struct What {
    kind: DocumentKind,
    resource_type: Option<&'static str>,
}

impl What {
    fn of_kind(kind: DocumentKind) -> Self {
        Self { kind, resource_type: None }
    }

    fn trust() -> Self {
        Self { kind: DocumentKind::Trust, resource_type: Some(ResourceKind::IamRole.as_str()) }
    }

    /// A policy of AWS Organizations, by what its `Type` says; others than those that decide on access are none.
    fn of_organization(kind: &str) -> Option<Self> {
        match kind {
            "SERVICE_CONTROL_POLICY" => Some(Self::of_kind(DocumentKind::Scp)),
            "RESOURCE_CONTROL_POLICY" => Some(Self::of_kind(DocumentKind::Rcp)),
            _ => None,
        }
    }
}

/// Where a document stands, and how.
#[derive(Debug, Clone, Copy)]
struct Place {
    span: Span,
    is_verbatim: bool,
    side: Side,
}

impl Place {
    fn verbatim(span: Span) -> Self {
        Self { span, is_verbatim: true, side: Side::Only }
    }

    fn decoded(span: Span) -> Self {
        Self { span, is_verbatim: false, side: Side::Only }
    }

    fn on(self, side: Side) -> Self {
        Self { side, ..self }
    }
}
