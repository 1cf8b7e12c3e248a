//! Who asks.

use base::{AccountId, ArnRef};
use std::sync::Arc;

/// Who makes a request: what `Principal` elements match, and which layers apply.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    form: PrincipalForm,
    home: Option<Home>,
    id: Option<Arc<str>>,
    management_account: bool,
}

/// What kind of principal it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalForm {
    /// The root user of an account.
    Root,
    /// An IAM user, also with the temporary credentials of `GetSessionToken`.
    User {
        /// Its ARN, path included.
        arn: Arc<str>,
    },
    /// The session of a role.
    RoleSession {
        /// The role's ARN, path included; `None` if only the session's is known, which has no path.
        role_arn: Option<Arc<str>>,
        /// The role's name.
        role_name: Arc<str>,
        /// The session's ARN: `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`.
        session_arn: Arc<str>,
        /// Whether the role is a service-linked role.
        service_linked: bool,
    },
    /// The session of `GetFederationToken`.
    FederatedUser {
        /// Its ARN: `arn:aws:sts::123456789012:federated-user/NAME`.
        arn: Arc<str>,
        /// The ARN of the IAM user that made it, if known.
        issuer: Option<Arc<str>>,
    },
    /// Somebody whom an identity provider vouches for, before a role is assumed (`AssumeRoleWithSAML`,
    /// `AssumeRoleWithWebIdentity`): only a trust policy can let them in.
    Federated {
        /// The provider: its ARN, or the name of one of those that have none.
        provider: Arc<str>,
    },
    /// An AWS service acting for itself.
    Service {
        /// Its name, such as `ec2.amazonaws.com`.
        name: Arc<str>,
    },
    /// Nobody: an unsigned request.
    Anonymous,
}

/// Where a principal is at home.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Home {
    account: AccountId,
    partition: Arc<str>,
}

/// The text names no principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no principal")]
pub struct InvalidPrincipal(pub String);

impl Principal {
    /// The root user of an account in a partition (`aws`, `aws-cn` …).
    pub fn root(account: AccountId, partition: &str) -> Principal {
        Self::at_home(PrincipalForm::Root, account, partition)
    }

    /// The user of this ARN.
    pub fn user(arn: &str) -> Result<Principal, InvalidPrincipal> {
        let (account, partition, _) = split(arn, "iam", "user")?;
        Ok(Self::at_home(PrincipalForm::User { arn: arn.into() }, account, partition))
    }

    /// A session of the role of this ARN. It is a service-linked role if its path says so.
    pub fn role_session(role_arn: &str, session_name: &str) -> Result<Principal, InvalidPrincipal> {
        let (account, partition, rest) = split(role_arn, "iam", "role")?;
        let name = rest.rsplit('/').next().unwrap_or(rest);
        let form = PrincipalForm::RoleSession {
            role_arn: Some(role_arn.into()),
            role_name: name.into(),
            session_arn: format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session_name}").into(),
            service_linked: rest.starts_with("aws-service-role/"),
        };
        Ok(Self::at_home(form, account, partition))
    }

    /// The role session of this ARN, about whose role nothing else is known.
    pub fn assumed_role(session_arn: &str) -> Result<Principal, InvalidPrincipal> {
        let (account, partition, rest) = split(session_arn, "sts", "assumed-role")?;
        let (role, _) = rest.split_once('/').ok_or_else(|| InvalidPrincipal(session_arn.to_owned()))?;
        let form = PrincipalForm::RoleSession {
            role_arn: None,
            role_name: role.into(),
            session_arn: session_arn.into(),
            service_linked: false,
        };
        Ok(Self::at_home(form, account, partition))
    }

    /// The session of `GetFederationToken` of this ARN, and the ARN of the user that made it.
    pub fn federated_user(arn: &str, issuer: Option<&str>) -> Result<Principal, InvalidPrincipal> {
        let (account, partition, _) = split(arn, "sts", "federated-user")?;
        let form = PrincipalForm::FederatedUser { arn: arn.into(), issuer: issuer.map(Into::into) };
        Ok(Self::at_home(form, account, partition))
    }

    /// Somebody for whom this identity provider vouches.
    pub fn federated(provider: &str) -> Principal {
        Self::homeless(PrincipalForm::Federated { provider: provider.into() })
    }

    /// The service of this name, such as `ec2.amazonaws.com`.
    pub fn service(name: &str) -> Principal {
        Self::homeless(PrincipalForm::Service { name: name.into() })
    }

    /// An unsigned caller.
    pub fn anonymous() -> Principal {
        Self::homeless(PrincipalForm::Anonymous)
    }

    /// The principal that a text names: an ARN of a user, root, role (a session of it), session or federated user;
    /// twelve digits (the root user), a service's name, `anonymous`.
    pub fn parse(text: &str) -> Result<Principal, InvalidPrincipal> {
        let invalid = || InvalidPrincipal(text.to_owned());
        if text.eq_ignore_ascii_case("anonymous") || text == "*" {
            return Ok(Self::anonymous());
        }
        if let Ok(account) = AccountId::parse(text) {
            return Ok(Self::root(account, "aws"));
        }
        let Some(arn) = ArnRef::parse(text) else {
            let is_service = text.contains(".amazonaws.com") || text.contains(".aws.internal");
            return if is_service { Ok(Self::service(text)) } else { Err(invalid()) };
        };
        match (arn.service, arn.resource.split('/').next().unwrap_or_default()) {
            ("iam", "root") => {
                Ok(Self::root(AccountId::parse(arn.account).map_err(|_| invalid())?, arn.partition))
            }
            ("iam", "user") => Self::user(text),
            ("iam", "role") => Self::role_session(text, ""),
            ("iam", "saml-provider" | "oidc-provider") => Ok(Self::federated(text)),
            ("sts", "assumed-role") => Self::assumed_role(text),
            ("sts", "federated-user") => Self::federated_user(text, None),
            _ => Err(invalid()),
        }
    }

    /// The same with the unique id of the user (`AIDA…`) or role (`AROA…`), which `Principal` elements may name.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The same as a principal of the organization's management account, which SCPs do not bind.
    #[must_use]
    pub fn in_management_account(mut self) -> Self {
        self.management_account = true;
        self
    }

    /// What kind of principal it is.
    pub fn form(&self) -> &PrincipalForm {
        &self.form
    }

    /// Its account; services, anonymous and federated callers have none.
    pub fn account(&self) -> Option<AccountId> {
        self.home.as_ref().map(|home| home.account)
    }

    /// Its partition, if it has an account.
    pub fn partition(&self) -> Option<&str> {
        self.home.as_ref().map(|home| &*home.partition)
    }

    /// The unique id of the user or role, if it was given.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether it belongs to the organization's management account.
    pub fn is_in_management_account(&self) -> bool {
        self.management_account
    }

    /// Whether it is a session of a service-linked role.
    pub fn is_service_linked(&self) -> bool {
        matches!(self.form, PrincipalForm::RoleSession { service_linked: true, .. })
    }

    fn at_home(form: PrincipalForm, account: AccountId, partition: &str) -> Principal {
        let home = Some(Home { account, partition: partition.into() });
        Self { form, home, id: None, management_account: false }
    }

    fn homeless(form: PrincipalForm) -> Principal {
        Self { form, home: None, id: None, management_account: false }
    }
}

/// Account, partition and what follows the type's slash, of an ARN of this service and resource type.
fn split<'a>(
    arn: &'a str,
    service: &str,
    kind: &str,
) -> Result<(AccountId, &'a str, &'a str), InvalidPrincipal> {
    let read = || {
        let parts = ArnRef::parse(arn).filter(|parts| parts.service == service && parts.region.is_empty())?;
        let (found, rest) = parts.resource.split_once('/')?;
        let account = AccountId::parse(parts.account).ok()?;
        (found == kind && !rest.is_empty()).then_some((account, parts.partition, rest))
    };
    read().ok_or_else(|| InvalidPrincipal(arn.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_its_roles_last_name() {
        let session = Principal::role_session("arn:aws:iam::123456789012:role/team/x", "s1").unwrap();
        let PrincipalForm::RoleSession { role_name, session_arn, service_linked, .. } = session.form() else {
            panic!("{session:?}")
        };
        assert_eq!(&**role_name, "x");
        assert_eq!(&**session_arn, "arn:aws:sts::123456789012:assumed-role/x/s1");
        assert!(!service_linked);
    }

    #[test]
    fn texts_name_principals() {
        for good in [
            "arn:aws:iam::123456789012:root",
            "123456789012",
            "arn:aws:iam::123456789012:user/a/Bob",
            "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
            "arn:aws:sts::123456789012:assumed-role/R/s",
            "arn:aws:sts::123456789012:federated-user/F",
            "ec2.amazonaws.com",
            "anonymous",
        ] {
            assert!(Principal::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "Bob",
            "arn:aws:iam::123456789012:group/G",
            "arn:aws:iam::1:user/B",
            "arn:aws:iam::123456789012:user/",
        ] {
            assert!(Principal::parse(bad).is_err(), "{bad}");
        }
    }
}
