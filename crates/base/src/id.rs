//! Unique ids (`AIDA…`, `AROA…`) and access key ids (`AKIA…`, `ASIA…`).
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>.

use crate::{AccountId, Entropy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an id names, told by its first four letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// `AIDA`: a user.
    User,
    /// `AGPA`: a group.
    Group,
    /// `AROA`: a role.
    Role,
    /// `ANPA`: a managed policy.
    Policy,
    /// `AIPA`: an instance profile.
    InstanceProfile,
    /// `AKIA`: a long-term access key.
    AccessKey,
    /// `ASIA`: the access key of temporary credentials.
    SessionKey,
    /// `ACCA`: a service-specific credential.
    ServiceCredential,
    /// `APKA`: a public key.
    PublicKey,
    /// `ASCA`: a certificate.
    Certificate,
}

impl IdKind {
    /// Every kind.
    pub const ALL: [IdKind; 10] = [
        IdKind::User,
        IdKind::Group,
        IdKind::Role,
        IdKind::Policy,
        IdKind::InstanceProfile,
        IdKind::AccessKey,
        IdKind::SessionKey,
        IdKind::ServiceCredential,
        IdKind::PublicKey,
        IdKind::Certificate,
    ];

    /// The four letters at the front.
    pub const fn prefix(self) -> &'static str {
        match self {
            IdKind::User => "AIDA",
            IdKind::Group => "AGPA",
            IdKind::Role => "AROA",
            IdKind::Policy => "ANPA",
            IdKind::InstanceProfile => "AIPA",
            IdKind::AccessKey => "AKIA",
            IdKind::SessionKey => "ASIA",
            IdKind::ServiceCredential => "ACCA",
            IdKind::PublicKey => "APKA",
            IdKind::Certificate => "ASCA",
        }
    }

    /// Letters after the prefix: access keys have 20 letters in all, entities 21.
    const fn tail(self) -> usize {
        match self {
            IdKind::AccessKey | IdKind::SessionKey => 16,
            _ => 17,
        }
    }
}

/// An id that is never reused: not even by an entity of the same name made later.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UniqueId(String);

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bits of an access key id that hold its account: `GetAccessKeyInfo` must answer for keys that no longer
/// exist, so the id itself carries the account (as AWS's do), and the rest is random.
const ACCOUNT_BITS: u32 = 40;

impl UniqueId {
    /// A fresh id of this kind for an entity of `account`.
    ///
    /// Eighty random bits; of an access key's eighty bits the first forty tell the account.
    pub fn generate(kind: IdKind, account: AccountId, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        let mut number = u128::from_be_bytes(bytes);
        let bits = kind.tail() as u32 * 5;
        number &= (1u128 << bits) - 1;
        if matches!(kind, IdKind::AccessKey | IdKind::SessionKey) {
            let random = bits - ACCOUNT_BITS;
            number = (number & ((1u128 << random) - 1)) | (u128::from(account.number()) << random);
        }
        let mut text = String::with_capacity(4 + kind.tail());
        text.push_str(kind.prefix());
        for place in (0..kind.tail()).rev() {
            let letter = (number >> (place * 5)) as usize & 31;
            text.push(char::from(*ALPHABET.get(letter).unwrap_or(&b'A')));
        }
        Self(text)
    }

    /// Takes an id as it stands in an export; no claim about its form.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind told by the prefix.
    pub fn kind(&self) -> Option<IdKind> {
        IdKind::ALL.into_iter().find(|kind| self.0.starts_with(kind.prefix()))
    }

    /// The account in an access key id that [`UniqueId::generate`] made; nonsense for ids made elsewhere.
    pub fn embedded_account(&self) -> Option<AccountId> {
        let tail = self.0.get(4..)?;
        if !matches!(self.kind()?, IdKind::AccessKey | IdKind::SessionKey) || tail.len() != 16 {
            return None;
        }
        let mut number = 0u128;
        for letter in tail.bytes() {
            let value = ALPHABET.iter().position(|known| *known == letter)?;
            number = (number << 5) | value as u128;
        }
        AccountId::from_number(u64::try_from(number >> (80 - ACCOUNT_BITS)).ok()?)
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for UniqueId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn ids_have_aws_lengths_and_alphabet() {
        let account = AccountId::parse("123456789012").unwrap();
        for kind in IdKind::ALL {
            let id = UniqueId::generate(kind, account, &Fixed(0x5a));
            assert_eq!(id.as_str().len(), 4 + kind.tail());
            assert_eq!(id.kind(), Some(kind));
            assert!(id.as_str().bytes().skip(4).all(|letter| ALPHABET.contains(&letter)));
        }
    }

    #[test]
    fn access_keys_tell_their_account() {
        for text in ["123456789012", "000000000000", "999999999999"] {
            let account = AccountId::parse(text).unwrap();
            for byte in [0, 0x5a, 0xff] {
                let id = UniqueId::generate(IdKind::AccessKey, account, &Fixed(byte));
                assert_eq!(id.embedded_account(), Some(account));
            }
            assert_eq!(UniqueId::generate(IdKind::User, account, &Fixed(1)).embedded_account(), None);
        }
    }
}
