//! Values of a JSON file that know where they stand in it.

use super::error::{InputError, Reason};
use super::text::position;
use base::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A value of a file, not yet read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json<'a> {
    pub(super) file: &'a str,
    text: &'a str,
    raw: &'a RawValue,
}

/// The members of an object by name.
pub(super) type Members<'a> = BTreeMap<String, Json<'a>>;

impl<'a> Json<'a> {
    /// The values of a text: one, or several that were written one after another.
    pub(super) fn values(file: &'a str, text: &'a str) -> Result<Vec<Self>, InputError> {
        let stream = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        stream
            .map(|raw| raw.map(|raw| Self { file, text, raw }).map_err(|error| refused(file, (1, 1), &error)))
            .collect()
    }

    /// The text of the value.
    pub(super) fn raw(&self) -> &'a str {
        self.raw.get()
    }

    /// The value, for readers of policy documents.
    pub(super) fn raw_value(&self) -> &'a RawValue {
        self.raw
    }

    pub(super) fn is_object(&self) -> bool {
        self.raw().starts_with('{')
    }

    pub(super) fn is_array(&self) -> bool {
        self.raw().starts_with('[')
    }

    pub(super) fn is_null(&self) -> bool {
        self.raw() == "null"
    }

    /// The string that it is.
    pub(super) fn string(&self) -> Option<String> {
        self.raw().starts_with('"').then(|| serde_json::from_str(self.raw()).ok()).flatten()
    }

    /// Reads it as what it should be.
    pub(super) fn read<T: Deserialize<'a>>(&self) -> Result<T, InputError> {
        serde_json::from_str(self.raw()).map_err(|error| refused(self.file, self.position(), &error))
    }

    /// The members of an object; of what is none, none.
    pub(super) fn members(&self) -> Result<Members<'a>, InputError> {
        if !self.is_object() {
            return Ok(Members::new());
        }
        let members: BTreeMap<String, &'a RawValue> = self.read()?;
        Ok(members.into_iter().map(|(name, raw)| (name, Self { raw, ..*self })).collect())
    }

    /// The elements of an array; of what is none, none.
    pub(super) fn elements(&self) -> Result<Vec<Self>, InputError> {
        if !self.is_array() {
            return Ok(Vec::new());
        }
        let elements: Vec<&'a RawValue> = self.read()?;
        Ok(elements.into_iter().map(|raw| Self { raw, ..*self }).collect())
    }

    /// The members of the first element of an array, read without reading the others.
    pub(super) fn first_members(&self) -> Members<'a> {
        let first = self.raw().strip_prefix('[').and_then(|rest| {
            serde_json::Deserializer::from_str(rest).into_iter::<&'a RawValue>().next()?.ok()
        });
        first.and_then(|raw| Self { raw, ..*self }.members().ok()).unwrap_or_default()
    }

    /// Line and column of its beginning.
    pub(super) fn position(&self) -> (usize, usize) {
        // The value is a part of the text: the difference of addresses is its offset.
        let offset = (self.raw().as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        position(self.text, offset)
    }

    /// An error at this value.
    pub(super) fn error(&self, reason: Reason) -> InputError {
        InputError::at(self.file, self.position(), reason)
    }
}

/// An error of the reader, moved to where the value stands.
fn refused(file: &str, (line, column): (usize, usize), error: &serde_json::Error) -> InputError {
    let place = match error.line() {
        0 | 1 => (line, column + error.column().saturating_sub(1)),
        further => (line + further - 1, error.column().max(1)),
    };
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or_default().to_owned();
    let reason = match error.classify() {
        Category::Eof => Reason::CutOff("a value"),
        Category::Data => Reason::Shape(message),
        Category::Syntax | Category::Io => Reason::NotJson(message),
    };
    InputError::at(file, place, reason)
}

/// A date as tools write it: text in some form of ISO 8601, or seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When(pub(super) Timestamp);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a date: text or seconds since 1970")]
        enum Form {
            Text(String),
            Seconds(f64),
        }
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Timestamp::parse(&text)
                .map(When)
                .map_err(|_| serde::de::Error::custom(format!("`{text}` is no date"))),
            // Seconds of dates that people write are far inside what both types hold exactly.
            Form::Seconds(seconds) if seconds.abs() < 1e11 => {
                Ok(When(Timestamp::from_seconds(seconds as i64)))
            }
            Form::Seconds(seconds) => Err(serde::de::Error::custom(format!("{seconds} is no date"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_stand_where_they_are_in_the_file() {
        let text = "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": \"x\"\n  }\n}";
        let value = Json::values("f", text).unwrap()[0];
        let members = value.members().unwrap();
        assert_eq!(members["b"].position(), (3, 8));
        let error = members["b"].read::<BTreeMap<String, u32>>().unwrap_err();
        assert_eq!(error.place.unwrap().position, Some((4, 12)));
        let error = Json::values("f", "{\"a\": [1,\n").unwrap_err();
        assert_eq!(*error.reason, Reason::CutOff("a value"));
        assert_eq!(Json::values("f", "{}\n{}").unwrap().len(), 2);
    }

    #[test]
    fn dates_are_text_or_seconds() {
        let read = |text: &str| serde_json::from_str::<When>(text).map(|when| when.0.seconds());
        assert_eq!(read("\"2026-01-02T03:04:05+00:00\"").unwrap(), 1_767_323_045);
        assert_eq!(read("1767323045.5").unwrap(), 1_767_323_045);
        assert!(read("\"yesterday\"").is_err());
    }
}
