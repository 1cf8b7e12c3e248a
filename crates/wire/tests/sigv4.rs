//! Signatures: what is accepted, and the security cases that concern them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_wire as wire;

use base::{Region, Secret, SecretString, Timestamp};
use http::HeaderValue;
use proptest::prelude::*;
use wire::sigv4::{self, Credentials, Expected, Regions, SigningKey};
use wire::{Fault, Head};

const IAM: Expected<'_> = Expected { service: "iam", regions: Regions::Global };
const STS: Expected<'_> = Expected { service: "sts", regions: Regions::All };
const BODY: &str = "Action=GetUser&Version=2010-05-08";
const WRONG: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

fn now() -> Timestamp {
    Timestamp::parse_basic("20261122T065457Z").unwrap()
}

fn minutes(count: i64) -> Timestamp {
    Timestamp::from_seconds(now().seconds() + count * 60)
}

fn credentials() -> Credentials {
    Credentials {
        access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        secret: Secret::new(*b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        token: None,
    }
}

/// A request that can be changed after it was signed.
struct Request {
    method: http::Method,
    uri: http::Uri,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Request {
    fn unsigned() -> Self {
        let mut headers = http::HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost:8080"));
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
        );
        Self { method: http::Method::POST, uri: "/".parse().unwrap(), headers, body: BODY.into() }
    }

    fn signed() -> Self {
        Self::signed_with(&credentials(), "iam", "us-east-1", now())
    }

    fn signed_with(credentials: &Credentials, service: &str, region: &str, at: Timestamp) -> Self {
        let mut request = Self::unsigned();
        request.sign(credentials, service, region, at);
        request
    }

    fn sign(&mut self, credentials: &Credentials, service: &str, region: &str, at: Timestamp) {
        let Self { method, uri, headers, body } = self;
        sigv4::sign(credentials, (service, region), method, uri, headers, body, at).unwrap();
    }

    fn presigned(at: Timestamp, extra: &[(&'static str, &'static str)]) -> Self {
        let mut headers = http::HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("sts.us-east-1.amazonaws.com"));
        for (name, value) in extra {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let uri = "/?Action=GetCallerIdentity&Version=2011-06-15".parse().unwrap();
        let method = http::Method::GET;
        let url =
            sigv4::presign(&credentials(), ("sts", "us-east-1"), &method, &uri, &headers, 60, at).unwrap();
        Self { method, uri: url.parse().unwrap(), headers, body: Vec::new() }
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    fn authorization(self, change: impl Fn(&str) -> String) -> Self {
        let value = change(self.headers["authorization"].to_str().unwrap());
        self.set("authorization", &value)
    }

    fn query(mut self, change: impl Fn(&str) -> String) -> Self {
        self.uri = change(&self.uri.to_string()).parse().unwrap();
        self
    }

    fn verify(&self, expected: &Expected<'_>, at: Timestamp) -> Result<Proven, Fault> {
        let head = Head { method: &self.method, uri: &self.uri, headers: &self.headers };
        let params = head.params(&self.body)?;
        let claim = sigv4::parse(head, &params, expected, at)?;
        let key = claim.signing_key(&credentials().secret);
        let verified = claim.verify(&key, &self.body)?;
        Ok(Proven {
            access_key: verified.access_key().to_owned(),
            region: verified.region(),
            presigned: verified.presigned(),
            date: verified.date(),
        })
    }

    #[track_caller]
    fn refused(&self, code: &str, message: &str) {
        self.refused_by(&IAM, code, message);
    }

    #[track_caller]
    fn refused_by(&self, expected: &Expected<'_>, code: &str, message: &str) {
        let fault = self.verify(expected, now()).unwrap_err();
        assert_eq!((fault.code.as_ref(), fault.message.as_str()), (code, message));
    }
}

/// What a [`sigv4::Verified`] proved.
#[derive(Debug)]
struct Proven {
    access_key: String,
    region: Region,
    presigned: bool,
    date: Timestamp,
}

#[test]
fn a_signed_request_is_verified() {
    let verified = Request::signed().verify(&IAM, now()).unwrap();
    assert_eq!(verified.access_key, "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(
        (verified.region.name, verified.region.partition.id(), verified.presigned),
        ("us-east-1", "aws", false)
    );
    let china = Request::signed_with(&credentials(), "iam", "cn-north-1", now());
    assert_eq!(china.verify(&IAM, now()).unwrap().region.partition.id(), "aws-cn");
    let regional = Request::signed_with(&credentials(), "sts", "eu-central-1", now());
    assert_eq!(regional.verify(&STS, now()).unwrap().region.name, "eu-central-1");
}

#[test]
fn a_session_token_travels_signed() {
    let token = SecretString::new("FwoGZXIvYXdzEXAMPLE");
    let with_token = Credentials { token: Some(token), ..credentials() };
    let request = Request::signed_with(&with_token, "iam", "us-east-1", now());
    assert!(request.verify(&IAM, now()).is_ok());
    request.set("x-amz-security-token", "FwoGZXIvYXdzOTHER").refused("SignatureDoesNotMatch", WRONG);
    Request::signed().set("x-amz-security-token", "any").refused(
        "SignatureDoesNotMatch",
        "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.",
    );
}

#[test]
fn a_date_header_serves_too() {
    let mut request = Request::signed();
    let date = wire::time::write_rfc822(now());
    // What botocore does if the caller has set `Date`: the signature is over the basic form.
    request.headers.remove("x-amz-date");
    request.headers.remove("authorization");
    let mut request = request.set("date", &date);
    let Request { method, uri, headers, body } = &mut request;
    sigv4::sign(&credentials(), ("iam", "us-east-1"), method, uri, headers, body, now()).unwrap();
    assert!(request.verify(&IAM, now()).is_ok());
}

#[test]
fn case_001_unsigned() {
    Request::unsigned().refused("MissingAuthenticationToken", "Request is missing Authentication Token");
}

#[test]
fn case_002_two_signatures() {
    Request::signed()
        .query(|uri| format!("{uri}?X-Amz-Algorithm=AWS4-HMAC-SHA256"))
        .refused("SignatureDoesNotMatch", "");
}

#[test]
fn case_003_a_known_key_with_a_made_up_signature() {
    let empty = sigv4::EMPTY_SHA256;
    for signature in [empty, &"0".repeat(64), &"f".repeat(64)] {
        let forged = || {
            Request::signed().authorization(|it| {
                format!("{}Signature={signature}", it.split("Signature=").next().unwrap())
            })
        };
        forged().refused("SignatureDoesNotMatch", WRONG);
        for kind in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", empty] {
            forged().set("x-amz-content-sha256", kind).refused("SignatureDoesNotMatch", WRONG);
        }
    }
}

#[test]
fn case_004_unsigned_and_streamed_payloads() {
    for kind in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    ] {
        let mut request = Request::unsigned().set("x-amz-content-sha256", kind);
        request.sign(&credentials(), "iam", "us-east-1", now());
        request.refused("SignatureDoesNotMatch", WRONG);
    }
}

#[test]
fn case_005_a_declared_hash_that_is_not_the_bodys() {
    let mut request = Request::unsigned().set("x-amz-content-sha256", sigv4::EMPTY_SHA256);
    request.sign(&credentials(), "iam", "us-east-1", now());
    request.refused("SignatureDoesNotMatch", WRONG);
    // Not signed, but there: still refused.
    Request::signed()
        .set("x-amz-content-sha256", sigv4::EMPTY_SHA256)
        .refused("SignatureDoesNotMatch", WRONG);
}

#[test]
fn case_006_a_changed_body() {
    for body in [
        "",
        "Action=DeleteUser&Version=2010-05-08",
        "Version=2010-05-08&Action=GetUser",
        &format!("{BODY}&a=1"),
    ] {
        let mut request = Request::signed();
        request.body = body.into();
        request.refused("SignatureDoesNotMatch", WRONG);
    }
}

#[test]
fn case_007_the_host() {
    let unsigned_host = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    Request::signed()
        .authorization(|it| it.replace(";host", ""))
        .refused("SignatureDoesNotMatch", unsigned_host);
    Request::signed()
        .authorization(|it| it.replace("content-type;host;x-amz-date", ""))
        .refused("SignatureDoesNotMatch", unsigned_host);
    Request::signed().set("host", "evil").refused("SignatureDoesNotMatch", WRONG);
    let mut two = Request::signed();
    two.headers.append("host", HeaderValue::from_static("evil"));
    two.refused("MalformedHttpRequestException", "The request has more than one host.");
}

#[test]
fn case_008_the_date() {
    let at = |signed: i64| Request::signed_with(&credentials(), "iam", "us-east-1", minutes(signed));
    for within in [-15, -14, 14, 15] {
        assert!(at(within).verify(&IAM, now()).is_ok(), "{within}");
    }
    at(-16).refused(
        "SignatureDoesNotMatch",
        "Signature expired: 20261122T063857Z is now earlier than 20261122T063957Z (20261122T065457Z - 15 min.)",
    );
    at(16).refused(
        "SignatureDoesNotMatch",
        "Signature not yet current: 20261122T071057Z is still later than 20261122T070957Z (20261122T065457Z + 15 min.)",
    );
    at(-16).set("x-amz-date", "20261122T065457Z").refused("SignatureDoesNotMatch", WRONG);
    for first in [true, false] {
        let mut request = at(-16);
        let old = request.headers.remove("x-amz-date").unwrap();
        let new = HeaderValue::from_static("20261122T065457Z");
        let (a, b) = if first { (new, old) } else { (old, new) };
        request.headers.append("x-amz-date", a);
        request.headers.append("x-amz-date", b);
        request.refused("IncompleteSignature", "Date must be given once and in ISO-8601 'basic format'.");
    }
    Request::signed().set("x-amz-date", "2026-11-22T06:54:57Z").refused(
        "IncompleteSignature",
        "Date must be in ISO-8601 'basic format'. Got '2026-11-22T06:54:57Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    );
}

#[test]
fn case_009_the_scope() {
    let scoped = |service, region| Request::signed_with(&credentials(), service, region, now());
    let region = "Credential should be scoped to a valid region. ";
    for wrong in ["eu-central-1", "mars-1", "", "US-EAST-1"] {
        scoped("iam", wrong).refused("SignatureDoesNotMatch", region);
    }
    scoped("sts", "mars-1").refused_by(&STS, "SignatureDoesNotMatch", region);
    scoped("sts", "us-east-1")
        .refused("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'iam'. ");
    Request::signed().authorization(|it| it.replace("aws4_request", "aws5_request")).refused(
        "SignatureDoesNotMatch",
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
    );
    Request::signed().authorization(|it| it.replace("/20261122/", "/20261121/")).refused(
        "SignatureDoesNotMatch",
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261121' != '20261122', from '20261122T065457Z'.",
    );
    Request::signed().authorization(|it| it.replace("/aws4_request", "")).refused(
        "IncompleteSignature",
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/iam'",
    );
    // All that is wrong is told at once.
    let fault = Request::signed()
        .authorization(|it| it.replace("20261122/us-east-1/iam/aws4_request", "b/c/d/e"))
        .verify(&IAM, now())
        .unwrap_err();
    assert_eq!(
        fault.message,
        "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'iam'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20261122', from '20261122T065457Z'."
    );
}

#[test]
fn case_010_signatures_of_other_forms() {
    let right = Request::signed();
    let right =
        right.headers["authorization"].to_str().unwrap().split("Signature=").nth(1).unwrap().to_owned();
    for wrong in [
        "",
        &right[..63],
        &right[..32],
        &format!("{right}0"),
        &"0".repeat(64),
        &"x".repeat(64),
        &right.to_ascii_uppercase(),
        &format!(" {right}x"),
    ] {
        Request::signed()
            .authorization(|it| it.replace(&right, wrong))
            .refused("SignatureDoesNotMatch", WRONG);
    }
}

#[test]
fn case_011_presigned_requests() {
    let request = Request::presigned(now(), &[]);
    let verified = request.verify(&STS, now()).unwrap();
    assert!(verified.presigned && verified.date == now());
    // Expires is 60 s, and AWS's STS disregards it.
    for later in [-15, -1, 0, 5, 15] {
        assert!(request.verify(&STS, minutes(later)).is_ok(), "{later}");
    }
    let fault = request.verify(&STS, minutes(16)).unwrap_err();
    assert_eq!(
        fault.message,
        "Signature expired: 20261122T065457Z is now earlier than 20261122T065557Z (20261122T071057Z - 15 min.)"
    );
    let changed = |change: &dyn Fn(&str) -> String| {
        Request::presigned(now(), &[]).query(change).refused_by(&STS, "SignatureDoesNotMatch", WRONG);
    };
    changed(&|uri| uri.replace("GetCallerIdentity", "GetSessionToken"));
    changed(&|uri| uri.replace("Expires=60", "Expires=604800"));
    changed(&|uri| uri.replace("/?", "/x?"));
    changed(&|uri| format!("{uri}&DurationSeconds=900"));
    let mut post = Request::presigned(now(), &[]);
    post.method = http::Method::POST;
    post.refused_by(&STS, "SignatureDoesNotMatch", WRONG);
    let mut body = Request::presigned(now(), &[]);
    body.body = b"a=1".to_vec();
    body.refused_by(&STS, "SignatureDoesNotMatch", WRONG);
    Request::presigned(now(), &[]).query(|uri| uri.replace("X-Amz-Date=", "X-Amz-Dat=")).refused_by(
        &STS,
        "IncompleteSignature",
        "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    );
    Request::presigned(now(), &[]).query(|uri| uri.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")).refused_by(
        &STS,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    );
}

#[test]
fn case_012_a_token_for_another_cluster() {
    let token = || Request::presigned(now(), &[("x-k8s-aws-id", "cluster-a")]);
    assert!(token().verify(&STS, now()).is_ok());
    token().set("x-k8s-aws-id", "cluster-b").refused_by(&STS, "SignatureDoesNotMatch", WRONG);
    let mut dropped = token();
    dropped.headers.remove("x-k8s-aws-id");
    dropped.refused_by(&STS, "SignatureDoesNotMatch", WRONG);
}

#[test]
fn case_013_repeated_parameters() {
    for extra in [
        "Action=DeleteUser",
        "action=DeleteUser",
        "X-Amz-Credential=x",
        "x-amz-date=x",
        "Action=GetCallerIdentity",
    ] {
        let fault = Request::presigned(now(), &[])
            .query(|uri| format!("{uri}&{extra}"))
            .verify(&STS, now())
            .unwrap_err();
        assert_eq!((fault.code.as_ref(), fault.status), ("MalformedQueryString", 404), "{extra}");
    }
}

#[test]
fn case_014_odd_access_keys_stay_text() {
    for odd in ["", "*", "akiaiosfodnn7example", "' OR 1=1 --", "AKIA IOSFODNN7EXAMPLE", "%00"] {
        let mut request = Request::unsigned();
        request.sign(&Credentials { access_key: odd.into(), ..credentials() }, "iam", "us-east-1", now());
        let head = Head { method: &request.method, uri: &request.uri, headers: &request.headers };
        let params = head.params(&request.body).unwrap();
        let claim = sigv4::parse(head, &params, &IAM, now()).unwrap();
        assert_eq!(claim.access_key(), odd);
        let fault = claim.refuse_unknown(&SigningKey::nobody(&[7; 32]), &request.body);
        assert_eq!((fault.code.as_ref(), fault.status), ("InvalidClientTokenId", 403));
    }
}

#[test]
fn case_017_other_algorithms() {
    for algorithm in ["AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA512", "Bearer", "aws4-hmac-sha256"] {
        Request::signed()
            .authorization(|it| it.replace("AWS4-HMAC-SHA256", algorithm))
            .refused("IncompleteSignature", &format!("Unsupported AWS 'algorithm': '{algorithm}'."));
    }
}

#[test]
fn missing_parts_are_named() {
    Request::signed().set("authorization", "AWS4-HMAC-SHA256").refused(
        "IncompleteSignature",
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256",
    );
    let mut dateless = Request::signed();
    dateless.headers.remove("x-amz-date");
    dateless.refused(
        "IncompleteSignature",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    );
    Request::signed().set("authorization", "AWS4-HMAC-SHA256 Credential").refused(
        "IncompleteSignature",
        "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256'.",
    );
}

#[test]
fn the_earlier_check_wins() {
    // Wrong in five ways; each repair shows the next.
    let mut request = Request::signed_with(&credentials(), "iam", "mars-1", minutes(-60))
        .authorization(|it| it.replace(";host", "").replace("/aws4_request", ""));
    assert_eq!(
        request.verify(&IAM, now()).unwrap_err().message,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    );
    request = request.authorization(|it| it.replace("content-type;", "content-type;host;"));
    assert!(request.verify(&IAM, now()).unwrap_err().message.starts_with("Signature expired"));
    request = request.set("x-amz-date", "20261122T065457Z");
    assert!(request.verify(&IAM, now()).unwrap_err().message.starts_with("Credential must have exactly 5"));
    request = request.authorization(|it| it.replace("/iam,", "/iam/aws4_request,"));
    assert!(
        request
            .verify(&IAM, now())
            .unwrap_err()
            .message
            .starts_with("Credential should be scoped to a valid")
    );
    request = request.authorization(|it| it.replace("mars-1", "us-east-1"));
    assert_eq!(request.verify(&IAM, now()).unwrap_err().message, WRONG);
}

fn any_header() -> impl Strategy<Value = (http::HeaderName, HeaderValue)> {
    ("x-[a-z0-9-]{1,12}", "[ -~]{0,40}")
        .prop_map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(&value).unwrap()))
}

proptest! {
    /// Whatever path, query, headers and body a client signs, the server sees the same.
    #[test]
    fn what_is_signed_is_verified(
        path in "(/[A-Za-z0-9._~%-]{0,6}){1,5}/?",
        query in proptest::collection::btree_map("[a-z]{1,4}", any::<String>(), 0..5),
        headers in proptest::collection::vec(any_header(), 0..5),
        body in proptest::collection::vec(any::<u8>(), 0..100),
        presign in any::<bool>(),
    ) {
        let query: Vec<_> =
            query.iter().map(|(name, value)| format!("{name}={}", wire::percent::encode(value))).collect();
        let mut request = Request::unsigned();
        request.uri = format!("{path}?{}", query.join("&")).parse().unwrap();
        request.headers.remove("content-type");
        for (name, value) in headers {
            request.headers.append(name, value);
        }
        if presign {
            let Request { method, uri, headers, .. } = &request;
            let url = sigv4::presign(&credentials(), ("iam", "us-east-1"), method, uri, headers, 60, now()).unwrap();
            request.uri = url.parse().unwrap();
            request.body.clear();
        } else {
            request.body = body;
            request.sign(&credentials(), "iam", "us-east-1", now());
        }
        prop_assert!(request.verify(&IAM, now()).is_ok());
        request.body.push(0);
        prop_assert_eq!(request.verify(&IAM, now()).unwrap_err().message, WRONG);
    }

    /// No header and no query makes the parser panic.
    #[test]
    fn nothing_makes_the_parser_panic(
        authorization in "(AWS4-HMAC-SHA256 )?[ -~]{0,120}",
        date in "[0-9TZ]{0,20}",
        query in "(X-Amz-(Algorithm|Credential|Date|SignedHeaders|Signature)=[A-Za-z0-9/%;-]{0,30}&){0,6}",
        which in 0..3u8,
    ) {
        let mut request = Request::unsigned();
        if which != 0 {
            request = request.set("authorization", authorization.trim());
        }
        if which != 1 {
            request.uri = format!("/?{query}").parse().unwrap();
        }
        prop_assert!(request.set("x-amz-date", &date).verify(&IAM, now()).is_err());
    }
}

/// An unknown key costs the same work as a wrong signature: all of it is done, and none of it can succeed.
#[test]
fn case_016_an_unknown_key_is_worked_for() {
    let request = Request::signed();
    let head = Head { method: &request.method, uri: &request.uri, headers: &request.headers };
    let params = head.params(&request.body).unwrap();
    let claim = sigv4::parse(head, &params, &IAM, now()).unwrap();
    // Even the right key proves nothing on this way.
    let fault = claim.refuse_unknown(&claim.signing_key(&credentials().secret), &request.body);
    assert_eq!(fault, Fault::invalid_client_token_id());
}
