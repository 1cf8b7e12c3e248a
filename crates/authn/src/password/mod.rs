//! Passwords: how they are kept, what they must be, and how often one may try.
//!
//! A password is kept as an Argon2id hash that is sealed under the store's key ([`Hasher`]). What a new one must be
//! is AWS's password policy ([`rules`]) and, where an account turns it on, a block list that works on long passwords
//! ([`easy`], [`Breached`]). [`Guard`] counts failed tries.

pub mod breached;
pub mod easy;
pub mod guard;
pub mod hash;
pub mod preset;
pub mod rules;

pub use breached::Breached;
pub use guard::{Entry, Guard};
pub use hash::{Cost, HashError, Hasher};
pub use preset::Preset;

use std::sync::Arc;

/// What operations on passwords need besides the snapshot.
pub struct Passwords {
    /// Makes and compares hashes.
    pub hasher: Hasher,
    /// Counts failed tries.
    pub guard: Guard,
    /// Passwords that are known to the world, if the operator has brought a list.
    pub breached: Option<Arc<dyn Breached>>,
}

impl Passwords {
    /// With hashes of this cost.
    pub fn new(cost: Cost, breached: Option<Arc<dyn Breached>>) -> Self {
        Self { hasher: Hasher::new(cost), guard: Guard::default(), breached }
    }
}
