//! The policies of a source, as they are linted.

use crate::problem::Problem;
use crate::sources::{Input, unusable};
use audit::sources::{Found, FoundPolicy, Side, SourceError, SourceForm, find};
use base::Span;
use policy::validate::{Check, Finding, ResourceKind, ValidateOptions, validate};

/// A file with its policies.
#[derive(Debug)]
pub(crate) struct Source {
    /// What was read.
    pub(crate) input: Input,
    pub(crate) policies: Vec<LintedPolicy>,
    /// What could not be read or had to be assumed.
    pub(crate) notes: Vec<String>,
    /// What stands for values that are not told.
    stand_ins: Vec<String>,
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
    pub(crate) fn new(input: Input, told: Option<ValidateOptions>) -> Result<Self, Problem> {
        let whole = || FoundPolicy::whole(&input.name, &input.text);
        let mut found = match find(&input.name, &input.text) {
            Ok(found) => found,
            Err(SourceError::NotJson { .. }) if input.text.contains("\"Statement\"") => {
                Found { policies: vec![whole()], ..Found::default() }
            }
            Err(SourceError::NotJson { .. } | SourceError::Empty) => Found::default(),
            Err(error) if input.is_found() => {
                Found { notes: vec![format!("{} {error}", input.shown())], ..Found::default() }
            }
            Err(error) => return Err(unusable(&input.shown(), &error)),
        };
        let is_known = matches!(found.form, SourceForm::Terraform | SourceForm::CloudFormation);
        if found.policies.is_empty() && found.skipped == 0 && !is_known && !input.is_found() {
            found.policies.push(whole());
        }
        // What a plan takes away is no longer to be mended.
        found.policies.retain(|policy| policy.side != Side::Before);
        let policies = found.policies.into_iter().map(|policy| LintedPolicy::new(policy, told)).collect();
        let Found { notes, stand_ins, skipped, .. } = found;
        Ok(Self { input, policies, notes, stand_ins, skipped })
    }

    /// Judges the policies. What stands for a value that is not told may look as it likes.
    pub(crate) fn judge(&mut self, ignored: &[&'static Check]) {
        for linted in &mut self.policies {
            linted.findings = validate(&linted.text, linted.options);
            linted.findings.retain(|finding| {
                let value =
                    finding.span.of(&linted.text).strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                let is_assumed = value.is_some_and(|value| {
                    !value.contains('"')
                        && self.stand_ins.iter().any(|stand_in| value.contains(stand_in.as_str()))
                });
                !is_assumed && !ignored.contains(&finding.check)
            });
        }
    }

    /// Whether there is nothing to say of it.
    pub(crate) fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.notes.is_empty()
    }
}

impl LintedPolicy {
    fn new(found: FoundPolicy, told: Option<ValidateOptions>) -> Self {
        let resource_kind = found.resource_type.and_then(ResourceKind::by_name);
        Self {
            name: (found.name != found.file).then_some(found.name),
            text: found.text,
            place: found.place,
            is_verbatim: found.is_verbatim,
            options: told.unwrap_or(ValidateOptions { kind: found.kind, resource_kind }),
            is_told: told.is_some() || found.kind_is_certain,
            findings: Vec::new(),
        }
    }
}
