//! Challenges that nobody has to remember: each is sealed, and tells whom it was made for, for what and when.
//!
//! A device's row keeps when the challenge was made that it answered last, and refuses that one and older ones, so
//! that an answer is good once.

use super::{Ceremony, Refusal};
use base::{Entropy, Timestamp, UniqueId};
use std::time::Duration;
use store::seal::{KeyRing, Place, SealError};

/// For how long an answer is taken.
pub const LIFETIME: Duration = Duration::from_secs(300);

/// A fresh challenge for a user.
///
/// # Errors
/// If the cipher refuses.
pub fn make(
    keys: &KeyRing,
    ceremony: Ceremony,
    user: &UniqueId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    keys.seal(place(ceremony, user), &now.millis().to_be_bytes(), entropy)
}

/// When the challenge was made, if it was for this user and ceremony and not too long ago.
pub fn made_at(
    keys: &KeyRing,
    ceremony: Ceremony,
    user: &UniqueId,
    challenge: &[u8],
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let opened = keys.open(place(ceremony, user), challenge).map_err(|_| Refusal::Challenge)?;
    let millis = opened.expose().try_into().map_err(|_| Refusal::Challenge)?;
    let made = Timestamp::from_millis(i64::from_be_bytes(millis));
    if now < made || now >= made + LIFETIME { Err(Refusal::Expired) } else { Ok(made) }
}

fn place(ceremony: Ceremony, user: &UniqueId) -> Place<'_> {
    let table = match ceremony {
        Ceremony::Register => "webauthn-register",
        Ceremony::SignIn => "webauthn-sign-in",
    };
    Place { table, key: user.as_str().as_bytes() }
}
