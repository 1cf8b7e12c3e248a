//! Corpus files: decisions that people expect of their policies, in a form that belongs to no engine.
//!
//! A file names its tests; a test says who does what on what in which context, and how that must be decided. The
//! policies stand in the file, in files beside it, in the export of an account, or on a running server.
//! `docs/testing-policies.md` documents the form, `docs/policy-tests.schema.json` is its schema, and
//! `bailiwick test` runs such files.
//!
//! Files are read through a function, so that nothing here opens any.
//!
//! ```
//! use bailiwick_audit::corpus::{Corpus, Form, World};
//! use base::Timestamp;
//!
//! let text = r#"{"tests": [{
//!     "name": "ann reads her reports",
//!     "principal": "arn:aws:iam::111122223333:user/ann",
//!     "action": ["s3:GetObject", "s3:GetObjectVersion"],
//!     "resource": "arn:aws:s3:::reports/ann/1.csv",
//!     "identity_policies": [{"Version": "2012-10-17", "Statement": {
//!         "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/${aws:username}/*"}}],
//!     "expect": "allowed"}]}"#;
//! let corpus = Corpus::read(text, Form::Json, &mut |path| Err(format!("there is no `{path}`")))?;
//! let world = World::empty(Timestamp::from_seconds(1_790_000_000));
//! for case in corpus.cases() {
//!     assert_eq!(case.judge(world.ask(case)).complaints, [] as [String; 0]);
//! }
//! # Ok::<(), bailiwick_audit::corpus::CorpusError>(())
//! ```

mod expect;
mod fields;
mod policies;
mod read;
mod world;

pub use expect::{Expectation, ExpectedDecision, Judgement};
pub use world::World;

use crate::explain::{Brought, Question};
use base::span::Position;
use base::{AccountId, Diagnostic, span};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON, nothing more.
    Json,
    /// YAML 1.2, one document.
    Yaml,
}

impl Form {
    /// The form of a file of this name: YAML if it ends in `.yaml` or `.yml`.
    pub fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.ends_with(".yaml") || name.ends_with(".yml") { Self::Yaml } else { Self::Json }
    }
}

/// What a file is read through: the text of another file, by its path relative to the first, or why there is none.
pub type Reader<'r> = dyn FnMut(&str) -> Result<String, String> + 'r;

/// A file of tests, with all the policies that it refers to.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// What the file is about.
    pub description: Option<String>,
    /// The exports that principals and their policies are taken from, as paths relative to the file.
    pub exports: Vec<String>,
    /// The account in which names are looked up, if the file says so.
    pub account: Option<AccountId>,
    /// The tests, in order.
    pub tests: Vec<Test>,
}

/// A test: one expectation for every combination of its principals, actions and resources.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name, which no other test of the file has.
    pub name: String,
    /// Words by which tests are grouped.
    pub tags: Vec<String>,
    /// Where it stands in the file.
    pub place: Position,
    /// The combinations, in the order of principals, actions and resources.
    pub cases: Vec<Case>,
}

/// One question with the answer that is expected.
#[derive(Debug, Clone)]
pub struct Case {
    /// Who, what, on what, in which context.
    pub question: Question,
    /// The policies that the test brings along, and what else it says of principal and action.
    pub brought: Brought,
    /// What must come out.
    pub expected: Expectation,
}

/// The file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .diagnostics.first().map_or("the file cannot be used", |first| first.message.as_str()))]
pub struct CorpusError {
    /// What is wrong, and where, in the order of the text; never empty.
    pub diagnostics: Vec<Diagnostic>,
}

impl CorpusError {
    /// A line for each thing that is wrong: `NAME:3:14: there is no …`.
    pub fn render(&self, name: &str, text: &str) -> Vec<String> {
        let line = |found: &Diagnostic| {
            let place = span::position(text, found.span.start);
            let help = found.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{name}:{}:{}: {}{help}", place.line, place.column, found.message)
        };
        self.diagnostics.iter().map(line).collect()
    }
}

impl Corpus {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it at once: members that are not known or of the wrong kind, missing ones, policies
    /// that cannot be read whole, names that stand twice.
    pub fn read(text: &str, form: Form, files: &mut Reader<'_>) -> Result<Self, CorpusError> {
        read::read(text, form, files)
    }

    /// Every case of every test, in order.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.tests.iter().flat_map(|test| &test.cases)
    }
}

impl Case {
    /// Holds an answer, or why there is none, against what is expected.
    pub fn judge<E: std::fmt::Display>(&self, answer: Result<crate::explain::Answer, E>) -> Judgement {
        expect::judge(&self.expected, answer.map_err(|error| error.to_string()))
    }

    /// The question for a server, which is told the policies of session and resource as texts.
    pub fn question_for_servers(&self) -> Question {
        let texts = |set: &Option<std::sync::Arc<policy::PolicySet>>| {
            let policies = set.iter().flat_map(|set| set.policies());
            policies.map(|policy| policy.document().text().to_owned()).collect::<Vec<_>>()
        };
        Question {
            resource_policy: texts(&self.brought.resource).pop(),
            session_policies: texts(&self.brought.session),
            ..self.question.clone()
        }
    }

    /// A member of the test that a server cannot be told, since it knows only its own policies.
    pub fn not_for_servers(&self) -> Option<&'static str> {
        let brought = &self.brought;
        let given = [
            (brought.identity.is_some(), "identity_policies"),
            (brought.boundary.is_some(), "boundary"),
            (brought.endpoint.is_some(), "endpoint_policy"),
            (!brought.scps.is_empty(), "scps"),
            (!brought.rcps.is_empty(), "rcps"),
            (brought.wildcard_only.is_some() || brought.aws_managed_key, "options"),
            (brought.principal_type.is_some(), "principal_type"),
            (brought.issuer.is_some(), "issuer"),
            (brought.management_account, "management_account"),
        ];
        given.into_iter().find(|(given, _)| *given).map(|(_, member)| member)
    }
}
