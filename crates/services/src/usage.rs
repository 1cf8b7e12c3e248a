//! When keys and roles were last used, and what users and roles used: gathered in memory, written every few seconds.
//!
//! AWS shows last use with a delay too:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>.

use crate::call::Call;
use base::{Timestamp, UniqueId};
use directory::Tx;
use model::{AccessUsage, Hashing, Identity, KeyUsage, RoleUsage};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub struct Usage {
    pending: Mutex<Pending>,
}

#[derive(Debug, Default, Clone)]
struct Pending {
    keys: HashMap<UniqueId, KeyUsage, Hashing>,
    roles: HashMap<UniqueId, RoleUsage, Hashing>,
    access: HashMap<UniqueId, Vec<Access>, Hashing>,
}

/// A use of an action, by a user or role.
#[derive(Debug, Clone, Copy)]
struct Access {
    service: &'static str,
    action: &'static str,
    at: Timestamp,
    region: &'static str,
}

/// Users and roles whose uses of actions wait in memory at most. Those of others are not noted until these are
/// written, a few seconds later. The actions of one are bounded by those that there are.
const WAITING: usize = 20_000;
/// A later use of an action that was noted already is written only after so long: a busy caller would otherwise write
/// a row every few seconds.
const FRESH: Duration = Duration::from_secs(60);

impl Usage {
    /// Notes an authenticated call.
    pub fn note(&self, call: &Call, service: &'static str, action: &'static str) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let at = call.now.whole_seconds();
        let access = Access { service, action, at, region: call.region };
        match &call.caller.identity {
            Identity::User(user) => note_access(&mut pending.access, &user.id, access),
            Identity::Role { role, .. } => note_access(&mut pending.access, &role.id, access),
            _ => {}
        }
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
        let is_empty = gathered.keys.is_empty() && gathered.roles.is_empty() && gathered.access.is_empty();
        (!is_empty).then_some(Gathered(gathered))
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
        for (principal, uses) in gathered.0.access {
            uses.into_iter().for_each(|used| note_access(&mut pending.access, &principal, used));
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
        for (principal, uses) in &self.0.access {
            if let Some(usage) = renewed(tx, principal, uses) {
                tx.put(usage);
            }
        }
    }
}

/// What a user or role used, with these uses; `None` if that tells hardly anything new, or if it is gone.
fn renewed(tx: &Tx<'_>, principal: &UniqueId, uses: &[Access]) -> Option<AccessUsage> {
    let known = tx.snapshot().access_usage(principal.as_str());
    let is_news = |used: &&Access| {
        let service = known.and_then(|known| known.of_service(used.service));
        let known =
            service.and_then(|service| service.actions.iter().find(|known| known.action == used.action));
        known.is_none_or(|known| used.at.since(known.at) >= FRESH || known.region != used.region)
    };
    let news: Vec<&Access> = uses.iter().filter(is_news).collect();
    if news.is_empty() || !exists(tx, principal) {
        return None;
    }
    let mut usage =
        known.map_or_else(|| AccessUsage::none(principal.clone()), |known| AccessUsage::clone(known));
    news.iter().for_each(|used| usage.note(used.service, used.action, used.at, used.region));
    Some(usage)
}

fn exists(tx: &Tx<'_>, principal: &UniqueId) -> bool {
    let id = principal.as_str();
    tx.snapshot().accounts().any(|it| it.users.by_id(id).is_some() || it.roles.by_id(id).is_some())
}

fn note_access(all: &mut HashMap<UniqueId, Vec<Access>, Hashing>, principal: &UniqueId, access: Access) {
    if let Some(uses) = all.get_mut(principal) {
        match uses.iter_mut().find(|used| used.action == access.action && used.service == access.service) {
            Some(known) if known.at <= access.at => *known = access,
            Some(_) => {}
            None => uses.push(access),
        }
    } else if all.len() < WAITING {
        all.insert(principal.clone(), vec![access]);
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
