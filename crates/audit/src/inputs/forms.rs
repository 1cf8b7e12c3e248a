//! The forms, a file each: what tells them, and what is read of them.

pub(super) mod account;
pub(super) mod analyzer;
pub(super) mod arn;
pub(super) mod cli_error;
pub(super) mod credential_report;
pub(super) mod export;
pub(super) mod last_accessed;
pub(super) mod not_needed;
pub(super) mod organization;
pub(super) mod resource;
pub(super) mod sign_on;
pub(super) mod snapshot;
pub(super) mod workload;
