//! Whom a role's trust policy lets in, besides principals of accounts: services and identity providers.

use base::AccountId;
use policy::elements::{ActionTest, ConditionTest};
use policy::{ConditionElement, ContextMap, Document, Effect, Principal, PrincipalType, Request, Statement};

/// Whom a trust policy lets in.
#[derive(Debug, Clone, Default)]
pub(super) struct Trusted {
    /// Services, as the policy names them, each with the conditions that are left.
    pub(super) services: Vec<(String, Vec<String>)>,
    /// Identity providers.
    pub(super) providers: Vec<(String, Vec<String>)>,
    /// Whether any principal of an account may be let in.
    pub(super) people: bool,
}

impl Trusted {
    /// Reads a trust policy of a role of this account.
    pub(super) fn read(document: &Document, account: AccountId) -> Self {
        let mut trusted = Self::default();
        for statement in document.statements().iter().filter(|statement| statement.effect == Effect::Allow) {
            trusted.allow(statement, document, account);
        }
        for statement in document.statements().iter().filter(|statement| statement.effect == Effect::Deny) {
            trusted.deny(statement);
        }
        trusted
    }

    /// The service that is meant, as the policy names it, and what it asks for.
    pub(super) fn service(&self, wanted: &str) -> Option<&(String, Vec<String>)> {
        match wanted.strip_prefix("federated:") {
            Some(provider) => self.providers.iter().find(|(name, _)| name == provider),
            None => self.services.iter().find(|(name, _)| plain(name) == wanted),
        }
    }

    fn allow(&mut self, statement: &Statement, document: &Document, account: AccountId) {
        let Some(principal) = &statement.principal else { return };
        let assumes = covers(statement, "sts:AssumeRole");
        let federates = covers(statement, "sts:AssumeRoleWithWebIdentity");
        if principal.negated {
            self.people |= assumes;
            return;
        }
        let conditions = left(&statement.conditions, document, account);
        for entry in &principal.entries {
            let name = entry.text.value.to_string();
            match (entry.kind, &conditions) {
                (PrincipalType::Aws, _) => self.people |= assumes,
                (PrincipalType::Service, Some(conditions)) if assumes => {
                    self.services.push((name, conditions.clone()));
                }
                (PrincipalType::Federated, Some(conditions)) if federates => {
                    self.providers.push((name, conditions.clone()));
                }
                _ => {}
            }
        }
    }

    fn deny(&mut self, statement: &Statement) {
        let Some(principal) = &statement.principal else { return };
        if !statement.conditions.is_empty() || principal.negated || !covers(statement, "sts:AssumeRole") {
            return;
        }
        let named = |name: &str| {
            principal.entries.iter().any(|entry| &*entry.text.value == "*" || &*entry.text.value == name)
        };
        self.services.retain(|(name, _)| !named(name));
    }
}

/// A service principal without region and without the ending of China: `states.us-east-1.amazonaws.com`.
fn plain(name: &str) -> String {
    let name = name.strip_suffix(".cn").unwrap_or(name);
    match name.strip_suffix(".amazonaws.com").and_then(|rest| rest.rsplit_once('.')) {
        Some((service, region)) if region.matches('-').count() >= 2 => format!("{service}.amazonaws.com"),
        _ => name.to_owned(),
    }
}

fn covers(statement: &Statement, action: &str) -> bool {
    let (nobody, context) = (Principal::anonymous(), ContextMap::new());
    let request = Request::new(&nobody, action, "*", &context);
    ActionTest::new(&statement.action, statement.effect).covers(&request)
}

/// The conditions that are left of a statement about services, in words; `None` if it can never hold for resources of
/// the account.
fn left(conditions: &[ConditionElement], document: &Document, account: AccountId) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for element in conditions {
        let key = element.key.value.to_ascii_lowercase();
        let values: Vec<&str> = element.values.iter().map(|value| &*value.value).collect();
        if key == "aws:sourceaccount" {
            let context = ContextMap::new().with("aws:SourceAccount", account.as_str());
            if !ConditionTest::new(element, document.version()).holds(&context) {
                return None;
            }
            continue;
        }
        let operator = element.operator_text.value.to_ascii_lowercase();
        let of_account = |value: &&str| value.contains(account.as_str()) || value.contains("*");
        if key == "aws:sourcearn" && !operator.contains("not") && !values.iter().any(of_account) {
            return None;
        }
        words.push(format!("{} {} {}", element.key.value, element.operator_text.value, values.join(" | ")));
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(statement: &str) -> Trusted {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        let document = Document::parse_tolerant(&text).0.unwrap();
        Trusted::read(&document, "123456789012".parse().unwrap())
    }

    #[test]
    fn services_are_found_by_their_plain_names() {
        let it = trusted(
            r#"{"Effect": "Allow", "Principal": {"Service": ["states.us-east-1.amazonaws.com", "ec2.amazonaws.com.cn"]},
                "Action": "sts:AssumeRole"}"#,
        );
        assert!(it.service("states.amazonaws.com").is_some());
        assert!(it.service("ec2.amazonaws.com").is_some());
        assert!(it.service("lambda.amazonaws.com").is_none());
        assert!(!it.people);
    }

    #[test]
    fn a_service_on_behalf_of_another_account_does_not_count() {
        let with = |account: &str| {
            trusted(&format!(
                r#"{{"Effect": "Allow", "Principal": {{"Service": "lambda.amazonaws.com"}}, "Action": "sts:AssumeRole",
                    "Condition": {{"StringEquals": {{"aws:SourceAccount": "{account}"}}}}}}"#
            ))
        };
        assert!(with("123456789012").service("lambda.amazonaws.com").is_some());
        assert!(with("999999999999").service("lambda.amazonaws.com").is_none());
    }

    #[test]
    fn a_denial_takes_a_service_out() {
        let it = trusted(
            r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
               {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}"#,
        );
        assert!(it.service("ec2.amazonaws.com").is_none());
    }
}
