//! The real binary, driven by the clients that people use, and by what goes wrong on machines.
//!
//! `cargo xtask test` finds the clients and names them in the environment; a test whose client is missing says so
//! and passes, except in continuous integration.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests are told their clients by the environment"
)]

mod aws_cli;
mod bad_starts;
mod boto3;
mod caller;
mod clients;
mod crashes;
mod oidc;
mod secrets;
mod terraform;
