//! The dimensions of a request. Each knows the tests that statements make of it, and finds a value that passes some of
//! them and fails others.

pub(crate) mod action;
pub(crate) mod key;
pub(crate) mod principal;
pub(crate) mod resource;
mod typed;

use crate::value::Value;
use crate::word::{Found, Work};
use action::ActionDimension;
use key::KeyDimension;
use principal::PrincipalDimension;
use resource::ResourceDimension;
use std::collections::HashMap;

/// A test of a dimension, by its place there, and whether it is to be passed.
pub(crate) type Wish = (u32, bool);

/// A dimension with what was found in it so far.
#[derive(Debug)]
pub(crate) struct Dimension {
    pub(crate) kind: Kind,
    known: HashMap<Vec<Wish>, Found<Value>>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Action(ActionDimension),
    Resource(ResourceDimension),
    Principal(PrincipalDimension),
    Key(KeyDimension),
}

impl Dimension {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, known: HashMap::new() }
    }

    /// A value that fulfils every wish.
    pub(crate) fn find(&mut self, wishes: &[Wish], work: &mut Work) -> Found<Value> {
        let mut wishes = wishes.to_vec();
        wishes.sort_unstable();
        wishes.dedup();
        if wishes.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
            return Found::None;
        }
        if let Some(known) = self.known.get(&wishes) {
            return known.clone();
        }
        let found = match &self.kind {
            Kind::Action(dimension) => dimension.find(&wishes, work),
            Kind::Resource(dimension) => dimension.find(&wishes, work),
            Kind::Principal(dimension) => dimension.find(&wishes),
            Kind::Key(dimension) => dimension.find(&wishes, work),
        };
        if found != Found::Exhausted {
            self.known.insert(wishes, found.clone());
        }
        found
    }

    /// Whether a value fulfils a wish.
    pub(crate) fn fulfils(&self, value: &Value, wish: Wish) -> bool {
        match (&self.kind, value) {
            (Kind::Action(dimension), Value::Action(action)) => dimension.fulfils(action, wish),
            (Kind::Resource(dimension), Value::Resource(resource)) => dimension.fulfils(resource, wish),
            (Kind::Principal(dimension), Value::Principal(place)) => dimension.fulfils(*place, wish),
            (Kind::Key(dimension), Value::Key(value)) => dimension.fulfils(value, wish),
            _ => false,
        }
    }
}
