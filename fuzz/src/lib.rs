//! What each fuzz target does with its input.
//!
//! The same functions run in `cargo test` on the committed inputs of `corpus/`: the tests `fuzz_inputs` of the crates
//! include these files.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod audit;
pub mod jwt;
#[path = "../../crates/policy/tests/oracle/mod.rs"]
#[allow(dead_code)]
pub mod oracle;
pub mod policy;
pub mod saml;
