//! Documents in the forms in which tools write them: objects, strings, URL-encoded strings, strings in strings.

use crate::import::percent_decode;
use base::json::{Json, JsonNode, JsonValue, Limits};
use std::borrow::Cow;

/// So many times a document is taken out of a string.
const LAYERS: usize = 4;
/// Documents are no larger and no deeper, far above every quota.
const LIMITS: Limits = Limits { size: 4 << 20, depth: 40 };

/// Whether an object is a policy.
pub(super) fn is_policy(node: &JsonNode) -> bool {
    node.get("Statement").is_some()
}

/// The document in a string, or `None` if it holds none.
pub(super) fn in_string(text: &str) -> Option<String> {
    let document = plain(text);
    (document.trim_start().starts_with('{') && document.contains("\"Statement\""))
        .then(|| document.into_owned())
}

/// The text of a string, without the encodings around it: IAM's API answers with URL-encoded documents, API Gateway
/// with documents whose quotes are escaped, and some tools write a document's string as a string.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let trimmed = text.trim_start();
        let inner = match trimmed.as_bytes() {
            [b'%', ..] => percent_decode(trimmed),
            [b'"', ..] => string(trimmed),
            [b'{', rest @ ..] if rest.trim_ascii_start().starts_with(br#"\""#) => {
                string(&format!("\"{trimmed}\""))
            }
            _ => None,
        };
        match inner {
            Some(inner) => text = Cow::Owned(inner),
            None => break,
        }
    }
    text
}

fn string(text: &str) -> Option<String> {
    match Json::parse(text, LIMITS).ok()?.root.value {
        JsonValue::String(text) => Some(text.into_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_out_of_strings() {
        let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let quoted = base::json::quote(document);
        for text in [
            document.to_owned(),
            quoted.clone(),
            base::json::quote(&quoted),
            quoted.trim_matches('"').to_owned(),
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D".to_owned(),
        ] {
            assert_eq!(in_string(&text).as_deref(), Some(document), "{text}");
        }
        for text in ["", "%", "%7B%2", "\"", "{}", "Statement", "{\\\"a", "[\"Statement\"]"] {
            assert_eq!(in_string(text), None, "{text}");
        }
    }
}
