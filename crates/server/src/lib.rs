//! The shell around the services: listening, TLS, limits, the local socket, background jobs, the machine's
//! clock and randomness.
//!
//! Invariant: nothing here knows an operation, a user or a policy. A request is read whole and within limits,
//! handed to an [`Answer`], and its answer is written back.
#![forbid(unsafe_code)]

mod answer;
pub mod breached;
mod care;
mod connection;
pub mod data;
pub mod error;
pub mod fetch;
mod guests;
mod housekeeping;
pub mod limits;
pub mod listen;
pub mod local;
pub mod metrics;
pub mod metrics_door;
mod pace;
mod public_address;
mod recorder;
mod refusal;
mod request;
pub mod run;
pub mod start;
mod stop;
pub mod system;
mod thumbprint;
pub mod tls;

pub use answer::Answer;
pub use data::{DataDirectory, DataError};
pub use error::StartError;
pub use fetch::{IssuerFetch, IssuerSettings};
pub use limits::Limits;
pub use listen::Listen;
pub use metrics_door::MetricsListen;
pub use run::{Bound, Port};
pub use services::first_start::Dev;
pub use services::throttle::Rates;
pub use start::{KeySource, Place, Server, Settings, is_data_directory, stored};
pub use system::{SystemClock, SystemEntropy};
pub use tls::{TlsError, TlsFiles};

/// What the system says, as part of a sentence: without the number that the standard library adds.
pub(crate) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => error.kind().to_string(),
    }
}
