//! Every request that is signed is accepted, and none that was changed afterwards: a generator of requests and of
//! changes to every part of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_wire as wire;

use base::{Secret, SecretString, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::prelude::*;
use wire::Fault;
use wire::head::Head;
use wire::sigv4::{self, Credentials, Expected, Regions, SigningKey};

const STS: Expected<'static> = Expected { service: "sts", regions: Regions::All };
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "an+opaque/session=token";

/// The codes that AWS has for requests whose signature does not hold.
const CODES: [&str; 8] = [
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "InvalidClientTokenId",
    "MalformedQueryString",
    "MalformedHttpRequestException",
    "InvalidBodyEncoding",
    "ExpiredToken",
];

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

#[derive(Debug, Clone)]
struct Request {
    method: Method,
    uri: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn signed(&self, token: bool) -> Self {
        let mut signed = self.clone();
        let mut headers = self.map();
        let credentials = credentials(token);
        sigv4::sign(
            &credentials,
            ("sts", "eu-central-1"),
            &self.method,
            &self.uri.parse().unwrap(),
            &mut headers,
            &self.body,
            now(),
        )
        .unwrap();
        signed.headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        signed
    }

    fn presigned(&self, token: bool) -> Self {
        let (method, headers) = (&self.method, self.map());
        let uri: Uri = self.uri.parse().unwrap();
        let target =
            sigv4::presign(&credentials(token), ("sts", "eu-central-1"), method, &uri, &headers, 60, now())
                .unwrap();
        // The target may come with its origin, which is not what a server sees.
        let target: Uri = target.parse().unwrap();
        let target = target.path_and_query().unwrap().to_string();
        Self { uri: target, body: Vec::new(), ..self.clone() }
    }

    fn map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        map
    }

    /// As a server checks it: with the one key, and its token.
    fn check(&self, at: Timestamp) -> Result<(), Fault> {
        let uri: Uri = self.uri.parse().map_err(|_| Fault::malformed_http_request("url"))?;
        let headers = self.map();
        let head = Head { method: &self.method, uri: &uri, headers: &headers };
        let params = head.params(&self.body)?;
        let claim = sigv4::parse(head, &params, &STS, at)?;
        let wanted = if claim.access_key().starts_with("ASIA") { Some(TOKEN) } else { None };
        let known = ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"].contains(&claim.access_key());
        if !known || claim.session_token() != wanted {
            return Err(claim.refuse_unknown(&SigningKey::nobody(&[0; 32]), &self.body));
        }
        let key = claim.signing_key(&Secret::new(SECRET.as_bytes()));
        claim.verify(&key, &self.body).map(|_| ())
    }

    /// Must be refused with one of AWS's codes, and none that says the server is at fault.
    fn refused(&self, what: &str) {
        match self.check(now()) {
            Ok(()) => panic!("accepted although {what}: {self:?}"),
            Err(fault) => {
                assert!(CODES.contains(&&*fault.code), "{what}: {} in {self:?}", fault.code);
                assert!(fault.status < 500, "{what}: {} in {self:?}", fault.status);
            }
        }
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(known, _)| known == name).unwrap().1
    }
}

fn credentials(token: bool) -> Credentials {
    Credentials {
        access_key: if token { "ASIAIOSFODNN7EXAMPLE" } else { "AKIAIOSFODNN7EXAMPLE" }.to_owned(),
        secret: Secret::new(SECRET.as_bytes()),
        token: token.then(|| SecretString::new(TOKEN)),
    }
}

fn text() -> impl Strategy<Value = String> {
    // What clients send: plain, with spaces, reserved characters, percent signs, other scripts.
    "[a-zA-Z0-9 ~._/+=&?%*:@äß漢-]{1,12}"
}

fn request() -> impl Strategy<Value = Request> {
    let params = proptest::collection::vec((text(), text()), 0..4);
    let headers =
        proptest::collection::btree_map("x-[a-z]{1,6}-extra", "[a-zA-Z0-9,=;]( ?[a-zA-Z0-9 ,=;]){0,6}", 0..3);
    (params, headers, text(), any::<bool>()).prop_map(|(params, headers, body, get)| {
        let encode = |(name, value): &(String, String)| {
            format!("{}={}", wire::percent::encode(name), wire::percent::encode(value))
        };
        let query: Vec<_> = params.iter().map(encode).collect();
        let uri = if query.is_empty() { "/".to_owned() } else { format!("/?{}", query.join("&")) };
        let mut all = vec![("host".to_owned(), "sts.eu-central-1.amazonaws.com".to_owned())];
        all.extend(headers.into_iter().map(|(name, value)| (name, value.trim().to_owned())));
        if get {
            return Request { method: Method::GET, uri, headers: all, body: Vec::new() };
        }
        all.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        let body = format!("Action=GetCallerIdentity&Note={}", wire::percent::encode(&body)).into_bytes();
        Request { method: Method::POST, uri, headers: all, body }
    })
}

/// Every text that differs from `text` in one place: a character changed, taken away, or added.
fn near(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    for place in 0..letters.len() {
        let mut changed = letters.clone();
        changed[place] = if changed[place] == 'a' { 'b' } else { 'a' };
        all.push(changed.iter().collect());
        let mut without = letters.clone();
        without.remove(place);
        all.push(without.iter().collect());
    }
    all.push(format!("{text}a"));
    all.push(String::new());
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_is_accepted(request in request(), token: bool) {
        request.signed(token).check(now()).unwrap();
        let query = Request { method: Method::GET, body: Vec::new(), headers: request.headers[..1].to_vec(), ..request };
        query.presigned(token).check(now()).unwrap();
    }

    /// Each header: its value changed, taken away, given twice, moved to another name.
    #[test]
    fn case_006_no_header_that_is_signed_can_change(request in request(), token: bool) {
        let signed = request.signed(token);
        for place in 0..signed.headers.len() {
            let name = signed.headers[place].0.clone();
            let mut without = signed.clone();
            without.headers.remove(place);
            without.refused(&format!("{name} is gone"));
            let mut twice = signed.clone();
            twice.headers.push((name.clone(), "other".to_owned()));
            // Which of two `Authorization` headers counts is fixed: the first.
            if name != "authorization" {
                twice.refused(&format!("{name} is there twice"));
            }
            let mut first = signed.clone();
            first.headers.insert(0, (name.clone(), "other".to_owned()));
            first.refused(&format!("{name} has another before it"));
            if name == "authorization" {
                continue;
            }
            for value in near(&signed.headers[place].1) {
                let mut changed = signed.clone();
                // White space at the ends, and how much of it, does not count.
                let squeeze = |text: &str| text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                if squeeze(&value) == squeeze(&signed.headers[place].1)
                    || (name == "host" && value.eq_ignore_ascii_case(&signed.headers[place].1))
                {
                    continue;
                }
                value.clone_into(&mut changed.headers[place].1);
                changed.refused(&format!("{name} is `{value}`"));
            }
        }
    }

    /// The authorization header: every character of it.
    #[test]
    fn case_010_the_authorization_cannot_change(request in request(), token: bool) {
        let signed = request.signed(token);
        let authorization = signed.clone().header("authorization").clone();
        for value in near(&authorization) {
            let mut changed = signed.clone();
            changed.header("authorization").clone_from(&value);
            // Hexadecimal digits in capitals and spaces between the parts are the same signature.
            let same = |text: &str| text.replace(' ', "");
            if same(&value) != same(&authorization) {
                changed.refused(&format!("the authorization is `{value}`"));
            }
        }
    }

    /// The body: changed, cut, longer, emptied, its parameters in another order; the method.
    #[test]
    fn case_006_neither_body_nor_method_can_change(request in request(), token: bool) {
        let signed = request.signed(token);
        for body in near(std::str::from_utf8(&signed.body).unwrap()) {
            if body.as_bytes() != signed.body {
                Request { body: body.into_bytes(), ..signed.clone() }.refused("the body changed");
            }
        }
        let text = String::from_utf8(signed.body.clone()).unwrap();
        if let Some((one, other)) = text.split_once('&') {
            Request { body: format!("{other}&{one}").into_bytes(), ..signed.clone() }.refused("the order changed");
            Request { body: format!("{text}&{one}").into_bytes(), ..signed.clone() }.refused("a parameter repeats");
        }
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD] {
            if method != signed.method {
                Request { method, ..signed.clone() }.refused("the method changed");
            }
        }
    }

    /// The query: each parameter changed, taken away, repeated, spelled otherwise; more of them.
    #[test]
    fn case_013_no_parameter_of_the_query_can_change(request in request(), token: bool) {
        let plain = Request { method: Method::GET, body: Vec::new(), headers: request.headers[..1].to_vec(), ..request.clone() };
        for signed in [request.signed(token), plain.presigned(token)] {
            let (path, query) = signed.uri.split_once('?').unwrap_or((&signed.uri, ""));
            let parts: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
            for (place, part) in parts.iter().enumerate() {
                let with = |parts: Vec<String>| Request { uri: format!("{path}?{}", parts.join("&")), ..signed.clone() };
                let own = || parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
                let mut without = own();
                without.remove(place);
                with(without).refused(&format!("`{part}` is gone"));
                let mut twice = own();
                twice.push((*part).to_owned());
                with(twice).refused(&format!("`{part}` is there twice"));
                let mut longer = own();
                longer[place].push('x');
                with(longer).refused(&format!("`{part}` is longer"));
                if let Some((name, value)) = part.split_once('=') {
                    let mut cut = own();
                    cut[place] = format!("{name}=");
                    if !value.is_empty() {
                        with(cut).refused(&format!("`{part}` is empty"));
                    }
                    let mut cased = own();
                    let swapped: String =
                        name.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
                    if !name.contains('%') && swapped != name {
                        cased[place] = format!("{swapped}={value}");
                        with(cased).refused(&format!("`{name}` is in other letters"));
                    }
                }
            }
            let separator = if parts.is_empty() { '?' } else { '&' };
            Request { uri: format!("{}{separator}Extra=1", signed.uri), ..signed.clone() }.refused("a parameter is added");
            Request { uri: format!("/other{}", signed.uri.trim_start_matches('/')), ..signed.clone() }.refused("the path changed");
        }
    }

    /// Time: at the edge of fifteen minutes either way, whatever the date of the signature.
    #[test]
    fn case_008_a_request_lives_fifteen_minutes(request in request(), seconds in -4000_i64..4000) {
        let signed = request.signed(false);
        let base = now().seconds();
        let outcome = signed.check(Timestamp::from_seconds(base + seconds));
        prop_assert_eq!(outcome.is_ok(), seconds.abs() <= 900);
    }

    /// Scope and token: signed for another day, region, service, key or token.
    #[test]
    fn case_009_scopes_and_tokens_are_not_exchanged(request in request()) {
        let swap = |signed: &Request, from: &str, to: &str| {
            let mut changed = signed.clone();
            let value = changed.header("authorization").replace(from, to);
            changed.header("authorization").clone_from(&value);
            changed.refused(&format!("{to} stands for {from}"));
        };
        let signed = request.signed(true);
        for (from, to) in [
            ("20261122", "20261121"),
            ("eu-central-1", "us-east-1"),
            ("/sts/", "/iam/"),
            ("aws4_request", "aws5_request"),
            ("ASIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
            ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        ] {
            swap(&signed, from, to);
        }
        let mut other = signed.clone();
        "another".clone_into(other.header("x-amz-security-token"));
        other.refused("the token is another");
        let mut late = request.signed(false);
        late.headers.push(("x-amz-security-token".to_owned(), TOKEN.to_owned()));
        late.refused("a token was added");
    }
}
