//! What an account's issuer of tokens publishes: a description of itself, and its public keys.
//!
//! Anybody may read it, as at AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html>.

use crate::call::Tools;
use crate::exchange::Outgoing;
use crate::issuer_keys;
use model::Snapshot;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Where the pages of all issuers are.
pub const PATH: &str = "/_bailiwick/issuers/";

/// The page at a path; `None` if there is none.
pub fn page(tools: &Tools, snapshot: &Snapshot, path: &str) -> Option<Outgoing> {
    let (issuer, page) = path.strip_prefix(PATH)?.split_once('/')?;
    let account = snapshot.account(snapshot.account_by_issuer(issuer)?)?;
    let body = match page {
        ".well-known/openid-configuration" => description(&tools.issuer_url(issuer)),
        ".well-known/jwks.json" => issuer_keys::published(account),
        _ => return None,
    };
    Some(answer(200, &body))
}

/// The answer where there is no page.
pub fn nothing() -> Outgoing {
    answer(404, &json!({ "error": "not found" }))
}

fn answer(status: u16, body: &Value) -> Outgoing {
    let header = |name, value: &'static str| (name, Cow::Borrowed(value));
    Outgoing {
        status,
        headers: vec![
            header("content-type", "application/json"),
            header("cache-control", "public, max-age=3600"),
            header("x-content-type-options", "nosniff"),
        ],
        body: body.to_string().into_bytes(),
    }
}

/// See <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>.
fn description(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["iss", "sub", "aud", "iat", "exp", "jti"],
    })
}
