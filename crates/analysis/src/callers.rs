//! One principal of each kind that policies can tell apart.

use crate::access::Access;
use crate::word::EXAMPLE_ACCOUNT;
use base::{AccountId, ArnRef};
use policy::{ConditionElement, Principal, PrincipalType};
use std::collections::BTreeSet;

/// The candidates for who asks.
#[derive(Debug, Default, Clone)]
pub(crate) struct Callers {
    pub(crate) principals: Vec<Principal>,
    /// Which of them have a name of no meaning, and may have any other that is not named.
    pub(crate) unnamed: Vec<bool>,
    /// Which of them no policy names, nor their account.
    pub(crate) strangers: Vec<bool>,
}

/// What stands for a name that nobody mentions.
const NAME: &str = "example";

impl Callers {
    /// Those that these policies can tell apart.
    pub(crate) fn of<'a>(accesses: impl Iterator<Item = &'a Access>) -> Callers {
        let mut named = Named::default();
        for access in accesses {
            for document in access.layers().iter().flat_map(|layer| layer.documents()) {
                document.principals().for_each(|entry| named.add(entry.kind, &entry.text.value));
                let conditions = document.statements().iter().flat_map(|statement| &statement.conditions);
                conditions.for_each(|condition| named.add_condition(condition));
            }
        }
        named.callers()
    }

    fn add(&mut self, principal: Option<Principal>, unnamed: bool, stranger: bool) {
        if let Some(principal) = principal
            && !self.principals.contains(&principal)
        {
            self.principals.push(principal);
            self.unnamed.push(unnamed);
            self.strangers.push(stranger);
        }
    }
}

/// What documents name.
#[derive(Debug, Default)]
struct Named {
    arns: BTreeSet<String>,
    ids: BTreeSet<String>,
    services: BTreeSet<String>,
    providers: BTreeSet<String>,
    accounts: BTreeSet<AccountId>,
    partitions: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, kind: PrincipalType, text: &str) {
        match kind {
            PrincipalType::Aws => self.add_aws(text),
            PrincipalType::Service => {
                self.services.insert(text.to_owned());
            }
            PrincipalType::Federated => {
                self.providers.insert(text.to_owned());
            }
            PrincipalType::CanonicalUser => {}
        }
    }

    fn add_aws(&mut self, text: &str) {
        if let Ok(account) = AccountId::parse(text) {
            self.accounts.insert(account);
        } else if text.starts_with("AIDA") || text.starts_with("AROA") {
            self.ids.insert(text.to_owned());
        } else if let Some(arn) = ArnRef::parse(text)
            && !arn.partition.contains(['*', '?'])
        {
            self.partitions.insert(arn.partition.to_owned());
            if let Ok(account) = AccountId::parse(arn.account) {
                self.accounts.insert(account);
                self.arns.insert(text.to_owned());
            }
        }
    }

    /// Conditions name principals and accounts, too, perhaps with wildcards.
    fn add_condition(&mut self, condition: &ConditionElement) {
        let key = condition.key.value.to_ascii_lowercase();
        for value in &condition.values {
            let text = &*value.value;
            match key.as_str() {
                "aws:principalarn" => {
                    let arn = ArnRef::parse(text);
                    let account = arn.map_or("", |arn| arn.account);
                    self.accounts.extend(account_like(account));
                    if !text.contains(['*', '?', '$']) {
                        self.add_aws(text);
                    }
                }
                "aws:principalaccount" => self.accounts.extend(account_like(text)),
                "aws:principalservicename" if !text.contains(['*', '?', '$']) => {
                    self.services.insert(text.to_owned());
                }
                _ => {}
            }
        }
    }

    fn callers(mut self) -> Callers {
        let mut callers = Callers::default();
        self.partitions.insert("aws".to_owned());
        let stranger = ["999988887777", "999977778888", "888877776666"]
            .into_iter()
            .filter_map(|text| AccountId::parse(text).ok())
            .find(|account| !self.accounts.contains(account));
        callers.add(Some(Principal::anonymous()), false, true);
        for arn in &self.arns {
            callers.add(principal(arn), false, false);
            if let Ok(user) = Principal::user(arn)
                && let (Some(account), Some(partition)) = (user.account(), user.partition())
            {
                let federated = format!("arn:{partition}:sts::{account}:federated-user/{NAME}");
                callers.add(Principal::federated_user(&federated, Some(arn)).ok(), false, false);
            }
        }
        let home = AccountId::parse(EXAMPLE_ACCOUNT).ok().filter(|account| !self.accounts.contains(account));
        for partition in &self.partitions {
            let known = self.accounts.iter().map(|account| (*account, false));
            for (account, is_stranger) in
                known.chain(home.map(|home| (home, true))).chain(stranger.map(|it| (it, true)))
            {
                let arn = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/{NAME}");
                callers.add(Principal::user(&arn("user")).ok(), true, is_stranger);
                callers.add(Principal::role_session(&arn("role"), "session").ok(), true, is_stranger);
                let federated = format!("arn:{partition}:sts::{account}:federated-user/{NAME}");
                callers.add(Principal::federated_user(&federated, None).ok(), false, is_stranger);
                callers.add(Some(Principal::root(account, partition)), false, is_stranger);
            }
        }
        for id in &self.ids {
            let account = self.accounts.first().map_or(EXAMPLE_ACCOUNT.to_owned(), AccountId::to_string);
            let arn = |kind: &str| format!("arn:aws:iam::{account}:{kind}/{NAME}-{id}");
            let of_id = if id.starts_with("AIDA") {
                Principal::user(&arn("user"))
            } else {
                Principal::role_session(&arn("role"), "session")
            };
            callers.add(of_id.ok().map(|principal| principal.with_id(id)), false, false);
        }
        self.services.iter().for_each(|name| callers.add(Some(Principal::service(name)), false, false));
        callers.add(Some(Principal::service("example.amazonaws.com")), false, true);
        self.providers.iter().for_each(|name| callers.add(Some(Principal::federated(name)), false, false));
        callers.add(Some(Principal::federated("accounts.example.com")), false, true);
        callers
    }
}

/// The principal of an ARN that a policy names: of a role, a session of it.
fn principal(arn: &str) -> Option<Principal> {
    let parts = ArnRef::parse(arn)?;
    match (parts.service, parts.resource.split('/').next()?) {
        ("iam", "user") => Principal::user(arn).ok(),
        ("iam", "role") => Principal::role_session(arn, "session").ok(),
        ("sts", "assumed-role") => Principal::assumed_role(arn).ok(),
        ("sts", "federated-user") => Principal::federated_user(arn, None).ok(),
        _ => None,
    }
}

/// An account that a pattern of accounts fits.
fn account_like(pattern: &str) -> Option<AccountId> {
    let digits: String = pattern.chars().map(|letter| if letter == '?' { '0' } else { letter }).collect();
    let (before, after) = digits.split_once('*').unwrap_or((&digits, ""));
    if pattern == "*" || pattern.is_empty() {
        return None;
    }
    let missing = 12usize.checked_sub(before.len() + after.replace('*', "").len())?;
    let filler = if digits.contains('*') { "0".repeat(missing) } else { String::new() };
    AccountId::parse(&format!("{before}{filler}{}", after.replace('*', ""))).ok()
}
