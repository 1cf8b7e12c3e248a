//! The head of an HTTP request, as routing and signatures read it.

use crate::fault::Fault;
use crate::query::Params;
use crate::split;
use http::header::{AsHeaderName, CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue};

/// `X-Amz-Target`: the operation, in the JSON protocols.
pub(crate) const X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// `X-Amz-Date`: when a request was signed.
pub(crate) const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
/// `X-Amz-Security-Token`: the session token.
pub(crate) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// `X-Amz-Content-Sha256`: the hash of the body.
pub(crate) const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
/// `Smithy-Protocol`: the protocol, if it is a new one.
pub(crate) const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// Method, target and headers, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// The method.
    pub method: &'r http::Method,
    /// The target: path and query, in HTTP/2 with the authority.
    pub uri: &'r http::Uri,
    /// The headers.
    pub headers: &'r http::HeaderMap,
}

impl<'r> Head<'r> {
    /// The head of a received request.
    pub fn of(parts: &'r http::request::Parts) -> Self {
        Self { method: &parts.method, uri: &parts.uri, headers: &parts.headers }
    }

    /// The first value of a header, if it is visible ASCII.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&'r str> {
        visible(self.headers.get(name)?)
    }

    /// The only value of a header: `None` if it is absent, an error if there are several or it is not ASCII.
    pub(crate) fn only(&self, name: impl AsHeaderName) -> Result<Option<&'r str>, ()> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => visible(value).map(Some).ok_or(()),
            (Some(_), Some(_)) => Err(()),
        }
    }

    /// The host that the caller spoke to: the `Host` header or HTTP/2's `:authority`.
    ///
    /// # Errors
    /// `MalformedHttpRequestException` if there are two that differ, or two headers
    /// (<https://www.rfc-editor.org/rfc/rfc9112#section-3.2>).
    pub fn host(&self) -> Result<Option<&'r str>, Fault> {
        let two = || Fault::malformed_http_request("The request has more than one host.");
        let header = self.only(HOST).map_err(|()| two())?;
        match (header, self.uri.authority().map(http::uri::Authority::as_str)) {
            (Some(header), Some(authority)) if !header.eq_ignore_ascii_case(authority) => Err(two()),
            (header, authority) => Ok(header.or(authority)),
        }
    }

    /// The parameters of the query string and, if `body` is a form, of the body.
    ///
    /// # Errors
    /// `MalformedQueryString`; `InvalidBodyEncoding` for a form that is not in UTF-8.
    pub fn params<'b>(&self, body: &'b [u8]) -> Result<Params<'b>, Fault>
    where
        'r: 'b,
    {
        let form = if self.method == http::Method::POST && self.is_form()? { Some(body) } else { None };
        Params::parse(self.uri.query(), form)
    }

    fn is_form(&self) -> Result<bool, Fault> {
        let Some(kind) = self.header(CONTENT_TYPE) else { return Ok(false) };
        let mut parts = split::parts(kind, b';').map(str::trim_ascii);
        if !parts.next().unwrap_or_default().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Ok(false);
        }
        for parameter in parts {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            let value = value.trim_ascii().trim_matches('"');
            if name.trim_ascii().eq_ignore_ascii_case("charset")
                && !value.eq_ignore_ascii_case("utf-8")
                && !value.eq_ignore_ascii_case("utf8")
            {
                return Err(Fault::new("InvalidBodyEncoding", 400, "The body must be encoded in UTF-8."));
            }
        }
        Ok(true)
    }
}

/// The text of a value that is visible ASCII. [`HeaderValue`] lets no controls in, so that this is what
/// [`HeaderValue::to_str`] says; but many bytes are looked at at once.
pub(crate) fn visible(value: &HeaderValue) -> Option<&str> {
    let bytes = value.as_bytes();
    if bytes.is_ascii() { std::str::from_utf8(bytes).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(build: http::request::Builder) -> http::request::Parts {
        build.body(()).unwrap().into_parts().0
    }

    #[test]
    fn visible_text_is_what_the_http_crate_says_it_is() {
        for byte in 0..=255_u8 {
            if let Ok(value) = HeaderValue::from_bytes(&[b'a', byte]) {
                assert_eq!(visible(&value), value.to_str().ok(), "{byte}");
            }
        }
    }

    #[test]
    fn forms_are_recognised() {
        let form = |kind: &str| {
            let parts = parts(http::Request::post("/?a=1").header("content-type", kind));
            Head::of(&parts).params(b"b=2").map(|params| params.get("b").is_some())
        };
        assert_eq!(form("application/x-www-form-urlencoded; charset=utf-8"), Ok(true));
        assert_eq!(form("application/x-www-form-urlencoded"), Ok(true));
        assert_eq!(form("application/x-amz-json-1.1"), Ok(false));
        assert!(form("application/x-www-form-urlencoded; charset=latin1").is_err());
        let get =
            parts(http::Request::get("/?a=1").header("content-type", "application/x-www-form-urlencoded"));
        assert_eq!(Head::of(&get).params(b"b=2").unwrap().get("b"), None);
    }

    #[test]
    fn case_018_only_a_post_has_a_form() {
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] {
            let request = http::Request::builder().method(method).uri("/");
            let parts = parts(request.header("content-type", "application/x-www-form-urlencoded"));
            assert_eq!(
                Head::of(&parts).params(b"Action=DeleteUser").unwrap().get("Action"),
                None,
                "{method}"
            );
        }
    }

    #[test]
    fn case_007_two_hosts_are_refused() {
        let both = parts(http::Request::get("/").header("host", "a").header("host", "b"));
        assert!(Head::of(&both).host().is_err());
        let other = parts(http::Request::get("http://a/").header("host", "b"));
        assert!(Head::of(&other).host().is_err());
        let same = parts(http::Request::get("http://a/").header("host", "a"));
        assert_eq!(Head::of(&same).host(), Ok(Some("a")));
    }
}
