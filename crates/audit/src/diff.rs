//! Changes of policies as people read them.

use serde_json::Value;
use similar::TextDiff;

/// A policy's text as it is shown in diffs: indented, members in their order. A text that is no JSON stays as it is.
pub fn shown(text: &str) -> String {
    let value = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
    value.unwrap_or_else(|_| text.to_owned())
}

/// The change from one policy to another as a unified diff with three lines around each change; empty if they are equal.
pub fn policy_diff(name: &str, old: &str, new: &str) -> String {
    let (old, new) = (shown(old) + "\n", shown(new) + "\n");
    let diff = TextDiff::from_lines(&old, &new);
    diff.unified_diff().header(&format!("{name} (now)"), &format!("{name} (mended)")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let diff = policy_diff("p", r#"{"a":1,"b":[1,2]}"#, r#"{"a":1,"b":[1]}"#);
        assert!(diff.starts_with("--- p (now)\n+++ p (mended)\n"), "{diff}");
        assert!(diff.contains("-    2\n"), "{diff}");
        assert_eq!(policy_diff("p", "{}", "{ }"), "");
    }
}
