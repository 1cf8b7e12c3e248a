//! Failed sign-ins: kept in rows, so that a restart does not give anybody new tries.

use base::Timestamp;
use serde::{Deserialize, Serialize};

/// The failed sign-ins of one user, or from one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFailures {
    /// `user/AIDA…`, or `address/…`.
    pub subject: String,
    /// How many there were in a row.
    pub count: u32,
    /// When the last one was that counted.
    pub last: Timestamp,
}
