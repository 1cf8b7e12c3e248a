//! Password policies by name: what a standard asks for, so that nobody has to put it together.

use model::{BlockList, PasswordPolicy};

/// A named password policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// AWS's default: the account has no policy of its own.
    AwsDefault,
    /// CIS Amazon Web Services Foundations Benchmark, 1.8 and 1.9: fourteen characters, the last 24 not again.
    Cis,
    /// PCI DSS 4.0.1, 8.3.6, 8.3.7 and 8.3.9: twelve characters with letters and digits, the last four not again,
    /// ninety days.
    Pci401,
    /// NIST SP 800-63B-4, 3.1.1.2: fifteen characters, no rules on kinds, no expiry, a block list.
    Nist63b4,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::AwsDefault, Self::Cis, Self::Pci401, Self::Nist63b4];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwsDefault => "aws-default",
            Self::Cis => "cis",
            Self::Pci401 => "pci-4.0.1",
            Self::Nist63b4 => "nist-63b-4",
        }
    }

    /// The preset of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The policy; `None` where AWS's default one holds.
    pub fn policy(self) -> Option<PasswordPolicy> {
        let own = PasswordPolicy { allow_users_to_change_password: true, ..PasswordPolicy::default() };
        match self {
            Self::AwsDefault => None,
            Self::Cis => Some(PasswordPolicy {
                minimum_password_length: 14,
                password_reuse_prevention: Some(24),
                ..own
            }),
            Self::Pci401 => Some(PasswordPolicy {
                minimum_password_length: 12,
                require_numbers: true,
                require_lowercase_characters: true,
                expire_passwords: true,
                max_password_age: Some(90),
                password_reuse_prevention: Some(4),
                ..own
            }),
            Self::Nist63b4 => Some(PasswordPolicy { minimum_password_length: 15, ..own }),
        }
    }

    /// The block list, where the standard asks for one.
    pub fn block_list(self) -> Option<BlockList> {
        matches!(self, Self::Nist63b4).then(BlockList::default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_presets() {
        for preset in Preset::ALL {
            assert_eq!(Preset::named(preset.name()), Some(preset));
        }
        assert_eq!(Preset::named("CIS"), None);
    }
}
