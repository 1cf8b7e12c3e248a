//! A token as it is read: three parts of base64url, the first two of them JSON objects without duplicate keys.

use super::claims::Claims;
use super::jwk::Algorithm;
use base::json::{Json, JsonNode, JsonValue, Limits};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Characters of a token; what STS takes in
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>).
pub const TOKEN_LIMIT: usize = 20_000;
/// Arrays and objects within each other, in a header or in claims.
const DEPTH: usize = 8;
/// Bytes of a key's name.
const KEY_ID_LIMIT: usize = 1_024;

/// A token whose signature nobody has looked at yet.
#[derive(Debug, Clone)]
pub struct Jwt<'t> {
    /// The algorithm that the header names.
    pub algorithm: Algorithm,
    /// The name of the key that the header names.
    pub key_id: Option<String>,
    /// What it claims. Not to be believed before the signature has been checked with a key of the issuer.
    pub claims: Claims,
    /// What the signature is over.
    pub signed: &'t str,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The text is no token that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It is longer than [`TOKEN_LIMIT`].
    #[error("the token is too long")]
    TooLong,
    /// It has not three parts of base64url with JSON objects in the first two.
    #[error("the token is not a signed JSON web token")]
    Form,
    /// Its header names an algorithm that is not taken: `none`, one with a shared secret, or an unknown one.
    #[error("the token's algorithm is not supported")]
    Algorithm,
    /// Its header has extensions that must be understood and are not.
    #[error("the token's header has unknown critical extensions")]
    Critical,
    /// A claim has the wrong type, or its object has a key twice.
    #[error("a claim of the token is not well formed")]
    Claim,
    /// This claim is not there.
    #[error("the token has no claim `{0}`")]
    Missing(&'static str),
}

impl<'t> Jwt<'t> {
    /// Takes a token apart. Keys that a header brings or points to (`jwk`, `jku`, `x5u`, `x5c`) are not looked at.
    ///
    /// # Errors
    /// If it is not exactly what RFC 7515 calls a compact serialization, with an algorithm that is taken and the
    /// claims that are required.
    pub fn parse(token: &'t str) -> Result<Self, JwtError> {
        if token.len() > TOKEN_LIMIT {
            return Err(JwtError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwtError::Form)?;
        if payload.contains('.') || signature.is_empty() {
            return Err(JwtError::Form);
        }
        let header = object(header).ok_or(JwtError::Form)?;
        if header.get("crit").is_some() || header.get("enc").is_some() || header.get("zip").is_some() {
            return Err(JwtError::Critical);
        }
        let algorithm = text(&header, "alg")?.ok_or(JwtError::Algorithm)?;
        let algorithm = Algorithm::parse(&algorithm).ok_or(JwtError::Algorithm)?;
        let key_id = text(&header, "kid")?;
        if key_id.as_ref().is_some_and(|id| id.len() > KEY_ID_LIMIT) {
            return Err(JwtError::Form);
        }
        text(&header, "typ")?;
        let claims = Claims::read(object(payload).ok_or(JwtError::Form)?)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtError::Form)?;
        Ok(Self { algorithm, key_id, claims, signed, signature })
    }
}

/// A part that holds a JSON object in which no key stands twice, at any depth.
fn object(part: &str) -> Option<JsonNode> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let json = Json::parse(&text, Limits { size: TOKEN_LIMIT, depth: DEPTH }).ok()?;
    let is_object = matches!(json.root.value, JsonValue::Object(_));
    (is_object && json.duplicates.is_empty()).then_some(json.root)
}

/// A member that is a text if it is there.
fn text(object: &JsonNode, name: &str) -> Result<Option<String>, JwtError> {
    match object.get(name) {
        None => Ok(None),
        Some(node) => node.as_str().map(|text| Some(text.to_owned())).ok_or(JwtError::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    const CLAIMS: &str = r#"{"iss":"https://i","sub":"s","aud":"a","exp":2,"iat":1}"#;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.AAAA", part(header), part(claims))
    }

    #[test]
    fn a_token_is_taken_apart() {
        let text = token(r#"{"alg":"RS256","kid":"one","typ":"JWT","x5t":"ignored"}"#, CLAIMS);
        let jwt = Jwt::parse(&text).unwrap();
        assert_eq!((jwt.algorithm, jwt.key_id.as_deref()), (Algorithm::Rs256, Some("one")));
        assert_eq!(jwt.signature, [0, 0, 0]);
        assert!(text.starts_with(jwt.signed));
    }

    #[test]
    fn other_texts_are_refused() {
        let check = |text: &str, error: JwtError| assert_eq!(Jwt::parse(text).unwrap_err(), error, "{text}");
        for text in ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "é.e30.AA"] {
            check(text, JwtError::Form);
        }
        check(&"a".repeat(TOKEN_LIMIT + 1), JwtError::TooLong);
        let good = token(r#"{"alg":"RS256"}"#, CLAIMS);
        assert!(Jwt::parse(&good).is_ok());
        check(&format!("{good}="), JwtError::Form);
        check(&format!("{good} "), JwtError::Form);
        check(&good.replace(".AAAA", ".AAB"), JwtError::Form);
        check(&token(r#"{"alg":"RS256","alg":"none"}"#, CLAIMS), JwtError::Form);
        check(&token(r#"["RS256"]"#, CLAIMS), JwtError::Form);
        check(&token(r#"{"alg":5}"#, CLAIMS), JwtError::Form);
        check(&token(r#"{"alg":"RS256","crit":["exp"]}"#, CLAIMS), JwtError::Critical);
        check(&token(r#"{"alg":"RS256"}"#, r#"{"iss":"https://i","iss":"https://j"}"#), JwtError::Form);
        for alg in ["none", "None", "NONE", "nOnE", "HS256", "HS512", "rs256", "RS1", "", "RSA-OAEP"] {
            check(&token(&format!(r#"{{"alg":"{alg}"}}"#), CLAIMS), JwtError::Algorithm);
        }
        check(&token("{}", CLAIMS), JwtError::Algorithm);
    }
}
