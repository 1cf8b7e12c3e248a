//! `Resource` and `NotResource`.

use crate::context::ConditionKey;
use crate::document::ListElement;
use crate::pattern::ResourcePattern;
use crate::request::Request;

/// The entries of a `Resource` or `NotResource` element.
#[derive(Debug)]
pub(crate) struct ResourceMatcher {
    negated: bool,
    entries: Box<[Entry]>,
}

#[derive(Debug)]
struct Entry {
    /// Its place in the element.
    place: u32,
    pattern: ResourcePattern,
}

impl ResourceMatcher {
    pub(crate) fn new(element: &ListElement, variables: bool) -> Self {
        let entries = element.entries.iter().zip(0..).flat_map(|(entry, place)| {
            ResourcePattern::parse(&entry.value, variables)
                .into_iter()
                .map(move |pattern| Entry { place, pattern })
        });
        Self { negated: element.negated, entries: entries.collect() }
    }

    /// Whether it is `NotResource`.
    pub(crate) fn is_negated(&self) -> bool {
        self.negated
    }

    /// The patterns of all entries.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &ResourcePattern> {
        self.entries.iter().map(|entry| &entry.pattern)
    }

    /// Whether the element covers the request's resource.
    pub(crate) fn matches(&self, request: &Request<'_>) -> bool {
        self.entry(request).is_some() != self.negated
    }

    /// The place of the entry that matches the request's resource.
    pub(crate) fn entry(&self, request: &Request<'_>) -> Option<u32> {
        let matching = |entry: &&Entry| {
            entry.pattern.matches(request.resource, request.resource_arn.as_ref(), request.context)
        };
        self.entries.iter().find(matching).map(|entry| entry.place)
    }

    /// Calls `visit` with every variable without default.
    pub(crate) fn variables(&self, visit: &mut dyn FnMut(&ConditionKey)) {
        self.entries.iter().filter_map(|entry| entry.pattern.glob()).for_each(|glob| glob.variables(visit));
    }
}
