//! A user's password.

use crate::PasswordPolicy;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Passwords of a user that are remembered, the present one among them: the most that a policy can ask for.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>.
pub const PASSWORDS_REMEMBERED: usize = 24;

/// The password with which a user signs in.
///
/// It is kept as a sealed hash, so that neither the rows alone nor the key file alone let anybody try passwords.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_LoginProfile.html>.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// When the user got a first password.
    pub created: Timestamp,
    /// When this password was set: its age counts from here.
    pub changed: Timestamp,
    /// Random, and another one for every password: sessions that a password opened name it, and end with it.
    pub generation: u64,
    /// Whether the user must set a new password after signing in.
    #[serde(default)]
    pub reset_required: bool,
    /// The sealed hash.
    pub sealed: Vec<u8>,
    /// Sealed hashes of the passwords before, the last one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<Vec<u8>>,
}

impl LoginProfile {
    /// A first password.
    pub fn new(sealed: Vec<u8>, generation: u64, reset_required: bool, now: Timestamp) -> Self {
        let now = now.whole_seconds();
        Self { created: now, changed: now, generation, reset_required, sealed, former: Vec::new() }
    }

    /// The next password in place of this one, which is remembered.
    #[must_use]
    pub fn replaced(&self, sealed: Vec<u8>, generation: u64, reset_required: bool, now: Timestamp) -> Self {
        let mut former = vec![self.sealed.clone()];
        former.extend(self.former.iter().take(PASSWORDS_REMEMBERED - 2).cloned());
        Self {
            created: self.created,
            changed: now.whole_seconds(),
            generation,
            reset_required,
            sealed,
            former,
        }
    }

    /// The passwords that may not come back under this policy, the present one first.
    pub fn not_again(&self, policy: Option<&PasswordPolicy>) -> impl Iterator<Item = &[u8]> {
        let asked = policy.and_then(|policy| policy.password_reuse_prevention).unwrap_or(0);
        let all = std::iter::once(&self.sealed).chain(&self.former).map(Vec::as_slice);
        all.take(usize::try_from(asked).unwrap_or(PASSWORDS_REMEMBERED))
    }

    /// When the password expires under this policy; `None` if it never does.
    pub fn expires(&self, policy: Option<&PasswordPolicy>) -> Option<Timestamp> {
        let days = policy.filter(|policy| policy.expire_passwords)?.max_password_age?;
        Some(self.changed + Duration::from_secs(u64::from(days) * 24 * 3600))
    }
}

impl std::fmt::Debug for LoginProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginProfile")
            .field("created", &self.created)
            .field("changed", &self.changed)
            .field("reset_required", &self.reset_required)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn passwords_are_remembered_up_to_the_most_that_a_policy_asks_for() {
        let mut profile = LoginProfile::new(vec![0], 0, true, at(5));
        for number in 1..=40_u8 {
            profile = profile.replaced(vec![number], number.into(), false, at(number.into()));
        }
        assert_eq!((profile.created, profile.changed), (at(5), at(40)));
        let kept = |asked: u32| {
            let policy = PasswordPolicy { password_reuse_prevention: Some(asked), ..Default::default() };
            profile.not_again(Some(&policy)).map(|sealed| sealed[0]).collect::<Vec<_>>()
        };
        assert_eq!(kept(1), [40]);
        assert_eq!(kept(3), [40, 39, 38]);
        assert_eq!(kept(24), (17..=40).rev().collect::<Vec<_>>());
        assert_eq!(profile.not_again(None).count(), 0);
    }

    #[test]
    fn a_password_expires_only_where_the_policy_says_so() {
        let profile = LoginProfile::new(vec![0], 0, false, at(100));
        let policy = |expire, days| PasswordPolicy {
            expire_passwords: expire,
            max_password_age: days,
            ..Default::default()
        };
        assert_eq!(profile.expires(None), None);
        assert_eq!(profile.expires(Some(&policy(false, Some(1)))), None);
        assert_eq!(profile.expires(Some(&policy(true, None))), None);
        assert_eq!(profile.expires(Some(&policy(true, Some(1)))), Some(at(100 + 86_400)));
    }
}
