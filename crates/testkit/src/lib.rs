//! Fixtures for tests: a clock that stands still, randomness that repeats, the clients that are at hand,
//! a running server.
//!
//! Only tests depend on this crate. A fixture is here when tests of more than one crate need it; others stay
//! beside their tests.
#![forbid(unsafe_code)]

pub mod clients;
mod clock;
mod entropy;
pub mod saml;
pub mod server;

pub use clock::FixedClock;
pub use entropy::SeededEntropy;
pub use server::{Server, server};
