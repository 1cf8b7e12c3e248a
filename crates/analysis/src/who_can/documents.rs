//! Documents by their text, and which of their statements speak of an action.

use super::residual::Prepared;
use policy::elements::ActionTest;
use policy::{ContextMap, Document, Effect, ListElement, Principal, Request, Statement, Text};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Every document once, with an index of statements by action.
#[derive(Debug, Default)]
pub(super) struct Documents {
    all: Vec<Arc<Document>>,
    by_text: HashMap<Arc<str>, u32>,
    /// By whole actions, in lower case.
    exact: HashMap<Box<str>, Vec<Place>>,
    /// By services: entries with a wildcard in the name.
    services: HashMap<Box<str>, Service>,
    /// `*`.
    stars: Vec<Place>,
    /// `NotAction`, and entries that must be looked at for every action.
    every: Vec<Place>,
    /// The tests of statements that were asked for, by document and statement.
    prepared: Vec<Box<[OnceLock<Arc<Prepared>>]>>,
}

/// Where a statement speaks of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    document: u32,
    statement: u32,
}

/// The patterns of a service's actions, each once.
#[derive(Debug, Default)]
struct Service {
    patterns: Vec<Pattern>,
    known: HashMap<(bool, Box<str>), u32>,
}

/// An entry of `Action` with a wildcard in the name, and where it stands.
#[derive(Debug)]
struct Pattern {
    entry: Text,
    effect: Effect,
    /// Made when an action begins as the pattern does.
    test: OnceLock<ActionTest>,
    /// In order.
    places: Vec<Place>,
}

/// Whether sessions of a role with this trust policy may bring tags that the role has not: some statement must allow
/// `sts:TagSession`.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>.
pub fn admits_session_tags(trust: &Document) -> bool {
    let (nobody, nothing) = (Principal::anonymous(), ContextMap::new());
    let request = Request::new(&nobody, "sts:TagSession", "*", &nothing);
    let allows = |statement: &Statement| {
        let covers = || ActionTest::new(&statement.action, statement.effect).covers(&request);
        statement.effect == Effect::Allow && covers()
    };
    trust.statements().iter().any(allows)
}

impl Documents {
    /// The number of a document; the same for the same text.
    pub(super) fn intern(&mut self, document: Arc<Document>) -> u32 {
        let text = document.shared_text();
        if let Some(known) = self.by_text.get(&text) {
            return *known;
        }
        let number = self.all.len() as u32;
        for (statement, place) in document.statements().iter().zip(0..) {
            self.index(statement, number, place);
        }
        self.by_text.insert(text, number);
        self.prepared.push(document.statements().iter().map(|_| OnceLock::new()).collect());
        self.all.push(document);
        number
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Arc<Document>> {
        self.all.get(number as usize)
    }

    /// The tests of a statement.
    pub(super) fn prepared(&self, document: u32, statement: u32) -> Option<Arc<Prepared>> {
        let place = self.prepared.get(document as usize)?.get(statement as usize)?;
        let document = self.get(document)?;
        let text = document.statements().get(statement as usize)?;
        Some(Arc::clone(place.get_or_init(|| Arc::new(Prepared::new(text, document.version())))))
    }

    /// The statements that cover the request's action, as document and place, in order.
    pub(super) fn about(&self, request: &Request<'_>) -> Vec<(u32, u32)> {
        let action = request.action().to_ascii_lowercase();
        let every = self.every.iter().filter(|place| self.covers(**place, request));
        let named = self.naming(&action, request).flatten();
        let mut found: Vec<_> = named.chain(every).map(|place| (place.document, place.statement)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The same of one document, found by the index; the action is in lower case.
    pub(super) fn about_one(&self, document: u32, action: &str, request: &Request<'_>) -> Vec<u32> {
        let named = self.naming(action, request).flat_map(|places| of_document(places, document));
        let every = of_document(&self.every, document).filter(|place| self.covers(**place, request));
        let mut found: Vec<u32> = named.chain(every).map(|place| place.statement).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where statements name an action, itself or by a pattern: lists, each in order. The action is in lower case.
    fn naming<'s>(
        &'s self,
        action: &'s str,
        request: &'s Request<'_>,
    ) -> impl Iterator<Item = &'s [Place]> + 's {
        let service = self.services.get(action.split(':').next().unwrap_or_default());
        let patterns = service.into_iter().flat_map(|service| &service.patterns);
        let covering = patterns.filter(|pattern| pattern.covers(request));
        let lists = covering.map(|pattern| &*pattern.places);
        lists.chain(self.exact.get(action).map(Vec::as_slice)).chain([&*self.stars])
    }

    /// The statements of one document that cover the request's action.
    pub(super) fn about_in(&self, document: u32, request: &Request<'_>) -> Vec<u32> {
        let statements = self.get(document).map(|document| document.statements()).unwrap_or_default();
        let covers =
            |statement: &Statement| ActionTest::new(&statement.action, statement.effect).covers(request);
        statements
            .iter()
            .zip(0..)
            .filter(|(statement, _)| covers(statement))
            .map(|(_, place)| place)
            .collect()
    }

    /// Whether a whole element covers the request's action.
    fn covers(&self, place: Place, request: &Request<'_>) -> bool {
        let statement = self.get(place.document).and_then(|it| it.statements().get(place.statement as usize));
        statement
            .is_some_and(|statement| ActionTest::new(&statement.action, statement.effect).covers(request))
    }

    fn index(&mut self, statement: &Statement, document: u32, number: u32) {
        let place = Place { document, statement: number };
        if statement.action.negated {
            return self.every.push(place);
        }
        for entry in &statement.action.entries {
            match &*entry.value {
                "*" => self.stars.push(place),
                "*:*" if statement.effect == Effect::Allow => {}
                "*:*" => self.every.push(place),
                text => {
                    let action = text.to_ascii_lowercase();
                    let Some((service, name)) = action.split_once(':') else { continue };
                    if name.contains(['*', '?']) {
                        self.services.entry(service.into()).or_default().add(entry, statement.effect, place);
                    } else {
                        // Odd letters make an entry match nothing, and such actions are never asked for.
                        self.exact.entry(action.into()).or_default().push(place);
                    }
                }
            }
        }
    }
}

impl Service {
    fn add(&mut self, entry: &Text, effect: Effect, place: Place) {
        let next = self.patterns.len() as u32;
        let key = (effect == Effect::Allow, Box::from(&*entry.value));
        let number = *self.known.entry(key).or_insert(next);
        if number == next {
            let (entry, test) = (entry.clone(), OnceLock::new());
            self.patterns.push(Pattern { entry, effect, test, places: Vec::new() });
        }
        if let Some(pattern) = self.patterns.get_mut(number as usize) {
            pattern.places.push(place);
        }
    }
}

impl Pattern {
    fn covers(&self, request: &Request<'_>) -> bool {
        // Most end before the first wildcard.
        let plain = self.entry.value.split(['*', '?']).next().unwrap_or_default().as_bytes();
        let start = request.action().as_bytes().get(..plain.len());
        if !start.is_some_and(|start| start.eq_ignore_ascii_case(plain)) {
            return false;
        }
        let alone =
            || ListElement { negated: false, span: self.entry.span, entries: vec![self.entry.clone()] };
        self.test.get_or_init(|| ActionTest::new(&alone(), self.effect)).covers(request)
    }
}

/// The places of one document: documents are indexed one after the other.
fn of_document(places: &[Place], document: u32) -> impl Iterator<Item = &Place> {
    let start = places.partition_point(|place| place.document < document);
    places.iter().skip(start).take_while(move |place| place.document == document)
}
