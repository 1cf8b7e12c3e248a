//! What the authenticator signs: for whom, with whose consent, how often.
//! See <https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data>.

use super::key::PublicKey;
use super::{Refusal, RelyingParty, cbor};
use aws_lc_rs::digest::{SHA256, digest};

/// Bits of the flags.
const USER_PRESENT: u8 = 1;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;

/// The parts of it that count.
#[derive(Debug)]
pub struct AuthenticatorData<'a> {
    /// How often the credential has signed; zero for those that do not count.
    pub counter: u32,
    /// The new credential, at its registration.
    pub attested: Option<Attested<'a>>,
}

/// A new credential.
#[derive(Debug)]
pub struct Attested<'a> {
    /// Its id.
    pub credential: &'a [u8],
    /// Its public key as it came.
    pub key_bytes: &'a [u8],
    /// Its public key.
    pub key: PublicKey,
}

/// Bytes that a credential's id has at most.
const CREDENTIAL_LIMIT: usize = 1_023;

const CUT: Refusal = Refusal::Malformed("the authenticator data is cut off");

/// Reads it, and refuses what is for another party or without the user's presence.
pub fn read<'a>(bytes: &'a [u8], party: &RelyingParty) -> Result<AuthenticatorData<'a>, Refusal> {
    let (party_hash, rest) = bytes.split_first_chunk::<32>().ok_or(CUT)?;
    let (flags, rest) = rest.split_first().ok_or(CUT)?;
    let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(CUT)?;
    if digest(&SHA256, party.id.as_bytes()).as_ref() != party_hash {
        return Err(Refusal::Party);
    }
    if flags & USER_PRESENT == 0 {
        return Err(Refusal::Absent);
    }
    let mut attested = None;
    if flags & ATTESTED != 0 {
        let (credential, after) = new_credential(rest)?;
        (attested, rest) = (Some(credential), after);
    }
    if flags & EXTENSIONS != 0 {
        (_, rest) = cbor::read(rest)?;
    }
    if !rest.is_empty() {
        return Err(Refusal::Malformed("there are bytes after the authenticator data"));
    }
    Ok(AuthenticatorData { counter: u32::from_be_bytes(*counter), attested })
}

fn new_credential(bytes: &[u8]) -> Result<(Attested<'_>, &[u8]), Refusal> {
    let (_model, rest) = bytes.split_first_chunk::<16>().ok_or(CUT)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(CUT)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > CREDENTIAL_LIMIT {
        return Err(Refusal::Malformed("the credential's id has no length that ids have"));
    }
    let (credential, rest) = rest.split_at_checked(length).ok_or(CUT)?;
    let (map, after) = cbor::read(rest)?;
    let key_bytes = rest.get(..rest.len() - after.len()).ok_or(CUT)?;
    Ok((Attested { credential, key_bytes, key: PublicKey::of(&map)? }, after))
}
