//! Objects of JSON whose values stay text: policies are read by their own reader, with its own spans.

use super::QuestionError;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The members of an object, in order.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads a part of a question that must be an object.
    pub(super) fn read(part: &str, text: &'a RawValue) -> Result<Self, QuestionError> {
        let wrong = |_| QuestionError::Wrong { part: part.to_owned(), wanted: "an object" };
        let members: Self = serde_json::from_str(text.get()).map_err(wrong)?;
        members.check_unique(part)?;
        Ok(members)
    }

    /// Refuses keys that stand twice: which of them is meant cannot be told.
    pub(super) fn check_unique(&self, part: &str) -> Result<(), QuestionError> {
        let mut keys: Vec<&str> = self.0.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[_]>::first) {
            Some(key) => Err(QuestionError::Twice { part: part.to_owned(), key: (*key).to_owned() }),
            None => Ok(()),
        }
    }

    /// A member that is there and not `null`.
    pub(super) fn get(&self, key: &str) -> Option<&'a RawValue> {
        let (_, value) = self.0.iter().find(|(known, _)| known == key)?;
        (value.get() != "null").then_some(*value)
    }

    /// A member that is a text, if it is there.
    pub(super) fn text(&self, part: &'static str, key: &str) -> Result<Option<String>, QuestionError> {
        self.get(key).map(|value| text(part, value)).transpose()
    }

    /// A member that is `true` or `false`, if it is there.
    pub(super) fn flag(&self, part: &'static str, key: &str) -> Result<Option<bool>, QuestionError> {
        match self.get(key).map(RawValue::get) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(QuestionError::Wrong { part: part.to_owned(), wanted: "true or false" }),
        }
    }

    /// Every member, `null` or not.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), *value))
    }
}

/// A text of JSON.
pub(super) fn text(part: &str, value: &RawValue) -> Result<String, QuestionError> {
    let wrong = |_| QuestionError::Wrong { part: part.to_owned(), wanted: "a text" };
    serde_json::from_str(value.get()).map_err(wrong)
}

/// The elements of an array of JSON.
pub(super) fn elements<'a>(part: &str, value: &'a RawValue) -> Result<Vec<&'a RawValue>, QuestionError> {
    let wrong = |_| QuestionError::Wrong { part: part.to_owned(), wanted: "an array" };
    serde_json::from_str(value.get()).map_err(wrong)
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Members)
    }
}
