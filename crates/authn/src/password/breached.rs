//! Passwords that are known to the world.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// A list of passwords that an operator has brought, asked by the SHA-1 of a password: the form in which such lists
/// are handed around. See <https://haveibeenpwned.com/API/v3#PwnedPasswords>.
pub trait Breached: Send + Sync {
    /// Whether the password of this SHA-1 is on the list.
    fn holds(&self, sha1: &[u8; 20]) -> bool;
}

/// The SHA-1 by which lists name a password.
pub fn sha1(password: &str) -> [u8; 20] {
    let mut hash = [0; 20];
    for (to, from) in hash.iter_mut().zip(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref()) {
        *to = *from;
    }
    hash
}

/// Whether the list holds the password, or what it was made from: in lower case, without digits and marks at its
/// ends, written backwards, or repeated.
pub(super) fn is_known(list: &dyn Breached, password: &str) -> bool {
    derivations(password).iter().any(|text| list.holds(&sha1(text)))
}

/// The least that is left of a password for it to be looked up: shorter pieces are in every list.
const LEAST_CHARACTERS: usize = 5;

fn derivations(password: &str) -> Vec<String> {
    let lower = password.to_lowercase();
    let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let plain = plain(&lower);
    let mut all = vec![
        password.to_owned(),
        bare(password),
        bare(&lower),
        bare(&plain),
        password.chars().rev().collect(),
        lower.chars().rev().collect(),
        bare(&lower).chars().rev().collect(),
        unit(&lower),
        unit(&bare(&lower)),
        lower,
        plain,
    ];
    all.retain(|text| text == password || text.chars().count() >= LEAST_CHARACTERS);
    all.sort_unstable();
    all.dedup();
    all
}

/// Without the marks that stand for letters.
fn plain(lower: &str) -> String {
    lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' | '+' => 't',
            other => other,
        })
        .collect()
}

/// What a text repeats, if it is nothing but repetitions.
fn unit(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let repeats = |length: &usize| {
        letters.len().is_multiple_of(*length)
            && letters.iter().zip(letters.iter().skip(*length)).all(|(one, next)| one == next)
    };
    let length = (1..=letters.len() / 2).find(repeats).unwrap_or(letters.len());
    letters.into_iter().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    struct List(HashSet<[u8; 20]>);
    impl Breached for List {
        fn holds(&self, hash: &[u8; 20]) -> bool {
            self.0.contains(hash)
        }
    }

    #[test]
    fn what_was_made_from_a_known_password_is_known() {
        let list = List(["tropicana", "Xk3-exact"].iter().map(|text| sha1(text)).collect());
        for known in [
            "tropicana",
            "TROPICANA",
            "Tropicana2024!",
            "99tropicana99",
            "tr0p1c4n4",
            "anaciport",
            "Anaciport!!",
            "tropicanatropicanatropicana",
            "Xk3-exact",
        ] {
            assert!(is_known(&list, known), "{known}");
        }
        for fresh in ["tropicalna", "xk3-exact2", "my tropicana holiday", "", "aaaa"] {
            assert!(!is_known(&list, fresh), "{fresh}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_lists() {
        let hash: String = sha1("password").iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(hash, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }
}
