//! Answers as people read them.

pub(crate) mod explanation;
