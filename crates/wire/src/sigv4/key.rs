//! Signing keys.

use super::TERMINATOR;
use aws_lc_rs::{digest, hmac};
use base::Secret;

/// A key for one day, region and service, made from a secret access key.
///
/// Making one costs four HMACs; it may be kept for as long as the secret is valid, so callers cache it by
/// access key and scope. Not printed, and useless for any other scope.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Derives the key for a scope; `date` is `20261122`.
    pub fn derive(secret: &Secret, date: &str, region: &str, service: &str) -> Self {
        let mut start = Vec::with_capacity(4 + secret.expose().len());
        start.extend(b"AWS4");
        start.extend(secret.expose());
        let mut key = hmac::Key::new(hmac::HMAC_SHA256, Secret::new(start).expose());
        for part in [date, region, service, TERMINATOR] {
            key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
        }
        Self(key)
    }

    /// A key that no secret belongs to, to do equal work for access keys that do not exist.
    pub fn nobody(random: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, random))
    }

    /// The signature of a canonical request.
    pub(super) fn signature(&self, date: &str, scope: &[&str; 4], canonical: &[u8]) -> [u8; 32] {
        let mut text = Vec::with_capacity(192);
        text.extend(super::ALGORITHM.as_bytes());
        text.push(b'\n');
        text.extend(date.as_bytes());
        text.push(b'\n');
        for (place, part) in scope.iter().enumerate() {
            if place > 0 {
                text.push(b'/');
            }
            text.extend(part.as_bytes());
        }
        text.push(b'\n');
        text.extend(hex(&sha256(canonical)));
        let tag = hmac::sign(&self.0, &text);
        let mut signature = [0; 32];
        signature.copy_from_slice(tag.as_ref().get(..32).unwrap_or(&[0; 32]));
        signature
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The SHA-256 of some bytes.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref().get(..32).unwrap_or(&[0; 32]));
    out
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    let digit = |half: u8| DIGITS.get(usize::from(half & 15)).copied().unwrap_or(b'0');
    let mut out = [0; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    out
}

/// Stands for what is no digit; digits have none of its bits.
const NO_DIGIT: u8 = 0xF0;

/// Reads 64 lower-case hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let digit = |byte: u8| match (byte.wrapping_sub(b'0'), byte.wrapping_sub(b'a')) {
        (number @ 0..=9, _) => number,
        (_, letter @ 0..=5) => letter + 10,
        _ => NO_DIGIT,
    };
    let (mut out, mut wrong) = ([0; 32], 0);
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = *pair else { return None };
        let (high, low) = (digit(high), digit(low));
        wrong |= (high | low) & NO_DIGIT;
        *byte = high << 4 | (low & 15);
    }
    (wrong == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the page on deriving a signing key in the AWS General Reference.
    #[test]
    fn the_documented_key_is_derived() {
        let secret = Secret::new(*b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let key = SigningKey::derive(&secret, "20150830", "us-east-1", "iam");
        let request =
            "GET\n/\nAction=ListUsers&Version=2010-05-08\ncontent-type:application/x-www-form-urlencoded; \
                       charset=utf-8\nhost:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n\
                       content-type;host;x-amz-date\n"
                .to_owned()
                + super::super::EMPTY_SHA256;
        let scope = ["20150830", "us-east-1", "iam", TERMINATOR];
        let signature = key.signature("20150830T123600Z", &scope, request.as_bytes());
        assert_eq!(
            std::str::from_utf8(&hex(&signature)).unwrap(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
        assert_eq!(
            unhex("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
            Some(signature)
        );
        assert_eq!(hex(&sha256(b"")), *super::super::EMPTY_SHA256.as_bytes().first_chunk().unwrap());
    }

    #[test]
    fn hexadecimal_is_strict() {
        for bad in ["", "5d", &"5D".repeat(32), &"zz".repeat(32), &"0".repeat(65), &"é".repeat(32)] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
