//! Secrets: bytes that are wiped when dropped, compared in constant time and never printed.

use std::fmt;
use zeroize::Zeroize;

/// Secret bytes.
#[derive(Clone, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes in.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Whether these are the bytes. Takes the same time wherever they differ; only the length is told.
    pub fn equals(&self, bytes: &[u8]) -> bool {
        self.0.len() == bytes.len() && self.0.iter().zip(bytes).fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }

    /// The bytes, for the one place that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.equals(&other.0)
    }
}

impl Eq for Secret {}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Secret text, such as a secret access key on its one way out to its owner.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretString(Secret);

impl SecretString {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text.into().into_bytes()))
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        // Made from a `String`, so always UTF-8; the fallback is never taken.
        std::str::from_utf8(self.0.expose()).unwrap_or_default()
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(…)")
    }
}

impl From<String> for SecretString {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_printed() {
        let secret = SecretString::new("hunter2");
        assert_eq!(format!("{secret:?}"), "SecretString(…)");
        assert_eq!(format!("{:?}", Secret::new(*b"hunter2")), "Secret(…)");
    }

    #[test]
    fn equality_is_of_all_bytes() {
        assert_eq!(Secret::new(*b"abc"), Secret::new(*b"abc"));
        assert_ne!(Secret::new(*b"abc"), Secret::new(*b"abd"));
        assert_ne!(Secret::new(*b"abc"), Secret::new(*b"abcd"));
    }
}
