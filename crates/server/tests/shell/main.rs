//! The shell around the services, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod doors;
mod fetch;
mod house;
mod monitoring;
mod requests;
