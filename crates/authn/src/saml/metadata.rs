//! What a provider says of itself: its name, its keys, how long that holds.
//!
//! See <https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf>.

use super::key::{KeyError, VerifyingKey};
use super::ns;
use super::xml::{Bounds, Element, XmlError, parse};
use base::Timestamp;
use base64::Engine as _;

/// A metadata document, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The provider's name for itself, which its assertions bear as their issuer.
    pub entity_id: String,
    /// How long the document holds, if it says so.
    pub valid_until: Option<Timestamp>,
    /// The keys that sign: of descriptors for signing, and of those for every use.
    pub keys: Vec<VerifyingKey>,
}

/// Why a text is no metadata of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// It is not XML that is taken.
    #[error("{0}")]
    Xml(#[from] XmlError),
    /// A certificate yields no key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// Something is missing or wrong.
    #[error("{0}")]
    Content(&'static str),
}

/// Characters of the longest name: <https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>, 8.3.6.
const ENTITY_ID_LIMIT: usize = 1024;
/// The keys that are kept: providers have two while they change them.
const KEY_LIMIT: usize = 10;

impl Metadata {
    /// Reads a document.
    ///
    /// # Errors
    /// If it does not describe exactly one SAML 2.0 identity provider with a key that signs.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        let root = parse(text, Bounds::METADATA)?;
        if !root.is(ns::MD, "EntityDescriptor") {
            return Err(MetadataError::Content("the root must be an EntityDescriptor"));
        }
        let entity_id = root.attribute("entityID").unwrap_or_default();
        if entity_id.is_empty() || entity_id.chars().count() > ENTITY_ID_LIMIT {
            return Err(MetadataError::Content("the entityID must have 1 to 1024 characters"));
        }
        let provider = root
            .only(ns::MD, "IDPSSODescriptor")
            .ok_or(MetadataError::Content("there must be one IDPSSODescriptor"))?;
        let protocols = provider.attribute("protocolSupportEnumeration").unwrap_or_default();
        if !protocols.split_ascii_whitespace().any(|protocol| protocol == ns::SAMLP) {
            return Err(MetadataError::Content("the identity provider does not support SAML 2.0"));
        }
        let keys = keys_of(provider)?;
        let valid_until = [root.attribute("validUntil"), provider.attribute("validUntil")];
        let valid_until: Vec<Timestamp> =
            valid_until.into_iter().flatten().map(instant).collect::<Result<_, _>>()?;
        Ok(Self { entity_id: entity_id.to_owned(), valid_until: valid_until.into_iter().min(), keys })
    }
}

fn instant(text: &str) -> Result<Timestamp, MetadataError> {
    Timestamp::parse(text.trim()).map_err(|_| MetadataError::Content("validUntil is not a time"))
}

fn keys_of(provider: &Element) -> Result<Vec<VerifyingKey>, MetadataError> {
    let mut keys: Vec<VerifyingKey> = Vec::new();
    let signing = provider.all(ns::MD, "KeyDescriptor");
    let signing = signing.filter(|it| it.attribute("use").is_none_or(|purpose| purpose == "signing"));
    for info in signing.flat_map(|descriptor| descriptor.all(ns::DS, "KeyInfo")) {
        let data = info.all(ns::DS, "X509Data");
        for certificate in data.flat_map(|data| data.all(ns::DS, "X509Certificate")) {
            let key = key_of(certificate)?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    match keys.len() {
        0 => Err(MetadataError::Content("there is no certificate for signing")),
        1..=KEY_LIMIT => Ok(keys),
        _ => Err(MetadataError::Content("there are more than ten certificates for signing")),
    }
}

fn key_of(certificate: &Element) -> Result<VerifyingKey, MetadataError> {
    let text: String = certificate.text().unwrap_or_default().split_ascii_whitespace().collect();
    let der = base64::engine::general_purpose::STANDARD.decode(text);
    Ok(VerifyingKey::of_certificate(&der.map_err(|_| KeyError::Certificate)?)?)
}
