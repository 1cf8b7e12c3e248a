//! What each fuzz target does with its input.
//!
//! The same functions run in `cargo test` on the committed inputs of `corpus/`: `crates/policy/tests/fuzz_inputs.rs`
//! and `crates/audit/tests/fuzz_inputs.rs` include these files.
#![forbid(unsafe_code)]

pub mod audit;
#[path = "../../crates/policy/tests/oracle/mod.rs"]
#[allow(dead_code)]
pub mod oracle;
pub mod policy;
