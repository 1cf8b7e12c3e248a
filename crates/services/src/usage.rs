//! When keys and roles were last used: gathered in memory, written every few seconds.
//!
//! AWS shows last use with a delay too:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>.

use crate::call::Call;
use base::{Timestamp, UniqueId};
use directory::Tx;
use model::{Hashing, Identity, KeyUsage, RoleUsage};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub struct Usage {
    pending: Mutex<Pending>,
}

#[derive(Debug, Default, Clone)]
struct Pending {
    keys: HashMap<UniqueId, KeyUsage, Hashing>,
    roles: HashMap<UniqueId, RoleUsage, Hashing>,
}

impl Usage {
    /// Notes an authenticated call.
    pub fn note(&self, call: &Call, service: &str) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let at = call.now.whole_seconds();
        match (&call.caller.identity, &call.caller.key) {
            (Identity::User(_), Some(key)) if call.caller.session.is_none() => {
                note_key(&mut pending.keys, key, at, service, call.region);
            }
            (Identity::Role { role, .. }, _) => note_role(&mut pending.roles, &role.id, at, call.region),
            _ => {}
        }
    }

    /// What has gathered; it is put back with [`Usage::put_back`] if it cannot be written.
    pub fn take(&self) -> Option<Gathered> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let gathered = std::mem::take(&mut *pending);
        (!gathered.keys.is_empty() || !gathered.roles.is_empty()).then_some(Gathered(gathered))
    }

    /// Puts back what could not be written; what came since is newer and stays.
    pub fn put_back(&self, gathered: Gathered) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, usage) in gathered.0.keys {
            pending.keys.entry(key).or_insert(usage);
        }
        for (role, usage) in gathered.0.roles {
            pending.roles.entry(role).or_insert(usage);
        }
    }
}

/// Uses on their way into the store.
#[derive(Debug, Clone)]
pub struct Gathered(Pending);

impl Gathered {
    /// Writes the uses of what still exists.
    pub fn write(&self, tx: &mut Tx<'_>) {
        for usage in self.0.keys.values() {
            if tx.snapshot().key_holder(usage.key.as_str()).is_some() {
                tx.put(usage.clone());
            }
        }
        for usage in self.0.roles.values() {
            tx.put(usage.clone());
        }
    }
}

fn note_key(
    keys: &mut HashMap<UniqueId, KeyUsage, Hashing>,
    key: &UniqueId,
    at: Timestamp,
    service: &str,
    region: &str,
) {
    match keys.get_mut(key) {
        Some(known) if known.service == service && known.region == region => known.at = at,
        _ => {
            let usage =
                KeyUsage { key: key.clone(), at, service: service.to_owned(), region: region.to_owned() };
            keys.insert(key.clone(), usage);
        }
    }
}

fn note_role(
    roles: &mut HashMap<UniqueId, RoleUsage, Hashing>,
    role: &UniqueId,
    at: Timestamp,
    region: &str,
) {
    match roles.get_mut(role) {
        Some(known) if known.region == region => known.at = at,
        _ => {
            roles.insert(role.clone(), RoleUsage { role: role.clone(), at, region: region.to_owned() });
        }
    }
}
