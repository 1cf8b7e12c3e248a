//! How hard a password is to guess for somebody who knows how people make passwords.
//!
//! Length alone says little: `AcmeAcmeAcme2024!!` is long. So a password is read as the fewest pieces that it can be
//! made of, each worth one point: a character, or a whole common word, a name of the account or the user, a year, a
//! run, a sequence of the alphabet or the keyboard, a repetition of what stands before. Words count in any case,
//! backwards, and with marks and digits in place of letters. What has too few points is refused.

/// Points that a password must have: eight characters of no pattern, or as much.
pub const ENOUGH: usize = 8;
/// The shortest piece that counts as a pattern.
const SHORTEST: usize = 3;
/// The shortest name of an account or user that counts as a word: shorter ones occur by chance.
const SHORTEST_NAME: usize = 4;

/// Whether the password is easy to guess; `names` are those of account and user, and the organization's own words.
pub fn is_easy(password: &str, names: &[&str]) -> bool {
    points(password, names) < ENOUGH
}

/// The fewest pieces that the password can be made of.
fn points(password: &str, names: &[&str]) -> usize {
    let letters: Vec<char> = password.to_lowercase().chars().collect();
    let words = words(names);
    // The fewest points up to each place.
    let mut fewest = vec![0_usize; letters.len() + 1];
    for end in 1..=letters.len() {
        let before = |length: usize| end.checked_sub(length).and_then(|start| fewest.get(start).copied());
        let mut best = before(1).unwrap_or(0) + 1;
        let known = letters.get(..end).unwrap_or_default();
        for length in SHORTEST..=end {
            let (head, piece) = known.split_at(end - length);
            if (is_pattern(piece)
                || is_repeated(head, piece)
                || words.iter().any(|word| is_word(piece, word)))
                && let Some(points) = before(length)
            {
                best = best.min(points + 1);
            }
        }
        if let Some(place) = fewest.get_mut(end) {
            *place = best;
        }
    }
    fewest.last().copied().unwrap_or(0)
}

/// The words that count: common ones, and the names with the words that they are made of.
fn words(names: &[&str]) -> Vec<Vec<char>> {
    let parts = names
        .iter()
        .flat_map(|name| std::iter::once(*name).chain(name.split(|c: char| !c.is_alphanumeric())));
    let own = parts.map(str::to_lowercase).filter(|name| name.chars().count() >= SHORTEST_NAME);
    let mut all: Vec<Vec<char>> =
        COMMON.iter().map(|word| (*word).to_owned()).chain(own).map(|word| word.chars().collect()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether the piece is the word, forwards or backwards.
fn is_word(piece: &[char], word: &[char]) -> bool {
    piece.len() == word.len()
        && (piece.iter().zip(word).all(|(written, letter)| stands_for(*written, *letter))
            || piece.iter().zip(word.iter().rev()).all(|(written, letter)| stands_for(*written, *letter)))
}

/// Whether people write this character for that letter.
fn stands_for(written: char, letter: char) -> bool {
    written == letter
        || match letter {
            'a' => matches!(written, '4' | '@'),
            'b' => written == '8',
            'e' => written == '3',
            'g' => matches!(written, '6' | '9'),
            'i' | 'l' => matches!(written, '1' | '!' | '|'),
            'o' => written == '0',
            's' => matches!(written, '5' | '$'),
            't' => matches!(written, '7' | '+'),
            'z' => written == '2',
            _ => false,
        }
}

/// A run of one character, a sequence, or a year.
fn is_pattern(piece: &[char]) -> bool {
    is_run(piece) || is_sequence(piece) || is_year(piece)
}

fn is_run(piece: &[char]) -> bool {
    piece.windows(2).all(|pair| matches!(pair, [one, next] if one == next))
}

/// Rows of keys as they lie side by side; the alphabet and the digits with them.
const ROWS: [&str; 6] =
    ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm"];

fn is_sequence(piece: &[char]) -> bool {
    let forwards: String = piece.iter().collect();
    let backwards: String = piece.iter().rev().collect();
    ROWS.iter().any(|row| row.contains(&forwards) || row.contains(&backwards))
}

fn is_year(piece: &[char]) -> bool {
    matches!(piece, ['1', '9', a, b] | ['2', '0', a, b] if a.is_ascii_digit() && b.is_ascii_digit())
}

/// Whether the piece is what stands just before it once more.
fn is_repeated(head: &[char], piece: &[char]) -> bool {
    head.ends_with(piece)
}

/// Words that passwords are made of again and again.
const COMMON: [&str; 122] = [
    "abc",
    "access",
    "account",
    "admin",
    "administrator",
    "amazon",
    "america",
    "android",
    "angel",
    "april",
    "august",
    "autumn",
    "aws",
    "backup",
    "bailiwick",
    "banana",
    "baseball",
    "basketball",
    "batman",
    "business",
    "buster",
    "change",
    "changeit",
    "changeme",
    "charlie",
    "cheese",
    "chocolate",
    "cloud",
    "company",
    "computer",
    "console",
    "cookie",
    "corporate",
    "december",
    "default",
    "demo",
    "deploy",
    "develop",
    "developer",
    "dragon",
    "enter",
    "example",
    "february",
    "flower",
    "football",
    "freedom",
    "friday",
    "george",
    "google",
    "guest",
    "hallo",
    "hannah",
    "harley",
    "hello",
    "hunter",
    "iloveyou",
    "internet",
    "january",
    "jennifer",
    "jessica",
    "jordan",
    "joshua",
    "killer",
    "letmein",
    "login",
    "london",
    "love",
    "machine",
    "manager",
    "master",
    "matrix",
    "michael",
    "microsoft",
    "monday",
    "monkey",
    "mustang",
    "network",
    "nothing",
    "november",
    "october",
    "office",
    "orange",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "pepper",
    "please",
    "princess",
    "prod",
    "production",
    "qazwsx",
    "ranger",
    "robert",
    "root",
    "saturday",
    "secret",
    "secure",
    "security",
    "september",
    "server",
    "service",
    "shadow",
    "soccer",
    "spring",
    "staging",
    "starwars",
    "summer",
    "sunday",
    "sunshine",
    "superman",
    "support",
    "system",
    "temp",
    "test",
    "thomas",
    "trustno",
    "user",
    "welcome",
    "whatever",
    "winter",
];

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["Acme Rockets", "acme-rockets", "jane.miller", "Bob"];

    #[test]
    fn long_passwords_made_of_patterns_are_easy() {
        for easy in [
            "password",
            "PasswordPasswordPassword",
            "P@ssw0rdP@ssw0rd1!",
            "drowssapdrowssap2024",
            "Welcome2024!!!!!!!!!!!!",
            "qwertyuiopasdfghjkl",
            "abcdefghijklmnopqrstuvwxyz1234567890",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "AcmeRockets2026!",
            "acme-rockets-jane.miller",
            "4cm3R0ck3ts4cm3R0ck3ts",
            "Miller.Jane.1985.Summer",
            "xyzXYZxyzXYZxyzXYZ",
            "x7x7x7x7x7x7x7x7x7x7",
            "short1!",
            "",
        ] {
            assert!(is_easy(easy, &NAMES), "{easy}: {}", points(easy, &NAMES));
        }
    }

    #[test]
    fn what_has_no_pattern_is_not() {
        for hard in [
            "correct horse battery staple",
            "kD8#mPq2vL",
            "the walrus and the carpenter",
            "m\u{fc}ll\u{f8}r\u{df}gate",
            "bobbing along the river",
            "my password is a poem about rain",
        ] {
            assert!(!is_easy(hard, &NAMES), "{hard}: {}", points(hard, &NAMES));
        }
        assert!(!is_easy("AcmeRockets-kd8mpq", &NAMES));
        assert!(!is_easy("AcmeRockets2026!", &[]));
    }

    #[test]
    fn the_words_are_sensible() {
        for word in COMMON {
            assert!(word.len() >= SHORTEST && word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        }
    }

    #[test]
    fn the_longest_password_takes_no_time() {
        let longest: String = ('a'..='z').chain('0'..='9').cycle().step_by(7).take(128).collect();
        let names: Vec<String> = (0..100).map(|number| format!("word{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let start = std::time::Instant::now();
        assert!(points(&longest, &names) > 0);
        assert!(start.elapsed().as_secs() < 5);
    }
}
