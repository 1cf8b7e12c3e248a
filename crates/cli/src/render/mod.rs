//! Answers as people read them.

pub(crate) mod explanation;
pub(crate) mod junit;
pub(crate) mod outcome;
