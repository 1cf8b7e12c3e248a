//! Resource control policies.
//!
//! See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>.

use super::checks::{
    RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY, RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY,
    RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK, RCP_SYNTAX_ERROR_ACTION, RCP_SYNTAX_ERROR_ALLOW,
    RCP_SYNTAX_ERROR_NOTACTION, RCP_SYNTAX_ERROR_PRINCIPAL,
};
use super::view::{Condition, Statement};
use super::{Finding, Lint, shown};
use crate::catalogue::Catalogue;
use crate::document::{DocumentKind, PrincipalType};
use crate::operator::Comparison;

pub(super) fn check(lint: &mut Lint<'_>) {
    if lint.kind != DocumentKind::Rcp {
        return;
    }
    let policy = lint.policy;
    for statement in &policy.statements {
        check_grammar(statement, lint);
        if statement.allows() {
            check_allow(statement, lint);
        }
        if statement.denies() {
            check_whom_it_hits(statement, lint);
        }
    }
}

fn check_grammar(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    if let Some(principals) = &statement.principals {
        let everybody =
            principals.entries.iter().all(|entry| entry.kind == PrincipalType::Aws && entry.text == "*");
        if principals.negated || !everybody {
            let message = "the principal of an RCP is `*`";
            let finding = Finding::new(&RCP_SYNTAX_ERROR_PRINCIPAL, principals.span(), message);
            lint.report(finding.help(
                "write `\"Principal\": \"*\"` and narrow it with conditions such as on `aws:PrincipalArn`",
            ));
        }
    }
    let Some(actions) = &statement.actions else { return };
    if actions.negated {
        let message = "an RCP takes no `NotAction`";
        lint.report(
            Finding::new(&RCP_SYNTAX_ERROR_NOTACTION, actions.member.key_span, message)
                .help("list the actions"),
        );
    }
    for entry in &actions.entries {
        let service = entry.text.split(':').next().unwrap_or_default();
        let is_known = Catalogue::get().service(service).is_some();
        if entry.text == "*" && statement.denies() {
            let message = "a lone `*` stands in the full-access RCP only";
            let finding = Finding::new(&RCP_SYNTAX_ERROR_ACTION, entry.span, message);
            lint.report(finding.help("name the services: `\"s3:*\"`, for instance"));
        } else if is_known && !Catalogue::get().rcp_supported(service) {
            let message = format!("RCPs do not apply to `{}`", shown(service));
            lint.report(Finding::new(&RCP_SYNTAX_ERROR_ACTION, entry.span, message).help("take it out"));
        }
    }
}

/// Only `RCPFullAWSAccess` allows: everything, to everybody.
fn check_allow(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let all = |entries: &[super::view::Entry<'_>]| matches!(entries, [one] if one.text == "*");
    let is_full = all(statement.plain_actions())
        && statement.resources.as_ref().is_some_and(|list| !list.negated && all(&list.entries))
        && !statement.has_conditions();
    if is_full {
        return;
    }
    let span = statement.node.get("Effect").map_or(statement.node.span, |effect| effect.span);
    let message = "an RCP denies; only the full-access RCP allows, everything and without condition";
    lint.report(Finding::new(&RCP_SYNTAX_ERROR_ALLOW, span, message).help("write `Deny`"));
}

/// Keys that only callers of an account have: services lack them.
const PRINCIPAL_KEYS: [&str; 6] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag",
    "aws:principaltype",
];
/// Keys that only services have.
const SOURCE_KEYS: [&str; 4] =
    ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

fn check_whom_it_hits(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let is_null = |condition: &Condition<'_>| {
        condition.operator.is_some_and(|operator| operator.comparison == Comparison::Null)
    };
    let on = |keys: &[&str]| {
        let found =
            |condition: &&Condition<'_>| !is_null(condition) && keys.contains(&condition.family().as_str());
        statement.conditions.iter().find(found)
    };
    let service_is = |value: &str| {
        statement.conditions.iter().any(|condition| {
            condition.is_on("aws:PrincipalIsAWSService")
                && condition.values.iter().any(|found| found.text.eq_ignore_ascii_case(value))
        })
    };
    if let Some(condition) = on(&PRINCIPAL_KEYS).filter(|_| !service_is("false") && !service_is("true")) {
        let message = format!("AWS's services lack `{}` and are denied as well", condition.key());
        let finding =
            Finding::new(&RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY, condition.key_span(), message);
        lint.report(finding.help("add `\"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}`"));
    }
    let Some(condition) = on(&SOURCE_KEYS) else { return };
    if !service_is("true") {
        let message = format!("your own principals lack `{}` and are denied as well", condition.key());
        let finding =
            Finding::new(&RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY, condition.key_span(), message);
        lint.report(finding.help("add `\"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"true\"}`"));
    }
    let tells_source = statement.conditions.iter().any(|condition| {
        is_null(condition)
            && (condition.is_on("aws:SourceAccount") || condition.is_on("aws:SourceArn"))
            && condition.values.iter().any(|value| value.text.eq_ignore_ascii_case("false"))
    });
    if !tells_source {
        let message = format!("services that tell no `{}` are denied as well", condition.key());
        let finding =
            Finding::new(&RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK, condition.key_span(), message);
        lint.report(finding.help("add `\"Null\": {\"aws:SourceAccount\": \"false\"}`"));
    }
}
