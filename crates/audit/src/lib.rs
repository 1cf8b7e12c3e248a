//! Importers of account exports, and questions asked of them.
//!
//! [`import`] reads exports into the model that the service runs on; [`explain`] answers whether a principal of
//! a snapshot may do something, and why; [`ask`] answers exact questions about all requests at once; [`compare`] tells which principals of an
//! account gained or lost what; [`decide`] decides questions that bring their policies along; [`corpus`]
//! reads files of decisions that people expect, and tells which come out otherwise; [`sources`] finds the policies in
//! what other tools write; [`auditor`] runs the [`checks`] on an [`estate`] and tells [`finding`]s; [`who_can`] tells who of all principals can do something. Nothing here is written anywhere: an import is a list of entities that its caller puts
//! into a directory, or asks questions of.
//!
//! Invariant: no store, no HTTP, no clock; the time is a parameter.
#![forbid(unsafe_code)]

pub mod ask;
pub mod auditor;
pub mod baseline;
pub mod checks;
pub mod compare;
pub mod compliance;
pub mod corpus;
pub mod decide;
pub mod diff;
pub mod estate;
pub mod exceptions;
pub mod explain;
pub mod external;
pub mod finding;
pub mod graph;
pub mod import;
pub mod inputs;
pub mod people;
pub mod ranking;
pub mod reply;
pub mod report;
pub mod settings;
pub mod sources;
pub mod texts;
pub mod verify;
pub mod who_can;
mod yaml;
