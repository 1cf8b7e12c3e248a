//! Why a response is not taken, in the codes of STS.

use wire::Fault;
use wire::sts::errors;

/// Why a response proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not well formed, not signed as it must be, or lacks what it must have: `InvalidIdentityToken`.
    #[error("{0}")]
    Invalid(String),
    /// The provider says that authentication failed: `IDPRejectedClaim`.
    #[error("{0}")]
    Rejected(String),
    /// It came too late: `ExpiredTokenException`.
    #[error("{0}")]
    Expired(String),
    /// It says nothing of the role that is asked for: `AccessDenied`.
    #[error("Not authorized to perform sts:AssumeRoleWithSAML")]
    Denied,
}

impl Refusal {
    /// A response that is not well formed or not signed.
    pub fn invalid(message: impl Into<String>) -> Self {
        Refusal::Invalid(message.into())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Invalid(_) => Fault::of(&errors::INVALID_IDENTITY_TOKEN, message),
            Refusal::Rejected(_) => Fault::of(&errors::IDP_REJECTED_CLAIM, message),
            Refusal::Expired(_) => Fault::of(&errors::EXPIRED_TOKEN, message),
            Refusal::Denied => Fault::access_denied(message),
        }
    }
}
