//! Exact questions over policies: is it wider, is it public, does it grant this, who can.
#![forbid(unsafe_code)]
