//! Secret access keys: made here, sealed for the store, opened to verify a signature.

use base::{Entropy, Secret, SecretString};
use base64::Engine as _;
use store::seal::{KeyRing, Place, SealError};

/// Random bytes of a secret access key: forty characters of base64, the form of AWS's.
const SECRET_BYTES: usize = 30;

/// A fresh secret access key.
pub fn generate(entropy: &dyn Entropy) -> SecretString {
    let mut bytes = [0; SECRET_BYTES];
    entropy.fill(&mut bytes);
    SecretString::new(base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// Seals a secret for the access key of this id; it opens for no other.
pub fn seal_secret(
    keys: &KeyRing,
    key_id: &str,
    secret: &SecretString,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    keys.seal(place(key_id), secret.expose().as_bytes(), entropy)
}

/// Opens the sealed secret of the access key of this id.
pub fn open_secret(keys: &KeyRing, key_id: &str, sealed: &[u8]) -> Result<Secret, SealError> {
    keys.open(place(key_id), sealed)
}

fn place(key_id: &str) -> Place<'_> {
    Place { table: "access-key", key: key_id.as_bytes() }
}
