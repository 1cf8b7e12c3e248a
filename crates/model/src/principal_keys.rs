//! Condition keys that follow from who asks, and from nothing else.
//!
//! The gate of the services and explanations offline both take them from here, so that they cannot disagree.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

use crate::Identity;
use base::{Arn, Partition};
use policy::{InvalidPrincipal, Principal};

/// The keys that [`Identity::condition_value`] answers, in lower case and sorted. `aws:PrincipalTag/…` is answered
/// too, but a session's own tags go before it.
pub const PRINCIPAL_KEYS: [&str; 5] =
    ["aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"];

const PRINCIPAL_TAG: &str = "aws:principaltag/";

impl Identity {
    /// The value of a condition key that follows from the identity; `key` is in lower case. `None` if the key does
    /// not follow from it, or is absent for such a principal, as `aws:username` is for roles.
    pub fn condition_value(&self, key: &str, partition: Partition) -> Option<String> {
        // Whom a provider vouches for has none of these keys before a role is assumed.
        if let Identity::Outsider(_) = self {
            return None;
        }
        match key {
            "aws:principalaccount" => Some(self.account().to_string()),
            "aws:principalarn" => Some(self.principal_arn(partition).to_string()),
            "aws:principaltype" => Some(self.principal_type().to_owned()),
            "aws:userid" => Some(self.user_id()),
            "aws:username" => match self {
                Identity::User(user) => Some(user.name.clone()),
                _ => None,
            },
            _ => self.tags()?.get(key.strip_prefix(PRINCIPAL_TAG)?).map(str::to_owned),
        }
    }

    /// The value of `aws:PrincipalArn`: of a session the role's ARN, path included.
    pub fn principal_arn(&self, partition: Partition) -> Arn {
        match self {
            Identity::Role { role, .. } => role.arn(partition),
            identity => identity.arn(partition),
        }
    }

    /// The value of `aws:PrincipalType`.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>.
    pub fn principal_type(&self) -> &'static str {
        match self {
            Identity::Root(_) | Identity::Operator(_) => "Account",
            Identity::User(_) => "User",
            Identity::FederatedUser { .. } => "FederatedUser",
            // No key of this name is set for them, see `condition_value`.
            Identity::Outsider(_) => "Anonymous",
            Identity::Role { .. } => "AssumedRole",
        }
    }

    /// The identity as the policy engine knows principals, with its unique id.
    ///
    /// # Errors
    /// Only for names that cannot stand in an ARN, such as an empty one.
    pub fn to_principal(&self, partition: Partition) -> Result<Principal, InvalidPrincipal> {
        match self {
            Identity::Root(account) | Identity::Operator(account) => {
                Ok(Principal::root(*account, partition.id()))
            }
            Identity::User(user) => {
                Ok(Principal::user(user.arn(partition).as_str())?.with_id(user.id.as_str()))
            }
            Identity::FederatedUser { user, .. } => {
                let issuer = user.arn(partition);
                Principal::federated_user(self.arn(partition).as_str(), Some(issuer.as_str()))
            }
            Identity::Outsider(outsider) => Ok(Principal::federated(&outsider.provider)),
            Identity::Role { role, session } => {
                Ok(Principal::role_session(role.arn(partition).as_str(), session)?.with_id(role.id.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PolicyText, Role, Tag};
    use base::{AccountId, Timestamp, UniqueId};
    use std::sync::Arc;

    #[test]
    fn a_session_has_its_roles_arn_and_tags_but_no_user_name() {
        let role = Role {
            id: UniqueId::from_text("AROAEXAMPLE"),
            account: AccountId::parse("123456789012").unwrap(),
            name: "Pilot".into(),
            path: "/harbour/".into(),
            created: Timestamp::default(),
            description: None,
            trust: PolicyText::new("{}"),
            max_session_seconds: 3600,
            tags: [Tag { key: "Team".into(), value: "lights".into() }].into_iter().collect(),
            boundary: None,
            inline: Default::default(),
            attached: Vec::new(),
        };
        let identity = Identity::Role { role: Arc::new(role), session: "s1".into() };
        let value = |key| identity.condition_value(key, Partition::aws());
        assert_eq!(
            value("aws:principalarn").as_deref(),
            Some("arn:aws:iam::123456789012:role/harbour/Pilot")
        );
        assert_eq!(value("aws:userid").as_deref(), Some("AROAEXAMPLE:s1"));
        assert_eq!(value("aws:principaltag/team").as_deref(), Some("lights"));
        assert_eq!(value("aws:principaltype").as_deref(), Some("AssumedRole"));
        assert_eq!(value("aws:username"), None);
        assert!(PRINCIPAL_KEYS.is_sorted());
    }
}
