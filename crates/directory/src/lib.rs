//! Typed tables over the store: what rows hold, and transactions on the realm that they make up.
//!
//! Invariant: no HTTP, no XML, no rules of IAM. A transaction sees its own writes, and everything it writes
//! becomes one batch of the store together with its audit event.
#![forbid(unsafe_code)]

pub mod realm;
pub mod row;

pub use realm::{Directory, Realm, Tx};
pub use row::RowError;
