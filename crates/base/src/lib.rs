//! What every other room of the house stands on: ARNs, ids, time, randomness, secrets, source spans, JSON
//! with spans, diagnostics, partitions and regions.
//!
//! Invariant: this crate knows no other crate of ours, does no I/O, and takes the clock and randomness as
//! parameters.
#![forbid(unsafe_code)]

pub mod account;
pub mod arn;
pub mod diagnostic;
pub mod entropy;
pub mod id;
pub mod json;
pub mod partition;
pub mod secret;
pub mod span;
pub mod time;

pub use account::AccountId;
pub use arn::{Arn, ArnRef};
pub use diagnostic::{Diagnostic, Severity};
pub use entropy::{Clock, Entropy, Uuid};
pub use id::{IdKind, UniqueId};
pub use partition::{Partition, Region};
pub use secret::{Secret, SecretString};
pub use span::Span;
pub use time::Timestamp;
