//! Signing: the client's side.

use super::canonical::{self, PathStyle};
use super::key::{hex, sha256};
use super::{ALGORITHM, SigningKey, TERMINATOR};
use crate::fault::Fault;
use crate::head::Head;
use crate::percent;
use crate::query::Params;
use base::{Secret, SecretString, Timestamp};
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};

/// What a client signs with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret: Secret,
    /// The session token of temporary credentials.
    pub token: Option<SecretString>,
}

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Signs a request: adds `host`, `x-amz-date`, `x-amz-security-token` and `authorization`. All headers that
/// are there are signed, apart from those that proxies change.
///
/// # Errors
/// If the target has no host, or the query string or the token cannot be sent.
pub fn sign(
    credentials: &Credentials,
    (service, region): (&str, &str),
    method: &http::Method,
    uri: &http::Uri,
    headers: &mut http::HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Fault> {
    let (date, day) = dates(now);
    headers.remove(AUTHORIZATION);
    set_host(uri, headers)?;
    headers.insert(DATE, value(&date)?);
    if let Some(token) = &credentials.token {
        headers.insert(TOKEN, value(token.expose())?);
    }
    let signed = signed_headers(headers);
    let key = SigningKey::derive(&credentials.secret, &day, region, service);
    let scope = [day.as_str(), region, service, TERMINATOR];
    let params = Params::parse(uri.query(), None)?;
    let mut canonical = Vec::with_capacity(1024);
    let head = Head { method, uri, headers };
    canonical::request(
        &mut canonical,
        &head,
        PathStyle::Normalized,
        params.of_query(),
        &signed,
        &sha256(body),
    );
    let signature = text(&hex(&key.signature(&date, &scope, &canonical)));
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={signed}, Signature={signature}",
        credentials.access_key,
        scope.join("/")
    );
    headers.insert(AUTHORIZATION, value(&authorization)?);
    Ok(())
}

/// Presigns a request without a body and yields the URL. `headers` are signed too and must be sent with it.
///
/// # Errors
/// If the target has no host, or its query string cannot be read.
pub fn presign(
    credentials: &Credentials,
    (service, region): (&str, &str),
    method: &http::Method,
    uri: &http::Uri,
    headers: &http::HeaderMap,
    expires_seconds: u32,
    now: Timestamp,
) -> Result<String, Fault> {
    let (date, day) = dates(now);
    let mut headers = headers.clone();
    set_host(uri, &mut headers)?;
    let signed = signed_headers(&headers);
    let scope = [day.as_str(), region, service, TERMINATOR];
    let credential = format!("{}/{}", credentials.access_key, scope.join("/"));
    let expires = expires_seconds.to_string();
    let mut query = uri.query().unwrap_or_default().to_owned();
    let mut add = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query += &format!("{name}={}", percent::encode(value));
    };
    add("X-Amz-Algorithm", ALGORITHM);
    add("X-Amz-Credential", &credential);
    add("X-Amz-Date", &date);
    add("X-Amz-Expires", &expires);
    add("X-Amz-SignedHeaders", &signed);
    if let Some(token) = &credentials.token {
        add("X-Amz-Security-Token", token.expose());
    }
    let params = Params::parse(Some(&query), None)?;
    let head = Head { method, uri, headers: &headers };
    let mut canonical = Vec::with_capacity(1024);
    canonical::request(
        &mut canonical,
        &head,
        PathStyle::Normalized,
        params.of_query(),
        &signed,
        &sha256(b""),
    );
    let key = SigningKey::derive(&credentials.secret, &day, region, service);
    let signature = text(&hex(&key.signature(&date, &scope, &canonical)));
    let origin = match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
        _ => String::new(),
    };
    Ok(format!("{origin}{}?{query}&X-Amz-Signature={signature}", uri.path()))
}

/// The instant and the day, as signatures write them.
fn dates(now: Timestamp) -> (String, String) {
    let date = now.basic();
    let day = date.get(..8).unwrap_or_default().to_owned();
    (date, day)
}

fn set_host(uri: &http::Uri, headers: &mut http::HeaderMap) -> Result<(), Fault> {
    if headers.contains_key(HOST) {
        return Ok(());
    }
    let Some(authority) = uri.authority() else {
        return Err(Fault::malformed_http_request("The request has no host."));
    };
    headers.insert(HOST, value(authority.as_str())?);
    Ok(())
}

fn value(text: &str) -> Result<HeaderValue, Fault> {
    HeaderValue::from_str(text).map_err(|_| Fault::malformed_http_request("A header's value cannot be sent."))
}

fn signed_headers(headers: &http::HeaderMap) -> String {
    const CHANGING: [&str; 7] = [
        "authorization",
        "connection",
        "expect",
        "transfer-encoding",
        "user-agent",
        "x-amzn-trace-id",
        "content-length",
    ];
    let mut names: Vec<&str> =
        headers.keys().map(HeaderName::as_str).filter(|name| !CHANGING.contains(name)).collect();
    names.sort_unstable();
    names.join(";")
}

fn text(hex: &[u8; 64]) -> String {
    // Hexadecimal digits are ASCII.
    String::from_utf8_lossy(hex).into_owned()
}
