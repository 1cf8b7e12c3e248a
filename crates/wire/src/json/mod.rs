//! JSON: bodies of the JSON protocols, and the form in which the audit record keeps inputs and outputs.
//!
//! Generated shapes go through [`JsonWriter`] and [`read`]; services with types of their own (serde) use
//! [`input`] and [`crate::reply::json`].
//!
//! See <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>.

mod read;
mod write;

pub use read::{input, parse, read};
pub use write::{JsonWriter, Names, Style, Times};
