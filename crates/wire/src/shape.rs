//! What generated types can do: be read from decoded values and be written by any codec.

use crate::schema::{ListSchema, MapSchema, Member, OperationSchema, Shape, StructSchema, TimestampFormat};
use crate::value::{Fields, Value};
use base::{Secret, SecretString, Timestamp};
use std::collections::BTreeMap;

/// A generated structure.
pub trait Structure {
    /// Its schema.
    fn schema() -> &'static StructSchema
    where
        Self: Sized;

    /// Reads it from decoded, validated members. A required member that is absent gets its type's default,
    /// which a server never sees, since validation comes first.
    fn read(fields: Fields) -> Self
    where
        Self: Sized;

    /// Writes its members, absent ones left out.
    fn write(&self, to: &mut dyn ShapeWriter);

    /// Its schema, for a value whose type is not known.
    fn schema_of(&self) -> &'static StructSchema;
}

/// A generated operation: ties the type of the input to that of the output.
pub trait Operation: Send + Sync + 'static {
    /// The input; [`Unit`] if there is none.
    type Input: Structure + Clone + Default + std::fmt::Debug + Send + Sync + 'static;
    /// The output; [`Unit`] if there is none.
    type Output: Structure + Clone + Default + std::fmt::Debug + Send + Sync + 'static;
    /// `CreateUser`.
    const NAME: &'static str;
    /// Its schema.
    fn schema() -> &'static OperationSchema;
}

/// The input or output of an operation that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unit;

/// The schema of [`Unit`].
pub static UNIT: StructSchema = StructSchema { name: "Unit", members: &[], union: false, sensitive: false };

impl Structure for Unit {
    fn schema() -> &'static StructSchema {
        &UNIT
    }
    fn read(_: Fields) -> Self {
        Self
    }
    fn write(&self, _: &mut dyn ShapeWriter) {}
    fn schema_of(&self) -> &'static StructSchema {
        &UNIT
    }
}

/// A codec's writing side: it is told the events of a value in order. One implementation serves every shape.
///
/// A structure is `begin_structure`, then for every present member [`ShapeWriter::member`] and its value, then
/// `end_structure`; likewise lists with [`ShapeWriter::element`] and maps with [`ShapeWriter::key`].
pub trait ShapeWriter {
    /// The next value is this member's.
    fn member(&mut self, member: &'static Member);
    /// The next value is an element of the open list.
    fn element(&mut self);
    /// The next value belongs to this key of the open map.
    fn key(&mut self, key: &str);

    /// Text.
    fn string(&mut self, text: &str);
    /// A whole number.
    fn integer(&mut self, number: i64);
    /// A floating point number.
    fn float(&mut self, number: f64);
    /// `true` or `false`.
    fn boolean(&mut self, truth: bool);
    /// Bytes.
    fn blob(&mut self, bytes: &[u8]);
    /// An instant.
    fn timestamp(&mut self, instant: Timestamp, format: TimestampFormat);

    /// Opens a structure that is a member, an element or a map's value.
    fn begin_structure(&mut self, schema: &'static StructSchema);
    /// Closes it.
    fn end_structure(&mut self);
    /// Opens a list of `length` elements.
    fn begin_list(&mut self, schema: &'static ListSchema, length: usize);
    /// Closes it.
    fn end_list(&mut self);
    /// Opens a map of `length` entries.
    fn begin_map(&mut self, schema: &'static MapSchema, length: usize);
    /// Closes it.
    fn end_map(&mut self);
}

/// A type that a member, an element or a map's value can have.
pub trait Item: Default {
    /// Reads it; a value of another shape yields the default.
    fn read(value: Value) -> Self;
    /// Writes it as `shape` says.
    fn write(&self, shape: Shape, to: &mut dyn ShapeWriter);
    /// Absent members are left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Writes a member unless it is absent.
pub fn write_member<T: Item>(member: &'static Member, value: &T, to: &mut dyn ShapeWriter) {
    if !value.is_absent() {
        to.member(member);
        value.write(member.shape, to);
    }
}

/// Writes a value as a nested structure.
pub fn write_structure(value: &dyn Structure, to: &mut dyn ShapeWriter) {
    to.begin_structure(value.schema_of());
    value.write(to);
    to.end_structure();
}

/// Writes decoded members as they are, as the audit record and clients do.
pub fn write_fields(fields: &Fields, to: &mut dyn ShapeWriter) {
    for (member, value) in fields.iter() {
        if !value.is_null() {
            to.member(member);
            write_value(value, member.shape, to);
        }
    }
}

/// Writes a decoded value of this shape. Values that do not fit the shape are written as nothing.
pub fn write_value(value: &Value, shape: Shape, to: &mut dyn ShapeWriter) {
    match (value, shape) {
        (Value::String(text), _) => to.string(text),
        (Value::Integer(number), _) => to.integer(*number),
        (Value::Float(number), _) => to.float(*number),
        (Value::Boolean(truth), _) => to.boolean(*truth),
        (Value::Blob(bytes), _) => to.blob(bytes),
        (Value::Timestamp(instant), _) => to.timestamp(*instant, format_of(shape)),
        (Value::List(elements), Shape::List(list)) => {
            to.begin_list(list, elements.len());
            for element in elements {
                to.element();
                write_value(element, list.member, to);
            }
            to.end_list();
        }
        (Value::Map(entries), Shape::Map(map)) => {
            to.begin_map(map, entries.len());
            for (key, entry) in entries {
                to.key(key);
                write_value(entry, map.value, to);
            }
            to.end_map();
        }
        (Value::Struct(fields), _) => {
            to.begin_structure(fields.schema());
            write_fields(fields, to);
            to.end_structure();
        }
        _ => {}
    }
}

fn format_of(shape: Shape) -> TimestampFormat {
    if let Shape::Timestamp(format) = shape { format } else { TimestampFormat::Protocol }
}

impl<T: Item> Item for Option<T> {
    fn read(value: Value) -> Self {
        if value.is_null() { None } else { Some(T::read(value)) }
    }
    fn write(&self, shape: Shape, to: &mut dyn ShapeWriter) {
        if let Some(value) = self {
            value.write(shape, to);
        }
    }
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Item> Item for Box<T> {
    fn read(value: Value) -> Self {
        Box::new(T::read(value))
    }
    fn write(&self, shape: Shape, to: &mut dyn ShapeWriter) {
        (**self).write(shape, to);
    }
}

impl Item for String {
    fn read(value: Value) -> Self {
        if let Value::String(text) = value { text } else { String::new() }
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.string(self);
    }
}

impl Item for SecretString {
    fn read(value: Value) -> Self {
        SecretString::new(String::read(value))
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.string(self.expose());
    }
}

impl Item for Secret {
    fn read(value: Value) -> Self {
        Secret::new(Vec::<u8>::read(value))
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.blob(self.expose());
    }
}

impl Item for i64 {
    fn read(value: Value) -> Self {
        if let Value::Integer(number) = value { number } else { 0 }
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.integer(*self);
    }
}

impl Item for i32 {
    /// Decoders refuse what does not fit 32 bits where the schema says so.
    fn read(value: Value) -> Self {
        i32::try_from(i64::read(value)).unwrap_or_default()
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.integer(i64::from(*self));
    }
}

impl Item for f64 {
    fn read(value: Value) -> Self {
        if let Value::Float(number) = value { number } else { 0.0 }
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.float(*self);
    }
}

impl Item for bool {
    fn read(value: Value) -> Self {
        matches!(value, Value::Boolean(true))
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.boolean(*self);
    }
}

impl Item for Timestamp {
    fn read(value: Value) -> Self {
        if let Value::Timestamp(instant) = value { instant } else { Timestamp::default() }
    }
    fn write(&self, shape: Shape, to: &mut dyn ShapeWriter) {
        to.timestamp(*self, format_of(shape));
    }
}

impl Item for Vec<u8> {
    fn read(value: Value) -> Self {
        if let Value::Blob(bytes) = value { bytes } else { Vec::new() }
    }
    fn write(&self, _: Shape, to: &mut dyn ShapeWriter) {
        to.blob(self);
    }
}

impl<T: Item> Item for Vec<T> {
    fn read(value: Value) -> Self {
        if let Value::List(elements) = value {
            elements.into_iter().map(T::read).collect()
        } else {
            Vec::new()
        }
    }
    fn write(&self, shape: Shape, to: &mut dyn ShapeWriter) {
        if let Shape::List(list) = shape {
            to.begin_list(list, self.len());
            for element in self {
                to.element();
                element.write(list.member, to);
            }
            to.end_list();
        }
    }
}

impl<T: Item> Item for BTreeMap<String, T> {
    fn read(value: Value) -> Self {
        let Value::Map(entries) = value else { return BTreeMap::new() };
        entries.into_iter().map(|(key, entry)| (key, T::read(entry))).collect()
    }
    fn write(&self, shape: Shape, to: &mut dyn ShapeWriter) {
        if let Shape::Map(map) = shape {
            to.begin_map(map, self.len());
            for (key, entry) in self {
                to.key(key);
                entry.write(map.value, to);
            }
            to.end_map();
        }
    }
}

/// Lets generated structures be members, elements and map values.
macro_rules! structure_items {
    ($($name:ident)*) => {
        $(impl crate::shape::Item for $name {
            fn read(value: crate::value::Value) -> Self {
                match value {
                    crate::value::Value::Struct(fields) => <Self as crate::shape::Structure>::read(fields),
                    _ => Self::default(),
                }
            }
            fn write(&self, _: crate::schema::Shape, to: &mut dyn crate::shape::ShapeWriter) {
                crate::shape::write_structure(self, to);
            }
        })*
    };
}
pub(crate) use structure_items;
