//! Values: a request after decoding and before it becomes a typed input.
//!
//! Decoders make a [`Fields`] from bytes as the schema tells them; validation and the audit record read it;
//! the typed input is then read out of it without a further failure.

use crate::schema::{Shape, StructSchema};
use base::Timestamp;

/// A value of some shape.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A floating point number.
    Float(f64),
    /// Text.
    String(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// An instant.
    Timestamp(Timestamp),
    /// Elements, in order.
    List(Vec<Value>),
    /// Entries, in the order they came.
    Map(Vec<(String, Value)>),
    /// Members.
    Struct(Fields),
}

impl Value {
    /// Absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(elements) = self { Some(elements) } else { None }
    }

    /// The members, if it is a structure.
    pub fn as_fields(&self) -> Option<&Fields> {
        if let Value::Struct(fields) = self { Some(fields) } else { None }
    }
}

/// The members of a structure, in the order of its schema.
#[derive(Clone)]
pub struct Fields {
    schema: &'static StructSchema,
    values: Vec<Value>,
}

impl Fields {
    /// All members absent.
    pub fn new(schema: &'static StructSchema) -> Self {
        Self { schema, values: vec![Value::Null; schema.members.len()] }
    }

    /// The schema of the structure.
    pub fn schema(&self) -> &'static StructSchema {
        self.schema
    }

    /// The value of the member at this place of the schema.
    pub fn at(&self, place: usize) -> &Value {
        const ABSENT: &Value = &Value::Null;
        self.values.get(place).unwrap_or(ABSENT)
    }

    /// Sets the member at this place of the schema; nothing happens if there is none.
    pub fn set(&mut self, place: usize, value: Value) {
        if let Some(slot) = self.values.get_mut(place) {
            *slot = value;
        }
    }

    /// The value of the member with the model's name `name` (`UserName`); `None` if absent or unknown.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (place, _) = self.schema.member(name)?;
        let value = self.at(place);
        (!value.is_null()).then_some(value)
    }

    /// The text of the member with this name.
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The members' schemas and values, absent ones included.
    pub fn iter(&self) -> impl Iterator<Item = (&'static crate::schema::Member, &Value)> {
        self.schema.members.iter().zip(&self.values)
    }

    /// Hands out the values in the order of the schema.
    pub fn into_values(self) -> FieldValues {
        FieldValues(self.values.into_iter())
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema) && self.values == other.values
    }
}

impl std::fmt::Debug for Fields {
    /// Sensitive members are not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct(self.schema.name);
        for (member, value) in self.iter().filter(|(_, value)| !value.is_null()) {
            if hides(member.shape) {
                out.field(member.field, &format_args!("…"));
            } else {
                out.field(member.field, value);
            }
        }
        out.finish()
    }
}

/// A number as the protocols write it: `Infinity`, `-Infinity` and `NaN` have names of their own.
pub(crate) fn float_text(number: f64) -> String {
    match number {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a value of this shape, or an element of it, is sensitive.
fn hides(shape: Shape) -> bool {
    match shape {
        Shape::List(list) => list.sensitive || hides(list.member),
        Shape::Map(map) => map.sensitive || hides(map.value),
        other => other.sensitive(),
    }
}

/// The values of a structure, handed out in the order of its schema.
pub struct FieldValues(std::vec::IntoIter<Value>);

impl FieldValues {
    /// The next member's value as its type; the default if it is absent.
    pub fn take<T: crate::shape::Item>(&mut self) -> T {
        T::read(self.0.next().unwrap_or_default())
    }
}
