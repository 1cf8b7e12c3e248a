//! Texts sealed under the token keys: what is handed to a caller to be brought back, and is not for the caller to
//! read or to change.
//!
//! A kind and an account are sealed in: a text of one kind does not open as another's, nor in another account.

use crate::token::{TokenError, TokenSealer};
use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use base::{AccountId, Entropy};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a sealed text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedKind {
    /// The encoded message of a refusal.
    AuthorizationMessage,
    /// The token that stands for a finalized delegation request.
    DelegationToken,
}

impl SealedKind {
    /// The first byte; those of session tokens are others.
    const fn byte(self) -> u8 {
        match self {
            SealedKind::AuthorizationMessage => 0x41,
            SealedKind::DelegationToken => 0x44,
        }
    }
}

/// Kind, key number, nonce.
const HEADER: usize = 1 + 4 + NONCE_LEN;

impl TokenSealer {
    /// Seals a text for an account.
    ///
    /// # Errors
    /// If there is no key.
    pub fn seal_text(
        &self,
        kind: SealedKind,
        account: AccountId,
        text: &str,
        entropy: &dyn Entropy,
    ) -> Result<String, TokenError> {
        let (number, key) = self.keys.last().ok_or(TokenError::NoKey)?;
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut sealed = vec![kind.byte()];
        sealed.extend(number.to_be_bytes());
        sealed.extend(nonce);
        let mut body = text.as_bytes().to_vec();
        let bound = bound(&sealed, account);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut body)
            .map_err(|_| TokenError::Invalid)?;
        sealed.extend(body);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The text that was sealed for this account.
    ///
    /// # Errors
    /// If it is no text of this kind and account, was changed, or its key is gone.
    pub fn open_text(
        &self,
        kind: SealedKind,
        account: AccountId,
        sealed: &str,
    ) -> Result<String, TokenError> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| TokenError::Invalid)?;
        let (header, body) = bytes.split_at_mut_checked(HEADER).ok_or(TokenError::Invalid)?;
        let (number, nonce) = match &*header {
            [first, a, b, c, d, nonce @ ..] if *first == kind.byte() => {
                (u32::from_be_bytes([*a, *b, *c, *d]), nonce)
            }
            _ => return Err(TokenError::Invalid),
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| TokenError::Invalid)?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == number).ok_or(TokenError::Invalid)?;
        let bound = bound(header, account);
        let plain = key.open_in_place(nonce, Aad::from(bound), body).map_err(|_| TokenError::Invalid)?;
        String::from_utf8(plain.to_vec()).map_err(|_| TokenError::Invalid)
    }
}

fn bound(header: &[u8], account: AccountId) -> Vec<u8> {
    [header, account.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Secret;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    #[test]
    fn a_text_opens_as_its_kind_and_in_its_account_only() {
        let key = Secret::new([1; 32]);
        let sealer = TokenSealer::new([(1, &key)]);
        let own = account("123456789012");
        let sealed = sealer.seal_text(SealedKind::AuthorizationMessage, own, "denied", &Sevens).unwrap();
        let open = |kind, account| sealer.open_text(kind, account, &sealed);
        assert_eq!(open(SealedKind::AuthorizationMessage, own).unwrap(), "denied");
        assert!(open(SealedKind::DelegationToken, own).is_err());
        assert!(open(SealedKind::AuthorizationMessage, account("210987654321")).is_err());
        assert!(sealer.open(&sealed).is_err(), "it is no session token");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last character may hold bits that stand for nothing; those are refused as well.
            assert!(sealer.open_text(SealedKind::AuthorizationMessage, own, &changed).is_err(), "{place}");
        }
    }
}
