//! Answers as people read them.

pub(crate) mod audit;
pub(crate) mod explanation;
pub(crate) mod findings;
pub(crate) mod junit;
pub(crate) mod lint;
pub(crate) mod outcome;
pub(crate) mod questions;
pub(crate) mod sarif;
