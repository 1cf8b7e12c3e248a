//! What an operation demands of the policies: pairs of action and resource, each with the condition keys that
//! only this operation knows.

use base::{AccountId, Timestamp};
use model::{Tag, Tags};
use std::borrow::Cow;

/// One thing that must be allowed.
#[derive(Debug, Clone)]
pub struct Demand {
    /// The action, as in `iam:PassRole`; `None` means the one that bears the operation's name.
    pub action: Option<Cow<'static, str>>,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// Condition keys with their values; names in lower case.
    pub keys: Vec<(Cow<'static, str>, Vec<String>)>,
    /// When the caller proved a second factor with this very request: it counts for `aws:MultiFactorAuthPresent` and
    /// `aws:MultiFactorAuthAge` as that of a session does.
    pub mfa: Option<Timestamp>,
    /// The trust policy that speaks beside the caller's own policies, for actions on a role's trust.
    pub trust: Option<TrustDemand>,
    /// The account that judges alone, where it is not the one in the resource's ARN.
    pub judge: Option<AccountId>,
    /// The caller has the right by itself: it stands unless a policy denies it.
    pub own_right: bool,
}

/// The role whose trust policy must allow.
#[derive(Debug, Clone)]
pub struct TrustDemand {
    /// The role to be assumed.
    pub role: std::sync::Arc<model::Role>,
}

impl Demand {
    /// A demand of the operation's own action on `resource`.
    pub fn on(resource: impl Into<String>) -> Self {
        Self {
            action: None,
            resource: resource.into(),
            keys: Vec::new(),
            mfa: None,
            trust: None,
            judge: None,
            own_right: false,
        }
    }

    /// Lets the policies of one account decide, whoever owns the resource.
    #[must_use]
    pub fn judged_in(mut self, account: AccountId) -> Self {
        self.judge = Some(account);
        self
    }

    /// Says whether the caller has the right by itself, as the owner of what is acted on.
    #[must_use]
    pub fn own_right(mut self, has: bool) -> Self {
        self.own_right = has;
        self
    }

    /// A demand of the operation's own action where it has no resource type.
    pub fn anywhere() -> Self {
        Self::on("*")
    }

    /// A demand of another action, such as `iam:PassRole`.
    pub fn of(action: impl Into<Cow<'static, str>>, resource: impl Into<String>) -> Self {
        Self { action: Some(action.into()), ..Self::on(resource) }
    }

    /// Sets a single-valued condition key; the name in lower case.
    #[must_use]
    pub fn key(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.keys.push((name.into(), vec![value.into()]));
        self
    }

    /// Sets a single-valued condition key if there is a value.
    #[must_use]
    pub fn key_if(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.key(name, value),
            None => self,
        }
    }

    /// Sets a multivalued condition key; nothing if there are no values.
    #[must_use]
    pub fn values(mut self, name: &'static str, values: Vec<String>) -> Self {
        if !values.is_empty() {
            self.keys.push((name.into(), values));
        }
        self
    }

    /// `aws:RequestTag/…` and `aws:TagKeys` for tags that the request passes.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag>.
    #[must_use]
    pub fn request_tags<'t>(mut self, tags: impl IntoIterator<Item = &'t Tag>) -> Self {
        let mut names = Vec::new();
        for tag in tags {
            names.push(tag.key.clone());
            self = self.key(format!("aws:requesttag/{}", tag.key.to_ascii_lowercase()), &tag.value);
        }
        self.values("aws:tagkeys", names)
    }

    /// `aws:TagKeys` for tag keys that the request takes away.
    #[must_use]
    pub fn tag_keys(self, names: Vec<String>) -> Self {
        self.values("aws:tagkeys", names)
    }

    /// `aws:ResourceTag/…` and `iam:ResourceTag/…` for the tags of the entity that is acted on.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#available-keys-for-iam>.
    #[must_use]
    pub fn resource_tags(mut self, tags: &Tags) -> Self {
        for tag in tags {
            let name = tag.key.to_ascii_lowercase();
            self = self.key(format!("aws:resourcetag/{name}"), &tag.value);
            self = self.key(format!("iam:resourcetag/{name}"), &tag.value);
        }
        self
    }
}
