//! From a response to somebody whom a provider vouches for.

use super::attributes::{Wishes, mapped};
use super::decrypt::DecryptionKey;
use super::endpoint::Endpoints;
use super::key::VerifyingKey;
use super::refusal::Refusal;
use super::response::{Trust, read};
use crate::authenticate::Authenticated;
use aws_lc_rs::digest;
use base::{ArnRef, Region, Timestamp};
use base64::Engine as _;
use model::{Outsider, Proof, SamlProvider};
use std::sync::Arc;
use store::seal::KeyRing;

/// What a request without a signature asks for, and where it came in.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The ARN of the role.
    pub role: &'a str,
    /// The ARN of the provider.
    pub provider: &'a str,
    /// The response in base64.
    pub response: &'a str,
    /// The region, whose partition is the role's.
    pub region: Region,
    /// The sign-in address of this server, if it has one.
    pub own_endpoint: Option<&'a str>,
    /// The time.
    pub now: Timestamp,
}

/// Whom the response is about, if all of it holds and it names this role for this provider.
///
/// # Errors
/// Whatever does not hold.
pub fn identify(
    asked: &Asked<'_>,
    provider: &SamlProvider,
    keys: &KeyRing,
) -> Result<Authenticated, Refusal> {
    if asked.now >= provider.valid_until {
        return Err(Refusal::Expired("the metadata document of the provider has expired".into()));
    }
    let text = text_of(asked.response)?;
    let verifying: Vec<_> =
        provider.signing_keys.iter().filter_map(|der| VerifyingKey::from_der(der).ok()).collect();
    let opened = provider.private_keys.iter();
    let opened: Vec<_> =
        opened.filter_map(|key| DecryptionKey::open(keys, key.id.as_str(), &key.sealed).ok()).collect();
    let trust = Trust {
        entity_id: &provider.entity_id,
        keys: &verifying,
        private_keys: &opened,
        must_encrypt: provider.must_encrypt(),
        endpoints: Endpoints { partition: asked.region.partition, own: asked.own_endpoint },
        now: asked.now,
    };
    let claims = read(&text, &trust)?;
    let wishes = Wishes::read(&claims)?;
    if !wishes.names(asked.role, asked.provider) {
        return Err(Refusal::Denied);
    }
    let name_qualifier = name_qualifier(&claims.issuer, provider);
    let one = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
    let mut condition_keys = mapped(&claims);
    condition_keys.extend([
        one("saml:aud", &claims.recipient),
        one("saml:doc", &format!("{}/{}", provider.account, provider.name)),
        one("saml:iss", &claims.issuer),
        one("saml:namequalifier", &name_qualifier),
        one("saml:sub", &claims.subject),
        one("saml:sub_type", &claims.subject_type),
    ]);
    let outsider = Outsider {
        account: provider.account,
        provider: asked.provider.to_owned(),
        proof: Proof::Saml {
            subject_type: claims.subject_type,
            name_qualifier,
            session_name: wishes.session_name,
            until: claims.session_ends,
            seconds: wishes.seconds,
            assertion: claims.id,
            ends: claims.ends,
        },
        issuer: claims.issuer,
        subject: claims.subject,
        audience: claims.recipient,
        keys: condition_keys,
        tags: wishes.tags,
        transitive: wishes.transitive,
        source_identity: wishes.source_identity,
    };
    Ok(Authenticated::outsider(Arc::new(outsider), asked.region))
}

/// The response's text; base64 in lines is taken, as browsers post it.
fn text_of(response: &str) -> Result<String, Refusal> {
    let response: String = response.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(response).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| Refusal::invalid("Invalid base64 SAMLResponse"))
}

/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>: a name for the pair of
/// provider and account, no safeguard.
fn name_qualifier(issuer: &str, provider: &SamlProvider) -> String {
    let text = format!("{issuer}{}/{}", provider.account, provider.name);
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(hash.as_ref())
}

/// The provider's name in its ARN, if the text is the ARN of a SAML provider.
pub fn provider_name(arn: &str) -> Option<&str> {
    let parts = ArnRef::parse(arn).filter(|parts| parts.service == "iam" && parts.region.is_empty())?;
    parts.resource.strip_prefix("saml-provider/").filter(|name| !name.is_empty())
}
