//! What the service must refuse, by the numbers of the cases: each refusal has the named error, changes nothing and
//! leaves a record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../harness/mod.rs"]
mod harness;

mod mfa;
mod oidc;
mod passwords;
mod saml;
