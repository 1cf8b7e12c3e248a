//! Exact questions over policies: is it wider, is it public, does it grant this, what do two have in common, who can.
//!
//! All but the last are one question: is there a request that one [`Access`] allows and another does not?
//! [`no_new_access`] answers it for single documents and for layers of them, with a proof or with a request that the
//! engine has confirmed; [`who_can`] asks a whole population about one action on one resource.
//!
//! How it is done: statements are conjunctions of tests, each of one dimension of a request (action, resource, principal,
//! a condition key). Each dimension finds values that pass some tests and fail others: texts by a search through the
//! product of all patterns, numbers and the like by values that stand for all. What statements together ask is searched
//! by branching, and where that takes long by learning from conflicts. `docs/questions.md` tells what the questions mean.
//!
//! ```
//! use bailiwick_analysis::*;
//! use policy::{Document, DocumentKind};
//!
//! let access = |text: &str| {
//!     let document = Document::parse_strict(text, DocumentKind::Identity)?;
//!     Ok::<_, policy::Malformed>(Access::of(document.into(), DocumentKind::Identity))
//! };
//! let old = access(r#"{"Version":"2012-10-17","Statement":
//!     {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::reports/*"}}"#)?;
//! let new = access(r#"{"Version":"2012-10-17","Statement":
//!     {"Effect":"Allow","Action":["s3:Get*","s3:PutObject"],"Resource":"arn:aws:s3:::reports/*"}}"#)?;
//! let verdict = no_new_access(&new, &old, &Scope::default(), Options::default());
//! assert_eq!(verdict.refutation().unwrap().witness.action, "s3:PutObject");
//! assert!(no_new_access(&old, &new, &Scope::default(), Options::default()).is_proved());
//! # Ok::<(), policy::Malformed>(())
//! ```
//!
//! Invariant: no I/O, no clock. Nothing is told as refuted that the engine has not confirmed; what is proved is proved
//! of every request of the chosen [`Mode`]. Work is bounded, and what could not be shown within it is left open.
#![forbid(unsafe_code)]

mod access;
mod callers;
mod decide;
mod dimension;
mod edit;
mod learning;
mod problem;
mod questions;
mod search;
mod ties;
mod untrusted;
mod value;
mod verdict;
pub mod who_can;
mod word;

pub use access::{Access, AccessLayer, layer_of};
pub use decide::{Mode, Options, Scope, no_new_access};
pub use edit::{Part, text_of, without};
pub use questions::{Minimized, Redundant, compare, denying, minimize, overlap, redundant};
pub use value::KeyValue;
pub use verdict::{Blamed, Refutation, Verdict, Witness};
