//! Names of the models as Rust writes them.

/// Words of a camel-case name: `SAMLProviderArn` → `SAML`, `Provider`, `Arn`.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let mut words: Vec<String> = Vec::new();
    for (place, letter) in letters.iter().copied().enumerate() {
        let before = place.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let after = letters.get(place + 1).copied();
        // A plural's `s` ends an abbreviation: `ARNs`, `IDs`.
        let plural = after == Some('s') && letters.get(place + 2).is_none_or(|c| c.is_ascii_uppercase());
        let starts = match before {
            None => true,
            Some('_') => true,
            Some(before) => {
                letter.is_ascii_uppercase()
                    && (!before.is_ascii_uppercase()
                        || (after.is_some_and(|c| c.is_ascii_lowercase()) && !plural))
            }
        };
        if starts {
            words.push(String::new());
        }
        if letter != '_'
            && let Some(word) = words.last_mut()
        {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `user_name`, with words of the language escaped.
pub(super) fn field(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "type" | "match" | "use" | "enum" | "struct" | "ref" | "move" | "where" | "in" | "for" | "if"
        | "loop" | "static" | "const" | "fn" | "impl" | "trait" | "mod" | "pub" | "final" | "abstract"
        | "override" | "try" | "yield" | "async" | "await" | "dyn" | "box" | "virtual" | "macro"
        | "return" | "continue" | "break" | "else" | "extern" | "false" | "true" | "let" | "mut"
        | "unsafe" | "while" | "as" | "do" | "priv" | "become" | "typeof" | "unsized" | "gen" => {
            format!("r#{name}")
        }
        "self" | "super" | "crate" => format!("{name}_"),
        _ => name,
    }
}

/// `user_name`.
pub(super) fn snake(name: &str) -> String {
    words(name).iter().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>().join("_")
}

/// `USER_NAME`.
pub(super) fn shout(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// A shape's name as a type: its first letter large, and nothing that the prelude has.
pub(super) fn type_name(shape: &str) -> String {
    let mut letters = shape.chars();
    let name: String = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect();
    match name.as_str() {
        "Option" | "String" | "Vec" | "Box" | "Result" | "Shape" | "Member" | "Structure" | "Operation"
        | "Unit" | "Location" | "Protocol" | "Fields" | "Item" | "Pagination" => format!("{name}Shape"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_at_capitals() {
        for (name, expected) in [
            ("UserName", "user_name"),
            ("SAMLProviderArn", "saml_provider_arn"),
            ("PolicyARNs", "policy_arns"),
            ("OpenIDConnectProviderArn", "open_id_connect_provider_arn"),
            ("MFADevices", "mfa_devices"),
            ("ThumbprintList", "thumbprint_list"),
            ("Type", "r#type"),
            ("SSHPublicKeyId", "ssh_public_key_id"),
            ("existingUserNameType", "existing_user_name_type"),
        ] {
            assert_eq!(field(name), expected);
        }
    }
}
