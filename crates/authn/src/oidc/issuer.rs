//! The addresses of providers, and what they publish of themselves.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html> and
//! <https://openid.net/specs/openid-connect-discovery-1_0.html>.

use base::json::{Json, Limits};
use http::Uri;

/// The address of a provider: what its tokens name as `iss`, letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IssuerUrl(String);

/// The text is not the address of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadIssuer {
    /// It has more than 255 characters.
    #[error("the address has more than 255 characters")]
    TooLong,
    /// It does not begin with `https://`.
    #[error("the address must begin with https://")]
    Scheme,
    /// It has a query, a fragment, a user's name, or is no address at all.
    #[error("the address must be a host and a path")]
    Form,
}

/// Characters of an address.
const LIMIT: usize = 255;
/// Where a provider describes itself, below its address.
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// Bytes of a description.
pub const DISCOVERY_BYTES: usize = 64 * 1024;

impl IssuerUrl {
    /// Reads an address. Plain `http` is taken only where `may_be_plain` allows the host.
    pub fn parse(text: &str, may_be_plain: impl Fn(&str) -> bool) -> Result<Self, BadIssuer> {
        if text.chars().count() > LIMIT {
            return Err(BadIssuer::TooLong);
        }
        let is_plain = text.starts_with("http://");
        if !is_plain && !text.starts_with("https://") {
            return Err(BadIssuer::Scheme);
        }
        let uri: Uri = text.parse().map_err(|_| BadIssuer::Form)?;
        let authority = uri.authority().ok_or(BadIssuer::Form)?;
        let is_strange = |byte: u8| byte <= b' ' || byte > b'~' || b"\"<>\\^`{|}*?#%@".contains(&byte);
        if text.bytes().any(is_strange) || uri.path().contains("//") || has_dots(uri.path()) {
            return Err(BadIssuer::Form);
        }
        if authority.host().is_empty() || (is_plain && !may_be_plain(authority.host())) {
            return Err(if is_plain { BadIssuer::Scheme } else { BadIssuer::Form });
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and path: how ARNs and condition keys name the provider.
    pub fn name(&self) -> &str {
        name_of(&self.0)
    }

    /// Where the provider describes itself.
    pub fn discovery(&self) -> String {
        format!("{}{DISCOVERY}", self.0.strip_suffix('/').unwrap_or(&self.0))
    }

    /// Where the keys are, by a provider's description of itself; it must be this provider's.
    pub fn keys_in(&self, document: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(document).ok()?;
        let json = Json::parse(text, Limits { size: DISCOVERY_BYTES, depth: 16 }).ok()?;
        let member = |name: &str| json.root.get(name).and_then(|node| node.as_str());
        if !json.duplicates.is_empty() || member("issuer")? != self.0 {
            return None;
        }
        let keys = member("jwks_uri")?;
        let uri: Uri = keys.parse().ok()?;
        let same_scheme = keys.starts_with("https://") || self.0.starts_with("http://");
        let is_good = same_scheme && uri.authority().is_some_and(|it| !it.as_str().contains('@'));
        is_good.then(|| keys.to_owned())
    }
}

/// The address without its scheme.
pub fn name_of(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, name)| name)
}

/// Whether a path steps up or stays in place.
fn has_dots(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<IssuerUrl, BadIssuer> {
        IssuerUrl::parse(text, |host| host == "127.0.0.1")
    }

    #[test]
    fn addresses_are_a_host_and_a_path() {
        for (good, name) in [
            ("https://token.actions.githubusercontent.com", "token.actions.githubusercontent.com"),
            ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC", "oidc.eks.eu-west-1.amazonaws.com/id/ABC"),
            ("https://example.auth0.com/", "example.auth0.com/"),
            ("https://login.example.com:8443/x", "login.example.com:8443/x"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ] {
            assert_eq!(read(good).unwrap().name(), name);
        }
        let long = format!("https://{}", "a".repeat(248));
        for (bad, error) in [
            (long.as_str(), BadIssuer::TooLong),
            ("http://example.com", BadIssuer::Scheme),
            ("example.com", BadIssuer::Scheme),
            ("HTTPS://example.com", BadIssuer::Scheme),
            ("https://", BadIssuer::Form),
            ("https:///x", BadIssuer::Form),
            ("https://example.com/?a=b", BadIssuer::Form),
            ("https://example.com/#a", BadIssuer::Form),
            ("https://user@example.com", BadIssuer::Form),
            ("https://example.com/a b", BadIssuer::Form),
            ("https://example.com/../x", BadIssuer::Form),
            ("https://example.com/%2e%2e", BadIssuer::Form),
            ("https://exämple.com", BadIssuer::Form),
            ("https://example.com/*", BadIssuer::Form),
        ] {
            assert_eq!(read(bad), Err(error), "{bad}");
        }
    }

    #[test]
    fn a_description_is_of_this_provider_and_names_its_keys() {
        let issuer = read("https://example.com/tenant").unwrap();
        let keys = |text: &str| issuer.keys_in(text.as_bytes());
        let good = r#"{"issuer":"https://example.com/tenant","jwks_uri":"https://keys.example.net/k"}"#;
        assert_eq!(keys(good).as_deref(), Some("https://keys.example.net/k"));
        for bad in [
            r#"{"issuer":"https://example.com/tenant/","jwks_uri":"https://k/k"}"#,
            r#"{"issuer":"https://EXAMPLE.com/tenant","jwks_uri":"https://k/k"}"#,
            r#"{"issuer":"https://example.com/tenant","jwks_uri":"http://k/k"}"#,
            r#"{"issuer":"https://example.com/tenant","jwks_uri":"file:///etc/passwd"}"#,
            r#"{"issuer":"https://example.com/tenant","jwks_uri":"https://a@k/k"}"#,
            r#"{"issuer":"https://example.com/tenant"}"#,
            r#"{"issuer":"https://other","issuer":"https://example.com/tenant","jwks_uri":"https://k/k"}"#,
            "nothing",
        ] {
            assert_eq!(keys(bad), None, "{bad}");
        }
        assert_eq!(issuer.discovery(), "https://example.com/tenant/.well-known/openid-configuration");
        let slash = read("https://example.com/").unwrap();
        assert_eq!(slash.discovery(), "https://example.com/.well-known/openid-configuration");
    }
}
