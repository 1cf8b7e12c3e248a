//! Judges policy documents as a reviewer would: what does not work, what opens more than it should, what could be
//! said better.
//!
//! The checks are those that AWS publishes for Access Analyzer's `ValidatePolicy`, under AWS's issue codes
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>), and some of
//! our own, whose codes begin with `BAILIWICK_`. [`CHECKS`] is the table of all; `docs/lint.md` explains it. Actions,
//! resources and condition keys are judged against the catalogue of services.
//!
//! Texts may be hostile: no text makes the checks panic, and the work is bounded. Where a bound ends a check early, a
//! finding says so.
//!
//! ```
//! use bailiwick_policy::DocumentKind;
//! use bailiwick_policy::validate::{ValidateOptions, validate};
//!
//! let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObjekt","Resource":"*"}}"#;
//! let findings = validate(text, ValidateOptions::new(DocumentKind::Identity));
//! assert_eq!(findings[0].check.code(), "INVALID_ACTION");
//! assert_eq!(findings[0].help.as_deref(), Some("did you mean `s3:GetObject`?"));
//! ```

mod actions;
mod arn;
mod checks;
mod condition_keys;
mod condition_values;
mod conditions;
mod detect;
mod effort;
mod fix;
mod grammar;
mod grants;
mod key_pairs;
mod organization;
mod overlap;
mod principals;
mod redundancy;
mod resource_kind;
mod resources;
mod retired;
mod service_principals;
mod sizes;
mod trust;
mod variables;
mod view;
mod wildcard_values;

pub use checks::{CHECKS, Check, FindingType};
pub use detect::{Detected, detect};
pub use fix::{Edit, Fix, Safety, apply, fix_all};
pub use resource_kind::ResourceKind;
pub use retired::{RETIRED, UNPUBLISHED};

use crate::document::{DocumentKind, LIMITS};
use actions::ActionNames;
use base::Span;
use base::json::Json;
use effort::Effort;
use std::collections::HashMap;
use view::Policy;

/// What the document is, which decides what it may and must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidateOptions {
    /// The kind of document.
    pub kind: DocumentKind,
    /// Of a resource's policy: the type of the resource, if it is known.
    pub resource_kind: Option<ResourceKind>,
}

impl ValidateOptions {
    /// A document of this kind; of a resource's policy nothing is known of the resource.
    pub fn new(kind: DocumentKind) -> Self {
        Self { kind, resource_kind: None }
    }

    /// The policy of such a resource; for [`ResourceKind::IamRole`] that is a trust policy.
    pub fn of_resource(resource_kind: ResourceKind) -> Self {
        let is_role = resource_kind == ResourceKind::IamRole;
        let kind = if is_role { DocumentKind::Trust } else { DocumentKind::Resource };
        Self { kind, resource_kind: Some(resource_kind) }
    }
}

/// One thing to say about a place in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static Check,
    /// The place in the text.
    pub span: Span,
    /// What is so: lower case, no full stop, the text's own words in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Another place that belongs to it, and what is there.
    pub related: Option<(Span, &'static str)>,
    /// A change that mends it.
    pub fix: Option<Fix>,
}

impl Finding {
    fn new(check: &'static Check, span: Span, message: impl Into<String>) -> Self {
        Self { check, span, message: message.into(), help: None, related: None, fix: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn related(mut self, span: Span, label: &'static str) -> Self {
        self.related = Some((span, label));
        self
    }

    fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// So many findings of one code are told; of more, one finding tells the number.
const MOST_OF_ONE_CODE: usize = 200;

/// Judges `text`. The findings are in the order of the text; of the same place, the gravest comes first.
pub fn validate(text: &str, options: ValidateOptions) -> Vec<Finding> {
    let json = match Json::parse(text, LIMITS) {
        Ok(json) => json,
        Err(error) => {
            let finding = Finding::new(&checks::JSON_SYNTAX_ERROR, error.span, error.message);
            return vec![finding.help("a policy is one JSON object")];
        }
    };
    let policy = Policy::read(text, &json);
    let mut lint = Lint {
        policy: &policy,
        kind: options.kind,
        resource_kind: options.resource_kind,
        is_fixable: json.duplicates.is_empty(),
        names: ActionNames::default(),
        effort: Effort::default(),
        findings: Vec::new(),
        counts: HashMap::new(),
    };
    let all: [fn(&mut Lint<'_>); 17] = [
        grammar::check,
        sizes::check,
        actions::check,
        resources::check,
        principals::check,
        service_principals::check,
        trust::check,
        organization::check,
        resource_kind::check,
        conditions::check,
        condition_keys::check,
        key_pairs::check,
        condition_values::check,
        wildcard_values::check,
        variables::check,
        grants::check,
        redundancy::check,
    ];
    grammar::check_duplicates(&json, &mut lint);
    all.iter().for_each(|check| check(&mut lint));
    lint.finish()
}

/// A document under judgement.
struct Lint<'a> {
    policy: &'a Policy<'a>,
    kind: DocumentKind,
    resource_kind: Option<ResourceKind>,
    /// Where an element stands twice, taking one out would make the other count.
    is_fixable: bool,
    names: ActionNames,
    effort: Effort,
    findings: Vec<Finding>,
    counts: HashMap<&'static str, usize>,
}

impl<'a> Lint<'a> {
    fn report(&mut self, mut finding: Finding) {
        if !self.is_fixable {
            finding.fix = None;
        }
        let count = self.counts.entry(finding.check.code()).or_default();
        *count += 1;
        if *count <= MOST_OF_ONE_CODE {
            self.findings.push(finding);
        }
    }

    /// Whether there are so many findings of a check already that dear advice is not worth its price.
    fn is_busy(&self, check: &Check) -> bool {
        self.counts.get(check.code()).is_some_and(|count| *count >= 20)
    }

    /// Whether a fix of another finding of this check would be told; making one can cost a walk over a long list.
    fn wants_fix(&self, check: &Check) -> bool {
        self.is_fixable && self.counts.get(check.code()).is_none_or(|count| *count < MOST_OF_ONE_CODE)
    }

    /// Whether the document names principals.
    fn takes_principals(&self) -> bool {
        use DocumentKind::{Endpoint, Rcp, Resource, Trust};
        matches!(self.kind, Resource | Trust | Rcp | Endpoint)
    }

    fn finish(mut self) -> Vec<Finding> {
        let whole = self.policy.root.span;
        let start = Span::new(whole.start as usize, whole.start as usize + 1);
        for check in CHECKS {
            let count = self.counts.get(check.code()).copied().unwrap_or_default();
            if let Some(more) = count.checked_sub(MOST_OF_ONE_CODE).filter(|more| *more > 0) {
                let message = format!("there are {more} more findings of {}", check.code());
                self.findings.push(Finding::new(&checks::BAILIWICK_LIMITED, start, message));
            }
        }
        if self.effort.is_spent() {
            let message = "the document is too large to compare everything in it; some checks ended early";
            self.findings.push(Finding::new(&checks::BAILIWICK_LIMITED, start, message));
        }
        self.findings.sort_by(|left, right| {
            let key =
                |finding: &Finding| (finding.span.start, finding.check.finding_type(), finding.span.end);
            key(left).cmp(&key(right)).then_with(|| left.check.code().cmp(right.check.code()))
        });
        self.findings
    }
}

/// A text for a message: not longer than a message can bear.
fn shown(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// `a`, `b` and `c`, of many the first few.
fn listed<T: std::fmt::Display>(texts: impl IntoIterator<Item = T>) -> String {
    const MOST: usize = 5;
    let texts: Vec<String> =
        texts.into_iter().map(|text| format!("`{}`", shown(&text.to_string()))).collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] if texts.len() <= MOST => format!("{} and {last}", head.join(", ")),
        _ => {
            let head: Vec<_> = texts.iter().take(MOST - 1).map(String::as_str).collect();
            format!("{} and {} more", head.join(", "), texts.len() - head.len())
        }
    }
}
