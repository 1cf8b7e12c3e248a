//! Exact questions over policies: is it wider, is it public, does it grant this, who can.
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
pub use questions::{Minimized, Redundant, compare, minimize, overlap, redundant};
pub use value::KeyValue;
pub use verdict::{Blamed, Refutation, Verdict, Witness};
