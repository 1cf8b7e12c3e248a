//! Condition operators.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

/// What a condition operator compares, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `StringEquals`
    String,
    /// `StringEqualsIgnoreCase`
    StringIgnoreCase,
    /// `StringLike`
    StringLike,
    /// `NumericEquals`, `NumericLessThan` …
    Numeric(Order),
    /// `DateEquals`, `DateLessThan` …
    Date(Order),
    /// `Bool`
    Bool,
    /// `BinaryEquals`
    Binary,
    /// `IpAddress`
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which are the same
    Arn,
    /// `Null`
    Null,
}

/// How a request's number or date stands to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Equal.
    Equal,
    /// The request's is less.
    Less,
    /// The request's is less or equal.
    LessOrEqual,
    /// The request's is greater.
    Greater,
    /// The request's is greater or equal.
    GreaterOrEqual,
}

impl Order {
    /// Whether `ordering`, of the request's value to the policy's, is this order.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Order::Equal => ordering.is_eq(),
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// How the values of the request are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// No prefix: for keys of one value.
    Single,
    /// `ForAnyValue:`
    ForAnyValue,
    /// `ForAllValues:`
    ForAllValues,
}

/// A condition operator with its prefix and suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operator {
    /// What is compared.
    pub comparison: Comparison,
    /// Whether it is the form with `Not`.
    pub negated: bool,
    /// `ForAnyValue:`, `ForAllValues:` or neither.
    pub quantifier: Quantifier,
    /// Whether it ends in `IfExists`.
    pub if_exists: bool,
}

/// Every operator without prefix and suffix.
pub(crate) const NAMES: [(&str, Comparison, bool); 27] = {
    use Comparison::{Arn, Binary, Bool, Date, IpAddress, Null, Numeric, StringIgnoreCase, StringLike};
    use Order::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    [
        ("StringEquals", Comparison::String, false),
        ("StringNotEquals", Comparison::String, true),
        ("StringEqualsIgnoreCase", StringIgnoreCase, false),
        ("StringNotEqualsIgnoreCase", StringIgnoreCase, true),
        ("StringLike", StringLike, false),
        ("StringNotLike", StringLike, true),
        ("NumericEquals", Numeric(Equal), false),
        ("NumericNotEquals", Numeric(Equal), true),
        ("NumericLessThan", Numeric(Less), false),
        ("NumericLessThanEquals", Numeric(LessOrEqual), false),
        ("NumericGreaterThan", Numeric(Greater), false),
        ("NumericGreaterThanEquals", Numeric(GreaterOrEqual), false),
        ("DateEquals", Date(Equal), false),
        ("DateNotEquals", Date(Equal), true),
        ("DateLessThan", Date(Less), false),
        ("DateLessThanEquals", Date(LessOrEqual), false),
        ("DateGreaterThan", Date(Greater), false),
        ("DateGreaterThanEquals", Date(GreaterOrEqual), false),
        ("Bool", Bool, false),
        ("BinaryEquals", Binary, false),
        ("IpAddress", IpAddress, false),
        ("NotIpAddress", IpAddress, true),
        ("ArnEquals", Arn, false),
        ("ArnLike", Arn, false),
        ("ArnNotEquals", Arn, true),
        ("ArnNotLike", Arn, true),
        ("Null", Null, false),
    ]
};

impl Operator {
    /// Reads an operator as written, in any case: `ForAllValues:StringLikeIfExists`. `Null` takes no `IfExists`.
    pub fn parse(text: &str) -> Option<Operator> {
        let (quantifier, rest) = match text.split_once(':') {
            None => (Quantifier::Single, text),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => {
                (Quantifier::ForAnyValue, rest)
            }
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                (Quantifier::ForAllValues, rest)
            }
            Some(_) => return None,
        };
        let suffix = rest.len().checked_sub("IfExists".len()).and_then(|at| rest.split_at_checked(at));
        let (name, if_exists) = match suffix {
            Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (name, true),
            _ => (rest, false),
        };
        let (_, comparison, negated) = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        let operator = Operator { comparison: *comparison, negated: *negated, quantifier, if_exists };
        (*comparison != Comparison::Null || !if_exists).then_some(operator)
    }

    /// Whether `text` is an operator in exactly AWS's spelling.
    pub fn is_spelled_exactly(text: &str) -> bool {
        let bare =
            text.strip_prefix("ForAnyValue:").or_else(|| text.strip_prefix("ForAllValues:")).unwrap_or(text);
        let bare = bare.strip_suffix("IfExists").unwrap_or(bare);
        NAMES.iter().any(|(known, ..)| *known == bare)
    }

    /// Whether values may hold policy variables: those of string, ARN and boolean operators.
    pub fn takes_variables(self) -> bool {
        use Comparison::{Arn, Bool, StringIgnoreCase, StringLike};
        matches!(self.comparison, Comparison::String | StringIgnoreCase | StringLike | Arn | Bool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes_are_read() {
        let read = Operator::parse("ForAllValues:StringNotLikeIfExists").unwrap();
        assert_eq!(read.comparison, Comparison::StringLike);
        assert!(read.negated && read.if_exists);
        assert_eq!(read.quantifier, Quantifier::ForAllValues);
        assert_eq!(Operator::parse("stringequals"), Operator::parse("StringEquals"));
        for bad in
            ["", "IfExists", "NullIfExists", "StringMatches", "ForEach:StringEquals", "ForAnyValue:", "é"]
        {
            assert_eq!(Operator::parse(bad), None, "{bad}");
        }
    }
}
