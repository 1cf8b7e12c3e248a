//! Base32 (RFC 4648) for seeds of one-time passwords.

use base::{Secret, SecretString};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The text of these bytes, without padding.
pub fn encode(bytes: &[u8]) -> SecretString {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut group, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        group = (group << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(group >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(group << (5 - bits)));
    }
    SecretString::new(text)
}

fn letter(number: u32) -> char {
    char::from(*ALPHABET.get((number & 31) as usize).unwrap_or(&b'A'))
}

/// The bytes of this text; blanks, hyphens, padding and case do not count, as makers print seeds in groups.
/// `None` if there is any other character.
pub fn decode(text: &str) -> Option<Secret> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut group, mut bits) = (0_u32, 0_u32);
    for letter in text.trim_end_matches('=').bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        group = (group << 5 | value as u32) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((group >> bits) as u8);
        }
    }
    Some(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ];

    #[test]
    fn vectors_of_the_standard() {
        for (plain, text) in VECTORS {
            assert_eq!(encode(plain.as_bytes()).expose(), text);
            assert_eq!(decode(text).unwrap().expose(), plain.as_bytes());
        }
    }

    #[test]
    fn groups_case_and_padding_do_not_count() {
        assert_eq!(decode("mzxw 6ytb-OI======").unwrap().expose(), b"foobar");
        for bad in ["MZXW6YT1", "MZXW6YT8", "MZ=XW", "MZXWÖ"] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
