//! Tags on entities.

use serde::{Deserialize, Serialize};

/// A key with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// 1–128 characters; unique in an entity without regard to case.
    pub key: String,
    /// 0–256 characters.
    pub value: String,
}

/// The tags of one entity, in the order of their first writing.
///
/// IAM keeps the case of keys but treats `Department` and `department` as one key.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// The tags in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Tag> {
        self.0.iter()
    }

    /// How many tags.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key, whatever its case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|tag| tag.key.eq_ignore_ascii_case(key)).map(|tag| tag.value.as_str())
    }

    /// Sets a tag; one of the same key without regard to case is replaced where it stands.
    pub fn set(&mut self, tag: Tag) {
        match self.0.iter_mut().find(|known| known.key.eq_ignore_ascii_case(&tag.key)) {
            Some(known) => *known = tag,
            None => self.0.push(tag),
        }
    }

    /// Removes a key whatever its case; an absent one is no error, as in `UntagUser`.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|tag| !tag.key.eq_ignore_ascii_case(key));
    }
}

impl FromIterator<Tag> for Tags {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Self {
        let mut all = Self::default();
        tags.into_iter().for_each(|tag| all.set(tag));
        all
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = &'a Tag;
    type IntoIter = std::slice::Iter<'a, Tag>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn keys_are_one_without_regard_to_case() {
        let mut tags: Tags = [tag("Team", "a"), tag("Cost", "b")].into_iter().collect();
        tags.set(tag("team", "c"));
        assert_eq!(tags.len(), 2);
        assert_eq!(tags.get("TEAM"), Some("c"));
        tags.remove("TEAM");
        assert_eq!(tags.get("Team"), None);
    }
}
