//! Faults: what a call ends in when it does not succeed. Protocols differ in how they spell one; that is
//! [`crate::reply`]'s job alone.
//!
//! Codes and statuses follow <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>.

use crate::schema::ErrorSchema;
use std::borrow::Cow;
use std::fmt;

/// An error on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `NoSuchEntity`, `AccessDenied` …, as query protocols spell it.
    pub code: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, for a person.
    pub message: String,
    /// The caller is at fault, not the service.
    pub sender: bool,
}

impl Fault {
    /// A fault with the caller to blame if `status` is below 500.
    pub fn new(code: impl Into<Cow<'static, str>>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into(), sender: status < 500 }
    }

    /// An error that the service's model names.
    pub fn of(error: &'static ErrorSchema, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(error.code),
            status: error.status,
            message: message.into(),
            sender: error.sender,
        }
    }

    /// The policies do not allow the call; 403.
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new("AccessDenied", 403, message)
    }

    /// The input breaks the model's constraints; 400. The text comes from [`crate::validate`].
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", 400, message)
    }

    /// The input cannot be decoded into its shape; 400.
    pub fn malformed_input(message: impl Into<String>) -> Self {
        Self::new("MalformedInput", 400, message)
    }

    /// The query string or the form is not well formed; 404, as IAM documents it.
    pub fn malformed_query_string(message: impl Into<String>) -> Self {
        Self::new("MalformedQueryString", 404, message)
    }

    /// The HTTP message is not well formed; 400.
    pub fn malformed_http_request(message: impl Into<String>) -> Self {
        Self::new("MalformedHttpRequestException", 400, message)
    }

    /// A value of a parameter makes no sense; 400.
    pub fn invalid_parameter_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", 400, message)
    }

    /// The service has no such operation in this version; 400.
    pub fn invalid_action(operation: &str, version: Option<&str>) -> Self {
        let version = version.unwrap_or("NO_VERSION_SPECIFIED");
        let (operation, version) = (shortened(operation, 128), shortened(version, 32));
        Self::new("InvalidAction", 400, format!("Could not find operation {operation} for version {version}"))
    }

    /// The request names no operation; 400.
    pub fn missing_action() -> Self {
        Self::new("MissingAction", 400, "The request is missing an action or a required parameter.")
    }

    /// The operation or its whole service exists at AWS but is not built here; 501.
    pub fn not_implemented(service: &str, operation: Option<&str>) -> Self {
        let service = shortened(service, 64);
        let message = match operation {
            Some(operation) => {
                format!("Bailiwick does not implement the operation {service}:{}.", shortened(operation, 128))
            }
            None => format!("Bailiwick does not implement the service {service}."),
        };
        Self { code: Cow::Borrowed("NotImplemented"), status: 501, message, sender: false }
    }

    /// The request carries no signature; 403.
    pub fn missing_authentication_token() -> Self {
        Self::new("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
    }

    /// Parts of the signature are missing or not well formed; 400.
    pub fn incomplete_signature(message: impl Into<String>) -> Self {
        Self::new("IncompleteSignature", 400, message)
    }

    /// The key or the session token is not known; 403. One text for every cause.
    pub fn invalid_client_token_id() -> Self {
        Self::new("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
    }

    /// The signature, its date or its scope is wrong; 403.
    pub fn signature_does_not_match(message: impl Into<String>) -> Self {
        Self::new("SignatureDoesNotMatch", 403, message)
    }

    /// The computed signature differs from the given one; 403.
    pub fn wrong_signature() -> Self {
        Self::signature_does_not_match(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        )
    }

    /// The session has ended; 403. SDKs fetch new credentials when they see it.
    pub fn expired_token() -> Self {
        Self::new("ExpiredToken", 403, "The security token included in the request is expired")
    }

    /// Too many calls; 400. SDKs wait and try again.
    pub fn throttling() -> Self {
        Self::new("Throttling", 400, "Rate exceeded")
    }

    /// The body is larger than is read; 413.
    pub fn request_too_large() -> Self {
        Self::new("RequestEntityTooLarge", 413, "The request is larger than the service accepts.")
    }

    /// The service cannot serve now, as when the store is away; 503. SDKs try again.
    pub fn service_unavailable(message: impl Into<String>) -> Self {
        Self::new("ServiceUnavailable", 503, message)
    }

    /// Something is wrong inside; 500. The cause goes to the log, never to the caller.
    pub fn internal() -> Self {
        Self::new(
            "InternalFailure",
            500,
            "The request processing has failed because of an unknown error, exception or failure.",
        )
    }

    /// Whether the caller may try again without a change.
    pub fn retryable(&self) -> bool {
        self.status >= 500 && self.status != 501 || self.code == "Throttling"
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

/// At most `length` characters of text that a caller chose.
pub(crate) fn shortened(text: &str, length: usize) -> Cow<'_, str> {
    match text.char_indices().nth(length) {
        Some((end, _)) => Cow::Owned(format!("{}...", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_names_its_errors() {
        let fault = Fault::of(&crate::iam::errors::NO_SUCH_ENTITY, "The user with name Bob cannot be found.");
        assert_eq!((fault.code.as_ref(), fault.status, fault.sender), ("NoSuchEntity", 404, true));
        assert_eq!(fault.to_string(), "NoSuchEntity: The user with name Bob cannot be found.");
    }

    #[test]
    fn reflected_text_is_bounded() {
        let fault = Fault::invalid_action(&"x".repeat(100_000), None);
        assert!(fault.message.len() < 300);
        assert!(fault.message.ends_with("for version NO_VERSION_SPECIFIED"));
    }
}
