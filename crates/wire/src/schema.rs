//! Schemas: what the model of a service says of its operations and shapes, as statics.
//!
//! There is one schema per shape and every reader and writer is driven by it, so that code grows by shapes
//! plus codecs and not by shapes times codecs. The statics themselves are generated: [`crate::iam`], [`crate::sts`].

use crate::pattern::Pattern;
use std::fmt;

/// A reference to the schema of a shape.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Named members.
    Structure(&'static StructSchema),
    /// Elements of one shape.
    List(&'static ListSchema),
    /// Text keys and values of one shape.
    Map(&'static MapSchema),
    /// Text.
    String(&'static StringSchema),
    /// Bytes; base64 in text.
    Blob(&'static BlobSchema),
    /// A whole number of 32 or 64 bits.
    Integer(&'static IntegerSchema),
    /// A floating point number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// An instant.
    Timestamp(TimestampFormat),
}

impl Shape {
    /// Whether values must not be printed or recorded.
    pub fn sensitive(self) -> bool {
        match self {
            Shape::Structure(schema) => schema.sensitive,
            Shape::List(schema) => schema.sensitive,
            Shape::Map(schema) => schema.sensitive,
            Shape::String(schema) => schema.sensitive,
            Shape::Blob(schema) => schema.sensitive,
            _ => false,
        }
    }

    /// The schema if this is a structure.
    pub fn structure(self) -> Option<&'static StructSchema> {
        if let Shape::Structure(schema) = self { Some(schema) } else { None }
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Structure(schema) => schema.name,
            Shape::List(schema) => schema.name,
            Shape::Map(schema) => schema.name,
            Shape::String(schema) => schema.name,
            Shape::Blob(schema) => schema.name,
            Shape::Integer(schema) => schema.name,
            Shape::Float => "Float",
            Shape::Boolean => "Boolean",
            Shape::Timestamp(_) => "Timestamp",
        })
    }
}

/// A structure: its members in the model's order.
pub struct StructSchema {
    /// The shape's name, as in `CreateUserRequest`.
    pub name: &'static str,
    /// The members, in the model's order.
    pub members: &'static [Member],
    /// Exactly one member is set.
    pub union: bool,
    /// Values must not be printed or recorded.
    pub sensitive: bool,
}

impl StructSchema {
    /// The member of this name (`UserName`) and its place.
    pub fn member(&self, name: &str) -> Option<(usize, &'static Member)> {
        self.members.iter().enumerate().find(|(_, member)| member.name == name)
    }
}

impl fmt::Debug for StructSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The model's name, as in `UserName`.
    pub name: &'static str,
    /// The name on the wire; mostly the same. Elements of a flattened list stand under it.
    pub wire: &'static str,
    /// The field of the generated struct, as in `user_name`.
    pub field: &'static str,
    /// The shape of the value.
    pub shape: Shape,
    /// Must be present.
    pub required: bool,
    /// Where it travels in an HTTP message; [`Location::Body`] in all but REST protocols.
    pub location: Location,
    /// A client fills it with a fresh random value if the caller gives none.
    pub idempotency_token: bool,
}

impl Member {
    /// The name as validation messages and audit records write it.
    pub fn lower_camel(&self) -> (Option<char>, &'static str) {
        lower_camel(self.name)
    }
}

/// `UserName` → `userName`, `SAMLMetadataDocument` → `sAMLMetadataDocument`, as AWS's services do it: the first
/// letter made small, and the rest.
pub fn lower_camel(name: &str) -> (Option<char>, &str) {
    let mut letters = name.chars();
    (letters.next().map(|first| first.to_ascii_lowercase()), letters.as_str())
}

/// Where a member travels in a message of a REST protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// In the body, beside the others.
    Body,
    /// It is the body.
    Payload,
    /// A header of this name.
    Header,
    /// All headers that start with this name.
    Headers,
    /// A segment of the path.
    Uri,
    /// A parameter of the query string.
    Query,
    /// The status code of the answer.
    StatusCode,
}

/// A list.
pub struct ListSchema {
    /// The shape's name.
    pub name: &'static str,
    /// The shape of every element.
    pub member: Shape,
    /// The name of an element on the wire: `member` unless the model says otherwise. Without effect if flattened.
    pub element: &'static str,
    /// Elements repeat under the list's own name, without one around them.
    pub flattened: bool,
    /// The smallest length.
    pub min: Option<u32>,
    /// The greatest length.
    pub max: Option<u32>,
    /// Values must not be printed or recorded.
    pub sensitive: bool,
}

/// A map with text keys.
pub struct MapSchema {
    /// The shape's name.
    pub name: &'static str,
    /// The shape of a key: always text.
    pub key: &'static StringSchema,
    /// The shape of a value.
    pub value: Shape,
    /// The name of a key on the wire: `key` unless the model says otherwise.
    pub key_name: &'static str,
    /// The name of a value on the wire: `value` unless the model says otherwise.
    pub value_name: &'static str,
    /// Entries repeat under the map's own name.
    pub flattened: bool,
    /// The smallest number of entries.
    pub min: Option<u32>,
    /// The greatest number of entries.
    pub max: Option<u32>,
    /// Values must not be printed or recorded.
    pub sensitive: bool,
}

/// Text and its constraints.
pub struct StringSchema {
    /// The shape's name.
    pub name: &'static str,
    /// The smallest length in characters.
    pub min: Option<u32>,
    /// The greatest length in characters.
    pub max: Option<u32>,
    /// What the whole text must match.
    pub pattern: Option<Pattern>,
    /// The allowed values; empty if any is.
    pub values: &'static [&'static str],
    /// Values must not be printed or recorded.
    pub sensitive: bool,
}

/// Bytes and their constraints.
pub struct BlobSchema {
    /// The shape's name.
    pub name: &'static str,
    /// The smallest length in bytes.
    pub min: Option<u32>,
    /// The greatest length in bytes.
    pub max: Option<u32>,
    /// Values must not be printed or recorded.
    pub sensitive: bool,
}

/// A whole number and its range.
pub struct IntegerSchema {
    /// The shape's name.
    pub name: &'static str,
    /// The smallest value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
    /// 64 bits, not 32.
    pub long: bool,
}

/// How instants are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// As the protocol does when nothing is said: ISO 8601 in XML, seconds since 1970 in JSON.
    Protocol,
    /// `2026-11-22T06:54:57Z`.
    Iso8601,
    /// Seconds since 1970.
    UnixSeconds,
    /// `Sun, 22 Nov 2026 06:54:57 GMT`.
    Rfc822,
}

/// The protocols in which AWS's services speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Form parameters in, XML out: IAM, STS.
    Query,
    /// EC2's variant of [`Protocol::Query`].
    Ec2,
    /// JSON with `X-Amz-Target`, `application/x-amz-json-1.0`.
    Json10,
    /// JSON with `X-Amz-Target`, `application/x-amz-json-1.1`.
    Json11,
    /// Paths and methods with JSON bodies.
    RestJson,
    /// Paths and methods with XML bodies: S3.
    RestXml,
    /// CBOR over RPC paths.
    Cbor,
}

/// A service: its names and operations.
pub struct ServiceSchema {
    /// The name by which botocore and the command line know it: `iam`.
    pub id: &'static str,
    /// The first label of its host name.
    pub endpoint_prefix: &'static str,
    /// The service name in a credential scope.
    pub signing_name: &'static str,
    /// `2010-05-08`: the `Version` parameter of query protocols.
    pub api_version: &'static str,
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// The namespace of XML answers.
    pub xml_namespace: Option<&'static str>,
    /// What precedes the dot in `X-Amz-Target`.
    pub target_prefix: Option<&'static str>,
    /// One endpoint for a whole partition (`iam.amazonaws.com`), if there is one.
    pub global_endpoint: Option<&'static str>,
    /// The operations, sorted by name.
    pub operations: &'static [&'static OperationSchema],
}

impl ServiceSchema {
    /// The operation of exactly this name.
    pub fn operation(&self, name: &str) -> Option<&'static OperationSchema> {
        let place = self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        self.operations.get(place).copied()
    }
}

impl PartialEq for ServiceSchema {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl fmt::Debug for ServiceSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// An operation.
pub struct OperationSchema {
    /// `CreateUser`.
    pub name: &'static str,
    /// The shape of its input, if it has one.
    pub input: Option<&'static StructSchema>,
    /// The shape of its output, if it has one.
    pub output: Option<&'static StructSchema>,
    /// The element around the output in XML: `CreateUserResult`.
    pub result_wrapper: Option<&'static str>,
    /// The errors that the model names.
    pub errors: &'static [&'static ErrorSchema],
    /// How its list is cut into pages, if it is.
    pub pagination: Option<Pagination>,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{Name}` for members that travel in it.
    pub uri: &'static str,
    /// Needs no signature: the input carries its own proof (`AssumeRoleWithSAML`).
    pub unsigned: bool,
}

impl fmt::Debug for OperationSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for OperationSchema {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// How a list is cut into pages: names of members of the input and the output.
#[derive(Debug)]
pub struct Pagination {
    /// Input members that take a page's token.
    pub input_tokens: &'static [&'static str],
    /// Output members that hold the next page's token.
    pub output_tokens: &'static [&'static str],
    /// The output member that says whether there is another page.
    pub more_results: Option<&'static str>,
    /// The input member that bounds a page.
    pub limit_key: Option<&'static str>,
    /// The output members that are cut.
    pub result_keys: &'static [&'static str],
}

/// An error that a model names.
#[derive(PartialEq, Eq)]
pub struct ErrorSchema {
    /// The shape: `NoSuchEntityException`.
    pub shape: &'static str,
    /// The code on the wire: `NoSuchEntity`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The caller is at fault, not the service.
    pub sender: bool,
}

impl fmt::Debug for ErrorSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_letter_shrinks() {
        assert_eq!(lower_camel("UserName"), (Some('u'), "serName"));
        assert_eq!(lower_camel("SAMLMetadataDocument"), (Some('s'), "AMLMetadataDocument"));
        assert_eq!(lower_camel(""), (None, ""));
    }
}
