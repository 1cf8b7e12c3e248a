//! Whom nobody trusts: what keeps a policy from being public is a condition that only a fixed network, source,
//! organization or account can fulfil.
//!
//! A value is *fixed* if it has no wildcard, or none that lets in more than one account or organization; networks are
//! fixed up to a size. See "The meaning of public" in
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html>.

use crate::access::Access;
use crate::problem::{Literal, Problem};
use crate::word::{Variables, Word};
use base::{AccountId, ArnRef};
use policy::elements::{ValuePattern, value_pattern};
use policy::{ConditionElement, Operator, Quantifier, Version};
use std::net::IpAddr;

/// Keys whose fixed values are trusted, in lower case. Others follow a form: see [`is_trusted_key`].
const TRUSTED: [&str; 27] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "cognito-identity.amazonaws.com:aud",
    "graph.facebook.com:app_id",
    "kms:calleraccount",
    "lambda:eventsourcetoken",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "saml:aud",
    "www.amazon.com:app_id",
];

/// Whether fixed values of this key, in lower case, tell who is let in. Of identity providers that is who the token is
/// for, and about.
fn is_trusted_key(key: &str) -> bool {
    let is_claim = || {
        let (provider, claim) = key.rsplit_once(':').unwrap_or_default();
        provider.contains('.') && matches!(claim, "aud" | "sub")
    };
    TRUSTED.binary_search(&key).is_ok() || is_claim()
}

/// That no condition key has a value that a policy trusts.
pub(crate) fn limits<'a>(
    problem: &mut Problem,
    accesses: impl Iterator<Item = &'a Access>,
) -> Vec<(Literal, bool)> {
    let mut limits = Vec::new();
    for access in accesses {
        for document in access.layers().iter().flat_map(|layer| layer.documents()) {
            for statement in document.statements() {
                for condition in &statement.conditions {
                    limits.extend(limit(problem, condition, document.version()));
                }
            }
        }
    }
    limits
}

fn limit(problem: &mut Problem, condition: &ConditionElement, version: Version) -> Option<(Literal, bool)> {
    let key = condition.key.value.to_lowercase();
    let operator = condition.operator.filter(|_| is_trusted_key(&key))?;
    let dimension = problem.known_key(&key)?;
    let (mut words, mut networks) = (Vec::new(), Vec::new());
    for value in &condition.values {
        match value_pattern(as_written(operator), &value.value, version) {
            ValuePattern::Network(first, last) if is_narrow(first, last) => {
                networks.push(ValuePattern::Network(first, last));
            }
            ValuePattern::Text(tokens) if is_fixed(&key, &value.value) => {
                words.extend(Word::new(&tokens, &mut Variables::Texts(Default::default())));
            }
            _ => {}
        }
    }
    if words.is_empty() && networks.is_empty() {
        return None;
    }
    problem.is(dimension, words, networks).map(|trusted| (trusted, false))
}

/// The operator without what makes it a set's or a negation: only its values matter here.
fn as_written(operator: Operator) -> Operator {
    Operator {
        comparison: operator.comparison,
        negated: false,
        quantifier: Quantifier::Single,
        if_exists: false,
    }
}

/// Whether a pattern lets in one account, organization, network or source only.
fn is_fixed(key: &str, pattern: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && !text.contains(['*', '?']);
    match key {
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            pattern.split('/').next().is_some_and(plain)
        }
        _ => match ArnRef::parse(pattern) {
            Some(arn) if AccountId::parse(arn.account).is_ok() => true,
            Some(_) | None => plain(pattern),
        },
    }
}

/// Whether a network is small enough to be somebody's: /8 of IPv4, /32 of IPv6, or a private one.
fn is_narrow(first: IpAddr, last: IpAddr) -> bool {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => last.to_bits() - first.to_bits() < 1 << 24,
        (IpAddr::V6(first), IpAddr::V6(last)) => last.to_bits() - first.to_bits() < 1 << 96,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted() {
        assert!(TRUSTED.is_sorted());
        assert!(is_trusted_key("token.actions.githubusercontent.com:sub") && !is_trusted_key("aws:username"));
    }

    #[test]
    fn fixed_values() {
        assert!(is_fixed("aws:sourcevpc", "vpc-1") && !is_fixed("aws:sourcevpc", "vpc-*"));
        assert!(is_fixed("aws:principalarn", "arn:aws:iam::111122223333:role/*"));
        assert!(!is_fixed("aws:principalarn", "arn:aws:iam::*:role/x"));
        assert!(is_fixed("aws:sourcearn", "arn:aws:s3:::b") && !is_fixed("aws:sourcearn", "arn:aws:s3:::*"));
        assert!(
            is_fixed("aws:principalorgpaths", "o-1/r-2/*") && !is_fixed("aws:principalorgpaths", "o-*/r")
        );
    }
}
