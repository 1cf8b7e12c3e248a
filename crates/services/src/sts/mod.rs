//! STS: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>.
//!
//! A session is a sealed token that its holder carries: nothing is stored when one is made. What it may do is
//! looked up at every call from the role or user behind it.

pub mod access_key_info;
pub mod assume_role;
pub mod assume_role_with_saml;
pub mod assume_root;
pub mod caller_identity;
pub mod decode_message;
pub mod delegated_access;
pub mod federated;
pub mod federation_token;
pub mod session;
pub mod session_policies;
pub mod session_tags;
pub mod session_token;
pub mod web_identity;
pub mod web_identity_token;

use crate::row::Row;

/// The rows of STS.
pub fn rows() -> Vec<Row> {
    [
        access_key_info::rows(),
        assume_role::rows(),
        assume_root::rows(),
        assume_role_with_saml::rows(),
        caller_identity::rows(),
        decode_message::rows(),
        delegated_access::rows(),
        federation_token::rows(),
        session_token::rows(),
        web_identity::rows(),
        web_identity_token::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
