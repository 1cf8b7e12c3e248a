//! What a new password must be, told in AWS's words.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>.

use super::{Breached, breached, easy};
use model::{Account, PasswordPolicy};

/// Characters of the longest password.
pub const LONGEST: usize = 128;
/// What counts as a symbol.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// The shortest password where the account has no policy of its own.
const DEFAULT_LENGTH: usize = 8;
/// Of how many kinds of characters such a password is.
const DEFAULT_KINDS: usize = 3;

/// Why the account does not take this password, if it does not; `user` is the name of who is to have it.
///
/// The account's own policy decides, or AWS's default one; then the block list, if the account has turned it on.
pub fn violation(
    password: &str,
    account: &Account,
    user: &str,
    breached: Option<&dyn Breached>,
) -> Option<String> {
    let by_policy = match &account.password_policy {
        Some(policy) => by_policy(password, policy),
        None => by_default(password, account),
    };
    by_policy.or_else(|| by_block_list(password, account, user, breached))
}

/// A kind of characters.
struct Kind {
    lacking: &'static str,
    is_of: fn(char) -> bool,
    is_required: fn(&PasswordPolicy) -> bool,
}

const KINDS: [Kind; 4] = [
    Kind {
        lacking: "Password should have at least one uppercase letter",
        is_of: |c| c.is_ascii_uppercase(),
        is_required: |policy| policy.require_uppercase_characters,
    },
    Kind {
        lacking: "Password should have at least one lowercase letter",
        is_of: |c| c.is_ascii_lowercase(),
        is_required: |policy| policy.require_lowercase_characters,
    },
    Kind {
        lacking: "Password should have at least one number",
        is_of: |c| c.is_ascii_digit(),
        is_required: |policy| policy.require_numbers,
    },
    Kind {
        lacking: "Password should have at least one symbol",
        is_of: |c| SYMBOLS.contains(c),
        is_required: |policy| policy.require_symbols,
    },
];

fn lacking(password: &str) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(move |kind| !password.chars().any(kind.is_of))
}

fn too_short(password: &str, least: usize) -> Option<String> {
    (password.chars().count() < least).then(|| format!("Password should have a minimum length of {least}"))
}

fn by_policy(password: &str, policy: &PasswordPolicy) -> Option<String> {
    let least = usize::try_from(policy.minimum_password_length).unwrap_or(LONGEST);
    let mut broken: Vec<String> = too_short(password, least).into_iter().collect();
    broken.extend(
        lacking(password).filter(|kind| (kind.is_required)(policy)).map(|kind| kind.lacking.to_owned()),
    );
    (!broken.is_empty()).then(|| broken.join(", "))
}

fn by_default(password: &str, account: &Account) -> Option<String> {
    if let Some(short) = too_short(password, DEFAULT_LENGTH) {
        return Some(short);
    }
    let lacking: Vec<_> = lacking(password).map(|kind| kind.lacking).collect();
    let more = DEFAULT_KINDS.saturating_sub(KINDS.len() - lacking.len());
    if more > 0 {
        let all = lacking.join(", ");
        return Some(format!("Password should meet {more} more of the following requirements: {all}"));
    }
    let is_name = password.to_lowercase() == account.name.to_lowercase();
    is_name.then(|| "Password should not be identical to the account name".to_owned())
}

fn by_block_list(
    password: &str,
    account: &Account,
    user: &str,
    breached: Option<&dyn Breached>,
) -> Option<String> {
    let list = account.block_list.as_ref()?;
    if breached.is_some_and(|known| breached::is_known(known, password)) {
        return Some("Password is on a list of passwords that are known to others".to_owned());
    }
    let mut names = vec![account.name.as_str(), user];
    names.extend(account.alias.as_deref());
    names.extend(list.words.iter().map(String::as_str));
    easy::is_easy(password, &names).then(|| {
        "Password is easy to guess: it has too little besides common words, names of the account or the user, \
         years, sequences and repetitions"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Timestamp};
    use model::BlockList;

    fn account() -> Account {
        let id = AccountId::parse("123456789012").unwrap();
        Account::new(id, "Rocket-Shop-1", Timestamp::from_seconds(0))
    }

    #[test]
    fn without_a_policy_aws_default_one_holds() {
        let told = |password: &str| violation(password, &account(), "bob", None);
        assert_eq!(told("Ab1!xyz").as_deref(), Some("Password should have a minimum length of 8"));
        assert_eq!(
            told("abcd1234").as_deref(),
            Some(
                "Password should meet 1 more of the following requirements: Password should have at least one \
                 uppercase letter, Password should have at least one symbol"
            )
        );
        assert!(told("abcdefgh").unwrap().starts_with("Password should meet 2 more of"));
        assert!(
            told("\u{e4}\u{f6}\u{fc}\u{e4}\u{f6}\u{fc}\u{e4}\u{f6}")
                .unwrap()
                .starts_with("Password should meet 3")
        );
        for good in ["Abcd1234", "abcd123!", "ABCD123'", "Abcd~~~1", "Password1"] {
            assert_eq!(told(good), None, "{good}");
        }
        assert!(told("rocket-shop-1").unwrap().contains("account name"));
        assert!(told("Abcd~~~~").is_some(), "a tilde is no symbol");
    }

    #[test]
    fn a_policy_of_the_accounts_own_holds_instead() {
        let mut account = account();
        account.password_policy = Some(PasswordPolicy { minimum_password_length: 6, ..Default::default() });
        assert_eq!(violation("aaaaaa", &account, "bob", None), None);
        assert_eq!(violation("rocket-shop-1", &account, "bob", None), None);
        assert!(violation("aaaaa", &account, "bob", None).is_some());
        account.password_policy = Some(PasswordPolicy {
            minimum_password_length: 10,
            require_symbols: true,
            require_numbers: true,
            require_uppercase_characters: true,
            require_lowercase_characters: true,
            ..Default::default()
        });
        assert_eq!(
            violation("aaa", &account, "bob", None).as_deref(),
            Some(
                "Password should have a minimum length of 10, Password should have at least one uppercase letter, \
                 Password should have at least one number, Password should have at least one symbol"
            )
        );
        assert_eq!(violation("aA1|aA1|aA", &account, "bob", None), None);
    }

    #[test]
    fn the_block_list_works_only_where_it_is_on() {
        let mut account = account();
        assert_eq!(violation("Summer2026!Summer2026!", &account, "bob", None), None);
        account.block_list = Some(BlockList { words: vec!["Zeppelin".into()] });
        for easy in ["Summer2026!Summer2026!", "Rocket-Shop-2026!", "Zeppelin-Zeppelin-1", "Jane.Miller.1999"]
        {
            assert!(
                violation(easy, &account, "jane.miller", None).unwrap().contains("easy to guess"),
                "{easy}"
            );
        }
        assert_eq!(violation("kD8#mPq2vL", &account, "jane.miller", None), None);
    }
}
