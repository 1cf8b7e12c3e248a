//! What a token claims.
//!
//! The claims that STS wants are `iss`, `sub`, `aud`, `exp` and `iat`. Session tags and the source identity are told
//! as on <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp>.

use super::jwt::JwtError;
use base::Timestamp;
use base::json::{JsonNode, JsonValue};
use model::{Tag, Tags};

/// The claims of a token.
#[derive(Debug, Clone)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`: one or several.
    pub audience: Vec<String>,
    /// `azp`: the client that the token was issued to.
    pub authorized_party: Option<String>,
    /// `exp`.
    pub expires: Timestamp,
    /// `nbf`.
    pub not_before: Option<Timestamp>,
    /// `iat`.
    pub issued: Timestamp,
    /// All of them, these included.
    members: JsonNode,
}

/// Session tags and source identity that a token sets.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SessionClaims {
    /// The tags.
    pub tags: Tags,
    /// The keys of those that pass on to further roles.
    pub transitive: Vec<String>,
    /// The source identity.
    pub source_identity: Option<String>,
}

/// Digits of a time in seconds: enough for every year that anybody means.
const TIME_DIGITS: usize = 12;
/// Characters of a subject; of an audience.
const NAME_LIMIT: usize = 255;
/// Audiences of one token.
const AUDIENCE_LIMIT: usize = 100;
/// Where tags stand, as an object or spelled out in the claim's name.
const TAGS: &str = "https://aws.amazon.com/tags";
const PRINCIPAL_TAGS: &str = "principal_tags";
const TRANSITIVE: &str = "transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

impl Claims {
    /// Reads the claims of a payload, which is an object.
    pub(super) fn read(members: JsonNode) -> Result<Self, JwtError> {
        let text = |name: &'static str| optional(&members, name, name_of)?.ok_or(JwtError::Missing(name));
        let time = |name: &'static str| optional(&members, name, time_of);
        Ok(Self {
            issuer: text("iss")?,
            subject: text("sub")?,
            audience: optional(&members, "aud", audience_of)?.ok_or(JwtError::Missing("aud"))?,
            authorized_party: optional(&members, "azp", name_of)?,
            expires: time("exp")?.ok_or(JwtError::Missing("exp"))?,
            not_before: time("nbf")?,
            issued: time("iat")?.ok_or(JwtError::Missing("iat"))?,
            members,
        })
    }

    /// The values of a claim that condition keys can hold: a text, a number, a truth value, or a list of those.
    pub fn values(&self, name: &str) -> Vec<String> {
        match self.members.get(name) {
            Some(node) => match &node.value {
                JsonValue::Array(elements) => elements.iter().filter_map(scalar).collect(),
                _ => scalar(node).into_iter().collect(),
            },
            None => Vec::new(),
        }
    }

    /// The names of all claims.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.as_object().into_iter().flatten().map(|member| &*member.key)
    }

    /// Tags and source identity for the session.
    ///
    /// # Errors
    /// If they are not of the forms that AWS documents: then the token is refused, not read in part.
    pub fn for_session(&self) -> Result<SessionClaims, JwtError> {
        let mut found = SessionClaims::default();
        if let Some(node) = self.members.get(TAGS) {
            let tags = node.as_object().ok_or(JwtError::Claim)?;
            for member in tags {
                match &*member.key {
                    PRINCIPAL_TAGS => {
                        for tag in member.value.as_object().ok_or(JwtError::Claim)? {
                            add(&mut found.tags, &tag.key, &tag.value)?;
                        }
                    }
                    TRANSITIVE => found.transitive.extend(texts(&member.value)?),
                    _ => return Err(JwtError::Claim),
                }
            }
        }
        for member in self.members.as_object().into_iter().flatten() {
            let Some(rest) = member.key.strip_prefix(TAGS).and_then(|rest| rest.strip_prefix('/')) else {
                continue;
            };
            match rest.split_once('/') {
                Some((PRINCIPAL_TAGS, key)) => add(&mut found.tags, key, &member.value)?,
                None if rest == TRANSITIVE => found.transitive.extend(texts(&member.value)?),
                _ => return Err(JwtError::Claim),
            }
        }
        found.source_identity = optional(&self.members, SOURCE_IDENTITY, source_identity)?;
        Ok(found)
    }
}

/// A claim that is well formed if it is there.
fn optional<T>(
    members: &JsonNode,
    name: &str,
    read: impl Fn(&JsonNode) -> Option<T>,
) -> Result<Option<T>, JwtError> {
    members.get(name).map(|node| read(node).ok_or(JwtError::Claim)).transpose()
}

fn name_of(node: &JsonNode) -> Option<String> {
    let text = node.as_str()?;
    let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
    (is_plain && text.chars().count() <= NAME_LIMIT).then(|| text.to_owned())
}

fn audience_of(node: &JsonNode) -> Option<Vec<String>> {
    match node.as_array() {
        None => Some(vec![name_of(node)?]),
        Some(all) if (1..=AUDIENCE_LIMIT).contains(&all.len()) => all.iter().map(name_of).collect(),
        Some(_) => None,
    }
}

/// Whole seconds since 1970, as STS wants them: no fraction, no exponent, no text.
fn time_of(node: &JsonNode) -> Option<Timestamp> {
    let JsonValue::Number(text) = &node.value else { return None };
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= TIME_DIGITS;
    is_whole.then(|| text.parse().ok().map(Timestamp::from_seconds))?
}

fn scalar(node: &JsonNode) -> Option<String> {
    match &node.value {
        JsonValue::String(text) => Some(text.to_string()),
        JsonValue::Number(text) => Some(text.to_string()),
        JsonValue::Bool(it) => Some(it.to_string()),
        JsonValue::Null | JsonValue::Array(_) | JsonValue::Object(_) => None,
    }
}

fn texts(node: &JsonNode) -> Result<Vec<String>, JwtError> {
    let texts = node.as_array().ok_or(JwtError::Claim)?.iter().map(|node| node.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or(JwtError::Claim)
}

/// Adds a tag, whose value stands by itself or as the only one of a list.
fn add(tags: &mut Tags, key: &str, value: &JsonNode) -> Result<(), JwtError> {
    let text = match value.as_array() {
        Some([only]) => only.as_str(),
        Some(_) => None,
        None => value.as_str(),
    };
    let text = text.ok_or(JwtError::Claim)?;
    let is_good = is_tag(key) && !key.is_empty() && key.chars().count() <= 128;
    if !is_good || !is_tag(text) || text.chars().count() > 256 || tags.get(key).is_some() {
        return Err(JwtError::Claim);
    }
    tags.set(Tag { key: key.to_owned(), value: text.to_owned() });
    Ok(())
}

/// The characters of tags: letters, numbers, blanks and `_.:/=+-@`.
/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html>.
fn is_tag(text: &str) -> bool {
    text.chars().all(|letter| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter))
}

/// 2–64 characters of `\w+=,.@-`.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>.
fn source_identity(node: &JsonNode) -> Option<String> {
    let text = node.as_str()?;
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let is_free = !text.to_ascii_lowercase().starts_with("aws:");
    ((2..=64).contains(&text.len()) && text.bytes().all(is_good) && is_free).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::json::{Json, Limits};

    fn read(more: &str) -> Result<Claims, JwtError> {
        let text = format!(r#"{{"iss":"https://i","sub":"s","aud":"a","exp":20,"iat":10{more}}}"#);
        Claims::read(Json::parse(&text, Limits::default()).unwrap().root)
    }

    fn claims(text: &str) -> Result<Claims, JwtError> {
        Claims::read(Json::parse(text, Limits::default()).unwrap().root)
    }

    #[test]
    fn the_claims_that_are_required_are_there() {
        let all = [("iss", r#""i""#), ("sub", r#""s""#), ("aud", r#""a""#), ("exp", "2"), ("iat", "1")];
        for (missing, _) in all {
            let rest = all.iter().filter(|(name, _)| *name != missing);
            let rest: Vec<_> = rest.map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
            let error = claims(&format!("{{{}}}", rest.join(","))).unwrap_err();
            assert_eq!(error, JwtError::Missing(missing));
        }
        assert!(read("").is_ok());
    }

    #[test]
    fn claims_have_their_types() {
        for more in [
            r#","nbf":"10""#,
            r#","nbf":1.5"#,
            r#","nbf":-1"#,
            r#","nbf":1e3"#,
            r#","nbf":1000000000000"#,
            r#","azp":["a"]"#,
            r#","azp":"""#,
            r#","azp":null"#,
        ] {
            assert_eq!(read(more).unwrap_err(), JwtError::Claim, "{more}");
        }
        for audience in ["[]", "5", "[5]", r#"["a",""]"#, "{}", r#""a\u0000b""#] {
            let text = format!(r#"{{"iss":"i","sub":"s","aud":{audience},"exp":2,"iat":1}}"#);
            assert_eq!(claims(&text).unwrap_err(), JwtError::Claim, "{audience}");
        }
    }

    #[test]
    fn tags_come_in_two_forms() {
        let nested = r#","https://aws.amazon.com/tags":{"principal_tags":{"Project":["Sea"],"Team":"a"},"transitive_tag_keys":["Project"]}"#;
        let flat = r#","https://aws.amazon.com/tags/principal_tags/Project":"Sea","https://aws.amazon.com/tags/principal_tags/Team":["a"],"https://aws.amazon.com/tags/transitive_tag_keys":["Project"]"#;
        for form in [nested, flat] {
            let found = read(form).unwrap().for_session().unwrap();
            assert_eq!((found.tags.get("Project"), found.tags.get("team")), (Some("Sea"), Some("a")));
            assert_eq!(found.transitive, ["Project"]);
        }
        for bad in [
            r#","https://aws.amazon.com/tags":[]"#,
            r#","https://aws.amazon.com/tags":{"principal_tags":{"A":["1","2"]}}"#,
            r#","https://aws.amazon.com/tags":{"principal_tags":{"A":"1","a":"2"}}"#,
            r#","https://aws.amazon.com/tags":{"principal_tags":{"A":5}}"#,
            r#","https://aws.amazon.com/tags":{"other":{}}"#,
            r#","https://aws.amazon.com/tags":{"principal_tags":{"A*":"1"}}"#,
            r#","https://aws.amazon.com/tags/principal_tags/":"x""#,
            r#","https://aws.amazon.com/tags/transitive_tag_keys":"A""#,
            r#","https://aws.amazon.com/source_identity":"a b""#,
            r#","https://aws.amazon.com/source_identity":"a""#,
        ] {
            assert!(read(bad).unwrap().for_session().is_err(), "{bad}");
        }
        let known = read(r#","https://aws.amazon.com/source_identity":"ann@example.com""#).unwrap();
        assert_eq!(known.for_session().unwrap().source_identity.as_deref(), Some("ann@example.com"));
    }

    #[test]
    fn values_of_claims_are_texts() {
        let claims = read(r#","n":5,"b":true,"l":["x",1,null],"o":{},"e":null"#).unwrap();
        assert_eq!(claims.values("n"), ["5"]);
        assert_eq!(claims.values("b"), ["true"]);
        assert_eq!(claims.values("l"), ["x", "1"]);
        assert!(claims.values("o").is_empty() && claims.values("e").is_empty());
    }
}
