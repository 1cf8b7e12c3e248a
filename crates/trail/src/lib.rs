//! CloudTrail-format records: building, redaction, the spool, delivery into files, reading and searching them.
//!
//! A [`Record`] is written as JSON in the moment of its request. Records of writes travel in the store's batches,
//! those of reads and refusals through the [`Spool`]; [`Archive::deliver`] moves both into compressed files in
//! CloudTrail's folder layout, where [`read_path`], [`search`] and [`Follow`] find them, as they find files that AWS wrote.
//!
//! The server calls [`Spool::push`] for each request that writes nothing, [`Spool::flush`] every second,
//! [`Archive::deliver_spool`] every minute or so, and with the events of the store's outbox [`Archive::deliver`],
//! after which it marks them as shipped.
//!
//! Invariants: this crate knows neither the store nor the handlers; user text never reaches a record
//! unescaped; a spooled record is removed only after its file is durable.
#![forbid(unsafe_code)]

mod address;
pub mod archive;
pub mod follow;
pub mod json;
pub mod layout;
pub mod query;
pub mod reader;
pub mod record;
pub mod split;
pub mod spool;
pub mod view;

pub use archive::{Archive, DeliverError, Delivered};
pub use follow::Follow;
pub use json::{HIDDEN, Object};
pub use query::{Cursor, ErrorMatch, Filter, Page, Sources, search};
pub use reader::{Dedupe, ReadError, Reader, read_path};
pub use record::{Federation, Identity, IdentityKind, Issuer, Kind, Record, Resource, Session, Tls};
pub use spool::{Spool, SpoolError, SpoolOptions};
pub use view::{IdentityView, IssuerView, RecordView, ResourceView, SessionView};
