//! Signature Version 4: verifying requests, signing and presigning them.
//!
//! Verification has two phases, because the secret lies with somebody else. [`parse`] does everything that
//! needs no secret, in the order in which AWS does it, and yields an [`Unverified`] claim: the access key, the
//! scope and the session token. The caller finds the key and hands its [`SigningKey`] to
//! [`Unverified::verify`], which alone makes a [`Verified`].
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>. What is
//! signed is what is executed: no parameter or signed header may occur twice with two meanings.

mod authorization;
mod canonical;
mod key;
mod scope;
mod sign;
mod verify;

pub use canonical::PathStyle;
pub use key::SigningKey;
pub use scope::{Expected, Regions, claimed_service};
pub use sign::{Credentials, presign, sign};
pub use verify::{Unverified, Verified, parse};

/// The only algorithm that is accepted.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The end of every credential scope.
pub const TERMINATOR: &str = "aws4_request";

/// The hash of an empty body.
pub const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
