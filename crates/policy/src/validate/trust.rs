//! Trust policies of roles.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>.

use super::actions::entry_covers;
use super::checks::{
    CONFIRM_AUDIENCE_CLAIM_TYPE, FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE,
    INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY, MISMATCHED_ACTION_FOR_PRINCIPAL,
    MISSING_ACTION_FOR_CONDITION_KEY, MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY,
    MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, MISSING_GITHUB_REPO_CONDITION_KEY,
    REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL,
    ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
    SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED, UNSUPPORTED_ACTION_IN_POLICY,
};
use super::conditions::without_prefix;
use super::fix::{Edit, Fix, Safety};
use super::view::{PrincipalEntry, Statement};
use super::{Finding, Lint, listed, shown};
use crate::document::{DocumentKind, PrincipalType};
use crate::operator::{Comparison, Quantifier};
use base::json::{JsonValue, quote};
use base::{ArnRef, Span};
use std::collections::HashMap;

const GITHUB: &str = "token.actions.githubusercontent.com";
const ROLES_ANYWHERE: &str = "rolesanywhere.amazonaws.com";

pub(super) fn check(lint: &mut Lint<'_>) {
    if lint.kind != DocumentKind::Trust {
        return;
    }
    let policy = lint.policy;
    for statement in &policy.statements {
        check_elements(statement, lint);
        check_actions(statement, lint);
        check_federated(statement, lint);
        check_roles_anywhere(statement, lint);
        check_keys_that_actions_set(statement, lint);
        check_sessions(statement, lint);
        check_audience(statement, lint);
    }
}

fn check_elements(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    if let Some(principals) = &statement.principals {
        if principals.negated {
            let span = principals.member.key_span;
            let finding = Finding::new(
                &ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL,
                span,
                "a trust policy takes no `NotPrincipal`",
            );
            lint.report(finding.help("name in `Principal` who may assume the role"));
        }
        if principals.is_star && !principals.negated {
            let finding = Finding::new(
                &ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
                principals.member.value.span,
                "a trust policy takes no `\"Principal\": \"*\"`",
            );
            lint.report(finding.help("name who may assume the role"));
        }
    }
    if let Some(resources) = &statement.resources {
        let members = statement.node.as_object().unwrap_or_default();
        let span = resources.member.key_span.to(resources.member.value.span);
        let message = "a trust policy speaks of the role that it belongs to and names no resource";
        let fix = Fix::without_member(Safety::ChangesMeaning, members, resources.member.key_span);
        lint.report(Finding::new(&ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, span, message).fix(fix));
    }
}

fn check_actions(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let help = "trust policies take `sts:AssumeRole` and its kin, `sts:TagSession`, `sts:SetSourceIdentity` and `sts:SetContext`";
    let Some(list) = &statement.actions else { return };
    for entry in &list.entries {
        let service = entry.text.split(':').next().unwrap_or_default();
        let is_known_elsewhere = !service.eq_ignore_ascii_case("sts") && entry.text != "*";
        let assumes = entry_covers(entry.text, "sts:AssumeRole", &lint.effort)
            || entry.text.to_ascii_lowercase().starts_with("sts:assume")
            || ["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"]
                .iter()
                .any(|action| entry_covers(entry.text, action, &lint.effort));
        if is_known_elsewhere || !assumes {
            let message = format!("`{}` assumes no role", shown(entry.text));
            lint.report(Finding::new(&UNSUPPORTED_ACTION_IN_POLICY, entry.span, message).help(help));
        }
    }
}

/// Providers of identities: their form, the action that goes with them, and who of theirs may come.
fn check_federated(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let mut unfit: Vec<(&str, Span, &'static str)> = Vec::new();
    for entry in statement.plain_principals() {
        let provider = match entry.kind {
            PrincipalType::Federated => provider(entry.text),
            _ => Provider::None,
        };
        if provider == Provider::Unknown && !entry.text.contains(['*', '?']) {
            let message = format!("`{}` is no identity provider", shown(entry.text));
            let finding =
                Finding::new(&INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY, entry.span, message);
            lint.report(finding.help("write a domain, or the ARN of a SAML or OpenID Connect provider"));
            continue;
        }
        for action in statement.plain_actions() {
            if !lint.effort.spend(4) {
                break;
            }
            let Some((fits, wanted)) = provider.fits(action.text) else { continue };
            if !fits {
                unfit.push((action.text, entry.span, wanted));
            }
        }
        if let Provider::OpenId(domain) = provider
            && statement.allows()
        {
            check_open_id(statement, entry, domain, lint);
        }
    }
    if let Some((action, span, wanted)) = unfit.first() {
        let message = format!("`{}` does not go with this kind of principal", shown(action));
        lint.report(Finding::new(&MISMATCHED_ACTION_FOR_PRINCIPAL, *span, message).help(*wanted));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider<'a> {
    /// The principal is not federated.
    None,
    Saml,
    /// With its domain, which begins the names of its condition keys.
    OpenId(&'a str),
    Unknown,
}

fn provider(text: &str) -> Provider<'_> {
    if let Some(arn) = ArnRef::parse(text) {
        return match arn.typed_resource() {
            Some(("saml-provider", name)) if arn.service == "iam" && !name.is_empty() => Provider::Saml,
            Some(("oidc-provider", domain)) if arn.service == "iam" && !domain.is_empty() => {
                Provider::OpenId(domain)
            }
            _ => Provider::Unknown,
        };
    }
    let is_domain = text.contains('.')
        && text.split(['.', '/']).all(|label| !label.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'/' | b'_'));
    if is_domain { Provider::OpenId(text) } else { Provider::Unknown }
}

impl Provider<'_> {
    /// Whether an action of those that assume roles goes with it, and which would.
    fn fits(self, action: &str) -> Option<(bool, &'static str)> {
        let is = |name: &str| action.eq_ignore_ascii_case(name);
        let (plain, saml, web) =
            (is("sts:AssumeRole"), is("sts:AssumeRoleWithSAML"), is("sts:AssumeRoleWithWebIdentity"));
        if !(plain || saml || web) {
            return None;
        }
        Some(match self {
            Provider::Saml => (saml, "a SAML provider goes with `sts:AssumeRoleWithSAML`"),
            Provider::OpenId(_) => {
                (web, "an OpenID Connect provider goes with `sts:AssumeRoleWithWebIdentity`")
            }
            Provider::None => (plain, "accounts, users, roles and services go with `sts:AssumeRole`"),
            Provider::Unknown => return None,
        })
    }
}

fn check_open_id(statement: &Statement<'_>, entry: &PrincipalEntry<'_>, domain: &str, lint: &mut Lint<'_>) {
    let prefix = format!("{}:", domain.to_ascii_lowercase());
    let has_key = statement
        .conditions
        .iter()
        .any(|condition| condition.key().to_ascii_lowercase().starts_with(&prefix));
    if !has_key {
        let message = format!("everybody whom `{}` knows may assume the role", shown(domain));
        let finding = Finding::new(&MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, entry.span, message);
        lint.report(finding.help(format!("add a condition on `{prefix}aud` and `{prefix}sub`")));
    }
    if domain.eq_ignore_ascii_case(GITHUB) {
        check_github(statement, entry, lint);
    }
}

/// Which repositories and branches of GitHub may come.
fn check_github(statement: &Statement<'_>, entry: &PrincipalEntry<'_>, lint: &mut Lint<'_>) {
    let subjects: Vec<_> =
        statement.conditions.iter().filter(|condition| condition.is_on(&format!("{GITHUB}:sub"))).collect();
    if subjects.is_empty() {
        let message = "workflows of every repository of GitHub may assume the role";
        let help =
            format!("add a condition on `{GITHUB}:sub`, such as `repo:OWNER/REPO:ref:refs/heads/main`");
        return lint.report(Finding::new(&MISSING_GITHUB_REPO_CONDITION_KEY, entry.span, message).help(help));
    }
    let tells_branch = statement.asks_for(&format!("{GITHUB}:ref"));
    for value in subjects.iter().flat_map(|condition| &condition.values) {
        let owner_and_repo = value.text.strip_prefix("repo:").and_then(|rest| rest.split_once(':'));
        let named = owner_and_repo.is_some_and(|(repo, _)| !repo.contains(['*', '?']));
        let rest = owner_and_repo.map_or("*", |(_, rest)| rest);
        if value.text.contains(['*', '?'])
            && !(named && tells_branch)
            && !(named && rest.starts_with("environment:"))
        {
            let message = format!(
                "the wildcard in `{}` admits other repositories, branches or pull requests",
                shown(value.text)
            );
            let finding = Finding::new(&SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED, value.span, message);
            lint.report(finding.help("name repository and branch: `repo:OWNER/REPO:ref:refs/heads/main`"));
        }
    }
}

fn check_roles_anywhere(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let service = statement
        .plain_principals()
        .iter()
        .find(|entry| entry.kind == PrincipalType::Service && entry.text == ROLES_ANYWHERE);
    let Some(service) = service.filter(|_| statement.allows() && !statement.plain_actions().is_empty())
    else {
        return;
    };
    let missing =
        missing_actions(statement, &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"], lint);
    if !missing.is_empty() {
        let message = format!("`{ROLES_ANYWHERE}` needs {} as well", listed(&missing));
        let finding = Finding::new(&MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY, service.span, message);
        lint.report(finding.fix(add_actions(statement, &missing)));
    }
}

fn missing_actions<'n>(statement: &Statement<'_>, wanted: &[&'n str], lint: &Lint<'_>) -> Vec<&'n str> {
    let covered = |action: &str| {
        statement.plain_actions().iter().any(|entry| entry_covers(entry.text, action, &lint.effort))
    };
    wanted.iter().filter(|action| !covered(action)).copied().collect()
}

/// Adds entries to `Action`.
fn add_actions(statement: &Statement<'_>, actions: &[&str]) -> Option<Fix> {
    let value = &statement.actions.as_ref()?.member.value;
    let more: Vec<_> = actions.iter().map(|action| quote(action)).collect();
    let edit = |start, end, text| Edit { span: Span { start, end }, text };
    let edits = match &value.value {
        JsonValue::Array(nodes) => {
            let end = nodes.last()?.span.end;
            vec![edit(end, end, format!(", {}", more.join(", ")))]
        }
        JsonValue::String(text) => {
            vec![edit(value.span.start, value.span.end, format!("[{}, {}]", quote(text), more.join(", ")))]
        }
        _ => return None,
    };
    Some(Fix::new(Safety::ChangesMeaning, format!("add {}", listed(actions)), edits))
}

/// Keys that a request carries only if it does another action as well.
fn check_keys_that_actions_set(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    if !statement.allows() || statement.plain_actions().is_empty() {
        return;
    }
    for condition in &statement.conditions {
        let action = match condition.family().as_str() {
            "sts:sourceidentity" => "sts:SetSourceIdentity",
            "sts:transitivetagkeys" | "aws:requesttag" | "aws:tagkeys" => "sts:TagSession",
            _ => continue,
        };
        let missing = missing_actions(statement, &[action], lint);
        if !missing.is_empty() {
            let message =
                format!("`{}` is set by `{action}`, which the statement does not allow", condition.key());
            let finding = Finding::new(&MISSING_ACTION_FOR_CONDITION_KEY, condition.key_span(), message);
            lint.report(
                finding.help(format!("add `{action}` to the actions")).fix(add_actions(statement, &missing)),
            );
        }
    }
}

/// Sessions of roles that are named themselves.
fn check_sessions(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    let principals = statement.plain_principals();
    let mut roles: HashMap<(&str, &str), &PrincipalEntry<'_>> = HashMap::new();
    let arns = || principals.iter().filter_map(|entry| Some((entry, ArnRef::parse(entry.text)?)));
    for (entry, arn) in arns().filter(|(_, arn)| arn.service == "iam" && arn.resource.starts_with("role/")) {
        roles.insert((arn.account, arn.name()), entry);
    }
    for (entry, arn) in arns() {
        let Some(("assumed-role", rest)) = arn.typed_resource() else { continue };
        let name = rest.split('/').next().unwrap_or_default();
        if let Some(role) = roles.get(&(arn.account, name)) {
            let message = format!("the session's role is named as well: `{}`", shown(role.text));
            let finding = Finding::new(&REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, entry.span, message);
            let finding = finding.help("the role stands for all its sessions").related(role.span, "the role");
            lint.report(
                finding.fix(
                    lint.wants_fix(&REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY)
                        .then(|| without_principal(statement, entry.span))
                        .flatten(),
                ),
            );
        }
    }
}

fn without_principal(statement: &Statement<'_>, span: Span) -> Option<Fix> {
    let keys = statement.principals.as_ref()?.member.value.as_object()?;
    keys.iter().find_map(|key| {
        let nodes = key.value.as_array()?;
        let place = nodes.iter().position(|node| node.span == span)?;
        Fix::without_elements(Safety::ChangesMeaning, nodes, &[place])
    })
}

/// Audiences are single values.
fn check_audience(statement: &Statement<'_>, lint: &mut Lint<'_>) {
    for condition in &statement.conditions {
        let Some(operator) = condition.operator else { continue };
        let is_audience = condition.key().to_ascii_lowercase().ends_with(":aud");
        if !is_audience || operator.comparison == Comparison::Null {
            continue;
        }
        let key = shown(condition.key());
        let finding = match operator.quantifier {
            Quantifier::Single => continue,
            Quantifier::ForAnyValue => {
                let message = format!("`{key}` is one value: `ForAnyValue` does not belong");
                Finding::new(&FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE, condition.operators.key_span, message)
            }
            Quantifier::ForAllValues => {
                let message = format!("`{key}` is one value and takes no set prefix");
                Finding::new(&CONFIRM_AUDIENCE_CLAIM_TYPE, condition.operators.key_span, message)
            }
        };
        lint.report(finding.help("take the prefix off").fix(if lint.is_fixable {
            without_prefix(statement, condition)
        } else {
            None
        }));
    }
}
