//! `Action` and `NotAction`.

use super::interned::Interned;
use crate::context::NoContext;
use crate::document::{Effect, ListElement};
use crate::pattern::{Glob, Syntax};
use crate::request::Action;
use std::sync::Arc;

/// The entries of an `Action` or `NotAction` element, in lower case.
#[derive(Debug)]
pub(crate) struct ActionMatcher {
    pub(crate) negated: bool,
    pub(crate) entries: Box<[ActionPattern]>,
}

/// An entry.
#[derive(Debug)]
pub(crate) enum ActionPattern {
    /// `*`: the only pattern that matches every service.
    Any,
    /// `service:name`, wildcards only in the name.
    Service { service: Box<str>, name: Glob },
    /// No action: no colon, blanks, an empty part. It never matches.
    Never,
}

impl ActionMatcher {
    pub(crate) fn new(element: &ListElement, effect: Effect) -> Self {
        // AWS takes `*:*` without saying what it means: it is read whichever way denies.
        let doubtful_covers = (effect == Effect::Deny) != element.negated;
        let parse = |text: &str| match text {
            "*:*" if doubtful_covers => ActionPattern::Any,
            "*:*" => ActionPattern::Never,
            text => ActionPattern::parse(text),
        };
        let entries = element.entries.iter().map(|entry| parse(&entry.value)).collect();
        Self { negated: element.negated, entries }
    }

    /// The same, kept once if it is a pattern: these recur, while lists of actions differ.
    pub(super) fn shared(element: &ListElement, effect: Effect) -> Arc<ActionMatcher> {
        static ALLOWING: Interned<ActionMatcher> = Interned::new();
        static DENYING: Interned<ActionMatcher> = Interned::new();
        let known = if effect == Effect::Allow { &ALLOWING } else { &DENYING };
        let compile = || Arc::new(Self::new(element, effect));
        match element.entries.as_slice() {
            [only] if !element.negated && only.value.contains(['*', '?']) => known.get(&only.value, compile),
            _ => compile(),
        }
    }

    /// Whether the element covers the action.
    pub(crate) fn matches(&self, action: &Action<'_>) -> bool {
        self.entries.iter().any(|entry| entry.matches(action)) != self.negated
    }

    /// The services that entries speak of; one may be named more than once.
    pub(crate) fn services(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            ActionPattern::Service { service, .. } => Some(&**service),
            ActionPattern::Any | ActionPattern::Never => None,
        })
    }

    /// Whether an entry speaks of the action's service.
    pub(crate) fn names_service(&self, action: &Action<'_>) -> bool {
        self.entries.iter().any(
            |entry| matches!(entry, ActionPattern::Service { service, .. } if service.as_bytes() == action.service_bytes()),
        )
    }
}

impl ActionPattern {
    fn parse(text: &str) -> Self {
        if text == "*" {
            return ActionPattern::Any;
        }
        match text.split_once(':') {
            Some((service, name)) if is_word(service) && is_word(name) => ActionPattern::Service {
                service: service.to_ascii_lowercase().into(),
                name: Glob::parse(&name.to_ascii_lowercase(), Syntax { wildcards: true, variables: false }),
            },
            _ => ActionPattern::Never,
        }
    }

    /// Whether the pattern covers the action.
    pub(crate) fn matches(&self, action: &Action<'_>) -> bool {
        match self {
            ActionPattern::Any => true,
            ActionPattern::Service { service, name } => {
                service.as_bytes() == action.service_bytes() && matches_name(name, action)
            }
            ActionPattern::Never => false,
        }
    }
}

/// As [`Glob::matches`]; what is simple needs no text, only bytes.
fn matches_name(name: &Glob, action: &Action<'_>) -> bool {
    match name {
        Glob::Any => true,
        Glob::Exact(exact) => exact.as_bytes() == action.name_bytes(),
        Glob::Prefix(prefix) => action.name_bytes().starts_with(prefix.as_bytes()),
        Glob::Chunks(_) => match name.around_a_star() {
            Some((start, end)) => {
                let rest = action.name_bytes().strip_prefix(start.as_bytes());
                rest.is_some_and(|rest| rest.ends_with(end.as_bytes()))
            }
            None => name.matches(action.name(), &NoContext),
        },
    }
}

/// Neither empty nor with the blanks and separators that no action has.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '\t', '\r', '\n', ',', ':'])
}
