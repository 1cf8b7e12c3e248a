//! What is known of a request besides principal, action and resource: condition keys and their values.

use std::fmt;

/// A condition key, ready for look-up: its name without regard to case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ConditionKey {
    name: Box<str>,
    hash: u64,
}

impl ConditionKey {
    /// The key of this name, whatever its case.
    pub fn new(name: &str) -> Self {
        let name = name.to_lowercase().into_boxed_str();
        Self { hash: Hash::of(name.as_bytes()).0, name }
    }

    /// The name in lower case: `aws:username`, `aws:resourcetag/team`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A hash of the name, the same in every run.
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

impl fmt::Debug for ConditionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// FNV-1a, 64 bits, as far as it has come. Equal hashes are always followed by a comparison of the texts.
#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    #[inline]
    pub(crate) fn of(bytes: &[u8]) -> Hash {
        Hash(0xcbf2_9ce4_8422_2325).then(bytes)
    }

    /// Of a text that goes on with these bytes.
    #[inline]
    pub(crate) fn then(self, bytes: &[u8]) -> Hash {
        Hash(bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)))
    }

    /// With its bits spread, for tables that look at the first of them.
    #[inline]
    pub(crate) fn spread(self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    /// Of what the text is only the beginning of: another hash than that of the text.
    #[inline]
    pub(crate) fn of_stem(self) -> u64 {
        self.then(b"*").spread()
    }
}

/// See [`Hash::spread`].
pub(crate) fn spread(bytes: &[u8]) -> u64 {
    Hash::of(bytes).spread()
}

/// The values that a request has for a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    /// The key is not in the request.
    Absent,
    /// A key of one value.
    One(&'a str),
    /// A multivalued key. Without any value it counts as absent, with one value as [`Values::One`] except that set
    /// operators see a set.
    Many(&'a [String]),
    /// Keys that differ only in case (tags can): each is tried, and a condition holds if it holds for one of them.
    Either(&'a [String]),
}

/// Where the engine looks up condition keys.
///
/// Implementations may fill values lazily: a key is asked for only if a statement that matches otherwise names it.
pub trait Context {
    /// The values of a key.
    fn values(&self, key: &ConditionKey) -> Values<'_>;
}

/// For patterns without variables, such as those of actions.
pub(crate) struct NoContext;

impl Context for NoContext {
    fn values(&self, _: &ConditionKey) -> Values<'_> {
        Values::Absent
    }
}

/// A plain context that owns its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextMap {
    /// Sorted by hash, then name.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    key: ConditionKey,
    values: Vec<String>,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    One,
    Many,
    Either,
}

impl ContextMap {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a key of one value. A second value for a key that differs only in case stands beside the first
    /// as [`Values::Either`].
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.insert(key, value);
        self
    }

    /// The same with a multivalued key.
    #[must_use]
    pub fn with_many<V: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.insert_many(key, values);
        self
    }

    /// Adds a key of one value; see [`ContextMap::with`].
    pub fn insert(&mut self, key: &str, value: impl Into<String>) {
        let key = ConditionKey::new(key);
        match self.find(&key) {
            Ok(found) => {
                if let Some(entry) = self.entries.get_mut(found) {
                    entry.values.push(value.into());
                    entry.form = if entry.form == Form::Many { Form::Many } else { Form::Either };
                }
            }
            Err(place) => {
                self.entries.insert(place, Entry { key, values: vec![value.into()], form: Form::One })
            }
        }
    }

    /// Adds a multivalued key, replacing what the key had.
    pub fn insert_many<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        let key = ConditionKey::new(key);
        let values = values.into_iter().map(Into::into).collect();
        let found = self.find(&key);
        let entry = Entry { key, values, form: Form::Many };
        match found {
            Ok(place) => {
                if let Some(old) = self.entries.get_mut(place) {
                    *old = entry;
                }
            }
            Err(place) => self.entries.insert(place, entry),
        }
    }

    /// Removes a key; whether it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let found = self.find(&ConditionKey::new(key));
        found.map(|place| self.entries.remove(place)).is_ok()
    }

    /// Every key, in lower case, with its values; in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.entries.iter().map(|entry| (entry.key.name(), entry.values.as_slice()))
    }

    fn find(&self, key: &ConditionKey) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| {
            entry.key.hash.cmp(&key.hash).then_with(|| entry.key.name.as_ref().cmp(key.name.as_ref()))
        })
    }
}

impl Context for ContextMap {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        match self.find(key).ok().and_then(|place| self.entries.get(place)) {
            None => Values::Absent,
            Some(Entry { values, form: Form::One, .. }) => {
                values.first().map_or(Values::Absent, |v| Values::One(v))
            }
            Some(Entry { values, form: Form::Many, .. }) => Values::Many(values),
            Some(Entry { values, form: Form::Either, .. }) => Values::Either(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_case() {
        let context = ContextMap::new()
            .with("aws:ResourceTag/Team", "a")
            .with_many("aws:TagKeys", ["x", "y"])
            .with("aws:resourcetag/team", "b");
        let values = |key| context.values(&ConditionKey::new(key));
        assert_eq!(values("AWS:RESOURCETAG/TEAM"), Values::Either(&["a".to_owned(), "b".to_owned()]));
        assert_eq!(values("aws:tagkeys"), Values::Many(&["x".to_owned(), "y".to_owned()]));
        assert_eq!(values("aws:username"), Values::Absent);
    }
}
