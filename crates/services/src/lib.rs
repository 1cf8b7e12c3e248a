//! The AWS services: operation tables, the gate, the handlers.
//!
//! [`Front::answer`] is the one way in. It routes, authenticates, decodes and validates, lets the gate judge,
//! runs the handler, writes the audit record and encodes the answer. Console, command line and API use it
//! alike: there is no second door.
//!
//! Invariants: no sockets and no async runtime here; a handler runs only with an [`gate::Allowed`], which only
//! the gate makes; a write and its audit record are one batch of the store.
#![forbid(unsafe_code)]

mod authorization_message;
pub mod bailiwick;
pub mod call;
pub mod context;
pub mod demand;
pub mod denial;
pub mod exchange;
pub mod first_start;
pub mod front;
pub mod gate;
pub mod iam;
pub mod issuer_keys;
pub mod issuer_pages;
pub mod job;
pub mod known;
pub mod meter;
pub mod pipeline;
pub mod policies;
pub mod record;
mod reports;
pub mod row;
pub mod slow_lane;
pub mod sts;
pub mod table;
pub mod throttle;
pub mod trail_desk;
pub mod usage;

pub use authn::webauthn::RelyingParty;
pub mod password {
    //! Lists of passwords that are known to the world, for whoever opens their files.
    pub use authn::password::Breached;
    pub use authn::password::breached::sha1;
}

pub use exchange::{Incoming, Outgoing, Respond};
pub use front::{Front, FrontSettings};
