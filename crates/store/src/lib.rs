//! An append-only log of effects with one total order, its backends, group commit, and sealing of secrets.
//!
//! A [`Batch`] is one group commit: writes of rows, and the audit events of the requests that made them. A
//! backend ([`Log`]) does four things: tell its head, append after a revision, read, keep a checkpoint. The
//! [`Committer`] runs [`Job`]s one after the other on an application's [`State`], appends what they wrote as one
//! batch, and publishes the new state for readers.
//!
//! Invariants: this crate does not know what a user is; no acknowledgement before the append is durable; a
//! broken chain of hashes is noticed when the log is loaded; secrets are sealed before they enter a batch.
#![forbid(unsafe_code)]

pub mod batch;
pub mod committer;
pub mod conformance;
pub mod engine;
pub mod keyfile;
pub mod log;
pub mod memory;
pub mod seal;
pub mod sqlite;
pub mod state;

pub use batch::{Batch, BatchId, DecodeError, Hash, Key, Rev, Value, Write};
pub use committer::{Committer, Config, Listener, Outbox, Rejected, StartError, Why};
pub use engine::{Commit, Engine, LoadError};
pub use keyfile::KeyFileError;
pub use log::{Appended, Checkpoint, Head, Log, LogError, Marks, append_settled};
pub use memory::Memory;
pub use seal::{KeyId, KeyRing, KeyTextError, Place, SealError, SealingKey};
pub use sqlite::{OpenError, Sqlite, SqliteOptions};
pub use state::{ApplyError, CommitError, Job, Published, Refused, State, Transaction};
