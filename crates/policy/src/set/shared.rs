//! Lists that sets share.

use std::ops::Deref;
use std::sync::Arc;

/// A list that is built once; copies of it are the same list.
#[derive(Debug)]
pub(super) struct Shared<T>(Option<Arc<[T]>>);

impl<T> Shared<T> {
    /// Without anything, which needs no memory.
    pub(super) const EMPTY: Shared<T> = Shared(None);
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<Vec<T>> for Shared<T> {
    fn from(list: Vec<T>) -> Self {
        Self((!list.is_empty()).then(|| list.into()))
    }
}

impl<T> Deref for Shared<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}
