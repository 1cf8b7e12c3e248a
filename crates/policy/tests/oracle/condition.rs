//! `Condition`.

use super::pattern::{self, Token};
use super::{KeyValue, Keys, texts};
use serde_json::Value;
use std::net::IpAddr;

pub fn all_hold(condition: Option<&Value>, variables: bool, keys: &Keys) -> bool {
    let Some(operators) = condition.and_then(Value::as_object) else { return true };
    operators.iter().all(|(operator, of_keys)| {
        let of_keys = of_keys.as_object().unwrap();
        of_keys.iter().all(|(key, values)| holds(operator, key, &texts(values), variables, keys))
    })
}

fn holds(operator: &str, key: &str, policy: &[String], variables: bool, keys: &Keys) -> bool {
    let operator = operator.to_lowercase();
    let (quantifier, rest) = operator.split_once(':').unwrap_or(("", &operator));
    let (name, if_exists) = match rest.strip_suffix("ifexists") {
        Some(name) => (name, true),
        None => (rest, false),
    };
    let Some((name, negated)) = known(name) else { return false };
    if (name == "null" && if_exists) || !["", "foranyvalue", "forallvalues"].contains(&quantifier) {
        return false;
    }
    let found: Vec<&KeyValue> =
        keys.iter().filter(|(given, _)| given.eq_ignore_ascii_case(key)).map(|(_, v)| v).collect();
    let values: Vec<String> = found
        .iter()
        .flat_map(|value| match value {
            KeyValue::One(value) => vec![value.clone()],
            KeyValue::Many(values) => values.clone(),
        })
        .collect();
    let one = |value: &str| {
        let verdicts: Vec<Option<bool>> =
            policy.iter().map(|p| compare(name, p, value, variables, keys)).collect();
        if negated { verdicts.iter().all(|v| *v == Some(false)) } else { verdicts.contains(&Some(true)) }
    };
    let empty = values.iter().all(String::is_empty);
    match quantifier {
        "forallvalues" => empty || values.iter().all(|value| one(value)),
        "foranyvalue" if values.is_empty() => if_exists,
        "foranyvalue" => !empty && values.iter().any(|value| one(value)),
        _ if name == "null" => one(if empty { "" } else { "something" }),
        _ if values.is_empty() => if_exists || negated,
        // One key with several values takes a set operator; several keys that differ in case are alternatives.
        _ if values.len() > 1 && matches!(found.as_slice(), [KeyValue::Many(_)]) => false,
        _ => values.iter().any(|value| one(value)),
    }
}

/// The comparison without its negation.
fn known(name: &str) -> Option<(&'static str, bool)> {
    Some(match name {
        "stringequals" => ("string", false),
        "stringnotequals" => ("string", true),
        "stringequalsignorecase" => ("ignorecase", false),
        "stringnotequalsignorecase" => ("ignorecase", true),
        "stringlike" => ("like", false),
        "stringnotlike" => ("like", true),
        "arnequals" | "arnlike" => ("arn", false),
        "arnnotequals" | "arnnotlike" => ("arn", true),
        "numericequals" => ("number =", false),
        "numericnotequals" => ("number =", true),
        "numericlessthan" => ("number <", false),
        "numericlessthanequals" => ("number <=", false),
        "numericgreaterthan" => ("number >", false),
        "numericgreaterthanequals" => ("number >=", false),
        "dateequals" => ("date =", false),
        "datenotequals" => ("date =", true),
        "datelessthan" => ("date <", false),
        "datelessthanequals" => ("date <=", false),
        "dategreaterthan" => ("date >", false),
        "dategreaterthanequals" => ("date >=", false),
        "bool" => ("bool", false),
        "binaryequals" => ("binary", false),
        "ipaddress" => ("ip", false),
        "notipaddress" => ("ip", true),
        "null" => ("null", false),
        _ => return None,
    })
}

/// `None`: one of the two is not of the type that is compared.
fn compare(name: &str, policy: &str, value: &str, variables: bool, keys: &Keys) -> Option<bool> {
    let text = |wildcards| pattern::tokens_with_variables(policy, wildcards, variables, keys);
    match name {
        "string" => Some(text(false).is_some_and(|tokens| pattern::fits(&tokens, value))),
        "like" => Some(text(true).is_some_and(|tokens| pattern::fits(&tokens, value))),
        "ignorecase" => {
            Some(text(false).is_some_and(|tokens| letters(&tokens).to_lowercase() == value.to_lowercase()))
        }
        "bool" => {
            let value = value.eq_ignore_ascii_case("true");
            Some(text(false).is_some_and(|tokens| letters(&tokens).to_lowercase() == value.to_string()))
        }
        "arn" => super::part(value, 0).map(|_| pattern::arn(policy, value, variables, keys)),
        "null" => Some(policy.to_lowercase() == value.is_empty().to_string()),
        "binary" => Some(bytes(policy)? == bytes(value)?),
        "ip" => in_network(policy, value),
        _ if name.starts_with("number") => order(name, number(value)?, number(policy)?),
        _ => order(name, date(value)?, date(policy)?),
    }
}

fn letters(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| if let Token::Letter(letter) = token { *letter } else { unreachable!() })
        .collect()
}

fn order(name: &str, value: f64, policy: f64) -> Option<bool> {
    Some(match name.split(' ').nth(1)? {
        "=" => value == policy,
        "<" => value < policy,
        "<=" => value <= policy,
        ">" => value > policy,
        _ => value >= policy,
    })
}

fn number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    let shape = !digits.is_empty() && !digits.starts_with('.') && !digits.ends_with('.');
    (shape && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')).then(|| text.parse().ok())?
}

fn date(text: &str) -> Option<f64> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    if text.len() == 7 {
        return date(&format!("{text}-01"));
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_microsecond() as f64 / 1e6);
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond() as f64 / 1e6)
}

fn in_network(policy: &str, value: &str) -> Option<bool> {
    let bits = |address: IpAddr| -> Vec<bool> {
        let octets = match address.to_canonical() {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect()
    };
    let (network, prefix) =
        policy.split_once('/').map_or((policy, None), |(network, prefix)| (network, Some(prefix)));
    let network = bits(network.parse().ok()?);
    let prefix: usize = prefix.map_or(Some(network.len()), |prefix| prefix.parse().ok())?;
    let address = bits(value.parse().ok()?);
    (prefix <= network.len())
        .then(|| network.len() == address.len() && network[..prefix] == address[..prefix])
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = Vec::new();
    for letter in text.trim_end_matches('=').chars() {
        let value = LETTERS.find(letter)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    if !text.len().is_multiple_of(4) && text.contains('=') || bits.len() % 8 == 6 {
        return None;
    }
    Some(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect())
}
