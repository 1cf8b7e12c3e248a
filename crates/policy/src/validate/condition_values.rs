//! Values of conditions: their form, and what they can match.

use super::checks::{
    Check, IMPROVE_IP_RANGE, INVALID_DATE_VALUE, INVALID_KMS_KEY_VALUE, INVALID_REGION,
    INVALID_SERVICE_PRINCIPAL_FORMAT, INVALID_VPC_FORMAT, INVALID_VPCE_FORMAT, PRIVATE_IP_ADDRESS,
    PRIVATE_IP_ADDRESS_SUBSET, PRIVATE_NOT_IP_ADDRESS, PRIVATE_NOT_IP_ADDRESS_SUBSET, TYPE_MISMATCH_BOOLEAN,
    TYPE_MISMATCH_DATE, TYPE_MISMATCH_IP_RANGE, TYPE_MISMATCH_NUMBER, TYPE_MISMATCH_STRING,
};
use super::fix::{Fix, Safety};
use super::overlap::{Token, overlap, tokens};
use super::service_principals::is_service_name;
use super::view::{Condition, Value};
use super::{Finding, Lint, shown};
use crate::operator::{Comparison, Operator};
use crate::value::{Instant, Network, Number, base64_bytes, parse_bool};
use base::Partition;
use std::net::IpAddr;

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for (_, condition) in policy.conditions() {
        let Some(operator) = condition.operator else { continue };
        for value in &condition.values {
            if policy.variables && value.text.contains("${") {
                continue;
            }
            check_form(operator, *value, condition, lint);
            if operator.comparison != Comparison::Null {
                check_meaning(condition, *value, lint);
            }
        }
        if condition.is_on("aws:SourceIp") && operator.comparison == Comparison::IpAddress {
            check_private(condition, operator, lint);
        }
    }
}

/// The value as the operator reads it.
fn check_form(operator: Operator, value: Value<'_>, condition: &Condition<'_>, lint: &mut Lint<'_>) {
    let Value { text, span, .. } = value;
    let (valid, check, what): (bool, &'static Check, &str) = match operator.comparison {
        Comparison::Numeric(_) => (Number::parse(text).is_some(), &TYPE_MISMATCH_NUMBER, "no number"),
        Comparison::Date(_) => (Instant::parse(text).is_some(), &TYPE_MISMATCH_DATE, "no date"),
        Comparison::Bool | Comparison::Null => {
            (parse_bool(text).is_some(), &TYPE_MISMATCH_BOOLEAN, "neither `true` nor `false`")
        }
        Comparison::Binary => (base64_bytes(text).is_some(), &TYPE_MISMATCH_STRING, "not in base64"),
        Comparison::IpAddress => {
            (Network::parse(text).is_some(), &TYPE_MISMATCH_IP_RANGE, "no address and no range of addresses")
        }
        _ => return,
    };
    if !valid {
        let message = format!("`{}` is {what}", shown(text));
        let finding =
            Finding::new(check, span, message).related(condition.operators.key_span, "the operator");
        return lint.report(match operator.comparison {
            Comparison::Date(_) => finding.help("write `2026-01-31` or `2026-01-31T12:00:00Z`"),
            Comparison::IpAddress => finding.help("write `203.0.113.0/24` or `2001:db8::/32`"),
            _ => finding.help("the condition never holds for it"),
        });
    }
    if matches!(operator.comparison, Comparison::Date(_))
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        let message = format!("`{}` is read as seconds since 1970", shown(text));
        lint.report(
            Finding::new(&INVALID_DATE_VALUE, span, message)
                .help("write `2026-01-31` or `2026-01-31T12:00:00Z`"),
        );
    }
    if operator.comparison == Comparison::IpAddress
        && let Some(exact) = network_of(text)
    {
        let message = format!("the bits of `{}` beyond its prefix are ignored", shown(text));
        let finding = Finding::new(&IMPROVE_IP_RANGE, span, message);
        lint.report(finding.help(format!("write `{exact}`")).fix(Fix::string(Safety::Safe, span, &exact)));
    }
}

/// The range with nothing beyond its prefix, if the text has something there.
fn network_of(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let masked = match address.parse().ok()? {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32u32.checked_sub(prefix)?).unwrap_or(0);
            let masked = address.to_bits() & mask;
            (masked != address.to_bits()).then(|| IpAddr::from(masked.to_be_bytes()))?
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128u32.checked_sub(prefix)?).unwrap_or(0);
            let masked = address.to_bits() & mask;
            (masked != address.to_bits()).then(|| IpAddr::from(masked.to_be_bytes()))?
        }
    };
    Some(format!("{masked}/{prefix}"))
}

/// Ranges that do not occur as the source of a request over the internet.
const PRIVATE: [&str; 7] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
];

fn is_private(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, prefix.parse::<u32>().ok()),
        None => (text, Some(128)),
    };
    let (Ok(address), Some(prefix)) = (address.parse::<IpAddr>(), prefix) else { return false };
    PRIVATE.iter().any(|range| {
        let least = range.split_once('/').and_then(|(_, prefix)| prefix.parse::<u32>().ok());
        Network::parse(range).is_some_and(|range| range.contains(address))
            && least.is_some_and(|least| prefix >= least)
    })
}

fn check_private(condition: &Condition<'_>, operator: Operator, lint: &mut Lint<'_>) {
    let private: Vec<_> = condition.values.iter().filter(|value| is_private(value.text)).collect();
    let Some(first) = private.first() else { return };
    let all = private.len() == condition.values.len();
    let (check, message): (&'static Check, &str) = match (all, operator.negated) {
        (true, false) => {
            (&PRIVATE_IP_ADDRESS, "all values are private addresses, which no request comes from")
        }
        (true, true) => (&PRIVATE_NOT_IP_ADDRESS, "all values are private addresses, so nothing is excluded"),
        (false, false) => (&PRIVATE_IP_ADDRESS_SUBSET, "a private address, which no request comes from"),
        (false, true) => (&PRIVATE_NOT_IP_ADDRESS_SUBSET, "a private address, which excludes nothing"),
    };
    let span = if all { condition.member.value.span } else { first.span };
    let finding = Finding::new(check, span, message);
    lint.report(
        finding.help("`aws:SourceIp` is the public address; addresses inside a VPC are `aws:VpcSourceIp`"),
    );
}

/// The value as the key means it.
fn check_meaning(condition: &Condition<'_>, value: Value<'_>, lint: &mut Lint<'_>) {
    let key = condition.key().to_ascii_lowercase();
    match key.as_str() {
        "aws:requestedregion" | "ec2:region" => check_region(value, lint),
        "aws:sourcevpc" => check_id(value, "vpc-", &INVALID_VPC_FORMAT, "a VPC", lint),
        "aws:sourcevpce" => check_id(value, "vpce-", &INVALID_VPCE_FORMAT, "a VPC endpoint", lint),
        "aws:calledvia"
        | "aws:calledviafirst"
        | "aws:calledvialast"
        | "aws:principalservicename"
        | "aws:principalservicenameslist"
        | "iam:passedtoservice"
        | "iam:awsservicename" => {
            check_service(value, false, lint);
        }
        "kms:viaservice" => check_service(value, true, lint),
        "s3:x-amz-server-side-encryption-aws-kms-key-id"
        | "s3express:x-amz-server-side-encryption-aws-kms-key-id"
        | "secretsmanager:kmskeyarn"
        | "s3tables:kmskeyarn"
        | "s3vectors:kmskeyarn" => check_kms_key(condition, value, lint),
        _ => {}
    }
}

fn check_region(value: Value<'_>, lint: &mut Lint<'_>) {
    let Value { text, span, .. } = value;
    let pattern = tokens(text, false);
    let known = if text.contains(['*', '?']) {
        let mut regions = Partition::all().flat_map(|partition| partition.facts().regions);
        regions.any(|region| overlap(&pattern, &tokens(region, false), &lint.effort))
    } else {
        Partition::of_region(text).is_some()
    };
    if !known {
        let message = format!("there is no region `{}`", shown(text));
        lint.report(Finding::new(&INVALID_REGION, span, message).help("regions are like `eu-west-1`"));
    }
}

/// A prefix and eight or seventeen letters.
fn check_id(value: Value<'_>, prefix: &str, check: &'static Check, what: &str, lint: &mut Lint<'_>) {
    let Value { text, span, .. } = value;
    let id = text.strip_prefix(prefix).unwrap_or_default();
    let valid = text.contains(['*', '?'])
        || (matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !valid {
        let message = format!("`{}` is no id of {what}", shown(text));
        lint.report(
            Finding::new(check, span, message)
                .help(format!("ids are `{prefix}` and 8 or 17 letters or digits")),
        );
    }
}

/// `ec2.amazonaws.com`; with a region, `ec2.eu-west-1.amazonaws.com`.
fn check_service(value: Value<'_>, with_region: bool, lint: &mut Lint<'_>) {
    let Value { text, span, .. } = value;
    let valid = if text.contains(['*', '?']) {
        // Some name that fits the pattern has to be one of a service.
        let rest = ".amazonaws.com".chars().map(Token::Letter);
        let form: Vec<_> = [Token::One, Token::Any].into_iter().chain(rest).chain([Token::Any]).collect();
        overlap(&tokens(text, false), &form, &lint.effort)
    } else {
        is_service_name(text) && (!with_region || text.split('.').count() >= 4)
    };
    if !valid {
        let form = if with_region { "ec2.eu-west-1.amazonaws.com" } else { "ec2.amazonaws.com" };
        let message = format!("`{}` is no name of a service here", shown(text));
        let finding = Finding::new(&INVALID_SERVICE_PRINCIPAL_FORMAT, span, message);
        let lower = text.trim().to_ascii_lowercase();
        let fix = (is_service_name(&lower) && lower != text)
            .then(|| Fix::string(Safety::ChangesMeaning, span, &lower));
        lint.report(finding.help(format!("names are like `{form}`")).fix(fix));
    }
}

fn check_kms_key(condition: &Condition<'_>, value: Value<'_>, lint: &mut Lint<'_>) {
    let Value { text, span, .. } = value;
    let form = tokens("arn:aws*:kms:*:*:key/?*", false);
    if text.is_empty() || !overlap(&tokens(text, false), &form, &lint.effort) {
        let message = format!("`{}` is no ARN of a KMS key", shown(text));
        let finding = Finding::new(&INVALID_KMS_KEY_VALUE, span, message);
        lint.report(finding.help(format!("`{}` holds `arn:aws:kms:REGION:ACCOUNT:key/ID`", condition.key())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lose_their_bits() {
        assert_eq!(network_of("203.0.113.7/24").unwrap(), "203.0.113.0/24");
        assert_eq!(network_of("2001:db8::1/32").unwrap(), "2001:db8::/32");
        assert_eq!(network_of("1.2.3.4/0").unwrap(), "0.0.0.0/0");
        for fine in ["203.0.113.0/24", "203.0.113.7/32", "203.0.113.7", "::/0", "x/1", "1.2.3.4/33"] {
            assert_eq!(network_of(fine), None, "{fine}");
        }
    }

    #[test]
    fn private_ranges() {
        for private in ["10.1.0.0/16", "192.168.1.1", "172.31.0.0/16", "fd00::/8"] {
            assert!(is_private(private), "{private}");
        }
        for public in ["8.8.8.8", "0.0.0.0/0", "10.0.0.0/7", "172.32.0.0/16", "2001:db8::/32", "x"] {
            assert!(!is_private(public), "{public}");
        }
    }
}
