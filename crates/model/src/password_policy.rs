//! What an account demands of its users' passwords.

use serde::{Deserialize, Serialize};

/// The password policy of an account.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PasswordPolicy {
    /// 6–128 characters.
    pub minimum_password_length: u32,
    /// At least one character that is neither letter nor digit.
    pub require_symbols: bool,
    /// At least one digit.
    pub require_numbers: bool,
    /// At least one upper-case letter.
    pub require_uppercase_characters: bool,
    /// At least one lower-case letter.
    pub require_lowercase_characters: bool,
    /// Users may change their own password.
    pub allow_users_to_change_password: bool,
    /// Passwords expire.
    pub expire_passwords: bool,
    /// After how many days, 1–1,095.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_password_age: Option<u32>,
    /// How many earlier passwords may not be used again, 1–24.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_reuse_prevention: Option<u32>,
    /// Who lets a password expire cannot set a new one without an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hard_expiry: Option<bool>,
}

impl Default for PasswordPolicy {
    /// What holds in an account without a policy of its own: eight characters of three of four kinds.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>.
    fn default() -> Self {
        Self {
            minimum_password_length: 8,
            require_symbols: false,
            require_numbers: false,
            require_uppercase_characters: false,
            require_lowercase_characters: false,
            allow_users_to_change_password: false,
            expire_passwords: false,
            max_password_age: None,
            password_reuse_prevention: None,
            hard_expiry: None,
        }
    }
}
