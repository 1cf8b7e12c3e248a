//! Which service and operation a request calls.

use crate::schema::Protocol;

/// One of AWS's services, built here or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownService {
    /// The service name in a credential scope.
    pub signing_name: &'static str,
    /// The name by which the command line knows it.
    pub id: &'static str,
    /// The protocol in which it answers.
    pub protocol: Protocol,
    /// What precedes the dot in `X-Amz-Target`.
    pub target_prefix: Option<&'static str>,
    /// The version of its API.
    pub api_version: &'static str,
}

/// All of AWS's services, sorted by signing name.
pub fn known_services() -> &'static [KnownService] {
    crate::services::SERVICES
}
