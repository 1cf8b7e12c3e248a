//! Exact questions over policies: is it wider, is it public, does it grant this, who can.
#![forbid(unsafe_code)]

mod access;
mod callers;
mod decide;
mod dimension;
mod learning;
mod problem;
mod search;
mod ties;
mod untrusted;
mod value;
mod verdict;
pub mod who_can;
mod word;

pub use access::{Access, AccessLayer, layer_of};
pub use decide::{Mode, Options, Scope, no_new_access};
pub use value::KeyValue;
pub use verdict::{Blamed, Refutation, Verdict, Witness};
