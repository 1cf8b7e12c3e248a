//! How entities stand in the store: one row each, a key that sorts accounts before what they own, and a value
//! of one version byte and JSON.

use base::{AccountId, UniqueId};
use model::snapshot::{Entity, EntityKey};
use std::sync::Arc;

/// The version byte of rows as they are written now.
const VERSION: u8 = 1;

/// A row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The key names no kind of row that this program knows.
    #[error("unknown row `{0}`: was the store written by a newer version?")]
    UnknownKey(String),
    /// The value was written by a newer program.
    #[error("row `{key}` has version {version}, newer than this program reads")]
    Version {
        /// The row.
        key: String,
        /// Its version byte.
        version: u8,
    },
    /// The value does not decode.
    #[error("row `{key}` does not decode: {reason}")]
    Value {
        /// The row.
        key: String,
        /// What the decoder says.
        reason: String,
    },
}

/// The store's key of a row.
pub fn encode_key(key: &EntityKey) -> String {
    match key {
        EntityKey::Account(id) => format!("account/{id}"),
        EntityKey::DelegationRequest(id) => format!("delegation-request/{id}"),
        EntityKey::Group(account, id) => format!("group/{account}/{id}"),
        EntityKey::InstanceProfile(account, id) => format!("instance-profile/{account}/{id}"),
        EntityKey::IssuerKey(account, id) => format!("issuer-key/{account}/{id}"),
        EntityKey::AccessUsage(id) => format!("access-usage/{id}"),
        EntityKey::KeyUsage(id) => format!("key-usage/{id}"),
        EntityKey::MfaDevice(account, id) => format!("mfa-device/{account}/{id}"),
        EntityKey::MfaTries(user) => format!("mfa-tries/{user}"),
        EntityKey::OidcProvider(account, id) => format!("oidc-provider/{account}/{id}"),
        EntityKey::OrganizationFeatures => "organization-features/".to_owned(),
        EntityKey::Policy(account, id) => format!("policy/{account}/{id}"),
        EntityKey::Report(account, id) => format!("report/{account}/{id}"),
        EntityKey::ServerCertificate(account, id) => format!("server-certificate/{account}/{id}"),
        EntityKey::Role(account, id) => format!("role/{account}/{id}"),
        EntityKey::RoleUsage(id) => format!("role-usage/{id}"),
        EntityKey::SignInFailures(subject) => format!("sign-in-failures/{subject}"),
        EntityKey::SamlProvider(account, id) => format!("saml-provider/{account}/{id}"),
        EntityKey::TokenKey(number) => format!("token-key/{number:010}"),
        EntityKey::User(account, id) => format!("user/{account}/{id}"),
    }
}

/// Reads a store's key.
pub fn decode_key(bytes: &[u8]) -> Result<EntityKey, RowError> {
    let unknown = || RowError::UnknownKey(String::from_utf8_lossy(bytes).into_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| unknown())?;
    let (kind, rest) = text.split_once('/').ok_or_else(unknown)?;
    let owned = || {
        let (account, id) = rest.split_once('/')?;
        Some((AccountId::parse(account).ok()?, UniqueId::from_text(id)))
    };
    let key = match kind {
        "account" => AccountId::parse(rest).ok().map(EntityKey::Account),
        "delegation-request" => Some(EntityKey::DelegationRequest(rest.to_owned())),
        "group" => owned().map(|(account, id)| EntityKey::Group(account, id)),
        "instance-profile" => owned().map(|(account, id)| EntityKey::InstanceProfile(account, id)),
        "issuer-key" => owned().map(|(account, id)| EntityKey::IssuerKey(account, id)),
        "access-usage" => Some(EntityKey::AccessUsage(UniqueId::from_text(rest))),
        "report" => owned().map(|(account, id)| EntityKey::Report(account, id.as_str().to_owned())),
        "server-certificate" => owned().map(|(account, id)| EntityKey::ServerCertificate(account, id)),
        "key-usage" => Some(EntityKey::KeyUsage(UniqueId::from_text(rest))),
        "mfa-device" => owned().map(|(account, id)| EntityKey::MfaDevice(account, id)),
        "mfa-tries" => Some(EntityKey::MfaTries(UniqueId::from_text(rest))),
        "oidc-provider" => owned().map(|(account, id)| EntityKey::OidcProvider(account, id)),
        "organization-features" if rest.is_empty() => Some(EntityKey::OrganizationFeatures),
        "policy" => owned().map(|(account, id)| EntityKey::Policy(account, id)),
        "role" => owned().map(|(account, id)| EntityKey::Role(account, id)),
        "role-usage" => Some(EntityKey::RoleUsage(UniqueId::from_text(rest))),
        "sign-in-failures" => Some(EntityKey::SignInFailures(rest.to_owned())),
        "saml-provider" => owned().map(|(account, id)| EntityKey::SamlProvider(account, id)),
        "token-key" => rest.parse().ok().map(EntityKey::TokenKey),
        "user" => owned().map(|(account, id)| EntityKey::User(account, id)),
        _ => None,
    };
    key.ok_or_else(unknown)
}

/// The store's value of a row.
pub fn encode_value(entity: &Entity) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    let written = match entity {
        Entity::Account(it) => serde_json::to_writer(&mut bytes, it),
        Entity::User(it) => serde_json::to_writer(&mut bytes, it),
        Entity::Group(it) => serde_json::to_writer(&mut bytes, it),
        Entity::Role(it) => serde_json::to_writer(&mut bytes, it),
        Entity::Policy(it) => serde_json::to_writer(&mut bytes, it),
        Entity::InstanceProfile(it) => serde_json::to_writer(&mut bytes, it),
        Entity::OidcProvider(it) => serde_json::to_writer(&mut bytes, it),
        Entity::IssuerKey(it) => serde_json::to_writer(&mut bytes, it),
        Entity::SamlProvider(it) => serde_json::to_writer(&mut bytes, it),
        Entity::ServerCertificate(it) => serde_json::to_writer(&mut bytes, it),
        Entity::Report(it) => serde_json::to_writer(&mut bytes, it),
        Entity::AccessUsage(it) => serde_json::to_writer(&mut bytes, it),
        Entity::KeyUsage(it) => serde_json::to_writer(&mut bytes, it),
        Entity::RoleUsage(it) => serde_json::to_writer(&mut bytes, it),
        Entity::MfaDevice(it) => serde_json::to_writer(&mut bytes, it),
        Entity::MfaTries(it) => serde_json::to_writer(&mut bytes, it),
        Entity::SignInFailures(it) => serde_json::to_writer(&mut bytes, it),
        Entity::TokenKey(it) => serde_json::to_writer(&mut bytes, it),
        Entity::DelegationRequest(it) => serde_json::to_writer(&mut bytes, it),
        Entity::OrganizationFeatures(it) => serde_json::to_writer(&mut bytes, it),
    };
    debug_assert!(written.is_ok(), "entities have text keys only, and a vector takes every byte");
    bytes
}

/// Reads a row.
pub fn decode(key_bytes: &[u8], value: &[u8]) -> Result<Entity, RowError> {
    let key = decode_key(key_bytes)?;
    let name = || String::from_utf8_lossy(key_bytes).into_owned();
    let (version, json) = value
        .split_first()
        .ok_or_else(|| RowError::Value { key: name(), reason: "it is empty".to_owned() })?;
    if *version != VERSION {
        return Err(RowError::Version { key: name(), version: *version });
    }
    fn read<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Result<Arc<T>, serde_json::Error> {
        serde_json::from_slice(json).map(Arc::new)
    }
    let entity = match key {
        EntityKey::Account(_) => read(json).map(Entity::Account),
        EntityKey::User(..) => read(json).map(Entity::User),
        EntityKey::Group(..) => read(json).map(Entity::Group),
        EntityKey::Role(..) => read(json).map(Entity::Role),
        EntityKey::Policy(..) => read(json).map(Entity::Policy),
        EntityKey::InstanceProfile(..) => read(json).map(Entity::InstanceProfile),
        EntityKey::OidcProvider(..) => read(json).map(Entity::OidcProvider),
        EntityKey::IssuerKey(..) => read(json).map(Entity::IssuerKey),
        EntityKey::SamlProvider(..) => read(json).map(Entity::SamlProvider),
        EntityKey::ServerCertificate(..) => read(json).map(Entity::ServerCertificate),
        EntityKey::Report(..) => read(json).map(Entity::Report),
        EntityKey::AccessUsage(_) => read(json).map(Entity::AccessUsage),
        EntityKey::KeyUsage(_) => read(json).map(Entity::KeyUsage),
        EntityKey::RoleUsage(_) => read(json).map(Entity::RoleUsage),
        EntityKey::MfaDevice(..) => read(json).map(Entity::MfaDevice),
        EntityKey::MfaTries(_) => read(json).map(Entity::MfaTries),
        EntityKey::SignInFailures(_) => read(json).map(Entity::SignInFailures),
        EntityKey::TokenKey(_) => read(json).map(Entity::TokenKey),
        EntityKey::DelegationRequest(_) => read(json).map(Entity::DelegationRequest),
        EntityKey::OrganizationFeatures => read(json).map(Entity::OrganizationFeatures),
    };
    entity.map_err(|error| RowError::Value { key: name(), reason: error.to_string() })
}
