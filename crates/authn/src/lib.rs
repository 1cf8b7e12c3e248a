//! Who is calling: access keys, sealed session tokens, passwords, second factors, and what identity providers vouch
//! for.
//!
//! Only this crate makes an [`Authenticated`]: the proof that a request was signed with credentials that are
//! good at a snapshot. Whether the caller may do what is asked is not its business.
#![forbid(unsafe_code)]

pub mod attempts;
pub mod authenticate;
pub mod base32;
pub mod caller;
pub mod oidc;
pub mod otpauth;
pub mod password;
pub mod saml;
pub mod sealed_text;
pub mod second_factor;
pub mod secret_key;
pub mod session;
pub mod sign_in;
pub mod token;
pub mod totp;
pub mod webauthn;

pub use attempts::Attempts;
pub use authenticate::{Authenticated, Authenticator};
pub use caller::{Caller, Credential};
pub use password::Passwords;
pub use sealed_text::SealedKind;
pub use session::{Federation, Parent, Session};
pub use token::{SignInToken, TokenError, TokenSealer};
