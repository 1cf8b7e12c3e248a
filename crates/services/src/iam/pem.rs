//! Text armour of certificates and keys (RFC 7468), as people paste it: blocks of base64 between lines that name
//! them, with anything before, between and after.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One block.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// What its lines call it: `CERTIFICATE`.
    pub label: String,
    /// What it holds; it may be a private key.
    pub der: Vec<u8>,
}

/// The blocks of a text, in order. `None` if one of them does not end or is not base64.
pub fn blocks(text: &str) -> Option<Vec<Block>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once("-----BEGIN ") {
        let (label, body) = begun.split_once("-----")?;
        let (body, after) = body.split_once(&format!("-----END {label}-----"))?;
        let digits: String = body.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        found.push(Block { label: label.to_owned(), der: STANDARD.decode(digits).ok()? });
        rest = after;
    }
    Some(found)
}

/// A block with lines of 64 digits, without a line feed at the end.
pub fn armour(label: &str, der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_armoured_is_read_again() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = format!("subject: x\r\n{}\nthen\n{}\n", armour("CERTIFICATE", &bytes), armour("X", b"y"));
        let read = blocks(&text).unwrap();
        let labels: Vec<_> = read.iter().map(|block| block.label.as_str()).collect();
        assert_eq!(labels, ["CERTIFICATE", "X"]);
        assert_eq!(read[0].der, bytes);
    }

    #[test]
    fn broken_blocks_are_noticed() {
        assert!(blocks("nothing").unwrap().is_empty());
        for bad in ["-----BEGIN X-----\nAAAA", "-----BEGIN X-----\nAA*A\n-----END X-----", "-----BEGIN X"] {
            assert!(blocks(bad).is_none(), "{bad}");
        }
    }
}
