//! Services as principals: for whom they act, and what their requests carry.

use super::checks::{
    RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL,
    UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
};
use super::view::{PrincipalEntry, Statement};
use super::{Finding, Lint, listed};
use crate::document::{DocumentKind, PrincipalType};
use crate::operator::Comparison;

/// Keys that tell for whom a service acts.
const SOURCE_KEYS: [&str; 4] =
    ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Keys of principals that belong to an account, which services do not.
const PRINCIPAL_KEYS: [&str; 5] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    if lint.kind != DocumentKind::Resource {
        return;
    }
    let policy = lint.policy;
    for statement in policy.statements.iter().filter(|statement| statement.allows()) {
        let services: Vec<_> = statement
            .plain_principals()
            .iter()
            .filter(|entry| entry.kind == PrincipalType::Service)
            .collect();
        if let Some(first) = services.first() {
            check_source(statement, &services, first, lint);
            if services.len() == statement.plain_principals().len() {
                check_keys(statement, lint);
            }
        }
    }
}

fn check_source(
    statement: &Statement<'_>,
    services: &[&PrincipalEntry<'_>],
    first: &PrincipalEntry<'_>,
    lint: &mut Lint<'_>,
) {
    let names = listed(services.iter().map(|service| service.text));
    if SOURCE_KEYS.iter().any(|key| statement.asks_for(key)) {
        return;
    }
    let help =
        "add a condition on `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths`";
    let others = ["aws:referer", "aws:sourceowner", "aws:useragent", "aws:sourceip"];
    let other = statement.conditions.iter().find(|condition| others.contains(&condition.family().as_str()));
    lint.report(match other {
        Some(condition) => {
            let message = format!("`{}` does not say for whom {names} may act", condition.key());
            Finding::new(&RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, condition.key_span(), message)
                .help(help)
        }
        None => {
            let message = format!("{names} may act here for anybody");
            Finding::new(&RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL, first.span, message).help(help)
        }
    });
}

fn check_keys(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    for condition in &statement.conditions {
        let asks = condition.operator.is_some_and(|operator| {
            !operator.if_exists && !operator.negated && operator.comparison != Comparison::Null
        });
        if asks && PRINCIPAL_KEYS.contains(&condition.family().as_str()) {
            let message = format!("requests of services do not carry `{}`", condition.key());
            let finding =
                Finding::new(&UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, condition.key_span(), message);
            lint.report(finding.help("`aws:SourceOrgID` and its like tell for whom a service acts"));
        }
    }
}

/// Whether the text has the form of a service's name: `ec2.amazonaws.com`, `logs.eu-west-1.amazonaws.com`.
pub(super) fn is_service_name(text: &str) -> bool {
    let ends = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".amazonaws.eu", ".aws.com"];
    let name = ends.iter().find_map(|end| text.strip_suffix(end));
    name.is_some_and(|name| {
        !name.is_empty()
            && name.split('.').all(|label| {
                let letters = |byte: u8| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
                };
                !label.is_empty() && label.bytes().all(letters)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::is_service_name;

    #[test]
    fn names_of_services() {
        for good in [
            "ec2.amazonaws.com",
            "logs.eu-west-1.amazonaws.com",
            "ec2.amazonaws.com.cn",
            "resource-explorer-2.amazonaws.com",
        ] {
            assert!(is_service_name(good), "{good}");
        }
        for bad in ["ec2", "EC2.amazonaws.com", ".amazonaws.com", "ec2.amazon.com", "a b.amazonaws.com", "*"]
        {
            assert!(!is_service_name(bad), "{bad}");
        }
    }
}
