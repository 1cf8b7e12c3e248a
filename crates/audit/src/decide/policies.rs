//! The policies of a question, compiled, and remembered for the questions that follow.

use super::answer::Note;
use super::members::{Members, elements, text};
use super::{QuestionError, SharedSet};
use base::{Diagnostic, Severity};
use policy::{CompiledPolicy, Document, PolicyKind, PolicyLabel, PolicySet};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::Arc;

/// Texts that are remembered at most, in bytes; beyond that all are forgotten. Compiled, they are several times larger.
const REMEMBERED: usize = 16 << 20;

/// Compiled sets by the text that they come from.
#[derive(Debug, Default)]
pub(super) struct Library {
    sets: HashMap<Box<str>, Arc<Found>>,
    size: usize,
}

/// A set, and what is to be said of it.
#[derive(Debug)]
struct Found {
    set: SharedSet,
    notes: Vec<Note>,
    /// Why a permission by these policies would not be sure.
    unsound: Option<String>,
}

/// The policies of one question.
#[derive(Debug)]
pub(super) struct Shelf<'l> {
    library: &'l mut Library,
    found: Vec<Arc<Found>>,
}

impl<'l> Shelf<'l> {
    pub(super) fn new(library: &'l mut Library) -> Self {
        Self { library, found: Vec::new() }
    }

    /// A layer that is one policy.
    pub(super) fn one(
        &mut self,
        members: &Members<'_>,
        part: &'static str,
    ) -> Result<Option<SharedSet>, QuestionError> {
        members.get(part).map(|document| self.set(part, document, &[(part.to_owned(), document)])).transpose()
    }

    /// The policies of resources that bring their own, by the part of the question that they stand in.
    pub(super) fn of_resources(
        &mut self,
        request: Option<&RawValue>,
        parts: &[Option<String>],
    ) -> Result<Vec<Option<SharedSet>>, QuestionError> {
        if parts.iter().all(Option::is_none) {
            return Ok(parts.iter().map(|_| None).collect());
        }
        let request =
            request.map(|request| Members::read("request", request)).transpose()?.unwrap_or_default();
        let resource = request.get("resource").ok_or(QuestionError::Missing("request.resource"))?;
        let is_list = resource.get().starts_with('[');
        let resources = if is_list { elements("request.resource", resource)? } else { vec![resource] };
        let mut sets = Vec::with_capacity(parts.len());
        for (resource, part) in resources.into_iter().zip(parts) {
            let Some(part) = part else {
                sets.push(None);
                continue;
            };
            let members = Members::read(part, resource)?;
            let document = members.get("resource_policy");
            sets.push(document.map(|it| self.set(part, it, &[(part.clone(), it)])).transpose()?);
        }
        Ok(sets)
    }

    /// A layer that is a list of policies; `None` if it is empty.
    pub(super) fn list(
        &mut self,
        members: &Members<'_>,
        part: &'static str,
    ) -> Result<Option<SharedSet>, QuestionError> {
        let Some(list) = members.get(part) else { return Ok(None) };
        let set = self.level(part, list)?;
        Ok(set.filter(|set| !set.is_empty() || self.found.last().is_some_and(|it| it.unsound.is_some())))
    }

    /// A layer that is a list of lists, a level each.
    pub(super) fn levels(
        &mut self,
        members: &Members<'_>,
        part: &'static str,
    ) -> Result<Vec<SharedSet>, QuestionError> {
        let Some(levels) = members.get(part) else { return Ok(Vec::new()) };
        let mut sets = Vec::new();
        for (place, level) in elements(part, levels)?.into_iter().enumerate() {
            let part = format!("{part}[{place}]");
            let none = || Arc::new(PolicySet::new(Vec::new()));
            sets.push(self.level(&part, level)?.unwrap_or_else(none));
        }
        Ok(sets)
    }

    /// What is to be said of all these policies, and why a permission by them would not be sure.
    pub(super) fn into_findings(self) -> (Vec<Note>, Option<String>) {
        let unsound = self.found.iter().find_map(|found| found.unsound.clone());
        (self.found.iter().flat_map(|found| found.notes.iter().cloned()).collect(), unsound)
    }

    fn level(&mut self, part: &str, list: &RawValue) -> Result<Option<SharedSet>, QuestionError> {
        if list.get() == "null" {
            return Ok(None);
        }
        if let Some(found) = self.remembered(part, list) {
            return Ok(Some(found));
        }
        let documents = elements(part, list)?.into_iter().enumerate();
        let documents: Vec<_> =
            documents.map(|(place, document)| (format!("{part}[{place}]"), document)).collect();
        self.set(part, list, &documents).map(Some)
    }

    fn set(
        &mut self,
        part: &str,
        text: &RawValue,
        documents: &[(String, &RawValue)],
    ) -> Result<SharedSet, QuestionError> {
        if let Some(found) = self.remembered(part, text) {
            return Ok(found);
        }
        let mut reading = Reading::default();
        for (place, document) in documents {
            reading.document(place, document)?;
        }
        let Reading { policies, notes, unsound } = reading;
        let set = Arc::new(PolicySet::new(policies));
        let found = Arc::new(Found { set: Arc::clone(&set), notes, unsound });
        self.library.remember(key(part, text), Arc::clone(&found));
        self.found.push(found);
        Ok(set)
    }

    fn remembered(&mut self, part: &str, text: &RawValue) -> Option<SharedSet> {
        let found = Arc::clone(self.library.sets.get(&*key(part, text))?);
        let set = Arc::clone(&found.set);
        self.found.push(found);
        Some(set)
    }
}

/// The part belongs to the key, since places in it are told.
fn key(part: &str, text: &RawValue) -> Box<str> {
    format!("{part}={}", text.get()).into()
}

impl Library {
    fn remember(&mut self, key: Box<str>, found: Arc<Found>) {
        if self.size + key.len() > REMEMBERED {
            self.sets.clear();
            self.size = 0;
        }
        self.size += key.len();
        self.sets.insert(key, found);
    }
}

#[derive(Default)]
struct Reading {
    policies: Vec<Arc<CompiledPolicy>>,
    notes: Vec<Note>,
    unsound: Option<String>,
}

impl Reading {
    /// Reads a document, or `{name, policy}` around it.
    fn document(&mut self, place: &str, element: &RawValue) -> Result<(), QuestionError> {
        let members = Members::read(place, element).or_else(|error| match error {
            // Keys of a policy that stand twice are the policy reader's to tell.
            QuestionError::Twice { .. } => Ok(Members::default()),
            other => Err(other),
        })?;
        let (name, document) = match members.get("policy") {
            Some(document) => {
                let name =
                    members.get("name").map(|name| text(&format!("{place}.name"), name)).transpose()?;
                (name, document)
            }
            None => (None, element),
        };
        let (read, diagnostics) = Document::parse_tolerant(document.get());
        for diagnostic in diagnostics {
            if self.unsound.is_none() && is_loss(&diagnostic) {
                self.unsound =
                    Some(format!("`{place}` cannot be read whole: {}", diagnostic.render(document.get())));
            }
            self.notes.push(Note::of_policy(place, document.get(), &diagnostic));
        }
        if let Some(read) = read {
            let label = PolicyLabel::new(kind(place), place, name.as_deref().unwrap_or_default());
            self.policies.push(Arc::new(CompiledPolicy::compile(Arc::new(read), label)));
        } else if self.unsound.is_none() {
            self.unsound = Some(format!("`{place}` cannot be read"));
        }
        Ok(())
    }
}

/// Whether part of a policy could not be read. A statement with an unknown operator was: it never matches; and so was
/// a policy without statements.
pub(crate) fn is_loss(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
        && !matches!(&*diagnostic.code, "INVALID_OPERATOR" | "MISSING_STATEMENT")
}

fn kind(place: &str) -> PolicyKind {
    match place.split('[').next().unwrap_or_default() {
        _ if place.ends_with("resource_policy") => PolicyKind::Resource,
        "boundaries" => PolicyKind::Boundary,
        "session_policies" => PolicyKind::Session,
        "scps" => PolicyKind::Scp,
        "rcps" => PolicyKind::Rcp,
        "endpoint_policies" => PolicyKind::Endpoint,
        _ => PolicyKind::Inline,
    }
}
