//! Account ids: twelve decimal digits.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The id of an account: twelve decimal digits, leading zeros kept.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-id.html>.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId([u8; 12]);

/// The text is not twelve decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account id is twelve digits, not `{0}`")]
pub struct InvalidAccountId(pub String);

impl AccountId {
    /// Reads an account id from text.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountId> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(InvalidAccountId(text.chars().take(64).collect())),
        }
    }

    /// The account id with this numeric value; `None` from 10¹² on.
    pub fn from_number(number: u64) -> Option<Self> {
        (number < 1_000_000_000_000).then(|| {
            let mut rest = number;
            let mut digits = [b'0'; 12];
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            Self(digits)
        })
    }

    /// The number that the digits spell.
    pub fn number(self) -> u64 {
        self.0.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        // Digits are ASCII by construction, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidAccountId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_only() {
        assert_eq!(AccountId::parse("012345678901").unwrap().number(), 12_345_678_901);
        assert_eq!(AccountId::from_number(12_345_678_901).unwrap().as_str(), "012345678901");
        for bad in ["", "1", "01234567890", "0123456789012", "01234567890a", "٠١٢٣٤٥٦٧٨٩٠١"] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
        assert!(AccountId::from_number(1_000_000_000_000).is_none());
    }
}
