//! The elements of a statement, each by itself: for those who reason about policies instead of deciding requests.
//!
//! Everything here rests on what the engine compiles, so that whoever reasons with it means the same as the engine
//! does. [`says`] is what the policies of one layer come to, apart from all other layers.

pub use crate::pattern::Token;

use crate::compile::{ActionMatcher, ActionPattern, CompiledCondition, PrincipalMatcher, ResourceMatcher};
use crate::context::Context;
use crate::decision::{Layer, Outcome};
use crate::document::{ConditionElement, Effect, ListElement, PrincipalElement, Version};
use crate::evaluate;
use crate::operator::{Comparison, Operator};
use crate::pattern::{ArnPattern, Glob, ResourcePattern, Syntax};
use crate::principal::Principal;
use crate::request::Request;
use crate::set::PolicySet;
use crate::value::{Instant, Network, Number, base64_bytes};
use std::net::IpAddr;

/// What the policies of one layer say of a request, each layer judged as if it were alone: a statement that denies, a
/// statement that allows, or nothing.
pub fn says(set: &PolicySet, layer: Layer, request: &Request<'_>) -> Outcome {
    evaluate::says(set, layer, request)
}

/// Whether RCPs bind this request, if there are some: its service, its action and its principal are such that they do.
pub fn rcps_apply(request: &Request<'_>) -> bool {
    crate::service::rcps_apply(request)
}

/// The patterns of an `Action` or `NotAction` element, in lower case; entries that match nothing are left out.
pub fn action_tokens(element: &ListElement, effect: Effect) -> Vec<Vec<Token>> {
    let matcher = ActionMatcher::new(element, effect);
    let tokens = |pattern: &ActionPattern| match pattern {
        ActionPattern::Any => Some(vec![Token::Star { colon: true }]),
        ActionPattern::Service { service, name } => {
            let mut tokens: Vec<Token> = service.chars().map(Token::Letter).collect();
            tokens.push(Token::Letter(':'));
            name.append_tokens(true, &mut tokens);
            Some(tokens)
        }
        ActionPattern::Never => None,
    };
    matcher.entries.iter().filter_map(tokens).collect()
}

/// The patterns over ARNs of an entry of `Resource` or `NotResource`: none, one, or two either of which may match. The
/// entry `*` also matches requests on no resource.
pub fn resource_tokens(text: &str, version: Version) -> Vec<Vec<Token>> {
    let patterns = ResourcePattern::parse(text, version == Version::V2012);
    patterns.iter().filter_map(ResourcePattern::tokens).collect()
}

/// How a value of a condition compares with those of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuePattern {
    /// It fits texts that the tokens accept; of an ARN operator, only ARNs are compared at all.
    Text(Vec<Token>),
    /// It fits `true` (in any case), or everything else.
    Bool(bool),
    /// A number, in units of 10⁻¹⁵.
    Number(i128),
    /// An instant, in microseconds since 1970.
    Instant(i64),
    /// The addresses from the first to the last.
    Network(IpAddr, IpAddr),
    /// These bytes, written in base64.
    Bytes(Vec<u8>),
    /// A key that is absent (`true`) or there.
    Absent(bool),
    /// It is not of the operator's type, or fits nothing.
    Invalid,
}

/// How a value of a condition with this operator compares.
pub fn value_pattern(operator: Operator, text: &str, version: Version) -> ValuePattern {
    let variables = version == Version::V2012 && operator.takes_variables();
    let glob = |wildcards| {
        let mut tokens = Vec::new();
        Glob::parse(text, Syntax { wildcards, variables }).append_tokens(true, &mut tokens);
        tokens
    };
    let found = match operator.comparison {
        Comparison::String => Some(ValuePattern::Text(glob(false))),
        Comparison::StringLike => Some(ValuePattern::Text(glob(true))),
        Comparison::StringIgnoreCase => Some(ValuePattern::Text(in_any_case(glob(false)))),
        Comparison::Arn => ArnPattern::parse(text, variables).tokens().map(ValuePattern::Text),
        Comparison::Bool => crate::value::parse_bool(text).map(ValuePattern::Bool).or_else(|| {
            let tokens = glob(false);
            let variable = tokens.iter().any(|token| matches!(token, Token::Variable { .. }));
            variable.then_some(ValuePattern::Text(tokens))
        }),
        Comparison::Numeric(_) => Number::parse(text).map(|number| ValuePattern::Number(number.scaled())),
        Comparison::Date(_) => Instant::parse(text).map(|instant| ValuePattern::Instant(instant.micros())),
        Comparison::IpAddress => Network::parse(text).map(|network| {
            let (first, last) = network.ends();
            ValuePattern::Network(first, last)
        }),
        Comparison::Binary => base64_bytes(text).map(|bytes| ValuePattern::Bytes(bytes.collect())),
        Comparison::Null => crate::value::parse_bool(text).map(ValuePattern::Absent),
    };
    found.unwrap_or(ValuePattern::Invalid)
}

fn in_any_case(tokens: Vec<Token>) -> Vec<Token> {
    let lower = |token| match token {
        Token::Letter(letter) => letter.to_lowercase().map(Token::AnyCase).collect(),
        other => vec![other],
    };
    tokens.into_iter().flat_map(lower).collect()
}

/// An `Action` or `NotAction` element by itself.
#[derive(Debug)]
pub struct ActionTest(ActionMatcher);

impl ActionTest {
    /// The element, in a statement of this effect.
    pub fn new(element: &ListElement, effect: Effect) -> Self {
        Self(ActionMatcher::new(element, effect))
    }

    /// Whether it covers the request's action.
    pub fn covers(&self, request: &Request<'_>) -> bool {
        self.0.matches(&request.action)
    }
}

/// A `Resource` or `NotResource` element by itself.
#[derive(Debug)]
pub struct ResourceTest(ResourceMatcher);

impl ResourceTest {
    /// The element, in a document of this version.
    pub fn new(element: &ListElement, version: Version) -> Self {
        Self(ResourceMatcher::new(element, version == Version::V2012))
    }

    /// Whether it covers the request's resource; variables are looked up in the request's context.
    pub fn covers(&self, request: &Request<'_>) -> bool {
        self.0.matches(request)
    }
}

/// A condition by itself.
#[derive(Debug)]
pub struct ConditionTest(CompiledCondition);

impl ConditionTest {
    /// The condition of this element, in a document of this version.
    pub fn new(element: &ConditionElement, version: Version) -> Self {
        Self(CompiledCondition::new(element, version == Version::V2012))
    }

    /// Whether it holds.
    pub fn holds(&self, context: &dyn Context) -> bool {
        self.0.holds(context)
    }
}

/// How closely a `Principal` element names the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Naming {
    /// By its account: that only delegates to identity policies.
    Account,
    /// By the role of the session, or the user that federated.
    Entity,
    /// Itself, or as one of everybody.
    Direct,
}

/// A `Principal` or `NotPrincipal` element by itself.
#[derive(Debug)]
pub struct PrincipalTest {
    matcher: PrincipalMatcher,
    admits_nobody: bool,
}

impl PrincipalTest {
    /// The element, in a statement of this effect.
    pub fn new(element: &PrincipalElement, effect: Effect) -> Self {
        Self {
            matcher: PrincipalMatcher::new(element),
            admits_nobody: element.negated && effect == Effect::Allow,
        }
    }

    /// How it names the principal, if it does.
    pub fn names(&self, principal: &Principal) -> Option<Naming> {
        use crate::compile::Reach;
        if self.admits_nobody {
            return None;
        }
        self.matcher.reach(principal).map(|reach| match reach {
            Reach::Account => Naming::Account,
            Reach::Entity => Naming::Entity,
            Reach::Direct => Naming::Direct,
        })
    }
}
