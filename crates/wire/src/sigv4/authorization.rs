//! Where a request carries its signature: the `Authorization` header or the query string.

use super::ALGORITHM;
use crate::fault::{Fault, shortened};
use crate::head::{Head, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, visible};
use crate::query::Params;
use crate::split::parts;
use crate::time;
use http::header::{AUTHORIZATION, DATE};
use std::borrow::Cow;

/// The parts of a signature as they stand in the request.
pub(super) struct Given<'r> {
    pub(super) presigned: bool,
    pub(super) credential: &'r str,
    pub(super) signed_headers: &'r str,
    pub(super) signature: &'r str,
    /// The date as text, not yet checked to be one.
    pub(super) date: Cow<'r, str>,
    pub(super) token: Option<&'r str>,
}

impl<'r> Given<'r> {
    /// Finds the parts: checks 5 to 7 of AWS's order.
    pub(super) fn find(head: &Head<'r>, params: &'r Params<'_>) -> Result<Self, Fault> {
        let header = head.headers.get(AUTHORIZATION);
        let algorithm = params.query("X-Amz-Algorithm");
        match (header, algorithm) {
            (Some(_), Some(_)) => Err(Fault::signature_does_not_match("")),
            (None, None) => Err(Fault::missing_authentication_token()),
            (Some(header), None) => {
                let header = visible(header)
                    .ok_or_else(|| Fault::incomplete_signature("Unsupported AWS 'algorithm'."))?;
                Self::from_header(header, head)
            }
            (None, Some(ALGORITHM)) => Self::from_query(params),
            (None, Some(_)) => Err(Fault::missing_authentication_token()),
        }
    }

    fn from_header(header: &'r str, head: &Head<'r>) -> Result<Self, Fault> {
        let header = header.trim_start();
        let (algorithm, parameters) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            let algorithm = shortened(algorithm, 64);
            return Err(Fault::incomplete_signature(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for pair in parts(parameters, b',').map(str::trim_ascii).filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Fault::incomplete_signature(format!(
                    "'{}' not a valid key=value pair (missing equal-sign) in Authorization header: '{ALGORITHM}'.",
                    shortened(pair, 256)
                )));
            };
            // The last of repeated ones counts.
            match name {
                "Credential" => credential = Some(value),
                "SignedHeaders" => signed_headers = Some(value),
                "Signature" => signature = Some(value),
                _ => {}
            }
        }
        let date = date_header(head)?;
        match (credential, signed_headers, signature, date) {
            (Some(credential), Some(signed_headers), Some(signature), Some(date)) => {
                let token = token_header(head, signed_headers)?;
                Ok(Self { presigned: false, credential, signed_headers, signature, date, token })
            }
            (credential, signed_headers, signature, date) => {
                let mut missing = String::new();
                for (name, given) in [
                    ("Credential", credential.is_some()),
                    ("Signature", signature.is_some()),
                    ("SignedHeaders", signed_headers.is_some()),
                ] {
                    if !given {
                        missing += &format!("Authorization header requires '{name}' parameter. ");
                    }
                }
                if date.is_none() {
                    missing.push_str(
                        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
                    );
                }
                Err(Fault::incomplete_signature(missing + "Authorization=" + ALGORITHM))
            }
        }
    }

    fn from_query(params: &'r Params<'_>) -> Result<Self, Fault> {
        let names = ["X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date"];
        match names.map(|name| params.query(name)) {
            [Some(credential), Some(signed_headers), Some(signature), Some(date)] => Ok(Self {
                presigned: true,
                credential,
                signed_headers,
                signature,
                date: Cow::Borrowed(date),
                token: params.query("X-Amz-Security-Token"),
            }),
            _ => {
                let mut missing = String::new();
                for name in names.into_iter().filter(|name| params.query(name).is_none()) {
                    missing += &format!("AWS query-string parameters must include '{name}'. ");
                }
                Err(Fault::incomplete_signature(missing + "Re-examine the query-string parameters."))
            }
        }
    }
}

/// `X-Amz-Date`, or else `Date`, which clients may also write as HTTP does.
fn date_header<'r>(head: &Head<'r>) -> Result<Option<Cow<'r, str>>, Fault> {
    let twice = |()| Fault::incomplete_signature("Date must be given once and in ISO-8601 'basic format'.");
    if let Some(date) = head.only(X_AMZ_DATE).map_err(twice)? {
        return Ok(Some(Cow::Borrowed(date)));
    }
    Ok(head.only(DATE).map_err(twice)?.map(|date| match time::read_rfc822(date) {
        Some(instant) => Cow::Owned(instant.basic()),
        None => Cow::Borrowed(date),
    }))
}

/// A session token in a header must be signed: it would otherwise be exchangeable.
fn token_header<'r>(head: &Head<'r>, signed_headers: &str) -> Result<Option<&'r str>, Fault> {
    let token = head.only(X_AMZ_SECURITY_TOKEN).map_err(|()| Fault::invalid_client_token_id())?;
    if token.is_some()
        && !parts(signed_headers, b';')
            .any(|signed| signed.eq_ignore_ascii_case(X_AMZ_SECURITY_TOKEN.as_str()))
    {
        return Err(Fault::signature_does_not_match(
            "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    Ok(token)
}
