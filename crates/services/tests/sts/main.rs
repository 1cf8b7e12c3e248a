//! STS beyond roles: federated users, root sessions, delegated access, encoded messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../harness/mod.rs"]
mod harness;

mod delegation;
mod federated_users;
mod messages;
mod root_sessions;
