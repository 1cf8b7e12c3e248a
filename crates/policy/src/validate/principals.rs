//! `Principal` and `NotPrincipal`.

use super::checks::{
    ALLOW_WITH_NOT_PRINCIPAL, BAILIWICK_INVALID_PRINCIPAL, BAILIWICK_PUBLIC_PRINCIPAL,
    FEDERATED_PRINCIPAL_NOT_SUPPORTED, INVALID_PRINCIPAL_FORMAT, INVALID_PRINCIPAL_KEY,
    INVALID_ROLE_REFERENCE, INVALID_SERVICE_PRINCIPAL_FORMAT, INVALID_USER_REFERENCE,
    SCP_SYNTAX_ERROR_PRINCIPAL, UNSUPPORTED_PRINCIPAL, UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
};
use super::fix::{Fix, Safety};
use super::service_principals::is_service_name;
use super::view::{PrincipalEntry, Principals, Statement, principal_type};
use super::{Finding, Lint, shown};
use crate::document::{DocumentKind, PrincipalType};
use base::json::JsonValue;
use base::{AccountId, ArnRef, Partition};

pub(super) fn check(lint: &mut Lint<'_>) {
    let policy = lint.policy;
    for statement in &policy.statements {
        let Some(principals) = &statement.principals else { continue };
        if !lint.takes_principals() {
            report_unsupported(statement, principals, lint);
            continue;
        }
        check_format(principals, lint);
        principals.entries.iter().for_each(|entry| check_entry(entry, lint));
        if principals.negated && statement.allows() && lint.kind != DocumentKind::Rcp {
            let message = "everybody but those named is allowed, anonymous callers too";
            let finding = Finding::new(&ALLOW_WITH_NOT_PRINCIPAL, principals.member.key_span, message);
            lint.report(finding.help("name in `Principal` who is to be allowed"));
        }
        check_public(statement, principals, lint);
    }
}

fn report_unsupported(statement: &Statement<'_>, principals: &Principals<'_>, lint: &mut Lint<'_>) {
    let members = statement.node.as_object().unwrap_or_default();
    let fix = Fix::without_member(Safety::ChangesMeaning, members, principals.member.key_span);
    let finding = if lint.kind == DocumentKind::Scp {
        let finding =
            Finding::new(&SCP_SYNTAX_ERROR_PRINCIPAL, principals.span(), "an SCP names no principal");
        finding.help("it binds everybody in the account; the condition key `aws:PrincipalArn` can narrow it")
    } else {
        let message = "a policy of this kind names no principal";
        let finding = Finding::new(&UNSUPPORTED_PRINCIPAL, principals.span(), message);
        finding.help("it speaks of whom it is attached to; a policy of a resource is another kind")
    };
    lint.report(finding.fix(fix));
}

fn check_format(principals: &Principals<'_>, lint: &mut Lint<'_>) {
    let value = &principals.member.value;
    match &value.value {
        JsonValue::String(_) if principals.is_star => {}
        JsonValue::Object(keys) => {
            for key in keys.iter().filter(|key| principal_type(&key.key).is_none()) {
                let message = format!("there are no principals of the kind `{}`", shown(&key.key));
                let known = ["AWS", "Service", "Federated", "CanonicalUser"];
                let meant = known.into_iter().find(|name| name.eq_ignore_ascii_case(&key.key));
                let is_free = lint.wants_fix(&INVALID_PRINCIPAL_KEY)
                    && meant.is_some_and(|name| !keys.iter().any(|other| *other.key == *name));
                let fix = meant
                    .filter(|_| is_free)
                    .map(|name| Fix::string(Safety::ChangesMeaning, key.key_span, name));
                let finding = Finding::new(&INVALID_PRINCIPAL_KEY, key.key_span, message);
                lint.report(
                    finding.help("kinds are `AWS`, `Service`, `Federated` and `CanonicalUser`").fix(fix),
                );
            }
        }
        _ => {
            let message = "a principal stands under a key, unless it is `*`";
            let finding = Finding::new(&INVALID_PRINCIPAL_FORMAT, value.span, message);
            lint.report(finding.help("write `{\"AWS\": \"123456789012\"}`, for instance"));
        }
    }
}

fn check_entry(entry: &PrincipalEntry<'_>, lint: &mut Lint<'_>) {
    let PrincipalEntry { kind, text, span } = *entry;
    if text.contains("${") {
        return;
    }
    let has_wildcard = text.contains(['*', '?']);
    let wildcard = |key: &str| {
        let message = format!("`{}` has a wildcard, which principals under `{key}` do not take", shown(text));
        let finding = Finding::new(&UNSUPPORTED_WILDCARD_IN_PRINCIPAL, span, message);
        finding.help("name it in full; many can be told by a condition on `aws:PrincipalArn`")
    };
    match kind {
        PrincipalType::Aws if text == "*" => {}
        PrincipalType::Aws if has_wildcard => lint.report(wildcard("AWS")),
        PrincipalType::Aws => check_aws(entry, lint),
        PrincipalType::Service if has_wildcard => lint.report(wildcard("Service")),
        PrincipalType::Service => check_service(entry, lint),
        PrincipalType::Federated if lint.kind != DocumentKind::Trust => {
            let message = "only the trust policies of roles take federated principals";
            lint.report(Finding::new(&FEDERATED_PRINCIPAL_NOT_SUPPORTED, span, message));
        }
        PrincipalType::Federated if has_wildcard => lint.report(wildcard("Federated")),
        PrincipalType::Federated | PrincipalType::CanonicalUser => {}
    }
}

fn check_aws(entry: &PrincipalEntry<'_>, lint: &mut Lint<'_>) {
    let PrincipalEntry { text, span, .. } = *entry;
    let is_id =
        text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let again = "the text once was an ARN; IAM shows an id when the one it named is gone";
    if is_id && text.starts_with("AROA") {
        let message = format!("the principal is the id of a role, `{text}`");
        return lint.report(
            Finding::new(&INVALID_ROLE_REFERENCE, span, message)
                .help(format!("write the role's ARN; {again}")),
        );
    }
    if is_id && text.starts_with("AIDA") {
        let message = format!("the principal is the id of a user, `{text}`");
        return lint.report(
            Finding::new(&INVALID_USER_REFERENCE, span, message)
                .help(format!("write the user's ARN; {again}")),
        );
    }
    if AccountId::parse(text).is_ok() || is_principal_arn(text) {
        return;
    }
    let message = format!("`{}` is no principal", shown(text));
    let finding = Finding::new(&BAILIWICK_INVALID_PRINCIPAL, span, message);
    let is_group = ArnRef::parse(text).is_some_and(|arn| arn.resource.starts_with("group/"));
    lint.report(finding.help(if is_group {
        "a group is no principal: name its users, or a role"
    } else {
        "name an account, a user, a role or a session by its ARN, or an account by its twelve digits"
    }));
}

fn is_principal_arn(text: &str) -> bool {
    let Some(arn) = ArnRef::parse(text) else { return false };
    let resource = match (arn.service, arn.typed_resource()) {
        ("iam", None) => arn.resource == "root",
        ("iam", Some(("user" | "role", name))) | ("sts", Some(("federated-user", name))) => !name.is_empty(),
        ("sts", Some(("assumed-role", rest))) => {
            rest.split_once('/').is_some_and(|(role, session)| !role.is_empty() && !session.is_empty())
        }
        _ => false,
    };
    // The identity by which CloudFront reads a bucket lives in an account of its own.
    let is_account = AccountId::parse(arn.account).is_ok() || arn.account == "cloudfront";
    Partition::by_id(arn.partition).is_some() && arn.region.is_empty() && is_account && resource
}

fn check_service(entry: &PrincipalEntry<'_>, lint: &mut Lint<'_>) {
    let PrincipalEntry { text, span, .. } = *entry;
    if is_service_name(text) {
        return;
    }
    let message = format!("`{}` is no name of a service", shown(text));
    let lower = text.trim().to_ascii_lowercase();
    let fix = is_service_name(&lower).then(|| Fix::string(Safety::ChangesMeaning, span, &lower));
    let finding = Finding::new(&INVALID_SERVICE_PRINCIPAL_FORMAT, span, message);
    lint.report(finding.help("names are like `ec2.amazonaws.com`").fix(fix));
}

/// Everybody, without a condition.
fn check_public(statement: &Statement<'_>, principals: &Principals<'_>, lint: &mut Lint<'_>) {
    let everybody =
        principals.entries.iter().find(|entry| entry.kind == PrincipalType::Aws && entry.text == "*");
    let is_open = statement.allows() && !principals.negated && !statement.has_conditions();
    let Some(everybody) = everybody.filter(|_| is_open) else { return };
    // A trust policy for `"*"` has a fault of its own.
    let is_judged = match lint.kind {
        DocumentKind::Resource => true,
        DocumentKind::Trust => !principals.is_star,
        _ => false,
    };
    if !is_judged {
        return;
    }
    let message = match lint.kind {
        DocumentKind::Trust => "anybody in any account may assume the role",
        _ => "the statement lets everybody in, anonymous callers too",
    };
    let finding = Finding::new(&BAILIWICK_PUBLIC_PRINCIPAL, everybody.span, message);
    lint.report(finding.help("name who it is for, or add a condition such as on `aws:PrincipalOrgID`"));
}
