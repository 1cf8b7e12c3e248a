//! `Condition`.

use super::interned::Interned;
use crate::context::{ConditionKey, Context, Values};
use crate::document::ConditionElement;
use crate::operator::{Comparison, Operator, Order, Quantifier};
use crate::pattern::{ArnPattern, Glob, Syntax};
use crate::value::{Instant, Network, Number, base64_bytes, parse_bool};
use base::ArnRef;
use std::net::IpAddr;
use std::sync::Arc;

/// One operator and key with its values.
#[derive(Debug)]
pub(crate) struct CompiledCondition {
    pub(crate) key: ConditionKey,
    /// Its place in the element.
    pub(crate) place: u32,
    /// `None`: no such operator; it never holds.
    operator: Option<Operator>,
    test: Test,
}

/// The values, parsed for what the operator compares. What does not parse is `None`.
#[derive(Debug)]
enum Test {
    Text(Box<[Glob]>),
    TextIgnoreCase(Box<[Glob]>),
    Numeric(Order, Box<[Option<Number>]>),
    Date(Order, Box<[Option<Instant>]>),
    Bool(Box<[Glob]>),
    Binary(Box<[Option<Box<[u8]>>]>),
    IpAddress(Box<[Option<Network>]>),
    Arn(Box<[ArnPattern]>),
    Null(Box<[Option<bool>]>),
}

/// How one value of the policy stands to one of the request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Match,
    Mismatch,
    /// One of them is not of the operator's type: neither the operator nor its negation holds.
    Invalid,
}

impl From<bool> for Fit {
    fn from(matches: bool) -> Self {
        if matches { Fit::Match } else { Fit::Mismatch }
    }
}

impl CompiledCondition {
    pub(crate) fn new(element: &ConditionElement, variables: bool) -> Self {
        let operator = element.operator;
        let variables = variables && operator.is_some_and(Operator::takes_variables);
        let comparison = operator.map_or(Comparison::String, |operator| operator.comparison);
        let texts = || element.values.iter().map(|value| &*value.value);
        let globs =
            |wildcards| texts().map(|text| Glob::parse(text, Syntax { wildcards, variables })).collect();
        let test = match comparison {
            Comparison::String => Test::Text(globs(false)),
            Comparison::StringLike => Test::Text(globs(true)),
            Comparison::StringIgnoreCase => Test::TextIgnoreCase(globs(false)),
            Comparison::Numeric(order) => Test::Numeric(order, texts().map(Number::parse).collect()),
            Comparison::Date(order) => Test::Date(order, texts().map(Instant::parse).collect()),
            Comparison::Bool => Test::Bool(globs(false)),
            Comparison::Binary => {
                Test::Binary(texts().map(|t| base64_bytes(t).map(Iterator::collect)).collect())
            }
            Comparison::IpAddress => Test::IpAddress(texts().map(Network::parse).collect()),
            Comparison::Arn => Test::Arn(texts().map(|text| ArnPattern::parse(text, variables)).collect()),
            Comparison::Null => Test::Null(texts().map(parse_bool).collect()),
        };
        Self { key: ConditionKey::new(&element.key.value), place: 0, operator, test }
    }

    /// The conditions of an element, those first that cost least.
    pub(super) fn all(elements: &[ConditionElement], variables: bool) -> Arc<[CompiledCondition]> {
        static KNOWN: Interned<[CompiledCondition]> = Interned::new();
        if elements.is_empty() {
            return Arc::default();
        }
        KNOWN.get(&written(elements, variables), || {
            let compile = |(element, place)| Self { place, ..Self::new(element, variables) };
            let mut all: Vec<CompiledCondition> = elements.iter().zip(0..).map(compile).collect();
            all.sort_by_key(CompiledCondition::cost);
            all.into()
        })
    }

    /// How much there is to do, compared with other conditions.
    pub(super) fn cost(&self) -> usize {
        match &self.test {
            Test::Null(_) => 0,
            Test::Bool(_) => 1,
            Test::Text(globs) | Test::TextIgnoreCase(globs) => 2 + globs.len(),
            Test::Numeric(_, numbers) => 3 + numbers.len(),
            Test::Date(_, dates) => 4 + dates.len(),
            Test::IpAddress(networks) => 4 + networks.len(),
            Test::Binary(values) => 5 + values.len(),
            Test::Arn(patterns) => 4 + 2 * patterns.len(),
        }
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, context: &dyn Context) -> bool {
        let Some(operator) = self.operator else { return false };
        let values = match context.values(&self.key) {
            Values::Many([]) => Values::Absent,
            values => values,
        };
        match operator.quantifier {
            Quantifier::Single if operator.comparison == Comparison::Null => {
                self.holds_for_null(values, context)
            }
            Quantifier::Single => self.holds_for_one(operator, values, context),
            Quantifier::ForAnyValue | Quantifier::ForAllValues => {
                self.holds_for_set(operator, values, context)
            }
        }
    }

    fn holds_for_one(&self, operator: Operator, values: Values<'_>, context: &dyn Context) -> bool {
        match values {
            Values::Absent => operator.if_exists || operator.negated,
            Values::One(value) => self.test.holds(value, operator.negated, context),
            Values::Many([value]) => self.test.holds(value, operator.negated, context),
            // A key of several values takes a set operator.
            Values::Many(_) => false,
            Values::Either(values) => {
                values.iter().any(|value| self.test.holds(value, operator.negated, context))
            }
        }
    }

    /// `Null` asks whether there is a value; an empty string is none.
    fn holds_for_null(&self, values: Values<'_>, context: &dyn Context) -> bool {
        let value = match values {
            Values::Absent => "",
            Values::One(value) => value,
            Values::Many(values) | Values::Either(values) => {
                values.iter().find(|value| !value.is_empty()).map_or("", String::as_str)
            }
        };
        self.test.holds(value, false, context)
    }

    fn holds_for_set(&self, operator: Operator, values: Values<'_>, context: &dyn Context) -> bool {
        let all = operator.quantifier == Quantifier::ForAllValues;
        let holds = |value: &str| self.test.holds(value, operator.negated, context);
        match values {
            Values::Absent => all || operator.if_exists,
            // A value that is an empty string is an empty set.
            Values::One("") => all,
            Values::Many(values) | Values::Either(values) if values.iter().all(String::is_empty) => all,
            Values::One(value) => holds(value),
            Values::Many(values) | Values::Either(values) if all => values.iter().all(|value| holds(value)),
            Values::Many(values) | Values::Either(values) => values.iter().any(|value| holds(value)),
        }
    }

    /// What the condition asks for and the request does not have: its key, and variables in its values.
    pub(crate) fn missing(&self, context: &dyn Context) -> Vec<String> {
        let mut missing = Vec::new();
        let mut visit = |key: &ConditionKey| {
            if matches!(context.values(key), Values::Absent | Values::Many([])) {
                missing.push(key.name().to_owned());
            }
        };
        visit(&self.key);
        match &self.test {
            Test::Text(globs) | Test::TextIgnoreCase(globs) | Test::Bool(globs) => {
                globs.iter().for_each(|glob| glob.variables(&mut visit));
            }
            Test::Arn(patterns) => patterns.iter().for_each(|pattern| pattern.variables(&mut visit)),
            _ => {}
        }
        missing
    }
}

/// All that conditions are compiled from, each text with its length.
fn written(elements: &[ConditionElement], variables: bool) -> String {
    let mut out = String::with_capacity(128);
    out.push(if variables { 'v' } else { '-' });
    let mut push = |text: &str| {
        out.extend(char::from_u32(text.len() as u32));
        out.push_str(text);
    };
    for element in elements {
        push(&element.operator_text.value);
        push(&element.key.value);
        element.values.iter().for_each(|value| push(&value.value));
        push("");
    }
    out
}

impl Test {
    /// Whether the operator holds for one value of the request: some value of the policy fits it, or for a negated
    /// operator, every value of the policy fails to.
    fn holds(&self, value: &str, negated: bool, context: &dyn Context) -> bool {
        match self {
            Test::Text(globs) => judge(globs, negated, |glob| glob.matches(value, context).into()),
            Test::TextIgnoreCase(globs) => {
                judge(globs, negated, |glob| glob.equals_ignore_case(value, context).into())
            }
            Test::Numeric(order, numbers) => {
                let read = Number::parse(value);
                judge(numbers, negated, |number| order.compare(read, *number))
            }
            Test::Date(order, dates) => {
                let read = Instant::parse(value);
                judge(dates, negated, |date| order.compare(read, *date))
            }
            Test::Bool(globs) => {
                let value = parse_bool(value).unwrap_or(false);
                let text = if value { "true" } else { "false" };
                judge(globs, negated, |glob| glob.equals_ignore_case(text, context).into())
            }
            Test::Binary(values) => judge(values, negated, |bytes| match (base64_bytes(value), bytes) {
                (Some(read), Some(bytes)) => read.eq(bytes.iter().copied()).into(),
                _ => Fit::Invalid,
            }),
            Test::IpAddress(networks) => {
                let read: Option<IpAddr> = value.parse().ok();
                judge(networks, negated, |network| match (read, network) {
                    (Some(address), Some(network)) => network.contains(address).into(),
                    _ => Fit::Invalid,
                })
            }
            Test::Arn(patterns) => {
                let read = ArnRef::parse(value);
                judge(patterns, negated, |pattern| match &read {
                    Some(arn) => pattern.matches(arn, context).into(),
                    None => Fit::Invalid,
                })
            }
            Test::Null(values) => judge(values, negated, |null| (*null == Some(value.is_empty())).into()),
        }
    }
}

impl Order {
    fn compare<T: Ord>(self, request: Option<T>, policy: Option<T>) -> Fit {
        match (request, policy) {
            (Some(request), Some(policy)) => self.holds(request.cmp(&policy)).into(),
            _ => Fit::Invalid,
        }
    }
}

fn judge<T>(values: &[T], negated: bool, mut fit: impl FnMut(&T) -> Fit) -> bool {
    if negated {
        values.iter().all(|value| fit(value) == Fit::Mismatch)
    } else {
        values.iter().any(|value| fit(value) == Fit::Match)
    }
}
