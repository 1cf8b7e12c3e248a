//! What validation finds, and what it leaves alone; that it bears any text; that safe fixes change no decision.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(dead_code, unreachable_pub)]

#[path = "validate/cases.rs"]
mod cases;
#[path = "validate/fixes.rs"]
mod fixes;
#[path = "validate/hostile.rs"]
mod hostile;
#[path = "validate/places.rs"]
mod places;
#[path = "validate/table.rs"]
mod table;
