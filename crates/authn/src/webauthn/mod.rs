//! Security keys and passkeys: WebAuthn level 3, the relying party's part.
//!
//! Registration (<https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential>) and assertion
//! (<https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion>) with ES256, EdDSA and RS256. We ask for no
//! attestation, so that statements are `none`, or `packed` signed by the new credential itself.

pub mod authenticator_data;
pub mod cbor;
pub mod challenge;
pub mod client_data;
pub mod key;
pub mod options;

use aws_lc_rs::digest::{SHA256, digest};
use base::{Timestamp, UniqueId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cbor::Value;
use key::PublicKey;
use model::mfa::SecurityKey;
use serde::{Deserialize, Serialize};
use store::seal::KeyRing;

/// Whom authenticators work for: what a browser shows as the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// A host name, that of the origins or one above it.
    pub id: String,
    /// Where pages may come from that ask for a key, as in `https://iam.example.com`.
    pub origins: Vec<String>,
}

impl Default for RelyingParty {
    /// Pages of one's own machine.
    fn default() -> Self {
        Self { id: "localhost".to_owned(), origins: vec!["https://localhost".to_owned()] }
    }
}

impl RelyingParty {
    /// The party of pages under a server's address, as in `https://iam.example.com:8443`.
    ///
    /// WebAuthn knows names only, so that an address in numbers becomes `localhost`, which browsers take without
    /// encryption too.
    pub fn of_endpoint(endpoint: &str) -> Self {
        let (scheme, rest) = endpoint.split_once("://").unwrap_or(("https", endpoint));
        let authority = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let with_port = authority.rsplit_once(':');
        let with_port = with_port.filter(|(_, port)| port.bytes().all(|digit| digit.is_ascii_digit()));
        let (host, port) = with_port.unwrap_or((&authority, ""));
        let id = if is_name(host) { host } else { "localhost" };
        let origin = match (scheme, port) {
            (_, "") | ("https", "443") | ("http", "80") => format!("{scheme}://{id}"),
            _ => format!("{scheme}://{id}:{port}"),
        };
        Self { id: id.to_owned(), origins: vec![origin] }
    }
}

fn is_name(host: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let last = host.rsplit('.').next().unwrap_or_default();
    host.bytes().all(is_known) && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// What a browser is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// A new credential.
    Register,
    /// The use of one that is known.
    SignIn,
}

impl Ceremony {
    fn kind(self) -> &'static str {
        match self {
            Ceremony::Register => "webauthn.create",
            Ceremony::SignIn => "webauthn.get",
        }
    }
}

/// Why an answer of an authenticator is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not of the form that it should have.
    #[error("{0}")]
    Malformed(&'static str),
    /// It is for another ceremony.
    #[error("the client data is of another kind of request")]
    Ceremony,
    /// It comes from a page that is not ours.
    #[error("the client data comes from an origin that is not served")]
    Origin,
    /// It was made for another site.
    #[error("the authenticator was asked for another site")]
    Party,
    /// Nobody touched the authenticator.
    #[error("the authenticator did not see its user")]
    Absent,
    /// We did not make the challenge, or for somebody else.
    #[error("the challenge was not made for this user")]
    Challenge,
    /// The answer came too late.
    #[error("the challenge has expired")]
    Expired,
    /// The challenge was answered before.
    #[error("the challenge, or a newer one, has been answered already")]
    Replayed,
    /// The counter did not go up: two devices have the same key.
    #[error("the signature counter did not go up: the key may have been copied")]
    Counter,
    /// The key's algorithm is none of ours.
    #[error("the credential's algorithm is none of ES256, EdDSA and RS256")]
    Algorithm,
    /// The attestation is of a form that we did not ask for.
    #[error("the attestation is neither `none` nor `packed` by the credential itself")]
    Attestation,
    /// The signature is wrong.
    #[error("the signature does not verify")]
    Signature,
}

/// What `navigator.credentials.create` yields, in the form of `toJSON()`.
/// See <https://www.w3.org/TR/webauthn-3/#dictdef-registrationresponsejson>.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The credential's id in base64url.
    pub id: String,
    /// What the authenticator made.
    pub response: RegistrationResponse,
}

/// The parts of a [`Registration`], in base64url.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponse {
    /// The browser's JSON.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// The authenticator's CBOR.
    pub attestation_object: String,
}

/// What `navigator.credentials.get` yields, in the form of `toJSON()`.
/// See <https://www.w3.org/TR/webauthn-3/#dictdef-authenticationresponsejson>.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// The credential's id in base64url.
    pub id: String,
    /// What the authenticator signed.
    pub response: AssertionResponse,
}

/// The parts of an [`Assertion`], in base64url.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionResponse {
    /// The browser's JSON.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// The authenticator's data.
    pub authenticator_data: String,
    /// Over the authenticator's data and the hash of the browser's JSON.
    pub signature: String,
}

/// Who is asked and when: what both ceremonies are verified against.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The key ring that sealed the challenge.
    pub keys: &'a KeyRing,
    /// The party.
    pub party: &'a RelyingParty,
    /// The user.
    pub user: &'a UniqueId,
    /// Now.
    pub now: Timestamp,
}

impl Asked<'_> {
    /// When the challenge was made that the browser's JSON answers.
    fn challenged(&self, client_data: &[u8], ceremony: Ceremony) -> Result<Timestamp, Refusal> {
        let challenge = client_data::challenge(client_data, ceremony, self.party)?;
        challenge::made_at(self.keys, ceremony, self.user, &challenge, self.now)
    }
}

/// Verifies a registration and yields the new credential.
///
/// # Errors
/// The reason why it is refused.
pub fn register(asked: Asked<'_>, registration: &Registration) -> Result<SecurityKey, Refusal> {
    let client_data = part(&registration.response.client_data_json)?;
    let object = part(&registration.response.attestation_object)?;
    let challenged = asked.challenged(&client_data, Ceremony::Register)?;
    let object = cbor::read_whole(&object)?;
    let malformed = || Refusal::Malformed("the attestation object lacks a part");
    let data = object.named("authData").and_then(Value::bytes).ok_or_else(malformed)?;
    let format = object.named("fmt").and_then(Value::text).ok_or_else(malformed)?;
    let statement = object.named("attStmt").ok_or_else(malformed)?;
    let read = authenticator_data::read(data, asked.party)?;
    let attested = read.attested.ok_or_else(malformed)?;
    if unbase64url(&registration.id).as_deref() != Some(attested.credential) {
        return Err(Refusal::Malformed("the credential's id is not the one that the authenticator made"));
    }
    attest(format, statement, &attested.key, &signed(data, &client_data))?;
    Ok(SecurityKey {
        credential: attested.credential.to_vec(),
        public_key: attested.key_bytes.to_vec(),
        counter: read.counter,
        challenged,
    })
}

/// See <https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation> and its neighbour `none`.
fn attest(format: &str, statement: &Value<'_>, key: &PublicKey, message: &[u8]) -> Result<(), Refusal> {
    match format {
        "none" if *statement == Value::Map(Vec::new()) => Ok(()),
        "packed" if statement.named("x5c").is_none() => {
            let algorithm = statement.named("alg").and_then(Value::integer);
            let signature = statement.named("sig").and_then(Value::bytes).ok_or(Refusal::Attestation)?;
            if algorithm != Some(key.algorithm()) {
                return Err(Refusal::Attestation);
            }
            key.verify(message, signature)
        }
        _ => Err(Refusal::Attestation),
    }
}

/// Verifies an assertion by a credential that is known, and yields it as it must be kept from now on.
///
/// # Errors
/// The reason why it is refused.
pub fn assert(asked: Asked<'_>, known: &SecurityKey, assertion: &Assertion) -> Result<SecurityKey, Refusal> {
    let client_data = part(&assertion.response.client_data_json)?;
    let data = part(&assertion.response.authenticator_data)?;
    let signature = part(&assertion.response.signature)?;
    let challenged = asked.challenged(&client_data, Ceremony::SignIn)?;
    let read = authenticator_data::read(&data, asked.party)?;
    PublicKey::read(&known.public_key)?.verify(&signed(&data, &client_data), &signature)?;
    if challenged <= known.challenged {
        return Err(Refusal::Replayed);
    }
    let counts = read.counter != 0 || known.counter != 0;
    if counts && read.counter <= known.counter {
        return Err(Refusal::Counter);
    }
    Ok(SecurityKey { counter: read.counter, challenged, ..known.clone() })
}

/// What signatures are over.
fn signed(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, digest(&SHA256, client_data).as_ref()].concat()
}

/// Bytes in base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Characters that a part of an answer has at most: far above what authenticators write.
const PART_LIMIT: usize = 16 * 1024;

/// The bytes of base64url without padding.
pub fn unbase64url(text: &str) -> Option<Vec<u8>> {
    if text.len() > PART_LIMIT {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn part(text: &str) -> Result<Vec<u8>, Refusal> {
    unbase64url(text).ok_or(Refusal::Malformed("a part of the answer is not base64url"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_party_is_the_host_of_the_address() {
        for (endpoint, id, origin) in [
            ("https://iam.example.com", "iam.example.com", "https://iam.example.com"),
            ("https://IAM.example.com:8443/", "iam.example.com", "https://iam.example.com:8443"),
            ("https://iam.example.com:443", "iam.example.com", "https://iam.example.com"),
            ("http://localhost:7373", "localhost", "http://localhost:7373"),
            ("http://127.0.0.1:7373", "localhost", "http://localhost:7373"),
            ("http://[::1]:7373", "localhost", "http://localhost:7373"),
            ("http://[::1]", "localhost", "http://localhost"),
        ] {
            let party = RelyingParty::of_endpoint(endpoint);
            assert_eq!((party.id.as_str(), party.origins), (id, vec![origin.to_owned()]), "{endpoint}");
        }
    }
}
