//! The table of all checks, in the order of the report.

use super::{Check, key_age, root_access_key};

/// Every check.
pub const ALL: &[&Check] = &[
    // The root user and the account.
    &root_access_key::CHECK,
    // Long-term credentials.
    &key_age::CHECK,
];
