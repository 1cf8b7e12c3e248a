//! Facts of `docs/semantics.md` that the server makes true, not the engine: when policies are read, how sessions
//! come about, and which condition keys a request has. Each test is named after its fact's number.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "facts/context.rs"]
mod context;
#[path = "facts/sessions.rs"]
mod sessions;

mod harness;
