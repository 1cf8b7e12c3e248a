//! From an assertion's attributes to what a session gets of them, and to the keys of trust policies.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>.

use super::assertion::Claims;
use super::refusal::Refusal;
use model::{Tag, Tags};

/// The names of AWS's own attributes begin so.
const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";

/// What an assertion asks of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// Roles with the provider that may give them.
    pub roles: Vec<(String, String)>,
    /// The session's name.
    pub session_name: String,
    /// The source identity.
    pub source_identity: Option<String>,
    /// How many seconds the session is to last at most.
    pub seconds: Option<u32>,
    /// The session's tags.
    pub tags: Tags,
    /// The keys of those that pass down a chain of roles.
    pub transitive: Vec<String>,
}

impl Wishes {
    /// Reads AWS's attributes.
    ///
    /// # Errors
    /// If one that must be there is not, or one is not of its form.
    pub fn read(claims: &Claims) -> Result<Self, Refusal> {
        let roles = claims.values(&format!("{AWS}Role"));
        if roles.is_empty() {
            return Err(Refusal::invalid(
                "Your request included an invalid SAML response: it has no Role attribute",
            ));
        }
        let session_name = single(claims, "RoleSessionName")?
            .ok_or_else(|| Refusal::invalid("RoleSessionName is required in AuthnResponse"))?;
        if !is_session_name(session_name) {
            return Err(Refusal::invalid(
                "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
            ));
        }
        let source_identity = single(claims, "SourceIdentity")?;
        if !source_identity.is_none_or(|text| is_session_name(text) && !text.starts_with("aws:")) {
            return Err(Refusal::invalid(
                "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
            ));
        }
        Ok(Self {
            roles: roles.iter().filter_map(|pair| role_pair(pair)).collect(),
            session_name: session_name.to_owned(),
            source_identity: source_identity.map(str::to_owned),
            seconds: seconds(claims)?,
            tags: tags(claims)?,
            transitive: claims.values(&format!("{AWS}TransitiveTagKeys")).to_vec(),
        })
    }

    /// Whether the provider may give this role.
    pub fn names(&self, role: &str, provider: &str) -> bool {
        self.roles.iter().any(|(known, by)| known == role && by == provider)
    }
}

/// The one value of one of AWS's attributes.
fn single<'c>(claims: &'c Claims, name: &str) -> Result<Option<&'c str>, Refusal> {
    match claims.values(&format!("{AWS}{name}")) {
        [] => Ok(None),
        [value] => Ok(Some(value)),
        _ => Err(Refusal::invalid(format!("{name} in AuthnResponse must have one value"))),
    }
}

/// A role and a provider, in either order.
fn role_pair(text: &str) -> Option<(String, String)> {
    let (one, other) = text.split_once(',')?;
    let (one, other) = (one.trim(), other.trim());
    let (role, provider) = if one.contains(":saml-provider/") { (other, one) } else { (one, other) };
    Some((role.to_owned(), provider.to_owned()))
}

/// The characters of session names and source identities.
fn is_session_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn seconds(claims: &Claims) -> Result<Option<u32>, Refusal> {
    let Some(text) = single(claims, "SessionDuration")? else { return Ok(None) };
    let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    seconds.map(Some).ok_or_else(|| {
        Refusal::invalid("SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200")
    })
}

/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-saml>.
fn tags(claims: &Claims) -> Result<Tags, Refusal> {
    let prefix = format!("{AWS}PrincipalTag:");
    let mut tags = Tags::default();
    for (name, values) in &claims.attributes {
        let Some(key) = name.strip_prefix(&prefix) else { continue };
        let ([value] | [value, ..]) = values.as_slice() else {
            return Err(Refusal::invalid("a PrincipalTag in AuthnResponse has no value"));
        };
        let is_good = values.len() == 1 && is_tag(key, 1, 128) && is_tag(value, 0, 256);
        if !is_good || tags.get(key).is_some() {
            return Err(Refusal::invalid("a PrincipalTag in AuthnResponse is not valid"));
        }
        tags.set(Tag { key: key.to_owned(), value: value.clone() });
    }
    Ok(tags)
}

fn is_tag(text: &str, least: usize, most: usize) -> bool {
    let is_allowed =
        |letter: char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter);
    (least..=most).contains(&text.chars().count()) && text.chars().all(is_allowed)
}

/// Attributes by their names and the keys of trust policies that they become.
const MAPPED: [(&str, &str); 30] = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "saml:cn"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "saml:name"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "saml:commonname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "saml:givenname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "saml:surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "saml:mail"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:primarygroupsid"),
    ("2.5.4.3", "saml:commonname"),
    ("2.5.4.4", "saml:surname"),
    ("2.4.5.42", "saml:givenname"),
    ("2.5.4.45", "saml:x500uniqueidentifier"),
    ("0.9.2342.19200300100.1.1", "saml:uid"),
    ("0.9.2342.19200300100.1.3", "saml:mail"),
    ("0.9.2342.19200300.100.1.45", "saml:organizationstatus"),
];

/// Keys whose values are a list; of the others one value counts, the first.
const LISTS: [&str; 13] = [
    "saml:cn",
    "saml:eduorghomepageuri",
    "saml:eduorgidentityauthnpolicyuri",
    "saml:eduorglegalname",
    "saml:eduorgsuperioruri",
    "saml:eduorgwhitepagesuri",
    "saml:edupersonaffiliation",
    "saml:edupersonassurance",
    "saml:edupersonentitlement",
    "saml:edupersonnickname",
    "saml:edupersonorgunitdn",
    "saml:edupersonscopedaffiliation",
    "saml:edupersontargetedid",
];

/// The keys of trust policies that attributes become; where several become the same key, the first counts.
pub fn mapped(claims: &Claims) -> Vec<(String, Vec<String>)> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    for (name, values) in &claims.attributes {
        let Some((_, key)) = MAPPED.iter().find(|(known, _)| known == name) else { continue };
        if values.is_empty() || keys.iter().any(|(known, _)| known == key) {
            continue;
        }
        let count = if LISTS.contains(key) { values.len() } else { 1 };
        keys.push(((*key).to_owned(), values.iter().take(count).cloned().collect()));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_in_either_order() {
        let (role, provider) = ("arn:aws:iam::1:role/saml", "arn:aws:iam::1:saml-provider/p");
        let expected = Some((role.to_owned(), provider.to_owned()));
        assert_eq!(role_pair(&format!("{role},{provider}")), expected);
        assert_eq!(role_pair(&format!(" {provider} ,\n {role} ")), expected);
        assert_eq!(role_pair(role), None);
    }

    #[test]
    fn session_names_have_their_letters() {
        for good in ["ab", "a@b.example", "a_b+c=d,e-f"] {
            assert!(is_session_name(good), "{good}");
        }
        for bad in ["", "a", "a b", "a/b", "ä1", &"a".repeat(65)] {
            assert!(!is_session_name(bad), "{bad}");
        }
    }
}
