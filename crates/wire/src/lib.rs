//! AWS wire protocols: schemas, codecs, validation, error encoding, SigV4, and the generated types of IAM and STS.
//!
//! Invariant: nothing here knows an account, a user or a policy. The way of a request through this crate is
//! `route` (which service and operation), `sigv4` (who claims to call), `query` or `json` with the schema
//! (decoded fields), `validate` (the model's constraints), [`shape::Structure::read`] (the typed input); the way
//! back is a typed output or a `fault`, encoded in the caller's protocol.
#![forbid(unsafe_code)]

pub mod base64;
pub mod client;
pub mod fault;
pub mod head;
pub mod json;
pub mod pattern;
pub mod percent;
pub mod query;
pub mod reply;
pub mod route;
pub mod schema;
pub mod shape;
pub mod sigv4;
mod split;
pub mod time;
pub mod validate;
pub mod value;
pub mod xml;

#[path = "gen/iam.rs"]
pub mod iam;
#[path = "gen/services.rs"]
mod services;
#[path = "gen/sts.rs"]
pub mod sts;

pub use fault::Fault;
pub use head::Head;
pub use reply::{Dialect, Reply};
pub use schema::{ErrorSchema, OperationSchema, Protocol, ServiceSchema, Shape, StructSchema};
pub use shape::{Operation, ShapeWriter, Structure, Unit};
pub use value::{Fields, Value};
