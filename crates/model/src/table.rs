//! Entities of one kind in one account, found by name or by unique id.

use crate::Hashing;
use base::UniqueId;
use rpds::{HashTrieMap, HashTrieMapSync, RedBlackTreeMapSync};
use std::sync::Arc;

/// An entity with a name that is unique in its account without regard to case.
pub trait Named {
    /// The unique id.
    fn id(&self) -> &UniqueId;
    /// The name as it was given.
    fn name(&self) -> &str;
    /// The path: `/` or `/…/`.
    fn path(&self) -> &str;
}

/// A name as it is compared: IAM names are ASCII and unique ignoring case.
pub fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A persistent table; cloning shares everything.
#[derive(Debug)]
pub struct Table<T> {
    /// By folded name, for one at a time.
    by_name: HashTrieMapSync<Arc<str>, Arc<T>, Hashing>,
    /// The folded names in order, for lists.
    in_order: RedBlackTreeMapSync<Arc<str>, Arc<T>>,
    by_id: HashTrieMapSync<UniqueId, Arc<T>, Hashing>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self { by_name: self.by_name.clone(), in_order: self.in_order.clone(), by_id: self.by_id.clone() }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            by_name: HashTrieMap::default(),
            in_order: RedBlackTreeMapSync::new_sync(),
            by_id: HashTrieMap::default(),
        }
    }
}

impl<T: Named> Table<T> {
    /// The entity of this name, whatever the case.
    pub fn get(&self, name: &str) -> Option<&Arc<T>> {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.by_name.get(folded(name).as_str())
        } else {
            self.by_name.get(name)
        }
    }

    /// The entity of this unique id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<T>> {
        self.by_id.get(id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.size()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// All, in the order of their folded names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.in_order.iter().map(|(_, entity)| entity)
    }

    /// Those whose folded name comes after `name`'s: where a page of a list goes on.
    pub fn after(&self, name: &str) -> impl Iterator<Item = &Arc<T>> {
        use std::ops::Bound;
        let from: Bound<Arc<str>> = Bound::Excluded(folded(name).into());
        self.in_order.range((from, Bound::Unbounded)).map(|(_, entity)| entity)
    }

    /// Puts an entity in, over the one with the same id; a changed name frees the old one. Yields the entity
    /// that stood there.
    pub fn put(&mut self, entity: Arc<T>) -> Option<Arc<T>> {
        let old = self.remove(entity.id().as_str());
        let name: Arc<str> = folded(entity.name()).into();
        self.by_name.insert_mut(Arc::clone(&name), Arc::clone(&entity));
        self.in_order.insert_mut(name, Arc::clone(&entity));
        self.by_id.insert_mut(entity.id().clone(), entity);
        old
    }

    /// Takes the entity of this id out.
    pub fn remove(&mut self, id: &str) -> Option<Arc<T>> {
        let old = self.by_id.get(id).cloned()?;
        self.by_id.remove_mut(id);
        let name = folded(old.name());
        self.by_name.remove_mut(name.as_str());
        self.in_order.remove_mut(name.as_str());
        Some(old)
    }
}
