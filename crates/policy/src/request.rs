//! What is asked.

use crate::context::{Context, hash};
use crate::principal::Principal;
use base::{AccountId, ArnRef};

/// May this principal do this action on this resource in this context?
///
/// A request is prepared once, when it is made, and can be evaluated against any number of layers.
#[derive(Clone)]
pub struct Request<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) action: Action<'a>,
    pub(crate) resource: &'a str,
    pub(crate) resource_arn: Option<ArnRef<'a>>,
    pub(crate) resource_account: Option<AccountId>,
    pub(crate) context: &'a dyn Context,
    pub(crate) aws_managed_key: bool,
}

impl<'a> Request<'a> {
    /// A request for an action (`iam:CreateUser`) on a resource (an ARN, or `*` for actions on no resource).
    pub fn new(
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        context: &'a dyn Context,
    ) -> Self {
        Self {
            principal,
            action: Action::new(action),
            resource,
            resource_arn: ArnRef::parse(resource),
            resource_account: None,
            context,
            aws_managed_key: false,
        }
    }

    /// The same with the account that owns the resource, which decides whether this is a request across accounts.
    ///
    /// Without it the account in the ARN counts, and where the ARN has none (S3), the principal's own.
    #[must_use]
    pub fn resource_account(mut self, account: AccountId) -> Self {
        self.resource_account = Some(account);
        self
    }

    /// The same for an action that has no resource types: it is judged on `*`, whatever resource was given.
    #[must_use]
    pub fn wildcard_only(mut self, wildcard_only: bool) -> Self {
        if wildcard_only {
            self.resource = "*";
            self.resource_arn = None;
        }
        self
    }

    /// The same where the resource is a KMS key that AWS manages, which RCPs do not bind.
    #[must_use]
    pub fn aws_managed_key(mut self, aws_managed_key: bool) -> Self {
        self.aws_managed_key = aws_managed_key;
        self
    }

    /// Who asks.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// The action, as given.
    pub fn action(&self) -> &'a str {
        self.action.text
    }

    /// The resource that is judged.
    pub fn resource(&self) -> &'a str {
        self.resource
    }

    /// The account that owns the resource: given, or in the ARN; `None` if neither tells.
    pub fn owner(&self) -> Option<AccountId> {
        self.resource_account.or_else(|| AccountId::parse(self.resource_arn?.account).ok())
    }
}

/// An action in lower case, split and hashed.
#[derive(Clone)]
pub(crate) struct Action<'a> {
    text: &'a str,
    lowered: Box<str>,
    /// Length of the service prefix; all of the text if there is no colon.
    service: usize,
    pub(crate) hash: u64,
    pub(crate) service_hash: u64,
}

impl<'a> Action<'a> {
    fn new(text: &'a str) -> Self {
        let lowered = text.to_ascii_lowercase().into_boxed_str();
        let service = lowered.find(':').unwrap_or(lowered.len());
        let service_hash = hash(lowered.as_bytes().get(..service).unwrap_or_default());
        Self { text, service, hash: hash(lowered.as_bytes()), service_hash, lowered }
    }

    /// The whole action in lower case.
    pub(crate) fn lowered(&self) -> &str {
        &self.lowered
    }

    /// The service prefix in lower case.
    pub(crate) fn service(&self) -> &str {
        self.lowered.get(..self.service).unwrap_or_default()
    }

    /// The name after the colon, in lower case.
    pub(crate) fn name(&self) -> &str {
        self.lowered.get(self.service + 1..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_split_at_the_colon() {
        let long = format!("S3:{}", "A".repeat(100));
        for (text, service, name) in [
            ("IAM:CreateUser", "iam", "createuser"),
            ("s3", "s3", ""),
            (long.as_str(), "s3", &long.to_lowercase()[3..]),
        ] {
            let action = Action::new(text);
            assert_eq!((action.service(), action.name()), (service, name));
        }
    }
}
