//! Parts that policies have in common are kept once: many name the same patterns of actions and the same conditions.
//! That saves the time of compiling them and, when decisions are made for many principals, of fetching them from memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// Compiled parts by what they were compiled from. Those that no policy has any more are forgotten.
pub(super) struct Interned<T: ?Sized>(OnceLock<Mutex<Table<T>>>);

struct Table<T: ?Sized> {
    known: HashMap<Box<str>, Weak<T>>,
    /// When there are so many, those that are gone are removed.
    most: usize,
}

/// Texts longer than this are hardly ever the same.
const LONGEST: usize = 512;
const FEWEST: usize = 1_024;

impl<T: ?Sized> Interned<T> {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// What this text was compiled to, or is compiled to now.
    pub(super) fn get(&self, text: &str, compile: impl FnOnce() -> Arc<T>) -> Arc<T> {
        if text.len() > LONGEST {
            return compile();
        }
        let table = self.0.get_or_init(|| Mutex::new(Table { known: HashMap::new(), most: FEWEST }));
        let lock = || table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().known.get(text).and_then(Weak::upgrade) {
            return known;
        }
        let compiled = compile();
        lock().insert(text, &compiled);
        compiled
    }
}

impl<T: ?Sized> Table<T> {
    fn insert(&mut self, text: &str, compiled: &Arc<T>) {
        if self.known.len() >= self.most {
            self.known.retain(|_, known| known.strong_count() > 0);
            self.most = FEWEST.max(2 * self.known.len());
        }
        self.known.insert(text.into(), Arc::downgrade(compiled));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_kept_once_and_what_is_gone_is_forgotten() {
        static TABLE: Interned<str> = Interned::new();
        let first = TABLE.get("a", || "1".into());
        assert!(Arc::ptr_eq(&first, &TABLE.get("a", || "2".into())));
        drop(first);
        assert_eq!(&*TABLE.get("a", || "2".into()), "2");
        for number in 0..10 * FEWEST {
            TABLE.get(&number.to_string(), || "".into());
        }
        assert!(TABLE.0.get().unwrap().lock().unwrap().known.len() <= FEWEST);
    }
}
