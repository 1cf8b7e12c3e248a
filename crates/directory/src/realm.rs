//! The realm as the store's state, and transactions on it.

use crate::row;
use model::Snapshot;
use model::snapshot::{Entity, EntityKey};
use std::sync::Arc;
use store::state::ApplyError;
use store::{Committer, Published, State, Transaction, Write};

/// The store's state: the snapshot that its rows make up.
#[derive(Debug, Clone, Default)]
pub struct Realm {
    /// The snapshot.
    pub snapshot: Snapshot,
}

/// The store's writer for a realm.
pub type Directory = Committer<Realm>;

/// A realm at a revision.
pub type PublishedRealm = Arc<Published<Realm>>;

impl State for Realm {
    fn apply(&mut self, write: &Write) -> Result<(), ApplyError> {
        let failed = |error: &dyn std::fmt::Display| ApplyError(error.to_string());
        match &write.value {
            Some(value) => {
                let entity = row::decode(&write.key, value).map_err(|error| failed(&error))?;
                self.snapshot.put(entity).map_err(|error| failed(&error))
            }
            None => {
                let key = row::decode_key(&write.key).map_err(|error| failed(&error))?;
                self.snapshot.remove(&key);
                Ok(())
            }
        }
    }
}

/// A transaction: the realm with the writes so far.
pub struct Tx<'t> {
    inner: Inner<'t>,
    keeps_refused: bool,
}

enum Inner<'t> {
    Store(&'t mut dyn StoreWriter),
    Detached(&'t mut Snapshot),
}

/// What a transaction needs of the store's; hides its lifetime.
trait StoreWriter {
    fn snapshot(&self) -> &Snapshot;
    fn write(&mut self, write: Write);
}

impl StoreWriter for Transaction<'_, Realm> {
    fn snapshot(&self) -> &Snapshot {
        &self.state().snapshot
    }
    fn write(&mut self, write: Write) {
        // The transaction remembers a failure and cannot be kept after it.
        let _ = Transaction::write(self, write);
    }
}

impl<'t> Tx<'t> {
    /// On a transaction of the store.
    pub fn new(store: &'t mut Transaction<'_, Realm>) -> Self {
        Self { inner: Inner::Store(store), keeps_refused: false }
    }

    /// On a snapshot that belongs to nobody: what would happen if.
    pub fn detached(snapshot: &'t mut Snapshot) -> Self {
        Self { inner: Inner::Detached(snapshot), keeps_refused: false }
    }

    /// Keeps what is written even if the call is refused in the end: a wrong answer must count, and a code that was
    /// accepted must not be good again. The writes of a call that is refused are dropped otherwise.
    pub fn keep_refused(&mut self) {
        self.keeps_refused = true;
    }

    /// Whether the writes are kept even if the call is refused.
    pub fn keeps_refused(&self) -> bool {
        self.keeps_refused
    }

    /// The realm with the writes so far.
    pub fn snapshot(&self) -> &Snapshot {
        match &self.inner {
            Inner::Store(store) => store.snapshot(),
            Inner::Detached(snapshot) => snapshot,
        }
    }

    /// Puts an entity in, over the one of the same key.
    ///
    /// A row that the realm cannot take in (an entity of an account that is not there) spoils the whole
    /// transaction: the store notes it and refuses to keep the job, so that no handler can forget to look.
    pub fn put(&mut self, entity: impl Into<Entity>) {
        let entity = entity.into();
        match &mut self.inner {
            Inner::Store(store) => {
                let key = row::encode_key(&entity.key()).into_bytes();
                store.write(Write::put(key, row::encode_value(&entity)));
            }
            // Nothing is kept of it in any case.
            Inner::Detached(snapshot) => drop(snapshot.put(entity)),
        }
    }

    /// Takes an entity out; an absent one is no error.
    pub fn remove(&mut self, key: &EntityKey) {
        match &mut self.inner {
            Inner::Store(store) => store.write(Write::delete(row::encode_key(key).into_bytes())),
            Inner::Detached(snapshot) => snapshot.remove(key),
        }
    }
}
