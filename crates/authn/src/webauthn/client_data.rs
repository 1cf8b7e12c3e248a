//! What the browser says that it asked the authenticator for.
//! See <https://www.w3.org/TR/webauthn-3/#dictdef-collectedclientdata>.

use super::{Ceremony, Refusal, RelyingParty, unbase64url};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// Reads the browser's JSON, holds it against the ceremony and the party, and yields the challenge.
pub fn challenge(json: &[u8], ceremony: Ceremony, party: &RelyingParty) -> Result<Vec<u8>, Refusal> {
    let data: ClientData =
        serde_json::from_slice(json).map_err(|_| Refusal::Malformed("the client data does not decode"))?;
    if data.kind != ceremony.kind() {
        return Err(Refusal::Ceremony);
    }
    if data.cross_origin || !party.origins.contains(&data.origin) {
        return Err(Refusal::Origin);
    }
    unbase64url(&data.challenge).ok_or(Refusal::Challenge)
}
