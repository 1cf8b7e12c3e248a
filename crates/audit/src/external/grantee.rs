//! Whom a policy could let in from outside: what its principals and conditions name.

use base::{AccountId, ArnRef};
use policy::{Document, Effect, PrincipalType};
use std::collections::BTreeSet;

/// Everybody that the allowing statements of a policy name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Grantees {
    /// Whether some statement names everybody (`*`), or everybody but some.
    pub(super) everybody: bool,
    /// Accounts, with the ARNs of theirs that are named.
    pub(super) accounts: BTreeSet<AccountId>,
    /// ARNs of users and roles.
    pub(super) arns: BTreeSet<String>,
    /// Organizations that conditions name.
    pub(super) organizations: BTreeSet<String>,
    /// Accounts whose resources services may act for.
    pub(super) sources: BTreeSet<AccountId>,
    /// Service principals.
    pub(super) services: BTreeSet<String>,
    /// Identity providers.
    pub(super) providers: BTreeSet<String>,
}

impl Grantees {
    pub(super) fn of(document: &Document) -> Self {
        let mut all = Self::default();
        for statement in document.statements().iter().filter(|statement| statement.effect == Effect::Allow) {
            let Some(principal) = &statement.principal else { continue };
            all.everybody |= principal.negated;
            if !principal.negated {
                principal.entries.iter().for_each(|entry| all.name(entry.kind, &entry.text.value));
            }
            for condition in &statement.conditions {
                let key = condition.key.value.to_ascii_lowercase();
                condition.values.iter().for_each(|value| all.condition(&key, &value.value));
            }
        }
        all
    }

    fn name(&mut self, kind: PrincipalType, text: &str) {
        match kind {
            PrincipalType::Aws if text == "*" => self.everybody = true,
            PrincipalType::Aws => self.aws(text),
            PrincipalType::Service => drop(self.services.insert(text.to_owned())),
            PrincipalType::Federated => drop(self.providers.insert(text.to_owned())),
            PrincipalType::CanonicalUser => {}
        }
    }

    fn aws(&mut self, text: &str) {
        if let Ok(account) = AccountId::parse(text) {
            self.accounts.insert(account);
        } else if let Some(arn) = ArnRef::parse(text)
            && let Ok(account) = AccountId::parse(arn.account)
        {
            self.accounts.insert(account);
            let is_one = !text.contains(['*', '?']) && arn.resource != "root";
            if is_one {
                self.arns.insert(text.to_owned());
            }
        }
    }

    /// Conditions beside `*` name who is meant.
    fn condition(&mut self, key: &str, value: &str) {
        match key {
            "aws:principalorgid" if value.starts_with("o-") => {
                self.organizations.insert(value.trim_end_matches(['*', '?']).to_owned());
            }
            "aws:principalorgpaths" => {
                let organization = value.split('/').next().unwrap_or_default();
                if organization.starts_with("o-") && !organization.contains(['*', '?']) {
                    self.organizations.insert(organization.to_owned());
                }
            }
            "aws:principalarn" => {
                let account = ArnRef::parse(value).and_then(|arn| AccountId::parse(arn.account).ok());
                self.accounts.extend(account);
                if account.is_some() && !value.contains(['*', '?', '$']) {
                    self.arns.insert(value.to_owned());
                }
            }
            "aws:sourceaccount" => self.sources.extend(AccountId::parse(value)),
            "aws:sourcearn" => {
                self.sources.extend(ArnRef::parse(value).and_then(|arn| AccountId::parse(arn.account).ok()));
            }
            "aws:principalaccount" | "kms:calleraccount" | "s3:dataaccesspointaccount" => {
                self.accounts.extend(AccountId::parse(value));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_and_conditions_name_who_is_meant() {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:role/x"],"Service":"s3.amazonaws.com"},"Action":"*","Resource":"*"},
            {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}},
            {"Effect":"Deny","Principal":{"AWS":"777788889999"},"Action":"*","Resource":"*"}]}"#;
        let found = Grantees::of(&Document::parse_tolerant(text).0.unwrap());
        let accounts: Vec<String> = found.accounts.iter().map(ToString::to_string).collect();
        assert_eq!(accounts, ["111122223333", "444455556666"]);
        assert!(found.everybody);
        assert_eq!(found.arns.iter().collect::<Vec<_>>(), ["arn:aws:iam::444455556666:role/x"]);
        assert_eq!(found.organizations.iter().collect::<Vec<_>>(), ["o-abc"]);
        assert_eq!(found.services.iter().collect::<Vec<_>>(), ["s3.amazonaws.com"]);
    }
}
