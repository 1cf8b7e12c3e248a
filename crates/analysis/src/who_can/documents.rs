//! Documents by their text, and which of their statements speak of an action.

use super::residual::Prepared;
use policy::elements::ActionTest;
use policy::{ContextMap, Document, Effect, ListElement, Principal, Request, Statement};
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
    services: HashMap<Box<str>, Vec<Place>>,
    /// `*` and `NotAction`.
    every: Vec<Place>,
    /// The tests of statements that were asked for, by document and statement.
    prepared: Vec<Box<[OnceLock<Arc<Prepared>>]>>,
}

/// Where a statement speaks of actions.
#[derive(Debug, Clone, Copy)]
struct Place {
    document: u32,
    statement: u32,
    ask: Ask,
}

/// What must be asked once the index has led to a statement.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Nothing,
    /// This entry of `Action`.
    Entry(u32),
    /// The whole element.
    Element,
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
        let service = action.split(':').next().unwrap_or_default();
        let none = Vec::new();
        let exact = self.exact.get(&*action).unwrap_or(&none);
        let service = self.services.get(service).unwrap_or(&none);
        let covers = |place: &&Place| self.covers(place, request);
        let found = exact.iter().chain(service).chain(&self.every).filter(covers);
        let mut found: Vec<_> = found.map(|place| (place.document, place.statement)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The same of one document, found by the index; the action is in lower case.
    pub(super) fn about_one(&self, document: u32, action: &str, request: &Request<'_>) -> Vec<u32> {
        let service = action.split(':').next().unwrap_or_default();
        let lists = [self.exact.get(action), self.services.get(service), Some(&self.every)];
        let mut found = Vec::new();
        for places in lists.into_iter().flatten() {
            // Documents are indexed one after the other.
            let start = places.partition_point(|place| place.document < document);
            let own = places.iter().skip(start).take_while(|place| place.document == document);
            found.extend(own.filter(|place| self.covers(place, request)).map(|place| place.statement));
        }
        found.sort_unstable();
        found.dedup();
        found
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

    fn covers(&self, place: &Place, request: &Request<'_>) -> bool {
        let statement = || self.get(place.document)?.statements().get(place.statement as usize);
        match place.ask {
            Ask::Nothing => true,
            Ask::Element => statement().is_some_and(|statement| {
                ActionTest::new(&statement.action, statement.effect).covers(request)
            }),
            Ask::Entry(entry) => statement().is_some_and(|statement| {
                let Some(entry) = statement.action.entries.get(entry as usize) else { return false };
                // Most end before the first wildcard.
                let plain = entry.value.split(['*', '?']).next().unwrap_or_default().as_bytes();
                let start = request.action().as_bytes().get(..plain.len());
                if !start.is_some_and(|start| start.eq_ignore_ascii_case(plain)) {
                    return false;
                }
                let alone = ListElement { entries: vec![entry.clone()], ..empty(&statement.action) };
                ActionTest::new(&alone, statement.effect).covers(request)
            }),
        }
    }

    fn index(&mut self, statement: &Statement, document: u32, number: u32) {
        let place = |ask| Place { document, statement: number, ask };
        if statement.action.negated {
            return self.every.push(place(Ask::Element));
        }
        for (entry, at) in statement.action.entries.iter().zip(0..) {
            match &*entry.value {
                "*" => self.every.push(place(Ask::Nothing)),
                "*:*" if statement.effect == Effect::Allow => {}
                "*:*" => self.every.push(place(Ask::Entry(at))),
                text => {
                    let action = text.to_ascii_lowercase();
                    let Some((service, name)) = action.split_once(':') else { continue };
                    if name.contains(['*', '?']) {
                        self.services.entry(service.into()).or_default().push(place(Ask::Entry(at)));
                    } else {
                        // Odd letters make an entry match nothing, and such actions are never asked for.
                        self.exact.entry(action.into()).or_default().push(place(Ask::Nothing));
                    }
                }
            }
        }
    }
}

fn empty(element: &ListElement) -> ListElement {
    ListElement { negated: element.negated, span: element.span, entries: Vec::new() }
}
