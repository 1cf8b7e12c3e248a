//! Who can do what: random populations against the engine, and cases by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "who_can/cases.rs"]
mod cases;
#[path = "who_can/random.rs"]
mod random;
#[path = "who_can/world.rs"]
mod world;
