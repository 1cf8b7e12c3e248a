//! The table of all checks, in the order of the report.

use super::{Check, external_access, key_age, root_access_key};

/// Every check.
pub const ALL: &[&Check] = &[
    // The root user and the account.
    &root_access_key::CHECK,
    // Long-term credentials.
    &key_age::CHECK,
    // Access from outside.
    &external_access::PUBLIC,
    &external_access::FEDERATED,
    &external_access::ACCOUNT,
    &external_access::ORGANIZATION,
    &external_access::VENDOR,
    &external_access::SERVICE,
];
