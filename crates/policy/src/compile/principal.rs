//! `Principal` and `NotPrincipal`.

use crate::document::{PrincipalElement, PrincipalEntry, PrincipalType};
use crate::principal::{Principal, PrincipalForm};
use base::{AccountId, ArnRef};

/// The entries of a `Principal` or `NotPrincipal` element.
#[derive(Debug)]
pub(crate) struct PrincipalMatcher {
    pub(crate) negated: bool,
    entries: Box<[PrincipalPattern]>,
}

/// How closely an element names the caller; the closer, the less can limit what it grants in its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The account: it only delegates, an identity policy must allow.
    Account,
    /// The role of the session, or the user that federated: limited by boundary and session policy.
    Entity,
    /// The user, the session, the service, or everybody: limited by nothing but denies.
    Direct,
}

#[derive(Debug)]
enum PrincipalPattern {
    Everyone,
    Account {
        account: AccountId,
        partition: Option<Box<str>>,
    },
    User(Box<str>),
    Role {
        account: AccountId,
        partition: Box<str>,
        name: Box<str>,
    },
    Session {
        account: AccountId,
        partition: Box<str>,
        role: Box<str>,
        session: Box<str>,
    },
    FederatedUser(Box<str>),
    UniqueId(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
    /// Groups, wildcards inside a name, canonical users, and what names nobody.
    Nobody,
}

impl PrincipalMatcher {
    pub(crate) fn new(element: &PrincipalElement) -> Self {
        Self {
            negated: element.negated,
            entries: element.entries.iter().map(PrincipalPattern::parse).collect(),
        }
    }

    /// How the element reaches the principal, if it does. `NotPrincipal` reaches everybody whom it does not exempt.
    pub(crate) fn reach(&self, principal: &Principal) -> Option<Reach> {
        if self.negated {
            return (!self.exempts(principal)).then_some(Reach::Direct);
        }
        self.entries.iter().filter_map(|entry| entry.reach(principal)).max()
    }

    /// Whether `NotPrincipal` lists the principal at every level at which AWS looks: for a user account and user,
    /// for a session account, role and session.
    fn exempts(&self, principal: &Principal) -> bool {
        let lists = |reach| self.entries.iter().any(|entry| entry.reach(principal) == Some(reach));
        if self.entries.iter().any(|entry| matches!(entry, PrincipalPattern::Everyone)) {
            return true;
        }
        match principal.form() {
            PrincipalForm::Root => lists(Reach::Account),
            PrincipalForm::User { .. } | PrincipalForm::FederatedUser { .. } => {
                lists(Reach::Account) && lists(Reach::Direct)
            }
            PrincipalForm::RoleSession { .. } => {
                lists(Reach::Account) && lists(Reach::Entity) && lists(Reach::Direct)
            }
            PrincipalForm::Service { .. } | PrincipalForm::Federated { .. } => lists(Reach::Direct),
            PrincipalForm::Anonymous => false,
        }
    }
}

impl PrincipalPattern {
    fn parse(entry: &PrincipalEntry) -> Self {
        let text = &*entry.text.value;
        match entry.kind {
            PrincipalType::Aws if text == "*" => PrincipalPattern::Everyone,
            PrincipalType::Aws => Self::parse_aws(text),
            // A lone star under these keys does not mean everyone.
            PrincipalType::Service => PrincipalPattern::Service(text.into()),
            PrincipalType::Federated => PrincipalPattern::Federated(text.into()),
            PrincipalType::CanonicalUser => PrincipalPattern::Nobody,
        }
    }

    fn parse_aws(text: &str) -> Self {
        if let Ok(account) = AccountId::parse(text) {
            return PrincipalPattern::Account { account, partition: None };
        }
        let Some(arn) = ArnRef::parse(text) else {
            let is_id = text.starts_with("AIDA") || text.starts_with("AROA");
            return if is_id { PrincipalPattern::UniqueId(text.into()) } else { PrincipalPattern::Nobody };
        };
        let Ok(account) = AccountId::parse(arn.account) else { return PrincipalPattern::Nobody };
        let partition = || arn.partition.into();
        match (arn.service, arn.typed_resource()) {
            ("iam", None) if arn.resource == "root" => {
                PrincipalPattern::Account { account, partition: Some(partition()) }
            }
            ("iam", Some(("user", _))) => PrincipalPattern::User(text.into()),
            ("iam", Some(("role", _))) => {
                PrincipalPattern::Role { account, partition: partition(), name: arn.name().into() }
            }
            ("sts", Some(("assumed-role", rest))) => match rest.split_once('/') {
                Some((role, session)) => PrincipalPattern::Session {
                    account,
                    partition: partition(),
                    role: role.into(),
                    session: session.into(),
                },
                None => PrincipalPattern::Nobody,
            },
            ("sts", Some(("federated-user", _))) => PrincipalPattern::FederatedUser(text.into()),
            _ => PrincipalPattern::Nobody,
        }
    }

    fn reach(&self, principal: &Principal) -> Option<Reach> {
        let form = principal.form();
        let at_home = |account: &AccountId, partition: &str| {
            principal.account() == Some(*account) && principal.partition() == Some(partition)
        };
        match self {
            PrincipalPattern::Everyone => Some(Reach::Direct),
            PrincipalPattern::Account { account, partition } => {
                let same_partition = partition.as_deref().is_none_or(|p| principal.partition() == Some(p));
                (principal.account() == Some(*account) && same_partition).then_some(Reach::Account)
            }
            PrincipalPattern::User(user) => match form {
                PrincipalForm::User { arn } => (**arn == **user).then_some(Reach::Direct),
                PrincipalForm::FederatedUser { issuer, .. } => {
                    (issuer.as_deref() == Some(&**user)).then_some(Reach::Entity)
                }
                _ => None,
            },
            PrincipalPattern::Role { account, partition, name } => match form {
                // Sessions carry no path, and role names are unique ignoring case.
                PrincipalForm::RoleSession { role_name, .. } => (at_home(account, partition)
                    && role_name.eq_ignore_ascii_case(name))
                .then_some(Reach::Entity),
                _ => None,
            },
            PrincipalPattern::Session { account, partition, role, session } => match form {
                PrincipalForm::RoleSession { role_name, session_arn, .. } => {
                    let same_session =
                        session_arn.rsplit_once('/').is_some_and(|(_, name)| *name == **session);
                    let same =
                        at_home(account, partition) && role_name.eq_ignore_ascii_case(role) && same_session;
                    same.then_some(Reach::Direct)
                }
                _ => None,
            },
            PrincipalPattern::FederatedUser(user) => match form {
                PrincipalForm::FederatedUser { arn, .. } => (**arn == **user).then_some(Reach::Direct),
                _ => None,
            },
            PrincipalPattern::UniqueId(id) if principal.id() == Some(id) => match form {
                PrincipalForm::User { .. } => Some(Reach::Direct),
                PrincipalForm::RoleSession { .. } => Some(Reach::Entity),
                _ => None,
            },
            PrincipalPattern::Service(service) => match form {
                PrincipalForm::Service { name } => (**name == **service).then_some(Reach::Direct),
                _ => None,
            },
            PrincipalPattern::Federated(known) => match form {
                PrincipalForm::Federated { provider } => (**provider == **known).then_some(Reach::Direct),
                _ => None,
            },
            PrincipalPattern::UniqueId(_) | PrincipalPattern::Nobody => None,
        }
    }
}
