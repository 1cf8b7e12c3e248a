//! Hashes of passwords: Argon2id, sealed under the store's key.
//!
//! Who steals the store without the key file has nothing to try passwords on. The parameters are ours alone: no
//! request names them, and a row that brings others than [`Cost`] allows is refused before anything is computed.
//! See <https://www.rfc-editor.org/rfc/rfc9106>.

use argon2::{Algorithm, Argon2, Params, Version};
use base::{Entropy, Secret, SecretString, UniqueId};
use std::sync::atomic::{AtomicU64, Ordering};
use store::seal::{KeyRing, Place, SealError};

/// The first byte of what is sealed.
const FORM: u8 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Form, memory, passes, lanes, salt, hash.
const KEPT_BYTES: usize = 1 + 4 + 4 + 4 + SALT_BYTES + HASH_BYTES;

/// How much work one hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// 19 MiB, two passes: the least that OWASP recommends, which leaves room for several sign-ins at a time.
    /// See <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>.
    pub const RECOMMENDED: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// The least that Argon2 takes, for tests that make many hashes.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
    /// No stored hash may ask for more.
    const MOST: Self = Self { memory_kib: 64 * 1024, passes: 8, lanes: 4 };

    fn is_bounded(self) -> bool {
        let Self { memory_kib, passes, lanes } = Self::MOST;
        self.memory_kib <= memory_kib && self.passes <= passes && self.lanes <= lanes
    }

    fn params(self) -> Result<Params, HashError> {
        if !self.is_bounded() {
            return Err(HashError::OutOfBounds);
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES))
            .map_err(|_| HashError::OutOfBounds)
    }
}

/// Why a hash cannot be made or compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// It does not open under the store's key, or is of another user.
    #[error("the password's hash does not open: {0}")]
    Sealed(#[from] SealError),
    /// It is not of a form that this program writes.
    #[error("the password's hash is not of a known form")]
    Form,
    /// Its parameters ask for more work than is done for a password.
    #[error("the password's hash asks for more work than is allowed")]
    OutOfBounds,
    /// The computation failed.
    #[error("the password's hash cannot be computed")]
    Computation,
}

/// Makes and compares hashes, and counts them: tests hold the count against what an answer must not tell.
#[derive(Debug)]
pub struct Hasher {
    cost: Cost,
    computed: AtomicU64,
}

impl Hasher {
    /// A hasher that makes hashes of this cost.
    pub fn new(cost: Cost) -> Self {
        Self { cost, computed: AtomicU64::new(0) }
    }

    /// The sealed hash of a user's new password; it is no other user's.
    ///
    /// # Errors
    /// If it cannot be computed or sealed.
    pub fn make(
        &self,
        keys: &KeyRing,
        user: &UniqueId,
        password: &SecretString,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, HashError> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt);
        let hash = self.compute(self.cost, password, &salt)?;
        let mut kept = Vec::with_capacity(KEPT_BYTES);
        kept.push(FORM);
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            kept.extend(number.to_be_bytes());
        }
        kept.extend(salt);
        kept.extend(hash.expose());
        Ok(keys.seal(place(user), Secret::new(kept).expose(), entropy)?)
    }

    /// Whether this is the user's password. One hash is computed, or none if the stored one is refused.
    ///
    /// # Errors
    /// If what is stored does not open, is of no known form, or asks for more work than is allowed.
    pub fn matches(
        &self,
        keys: &KeyRing,
        user: &UniqueId,
        sealed: &[u8],
        password: &SecretString,
    ) -> Result<bool, HashError> {
        let kept = keys.open(place(user), sealed)?;
        let (cost, salt, known) = read(kept.expose()).ok_or(HashError::Form)?;
        Ok(self.compute(cost, password, salt)?.equals(known))
    }

    /// The same work where there is nothing to compare with: no such user, no password, no more tries.
    pub fn for_nobody(&self, password: &SecretString) {
        // What comes out is of no use, and neither is why nothing did.
        let _ = self.compute(self.cost, password, &[0; SALT_BYTES]);
    }

    /// How many hashes were computed so far.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    fn compute(&self, cost: Cost, password: &SecretString, salt: &[u8]) -> Result<Secret, HashError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
        self.computed.fetch_add(1, Ordering::Relaxed);
        let mut hash = vec![0; HASH_BYTES];
        let computed = argon2.hash_password_into(password.expose().as_bytes(), salt, &mut hash);
        computed.map_err(|_| HashError::Computation)?;
        Ok(Secret::new(hash))
    }
}

fn read(kept: &[u8]) -> Option<(Cost, &[u8], &[u8])> {
    if kept.len() != KEPT_BYTES {
        return None;
    }
    let (form, rest) = kept.split_first()?;
    let (memory_kib, rest) = rest.split_first_chunk()?;
    let (passes, rest) = rest.split_first_chunk()?;
    let (lanes, rest) = rest.split_first_chunk()?;
    let (salt, hash) = rest.split_at_checked(SALT_BYTES)?;
    let cost = Cost {
        memory_kib: u32::from_be_bytes(*memory_kib),
        passes: u32::from_be_bytes(*passes),
        lanes: u32::from_be_bytes(*lanes),
    };
    (*form == FORM).then_some((cost, salt, hash))
}

fn place(user: &UniqueId) -> Place<'_> {
    Place { table: "password", key: user.as_str().as_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::seal::SealingKey;

    struct Counting(AtomicU64);
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill_with(|| (self.0.fetch_add(1, Ordering::Relaxed) * 37) as u8);
        }
    }

    fn set() -> (Hasher, KeyRing, UniqueId, Counting) {
        let entropy = Counting(AtomicU64::new(1));
        let keys = KeyRing::new(SealingKey::generate(&entropy).unwrap());
        (Hasher::new(Cost::LEAST), keys, UniqueId::from_text("AIDABOB"), entropy)
    }

    #[test]
    fn a_password_matches_itself_and_nothing_else() {
        let (hasher, keys, bob, entropy) = set();
        let password = |text: &str| SecretString::new(text);
        for text in ["correct horse", "", "p\u{e4}ssw\u{f6}rd\u{ff}", "\u{1f600}", &"x".repeat(128)] {
            let sealed = hasher.make(&keys, &bob, &password(text), &entropy).unwrap();
            assert_eq!(hasher.matches(&keys, &bob, &sealed, &password(text)), Ok(true));
            assert_eq!(hasher.matches(&keys, &bob, &sealed, &password(&format!("{text} "))), Ok(false));
            let again = hasher.make(&keys, &bob, &password(text), &entropy).unwrap();
            assert_ne!(sealed, again, "salted");
        }
    }

    #[test]
    fn a_hash_is_of_one_user_under_one_key() {
        let (hasher, keys, bob, entropy) = set();
        let password = SecretString::new("correct horse");
        let sealed = hasher.make(&keys, &bob, &password, &entropy).unwrap();
        let eve = UniqueId::from_text("AIDAEVE");
        assert!(matches!(hasher.matches(&keys, &eve, &sealed, &password), Err(HashError::Sealed(_))));
        let others = KeyRing::new(SealingKey::generate(&entropy).unwrap());
        assert!(matches!(hasher.matches(&others, &bob, &sealed, &password), Err(HashError::Sealed(_))));
        assert!(!sealed.windows(5).any(|bytes| bytes == b"horse"));
    }

    #[test]
    fn a_stored_hash_cannot_ask_for_more_work_than_is_allowed() {
        let (hasher, keys, bob, entropy) = set();
        let hostile = |memory: u32, passes: u32, lanes: u32| {
            let mut kept = vec![FORM];
            for number in [memory, passes, lanes] {
                kept.extend(number.to_be_bytes());
            }
            kept.extend([7; SALT_BYTES + HASH_BYTES]);
            keys.seal(place(&bob), &kept, &entropy).unwrap()
        };
        let before = hasher.computed();
        for (memory, passes, lanes) in [
            (4 << 20, 2, 1),
            (u32::MAX, 2, 1),
            (19_456, u32::MAX, 1),
            (19_456, 2, 0xff_ffff),
            (0, 0, 0),
            (8, 0, 1),
        ] {
            let refused =
                hasher.matches(&keys, &bob, &hostile(memory, passes, lanes), &SecretString::new("x"));
            assert_eq!(refused, Err(HashError::OutOfBounds), "{memory} {passes} {lanes}");
        }
        for broken in [&b""[..], b"\x01", &[2; KEPT_BYTES], "\u{e9}\u{1f600}$argon2id$".as_bytes()] {
            let sealed = keys.seal(place(&bob), broken, &entropy).unwrap();
            assert_eq!(hasher.matches(&keys, &bob, &sealed, &SecretString::new("x")), Err(HashError::Form));
        }
        assert_eq!(hasher.computed(), before);
    }

    #[test]
    fn work_for_nobody_is_counted_like_any() {
        let (hasher, ..) = set();
        hasher.for_nobody(&SecretString::new("x"));
        assert_eq!(hasher.computed(), 1);
    }
}
