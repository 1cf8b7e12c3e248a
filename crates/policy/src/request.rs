//! What is asked.

use crate::compile::{STEM, first_word};
use crate::context::{Context, Hash};
use crate::principal::Principal;
use crate::service::has_rules;
use base::{AccountId, ArnRef};

/// May this principal do this action on this resource in this context?
///
/// A request is prepared once, when it is made, and can be evaluated against any number of layers.
// What every decision looks at stands first, so that it touches few lines of the processor's cache.
#[derive(Clone)]
#[repr(C)]
pub struct Request<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) resource: &'a str,
    /// What follows the fifth colon, if the resource is an ARN.
    pub(crate) last_part: Option<&'a str>,
    /// The resource is one of the action's own service, in the partition `aws`.
    pub(crate) own_service: bool,
    /// The ARN has more colons than separate its parts.
    pub(crate) more_colons: bool,
    /// The action's service has rules of its own.
    pub(crate) has_rules: bool,
    /// The resource is in another partition than the principal.
    pub(crate) other_partition: bool,
    pub(crate) aws_managed_key: bool,
    pub(crate) action: Action<'a>,
    pub(crate) context: &'a dyn Context,
    pub(crate) resource_arn: Option<ArnRef<'a>>,
    /// The account in the resource's ARN.
    arn_account: Option<AccountId>,
    pub(crate) resource_account: Option<AccountId>,
}

impl<'a> Request<'a> {
    /// A request for an action (`iam:CreateUser`) on a resource (an ARN, or `*` for actions on no resource).
    pub fn new(
        principal: &'a Principal,
        action: &'a str,
        resource: &'a str,
        context: &'a dyn Context,
    ) -> Self {
        let resource_arn = ArnRef::parse(resource);
        let action = Action::new(action);
        let is_own =
            |arn: ArnRef<'_>| arn.partition == "aws" && arn.service.as_bytes() == action.service_bytes();
        let is_abroad = |arn: ArnRef<'_>| principal.partition().is_some_and(|home| home != arn.partition);
        Self {
            principal,
            resource,
            last_part: resource_arn.map(|arn| arn.resource),
            own_service: resource_arn.is_some_and(is_own),
            has_rules: has_rules(action.service_bytes()),
            other_partition: resource_arn.is_some_and(is_abroad),
            action,
            arn_account: resource_arn.and_then(|arn| AccountId::parse(arn.account).ok()),
            more_colons: resource_arn.is_some_and(|arn| arn.resource.contains(':')),
            resource_arn,
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
            (self.resource_arn, self.last_part, self.arn_account) = (None, None, None);
            (self.own_service, self.more_colons, self.other_partition) = (false, false, false);
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
        self.resource_account.or(self.arn_account)
    }
}

/// An action in lower case, split and hashed.
#[derive(Clone)]
#[repr(C)]
pub(crate) struct Action<'a> {
    pub(crate) hash: u64,
    /// Of the service and the first letters of the name, with the colon between them.
    pub(crate) stem_hash: u64,
    pub(crate) service_hash: u64,
    /// The first eight bytes of the name, the first being the least significant.
    pub(crate) name_word: u64,
    /// Length of the service prefix; all of the text if there is no colon.
    service: usize,
    lowered: Lowered,
    text: &'a str,
}

/// A text in lower case, without allocation unless it is longer than any action of AWS.
#[derive(Clone)]
enum Lowered {
    Here { bytes: [u8; HERE], length: u8 },
    Elsewhere(Box<[u8]>),
}

const HERE: usize = 86;

impl Lowered {
    #[inline]
    fn new(text: &str) -> Self {
        let mut here = [0; HERE];
        match here.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                room.make_ascii_lowercase();
                Self::Here { bytes: here, length: text.len() as u8 }
            }
            None => Self::Elsewhere(text.to_ascii_lowercase().into_bytes().into()),
        }
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Here { bytes, length } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Elsewhere(bytes) => bytes,
        }
    }
}

impl<'a> Action<'a> {
    fn new(text: &'a str) -> Self {
        let lowered = Lowered::new(text);
        let bytes = lowered.bytes();
        let service = bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len());
        let until = |end: usize| end.min(bytes.len());
        let stem = until(service + 1 + STEM);
        let of_service = Hash::of(bytes.get(..service).unwrap_or_default());
        let of_stem = of_service.then(bytes.get(service..stem).unwrap_or_default());
        let (name_word, _) = first_word(bytes.get(until(service + 1)..).unwrap_or_default());
        Self {
            text,
            service,
            hash: of_stem.then(bytes.get(stem..).unwrap_or_default()).spread(),
            stem_hash: of_stem.of_stem(),
            service_hash: of_service.spread(),
            name_word,
            lowered,
        }
    }

    /// The whole action in lower case.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.lowered.bytes()
    }

    /// The service prefix in lower case.
    #[inline]
    pub(crate) fn service_bytes(&self) -> &[u8] {
        self.bytes().get(..self.service).unwrap_or_default()
    }

    /// The service prefix and the first letters of the name, with the colon between them.
    #[inline]
    pub(crate) fn stem_bytes(&self) -> &[u8] {
        let bytes = self.bytes();
        bytes.get(..self.service + 1 + STEM).unwrap_or(bytes)
    }

    /// The service prefix in lower case.
    pub(crate) fn service(&self) -> &str {
        // Letters of ASCII changed their case and nothing else was touched, so that this is text; and so below.
        str::from_utf8(self.service_bytes()).unwrap_or_default()
    }

    /// The name after the colon, in lower case.
    pub(crate) fn name(&self) -> &str {
        str::from_utf8(self.name_bytes()).unwrap_or_default()
    }

    /// The name after the colon, in lower case.
    #[inline]
    pub(crate) fn name_bytes(&self) -> &[u8] {
        self.bytes().get(self.service + 1..).unwrap_or_default()
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
