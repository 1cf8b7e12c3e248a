//! Tags of users, roles, managed policies and other entities: tag, untag, list.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html> and its neighbours.

use super::find::AnyPolicy;
use super::{find, oidc_providers, page, saml_providers, tags, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use directory::Tx;
use model::snapshot::Entity;
use model::table::folded;
use model::{
    AccountState, InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider, Role, SamlProvider,
    ServerCertificate, Snapshot, Tags, User,
};
use std::sync::Arc;
use wire::iam::{self as shape, ops};
use wire::{Fault, Operation, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        tag_row::<ops::TagUser>(),
        tag_row::<ops::TagRole>(),
        tag_row::<ops::TagPolicy>(),
        tag_row::<ops::TagInstanceProfile>(),
        tag_row::<ops::TagMFADevice>(),
        tag_row::<ops::TagOpenIDConnectProvider>(),
        tag_row::<ops::TagSAMLProvider>(),
        tag_row::<ops::TagServerCertificate>(),
        untag_row::<ops::UntagUser>(),
        untag_row::<ops::UntagRole>(),
        untag_row::<ops::UntagPolicy>(),
        untag_row::<ops::UntagInstanceProfile>(),
        untag_row::<ops::UntagMFADevice>(),
        untag_row::<ops::UntagOpenIDConnectProvider>(),
        untag_row::<ops::UntagSAMLProvider>(),
        untag_row::<ops::UntagServerCertificate>(),
        list_row::<ops::ListUserTags>(),
        list_row::<ops::ListRoleTags>(),
        list_row::<ops::ListPolicyTags>(),
        list_row::<ops::ListInstanceProfileTags>(),
        list_row::<ops::ListMFADeviceTags>(),
        list_row::<ops::ListOpenIDConnectProviderTags>(),
        list_row::<ops::ListSAMLProviderTags>(),
        list_row::<ops::ListServerCertificateTags>(),
    ]
}

fn tag_row<O: Tag>() -> Row {
    Row::write::<O>("iam", tag_demands::<O>, tag::<O>)
}

fn untag_row<O: Untag>() -> Row {
    Row::write::<O>("iam", untag_demands::<O>, untag::<O>)
}

fn list_row<O: List>() -> Row {
    Row::read::<O>("iam", list_demands::<O>, list::<O>)
}

/// A kind of entity with tags; `name` is how inputs name one: a name, or the ARN of a policy.
trait Tagged: Clone + Into<Entity> + 'static {
    /// A demand on the entity.
    fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault>;
    /// A copy of the entity, to be changed.
    fn changeable(call: &Call, account: &AccountState, name: &str) -> Result<Self, Fault>;
    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> &mut Tags;
    /// Its tags, to be read.
    fn tags_of(call: &Call, account: &AccountState, name: &str) -> Result<Tags, Fault>;
}

impl Tagged for Role {
    fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
        target::role(call, snapshot, name)
    }
    fn changeable(_: &Call, account: &AccountState, name: &str) -> Result<Self, Fault> {
        find::described_role(account, name).map(|role| Role::clone(role))
    }
    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
    fn tags_of(_: &Call, account: &AccountState, name: &str) -> Result<Tags, Fault> {
        find::role(account, name).map(|role| role.tags.clone())
    }
}

impl Tagged for ManagedPolicy {
    fn demand(call: &Call, snapshot: &Snapshot, arn: &str) -> Result<Demand, Fault> {
        target::policy(call, snapshot, arn)
    }
    fn changeable(call: &Call, account: &AccountState, arn: &str) -> Result<Self, Fault> {
        find::changeable(call, account, arn).map(|policy| ManagedPolicy::clone(policy))
    }
    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
    /// AWS's own policies have none.
    fn tags_of(call: &Call, account: &AccountState, arn: &str) -> Result<Tags, Fault> {
        Ok(match find::readable(call, account, arn)? {
            AnyPolicy::Customer(policy) => policy.tags.clone(),
            AnyPolicy::Aws(_) => Tags::default(),
        })
    }
}

/// How an entity of a kind is found.
type Find<T> = for<'a> fn(&Call, &'a AccountState, &str) -> Result<&'a Arc<T>, Fault>;

/// Kinds of entities that anybody with the right may change: how one is demanded, and how it is found.
macro_rules! tagged {
    ($($entity:ident: $demand:path, $find:expr;)*) => {$(
        impl Tagged for $entity {
            fn demand(call: &Call, snapshot: &Snapshot, name: &str) -> Result<Demand, Fault> {
                $demand(call, snapshot, name)
            }
            fn changeable(call: &Call, account: &AccountState, name: &str) -> Result<Self, Fault> {
                let find: Find<$entity> = $find;
                find(call, account, name).map(|entity| $entity::clone(entity))
            }
            fn tags_mut(&mut self) -> &mut Tags {
                &mut self.tags
            }
            fn tags_of(call: &Call, account: &AccountState, name: &str) -> Result<Tags, Fault> {
                let find: Find<$entity> = $find;
                find(call, account, name).map(|entity| entity.tags.clone())
            }
        }
    )*};
}

tagged! {
    User: target::user, |_, account, name| find::user(account, name);
    InstanceProfile: target::instance_profile, |_, account, name| find::instance_profile(account, name);
    MfaDevice: target::mfa_device, find::virtual_mfa_device;
    OidcProvider: oidc_providers::demand, oidc_providers::named;
    SamlProvider: saml_providers::demand, saml_providers::named;
    ServerCertificate: target::server_certificate, |_, account, name| find::server_certificate(account, name);
}

/// `Tag…`.
trait Tag: Operation<Output = Unit> {
    type Entity: Tagged;
    fn name(input: &Self::Input) -> &str;
    fn tags(input: &Self::Input) -> &[shape::Tag];
}

/// `Untag…`.
trait Untag: Operation<Output = Unit> {
    type Entity: Tagged;
    fn name(input: &Self::Input) -> &str;
    fn keys(input: &Self::Input) -> &[String];
}

/// `List…Tags`.
trait List: Operation {
    type Entity: Tagged;
    fn name(input: &Self::Input) -> &str;
    fn page(input: &Self::Input) -> (Option<&str>, Option<i32>);
    fn output(tags: Vec<shape::Tag>, marker: Option<String>) -> Self::Output;
}

macro_rules! operations {
    ($($entity:ident $name:ident: $tag:ident, $untag:ident, $list:ident -> $output:ident;)*) => {$(
        impl Tag for ops::$tag {
            type Entity = $entity;
            fn name(input: &Self::Input) -> &str {
                &input.$name
            }
            fn tags(input: &Self::Input) -> &[shape::Tag] {
                &input.tags
            }
        }
        impl Untag for ops::$untag {
            type Entity = $entity;
            fn name(input: &Self::Input) -> &str {
                &input.$name
            }
            fn keys(input: &Self::Input) -> &[String] {
                &input.tag_keys
            }
        }
        impl List for ops::$list {
            type Entity = $entity;
            fn name(input: &Self::Input) -> &str {
                &input.$name
            }
            fn page(input: &Self::Input) -> (Option<&str>, Option<i32>) {
                (input.marker.as_deref(), input.max_items)
            }
            fn output(tags: Vec<shape::Tag>, marker: Option<String>) -> Self::Output {
                shape::$output { tags, is_truncated: Some(marker.is_some()), marker }
            }
        }
    )*};
}

operations! {
    User user_name: TagUser, UntagUser, ListUserTags -> ListUserTagsResponse;
    Role role_name: TagRole, UntagRole, ListRoleTags -> ListRoleTagsResponse;
    ManagedPolicy policy_arn: TagPolicy, UntagPolicy, ListPolicyTags -> ListPolicyTagsResponse;
    InstanceProfile instance_profile_name:
        TagInstanceProfile, UntagInstanceProfile, ListInstanceProfileTags -> ListInstanceProfileTagsResponse;
    MfaDevice serial_number: TagMFADevice, UntagMFADevice, ListMFADeviceTags -> ListMFADeviceTagsResponse;
    OidcProvider open_id_connect_provider_arn:
        TagOpenIDConnectProvider, UntagOpenIDConnectProvider,
        ListOpenIDConnectProviderTags -> ListOpenIDConnectProviderTagsResponse;
    SamlProvider saml_provider_arn:
        TagSAMLProvider, UntagSAMLProvider, ListSAMLProviderTags -> ListSAMLProviderTagsResponse;
    ServerCertificate server_certificate_name: TagServerCertificate, UntagServerCertificate,
        ListServerCertificateTags -> ListServerCertificateTagsResponse;
}

fn tag_demands<O: Tag>(input: &O::Input, call: &Call, snapshot: &Snapshot) -> Demanded {
    let new = tags::read(Some(O::tags(input)));
    Ok(vec![O::Entity::demand(call, snapshot, O::name(input))?.request_tags(&new)])
}

fn untag_demands<O: Untag>(input: &O::Input, call: &Call, snapshot: &Snapshot) -> Demanded {
    let keys = O::keys(input).to_vec();
    Ok(vec![O::Entity::demand(call, snapshot, O::name(input))?.tag_keys(keys)])
}

fn list_demands<O: List>(input: &O::Input, call: &Call, snapshot: &Snapshot) -> Demanded {
    Ok(vec![O::Entity::demand(call, snapshot, O::name(input))?])
}

fn tag<O: Tag>(at: Allowed<'_, O>, tx: &mut Tx<'_>, input: O::Input) -> Result<Unit, Fault> {
    let mut entity = O::Entity::changeable(&at, at.account_in(tx)?, O::name(&input))?;
    tags::add(entity.tags_mut(), O::tags(&input).to_vec())?;
    tx.put(entity);
    Ok(Unit)
}

/// Keys that are not there are no error.
fn untag<O: Untag>(at: Allowed<'_, O>, tx: &mut Tx<'_>, input: O::Input) -> Result<Unit, Fault> {
    let mut entity = O::Entity::changeable(&at, at.account_in(tx)?, O::name(&input))?;
    O::keys(&input).iter().for_each(|key| entity.tags_mut().remove(key));
    tx.put(entity);
    Ok(Unit)
}

/// Sorted by key, as <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html> says.
fn list<O: List>(at: Allowed<'_, O>, snapshot: &Snapshot, input: O::Input) -> Result<O::Output, Fault> {
    let tags = O::Entity::tags_of(&at, at.account(snapshot)?, O::name(&input))?;
    let mut shown = super::encode::tag_list(&tags);
    shown.sort_by_key(|tag| folded(&tag.key));
    let (marker, max_items) = O::page(&input);
    let page = page::of(shown, marker, max_items, |tag| folded(&tag.key))?;
    Ok(O::output(page.items, page.marker))
}
