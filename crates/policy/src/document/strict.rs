//! What IAM refuses at write time, in its words.
//!
//! The messages are AWS's for `MalformedPolicyDocument`; where AWS's own is not known, the nearest one stands. Each
//! comes with a diagnostic that tells place and remedy.

use super::read::{LEGACY, Reading, SYNTAX, Stage, read};
use super::{
    Document, DocumentKind, Effect, Malformed, PrincipalEntry, PrincipalType, Statement, Version, trust,
};
use crate::operator::Comparison;
use crate::value::Instant;
use base::{AccountId, ArnRef, Diagnostic, Partition, Span};
use std::collections::HashSet;

pub(super) fn parse(text: &str, kind: DocumentKind) -> Result<Document, Malformed> {
    let mut reading = read(text);
    check_characters(text, &mut reading);
    if let Some(document) = reading.document.take() {
        check_document(&document, kind, &mut reading);
        reading.document = Some(document);
    }
    let mut problems = reading.problems;
    problems.sort_by_key(|problem| problem.stage);
    match (reading.document, problems.first()) {
        (Some(document), None) => Ok(document),
        (_, first) => {
            let message = first.map_or(SYNTAX.into(), |problem| problem.aws.clone()).into_owned();
            let diagnostics = problems.into_iter().map(|problem| problem.diagnostic).collect();
            Err(Malformed { message, diagnostics })
        }
    }
}

/// U+0009, U+000A, U+000D and U+0020 to U+00FF, as the IAM API demands of policy documents.
fn check_characters(text: &str, reading: &mut Reading) {
    let foreign = |letter: &char| !matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
    if let Some((at, letter)) = text.char_indices().find(|(_, letter)| foreign(letter)) {
        let span = Span::new(at, at + letter.len_utf8());
        let message = format!("the character U+{:04X} must not stand in a policy", u32::from(letter));
        let help =
            "policies take the characters up to U+00FF, of control characters only tab and line breaks";
        reading.refuse(
            Stage::Syntax,
            SYNTAX,
            Diagnostic::error("INVALID_CHARACTER", span, message).with_help(help),
        );
    }
}

fn check_document(document: &Document, kind: DocumentKind, reading: &mut Reading) {
    let identity = matches!(kind, DocumentKind::Identity | DocumentKind::Boundary);
    if identity && document.version() != Version::V2012 {
        let diagnostic =
            Diagnostic::error("INVALID_VERSION", Span::new(0, 1), "the policy is not of version 2012-10-17");
        let diagnostic = diagnostic.with_help("add `\"Version\": \"2012-10-17\"`");
        reading.refuse(Stage::Version, "Policy document must be version 2012-10-17 or greater.", diagnostic);
    }
    if let Some(id) = document.id().filter(|_| !takes_principals(kind)) {
        refuse_field("Id", id.span, reading);
    }
    check_sids(document, kind, reading);
    for statement in document.statements() {
        check_statement(statement, kind, reading);
    }
}

fn takes_principals(kind: DocumentKind) -> bool {
    use DocumentKind::{Endpoint, Rcp, Resource, Trust};
    matches!(kind, Resource | Trust | Rcp | Endpoint)
}

fn check_sids(document: &Document, kind: DocumentKind, reading: &mut Reading) {
    use DocumentKind::{Boundary, Identity, Session, Trust};
    let mut seen = HashSet::new();
    for sid in document.statements().iter().filter_map(|statement| statement.sid.as_ref()) {
        let alphanumeric = sid.value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !alphanumeric && matches!(kind, Identity | Boundary | Session | Trust) {
            let aws = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
            let message = format!("`{}` is no statement id", sid.value);
            let diagnostic = Diagnostic::error("INVALID_SID", sid.span, message);
            reading.refuse(Stage::Sid, aws, diagnostic.with_help("write letters A to Z and digits only"));
        }
        if !sid.value.is_empty() && !seen.insert(&*sid.value) {
            let message = format!("the statement id `{}` stands twice", sid.value);
            let diagnostic = Diagnostic::error("DUPLICATE_SID", sid.span, message)
                .with_help("give every statement its own");
            reading.refuse(Stage::Sid, "Statement IDs (SID) in a single policy must be unique.", diagnostic);
        }
    }
}

fn check_statement(statement: &Statement, kind: DocumentKind, reading: &mut Reading) {
    statement.action.entries.iter().for_each(|action| check_action(&action.value, action.span, reading));
    check_resource_element(statement, kind, reading);
    check_principal_element(statement, kind, reading);
    check_conditions(statement, reading);
    match kind {
        DocumentKind::Trust => trust::check(statement, reading),
        DocumentKind::Rcp => check_rcp(statement, reading),
        _ => {}
    }
}

fn check_action(action: &str, span: Span, reading: &mut Reading) {
    let (aws, message) = match action.split_once(':') {
        _ if action == "*" => return,
        None => (
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned(),
            format!("the action `{action}` names no service"),
        ),
        Some((_, name)) if name.contains(':') => (
            "Actions/Condition can contain only one colon.".to_owned(),
            format!("the action `{action}` has more than one colon"),
        ),
        Some((vendor, _)) if !is_vendor(vendor) => {
            (format!("Vendor {vendor} is not valid"), format!("`{vendor}` is no service prefix"))
        }
        Some((_, name)) if name.is_empty() || name.contains([' ', '\t', '\n', '\r', ',']) => {
            (LEGACY.to_owned(), format!("the action `{action}` has no proper name"))
        }
        Some(_) => return,
    };
    let help = "write `service:Action`; `*` and `?` may stand in the action's name";
    reading.refuse(
        Stage::ActionFormat,
        aws,
        Diagnostic::error("INVALID_ACTION", span, message).with_help(help),
    );
}

fn is_vendor(text: &str) -> bool {
    text == "*"
        || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')))
}

fn check_resource_element(statement: &Statement, kind: DocumentKind, reading: &mut Reading) {
    match (&statement.resource, kind) {
        (Some(element), DocumentKind::Trust) => {
            let name = if element.negated { "NotResource" } else { "Resource" };
            refuse_field(name, element.span, reading);
        }
        (Some(element), _) if !element.entries.is_empty() => {
            element.entries.iter().for_each(|entry| check_resource(&entry.value, entry.span, reading));
        }
        // Some services' resource policies speak of the resource they are attached to without naming it.
        (None, DocumentKind::Trust | DocumentKind::Resource) => {}
        _ => {
            let diagnostic =
                Diagnostic::error("MISSING_RESOURCE", statement.span, "the statement names no resource");
            let diagnostic = diagnostic.with_help("add `Resource` or `NotResource`");
            reading.refuse(Stage::Field, "Policy statement must contain resources.", diagnostic);
        }
    }
}

fn check_resource(resource: &str, span: Span, reading: &mut Reading) {
    let Some((stage, aws)) = resource_refusal(resource) else { return };
    let message = format!("`{}` is no ARN of a resource", resource.chars().take(256).collect::<String>());
    let help = "write `*` or `arn:partition:service:region:account:resource`";
    reading.refuse(stage, aws, Diagnostic::error("INVALID_ARN", span, message).with_help(help));
}

const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

fn resource_refusal(resource: &str) -> Option<(Stage, String)> {
    if resource == "*" {
        return None;
    }
    let Some((_, rest)) = resource.split_once(':').filter(|(prefix, _)| *prefix == "arn") else {
        return Some((Stage::ResourceFormat, format!("Resource {resource} must be in ARN format or \"*\".")));
    };
    let mut parts = rest.splitn(5, ':');
    let mut next = || parts.next().unwrap_or("*");
    let (partition, service, region, account, path) = (next(), next(), next(), next(), next());
    if !partition.contains(['*', '?']) && Partition::by_id(partition).is_none() {
        let service = if service.is_empty() { "*" } else { service };
        let arn = format!("arn:{partition}:{service}:{region}:{account}:{path}");
        let aws = format!("Partition \"{partition}\" is not valid for resource \"{arn}\".");
        return Some((Stage::ResourceFormat, aws));
    }
    if !rest.contains(':') || service.contains(['*', '?']) {
        let aws = "Resource vendor must be fully qualified and cannot contain regexes.";
        return Some((Stage::ResourceFormat, aws.to_owned()));
    }
    if service.is_empty() || (resource.matches(':').count() < 5 && resource.contains("::")) {
        return Some((Stage::Legacy, LEGACY.to_owned()));
    }
    let complete = resource.matches(':').count() >= 5;
    complete.then(|| service_refusal(resource, service, region, path)).flatten()
}

fn service_refusal(resource: &str, service: &str, region: &str, path: &str) -> Option<(Stage, String)> {
    let refusal = match service {
        "iam" if !region.is_empty() => format!("IAM resource {resource} cannot contain region information."),
        "iam" if path != "*" && !IAM_PATHS.iter().any(|known| path.starts_with(known)) => {
            format!("IAM resource path must either be \"*\" or start with {}.", IAM_PATHS.join(", "))
        }
        // Buckets and objects have no region; access points, jobs and the like have, and a type before a slash.
        "s3" if !region.is_empty() && region != "*" && !has_s3_type(path) => {
            format!("Resource {resource} can not contain region information.")
        }
        _ => return None,
    };
    Some((Stage::ResourceFormat, refusal))
}

fn has_s3_type(path: &str) -> bool {
    let types = [
        "accesspoint/",
        "job/",
        "storage-lens/",
        "storage-lens-group/",
        "access-grants/",
        "async-request/",
        "*",
    ];
    types.iter().any(|known| path.starts_with(known))
}

fn refuse_field(name: &str, span: Span, reading: &mut Reading) {
    let message = format!("`{name}` must not stand in this kind of policy");
    let diagnostic = Diagnostic::error("UNSUPPORTED_ELEMENT", span, message).with_help("leave it out");
    reading.refuse(Stage::Field, format!("Has prohibited field {name}"), diagnostic);
}

fn check_principal_element(statement: &Statement, kind: DocumentKind, reading: &mut Reading) {
    match (&statement.principal, takes_principals(kind)) {
        (None, false) => {}
        (None, true) => {
            let diagnostic =
                Diagnostic::error("MISSING_PRINCIPAL", statement.span, "the statement names no principal");
            let diagnostic = diagnostic.with_help("add `Principal`");
            reading.refuse(Stage::Field, "Missing required field Principal", diagnostic);
        }
        (Some(element), false) => {
            let message = "this kind of policy names no principals";
            let diagnostic = Diagnostic::error("UNSUPPORTED_ELEMENT", element.span, message);
            let diagnostic =
                diagnostic.with_help("it speaks of the principals that it is attached to: leave it out");
            reading.refuse(Stage::Field, "Policy document should not specify a principal.", diagnostic);
        }
        (Some(element), true) => {
            if element.negated && statement.effect == Effect::Allow {
                refuse_field("NotPrincipal", element.span, reading);
            }
            if element.entries.is_empty() {
                let diagnostic =
                    Diagnostic::error("MISSING_PRINCIPAL", element.span, "no principal is named");
                reading.refuse(Stage::Field, "Missing required field Principal", diagnostic);
            }
            element.entries.iter().for_each(|entry| check_principal(entry, kind, reading));
        }
    }
}

fn check_principal(entry: &PrincipalEntry, kind: DocumentKind, reading: &mut Reading) {
    let text = &*entry.text.value;
    let (name, valid) = match entry.kind {
        PrincipalType::Aws => ("AWS", text == "*" || is_aws_principal(text)),
        PrincipalType::Service => ("Service", !text.is_empty() && !text.contains(['*', '?', ' '])),
        PrincipalType::Federated => {
            ("Federated", !text.is_empty() && (!text.contains(['*', '?', ' ']) || text == "*"))
        }
        PrincipalType::CanonicalUser => ("CanonicalUser", kind == DocumentKind::Resource && !text.is_empty()),
    };
    if !valid {
        let message = format!("`{text}` is no principal");
        let diagnostic = Diagnostic::error("INVALID_PRINCIPAL", entry.text.span, message);
        let help = "name an account, a user, a role or a session in full; only a lone `*` means everyone";
        let aws = format!("Invalid principal in policy: \"{name}\":\"{text}\"");
        reading.refuse(Stage::Principal, aws, diagnostic.with_help(help));
    }
}

/// An account, a user, a role, a session or a unique id; no groups, no wildcards.
fn is_aws_principal(text: &str) -> bool {
    if AccountId::parse(text).is_ok() {
        return true;
    }
    let Some(arn) = ArnRef::parse(text) else {
        let letters = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        return letters && text.len() >= 16 && (text.starts_with("AIDA") || text.starts_with("AROA"));
    };
    let place = Partition::by_id(arn.partition).is_some() && AccountId::parse(arn.account).is_ok();
    let resource = match (arn.service, arn.typed_resource()) {
        ("iam", None) => arn.resource == "root",
        ("iam", Some(("user" | "role", name))) | ("sts", Some(("federated-user", name))) => !name.is_empty(),
        ("sts", Some(("assumed-role", rest))) => {
            rest.split_once('/').is_some_and(|(role, s)| !role.is_empty() && !s.is_empty())
        }
        _ => false,
    };
    place && arn.region.is_empty() && resource && !text.contains(['*', '?'])
}

fn check_conditions(statement: &Statement, reading: &mut Reading) {
    for condition in &statement.conditions {
        if !condition.key.value.contains(':') {
            let message = format!("the condition key `{}` names no service", condition.key.value);
            let diagnostic = Diagnostic::error("INVALID_CONDITION_KEY", condition.key.span, message);
            let aws = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            reading.refuse(
                Stage::ActionFormat,
                aws,
                diagnostic.with_help("write `aws:Key` or `service:Key`"),
            );
        }
        let is_date =
            condition.operator.is_some_and(|operator| matches!(operator.comparison, Comparison::Date(_)));
        for value in condition.values.iter().filter(|value| is_date && Instant::parse(&value.value).is_none())
        {
            let diagnostic =
                Diagnostic::error("INVALID_DATE", value.span, format!("`{}` is no date", value.value));
            let help = "write it as `2026-01-31T00:00:00Z` or in seconds since 1970";
            reading.refuse(Stage::Legacy, LEGACY, diagnostic.with_help(help));
        }
    }
}

/// RCPs deny everybody and are narrowed by conditions.
///
/// See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>.
fn check_rcp(statement: &Statement, reading: &mut Reading) {
    let mut refuse = |span, message: &str| {
        let diagnostic = Diagnostic::error("UNSUPPORTED_ELEMENT", span, message);
        reading.refuse(
            Stage::Field,
            "The provided policy document does not meet the requirements of the specified policy type.",
            diagnostic,
        );
    };
    if statement.effect != Effect::Deny {
        refuse(statement.effect_span, "a resource control policy can only deny");
    }
    if let Some(principal) = &statement.principal {
        let everyone =
            principal.entries.iter().all(|e| e.kind == PrincipalType::Aws && *e.text.value == *"*");
        if principal.negated || !everyone {
            refuse(principal.span, "the principal of a resource control policy is `*`");
        }
    }
    if statement.action.negated {
        refuse(statement.action.span, "a resource control policy takes no `NotAction`");
    }
}
