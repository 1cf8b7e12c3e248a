//! Verifying: from a claim to a proof.

use super::SigningKey;
use super::authorization::Given;
use super::canonical::{self, PathStyle};
use super::key::{hex, sha256, unhex};
use super::scope::{Expected, Scope};
use crate::fault::{Fault, shortened};
use crate::head::{Head, X_AMZ_CONTENT_SHA256, X_AMZ_TARGET};
use crate::query::Params;
use crate::split::parts;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base::{Region, Secret, Timestamp};
use std::borrow::Cow;
use std::time::Duration;

/// How far a request's date may be from now, either way.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// A request that says who signed it. Nothing of it is proven.
#[derive(Debug)]
pub struct Unverified<'r> {
    head: Head<'r>,
    params: &'r Params<'r>,
    presigned: bool,
    scope: Scope<'r>,
    region: Region,
    date: Timestamp,
    date_text: Cow<'r, str>,
    signed_headers: &'r str,
    /// `None` if it is not 64 hexadecimal digits, and then it is wrong.
    signature: Option<[u8; 32]>,
    token: Option<&'r str>,
}

/// A request whose signature is right: made by [`Unverified::verify`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<'r> {
    access_key: &'r str,
    region: Region,
    presigned: bool,
    date: Timestamp,
}

impl<'r> Verified<'r> {
    /// The access key id whose secret signed the request.
    pub fn access_key(&self) -> &'r str {
        self.access_key
    }

    /// The region of the scope.
    pub fn region(&self) -> Region {
        self.region
    }

    /// The signature was in the query string (`aws:authType` `REST-QUERY-STRING`), not in a header.
    pub fn presigned(&self) -> bool {
        self.presigned
    }

    /// When the request was signed.
    pub fn date(&self) -> Timestamp {
        self.date
    }
}

/// Reads and checks a request's claim up to the point where the key must be known: checks 5 to 13 of AWS's
/// order, so that of two mistakes the same one is told.
///
/// `X-Amz-Expires` has no effect, as in AWS's STS: a presigned request is good for fifteen minutes.
///
/// # Errors
/// `MissingAuthenticationToken`, `IncompleteSignature`, `SignatureDoesNotMatch` with AWS's texts.
pub fn parse<'r>(
    head: Head<'r>,
    params: &'r Params<'r>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Unverified<'r>, Fault> {
    let given = Given::find(&head, params)?;
    head.host()?;
    check_signed_headers(&head, given.signed_headers)?;
    let date = Timestamp::parse_basic(&given.date).map_err(|_| {
        Fault::incomplete_signature(format!(
            "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
            shortened(&given.date, 64)
        ))
    })?;
    check_time(date, now)?;
    let scope = Scope::parse(given.credential)?;
    let region = scope.check(expected, &given.date)?;
    Ok(Unverified {
        head,
        params,
        presigned: given.presigned,
        scope,
        region,
        date,
        date_text: given.date,
        signed_headers: given.signed_headers,
        signature: unhex(given.signature),
        token: given.token,
    })
}

/// The host must be signed, and so must the header that chooses the operation.
fn check_signed_headers(head: &Head<'_>, signed: &str) -> Result<(), Fault> {
    let is_signed = |name: &str| parts(signed, b';').any(|known| known.eq_ignore_ascii_case(name));
    if !is_signed("host") && !is_signed(":authority") {
        return Err(Fault::signature_does_not_match(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    if head.headers.contains_key(X_AMZ_TARGET) && !is_signed("x-amz-target") {
        return Err(Fault::signature_does_not_match(
            "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    Ok(())
}

fn check_time(date: Timestamp, now: Timestamp) -> Result<(), Fault> {
    let (earliest, latest) = (now - SKEW, now + SKEW);
    if date < earliest {
        return Err(Fault::signature_does_not_match(format!(
            "Signature expired: {} is now earlier than {} ({} - 15 min.)",
            date.basic(),
            earliest.basic(),
            now.basic()
        )));
    }
    if date > latest {
        return Err(Fault::signature_does_not_match(format!(
            "Signature not yet current: {} is still later than {} ({} + 15 min.)",
            date.basic(),
            latest.basic(),
            now.basic()
        )));
    }
    Ok(())
}

impl<'r> Unverified<'r> {
    /// The access key id that the request names.
    pub fn access_key(&self) -> &'r str {
        self.scope.access_key
    }

    /// The day of the scope, `20261122`.
    pub fn scope_date(&self) -> &'r str {
        self.scope.date
    }

    /// The region of the scope; it exists and is right for the service.
    pub fn region(&self) -> Region {
        self.region
    }

    /// The service of the scope.
    pub fn service(&self) -> &'r str {
        self.scope.service
    }

    /// The session token, from the signed header or the query string.
    pub fn session_token(&self) -> Option<&'r str> {
        self.token
    }

    /// The signature is in the query string.
    pub fn presigned(&self) -> bool {
        self.presigned
    }

    /// The signing key of this secret for the scope. Callers with many requests keep it.
    pub fn signing_key(&self, secret: &Secret) -> SigningKey {
        SigningKey::derive(secret, self.scope.date, self.scope.region, self.scope.service)
    }

    /// Checks the signature and the hash of the body. `key` must be that of [`Unverified::access_key`] for
    /// this scope.
    ///
    /// # Errors
    /// `SignatureDoesNotMatch`.
    pub fn verify(&self, key: &SigningKey, body: &[u8]) -> Result<Verified<'r>, Fault> {
        if !self.matches(key, body) {
            return Err(Fault::wrong_signature());
        }
        Ok(Verified {
            access_key: self.scope.access_key,
            region: self.region,
            presigned: self.presigned,
            date: self.date,
        })
    }

    /// Does the work of [`Unverified::verify`] for an access key that does not exist, so that the time taken
    /// does not tell that, and yields the fault to answer.
    pub fn refuse_unknown(&self, nobody: &SigningKey, body: &[u8]) -> Fault {
        let matched = self.matches(nobody, body);
        // A signature that matches a random key is a signature of nobody all the same.
        std::hint::black_box(matched);
        Fault::invalid_client_token_id()
    }

    /// All parts are computed whatever is wrong with one of them.
    fn matches(&self, key: &SigningKey, body: &[u8]) -> bool {
        let payload = sha256(body);
        let mut canonical = Vec::with_capacity(1024);
        let query =
            self.params.of_query().filter(|(name, _)| !(self.presigned && *name == "X-Amz-Signature"));
        let complete = canonical::request(
            &mut canonical,
            &self.head,
            PathStyle::Normalized,
            query,
            self.signed_headers,
            &payload,
        );
        let expected = key.signature(&self.date_text, &self.scope.signed(), &canonical);
        let given = self.signature.unwrap_or_default();
        let equal = verify_slices_are_equal(&expected, &given).is_ok();
        complete & equal & self.signature.is_some() & self.declared_payload_is(&payload)
    }

    /// `x-amz-content-sha256` may be left out, but must be the hash of the body if it is there. Unsigned
    /// and streamed payloads are S3's and refused by this.
    fn declared_payload_is(&self, payload: &[u8; 32]) -> bool {
        match self.head.only(X_AMZ_CONTENT_SHA256) {
            Ok(None) => true,
            Ok(Some(declared)) => declared.as_bytes() == hex(payload).as_slice(),
            Err(()) => false,
        }
    }
}
