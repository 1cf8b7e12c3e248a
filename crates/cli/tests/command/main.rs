//! The real binary: what it prints, what it refuses, with which exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod account;
mod ask;
mod audit;
mod decide;
mod explain;
mod help;
mod import;
mod kill;
mod lint;
mod login;
mod people;
mod policy_tests;
mod questions;
mod run;
mod serve;
mod snapshot;
mod sources;
mod trail;
mod verify;
mod who_can;
