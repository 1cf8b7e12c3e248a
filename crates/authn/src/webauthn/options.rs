//! What a page hands to the browser, in the form that `parseCreationOptionsFromJSON` and
//! `parseRequestOptionsFromJSON` read.
//! See <https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialcreationoptionsjson>.

use super::challenge::LIFETIME;
use super::key::ALGORITHMS;
use super::{Asked, Ceremony, base64url, challenge};
use base::Entropy;
use model::mfa::{MfaDevice, MfaKind};
use serde_json::{Value, json};
use std::sync::Arc;
use store::seal::SealError;

/// Asks for a new credential of a user; those of `devices` are not to be registered again.
///
/// # Errors
/// If the cipher refuses to seal the challenge.
pub fn creation<'d>(
    asked: Asked<'_>,
    user_name: &str,
    devices: impl IntoIterator<Item = &'d Arc<MfaDevice>>,
    entropy: &dyn Entropy,
) -> Result<Value, SealError> {
    let challenge = challenge::make(asked.keys, Ceremony::Register, asked.user, asked.now, entropy)?;
    let algorithms = ALGORITHMS.map(|number| json!({"type": "public-key", "alg": number}));
    Ok(json!({
        "rp": {"id": asked.party.id, "name": asked.party.id},
        "user": {
            "id": base64url(asked.user.as_str().as_bytes()),
            "name": user_name,
            "displayName": user_name,
        },
        "challenge": base64url(&challenge),
        "pubKeyCredParams": algorithms,
        "timeout": LIFETIME.as_millis() as u64,
        "excludeCredentials": credentials(devices),
        "authenticatorSelection": {"residentKey": "discouraged", "userVerification": "discouraged"},
        "attestation": "none",
    }))
}

/// Asks for the use of one of a user's credentials; `None` if `devices` has none.
///
/// # Errors
/// If the cipher refuses to seal the challenge.
pub fn request<'d>(
    asked: Asked<'_>,
    devices: impl IntoIterator<Item = &'d Arc<MfaDevice>>,
    entropy: &dyn Entropy,
) -> Result<Option<Value>, SealError> {
    let allowed = credentials(devices);
    if allowed.is_empty() {
        return Ok(None);
    }
    let challenge = challenge::make(asked.keys, Ceremony::SignIn, asked.user, asked.now, entropy)?;
    Ok(Some(json!({
        "challenge": base64url(&challenge),
        "timeout": LIFETIME.as_millis() as u64,
        "rpId": asked.party.id,
        "allowCredentials": allowed,
        "userVerification": "discouraged",
    })))
}

fn credentials<'d>(devices: impl IntoIterator<Item = &'d Arc<MfaDevice>>) -> Vec<Value> {
    let keys = devices.into_iter().filter_map(|device| match &device.kind {
        MfaKind::SecurityKey(key) => Some(key),
        MfaKind::Virtual(_) | MfaKind::Hardware(_) => None,
    });
    keys.map(|key| json!({"type": "public-key", "id": base64url(&key.credential)})).collect()
}
