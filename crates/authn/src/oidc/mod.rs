//! OpenID Connect: whom an identity provider vouches for, and tokens of our own for others.
//!
//! A token is taken apart strictly ([`Jwt`]), the provider that its account has made for the issuer is looked up, the
//! provider's keys are fetched ([`Issuers`]) and kept, the signature is verified with a key that fits the algorithm,
//! and only then are the claims believed ([`identify()`]). Nothing in a token's header chooses a key but `kid`, which is
//! compared with what the provider publishes and used for nothing else.
//!
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>,
//! RFC 7515, RFC 7517, RFC 7519 and RFC 8725.

pub mod claims;
pub mod identify;
pub mod issuer;
pub mod issuers;
pub mod jwk;
pub mod jwt;
pub mod sign;

pub use identify::{Asked, Refused, identify};
pub use issuer::{BadIssuer, IssuerUrl};
pub use issuers::{Fetch, FetchError, Issuers};
pub use jwk::{Algorithm, KeySet};
pub use jwt::{Jwt, JwtError};
