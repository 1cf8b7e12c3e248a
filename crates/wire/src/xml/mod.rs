//! XML: written by the query protocol's server side, read by its client side.

mod read;
mod write;

pub use read::{Element, InvalidXml, members};
pub use write::{XmlWriter, escape_onto};
