//! The password policy, rule by rule, as the chosen standard asks for it.
//!
//! What the standards ask: CIS AWS Foundations since 1.4 length 14 and reuse 24 only; PCI DSS 4.0.1 (8.3.6, 8.3.7, 8.3.9)
//! twelve characters, letters and digits, four passwords, ninety days; NIST SP 800-63B-4 (3.1.1.2) fifteen characters
//! where the password is the only factor, and neither kinds of characters nor expiry.

use super::kit::*;
use crate::settings::PasswordProfile;
use model::PasswordPolicy;

const POLICY: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html";
const NIST: &str = "https://pages.nist.gov/800-63-4/sp800-63b.html";
const WHY_KINDS: &str = "Where passwords may be short or be made of one kind of character, guessing takes less; standards \
    differ in whether to demand kinds of characters at all.";

/// One rule of a password policy.
struct Rule {
    /// What is asked for; `None` if the profile does not ask.
    asked: Option<u32>,
    /// What the policy has.
    has: u32,
    /// Whether less is better, as of the age of passwords (0: no limit).
    at_most: bool,
    /// In words: what is the matter.
    message: String,
    /// The option of `update-account-password-policy`.
    option: String,
    /// The argument in Terraform.
    argument: &'static str,
}

macro_rules! rule {
    ($name:ident, $id:literal, $title:literal, $severity:expr, $why:expr, $judged:literal, $rule:expr) => {
        pub(super) const $name: Check = Check {
            id: $id,
            title: $title,
            severity: $severity,
            area: Area::SignIn,
            why: $why,
            judged: $judged,
            remediation: "Set it in the account's password policy; users whose password does not do meet it at their next change.",
            references: &[POLICY, NIST],
            needs: &[Input::PasswordPolicy],
            run: |auditor, account, judged| judge(auditor, account, judged, $rule),
        };
    };
}

rule!(
    LENGTH,
    "password-length",
    "Passwords are long enough",
    Severity::Medium,
    "Length is what makes guessing hopeless; eight characters are tried through in hours.",
    "`MinimumPasswordLength` against the profile: `seed` 12, `cis` 14, `pci` 12, `nist` 15.",
    |profile, policy| {
        let asked = match profile {
            PasswordProfile::Seed | PasswordProfile::Pci => 12,
            PasswordProfile::Cis => 14,
            PasswordProfile::Nist => 15,
        };
        let has = policy.minimum_password_length;
        Rule {
            asked: Some(asked),
            has,
            at_most: false,
            message: format!("passwords of {has} characters are allowed; {asked} are asked for"),
            option: format!("--minimum-password-length {asked}"),
            argument: "minimum_password_length",
        }
    }
);

rule!(
    REUSE,
    "password-reuse",
    "Old passwords cannot be used again",
    Severity::Low,
    "Who may go back to the old password after a leak has changed nothing.",
    "`PasswordReusePrevention` against the profile: `seed` 5, `cis` 24, `pci` 4; `nist` does not ask.",
    |profile, policy| {
        let asked = match profile {
            PasswordProfile::Seed => Some(5),
            PasswordProfile::Cis => Some(24),
            PasswordProfile::Pci => Some(4),
            PasswordProfile::Nist => None,
        };
        let (has, wanted) = (policy.password_reuse_prevention.unwrap_or(0), asked.unwrap_or(0));
        Rule {
            asked,
            has,
            at_most: false,
            message: format!("the last {has} passwords are refused; {wanted} are asked for"),
            option: format!("--password-reuse-prevention {wanted}"),
            argument: "password_reuse_prevention",
        }
    }
);

rule!(
    EXPIRY,
    "password-expiry",
    "Passwords expire in time",
    Severity::Low,
    "A password that leaked unnoticed works until it is changed; where MFA is the rule, expiry gains little.",
    "`MaxPasswordAge` against the profile: `seed` 365 days, `pci` 90; `cis` and `nist` do not ask, NIST advises against it.",
    |profile, policy| {
        let asked = max_days(profile);
        let has = policy.max_password_age.filter(|_| policy.expire_passwords).unwrap_or(0);
        let wanted = asked.unwrap_or(0);
        let message = match has {
            0 => format!("passwords never expire; {wanted} days are asked for"),
            has => format!("passwords expire after {has} days; {wanted} are asked for"),
        };
        Rule {
            asked,
            has,
            at_most: true,
            message,
            option: format!("--max-password-age {wanted}"),
            argument: "max_password_age",
        }
    }
);

rule!(
    SYMBOLS,
    "password-symbols",
    "Passwords have symbols where the standard asks for them",
    Severity::Low,
    WHY_KINDS,
    "`RequireSymbols`; of the profiles only `seed` asks, and only where fewer than 14 characters are demanded.",
    |profile, policy| kind(short_seed(profile, policy), policy.require_symbols, "symbols", "require_symbols")
);

rule!(
    NUMBERS,
    "password-numbers",
    "Passwords have digits where the standard asks for them",
    Severity::Low,
    WHY_KINDS,
    "`RequireNumbers`; `pci` asks, and `seed` where fewer than 14 characters are demanded.",
    |profile, policy| kind(
        profile == PasswordProfile::Pci || short_seed(profile, policy),
        policy.require_numbers,
        "numbers",
        "require_numbers"
    )
);

rule!(
    UPPERCASE,
    "password-uppercase",
    "Passwords have upper-case letters where the standard asks for them",
    Severity::Low,
    WHY_KINDS,
    "`RequireUppercaseCharacters`; of the profiles only `seed` asks, and only where fewer than 14 characters are demanded.",
    |profile, policy| kind(
        short_seed(profile, policy),
        policy.require_uppercase_characters,
        "uppercase-characters",
        "require_uppercase_characters"
    )
);

rule!(
    LOWERCASE,
    "password-lowercase",
    "Passwords have lower-case letters where the standard asks for them",
    Severity::Low,
    WHY_KINDS,
    "`RequireLowercaseCharacters`; `pci` asks for letters, and `seed` where fewer than 14 characters are demanded.",
    |profile, policy| kind(
        profile == PasswordProfile::Pci || short_seed(profile, policy),
        policy.require_lowercase_characters,
        "lowercase-characters",
        "require_lowercase_characters"
    )
);

/// After how many days a profile wants passwords changed.
pub(super) fn max_days(profile: PasswordProfile) -> Option<u32> {
    match profile {
        PasswordProfile::Seed => Some(365),
        PasswordProfile::Pci => Some(90),
        PasswordProfile::Cis | PasswordProfile::Nist => None,
    }
}

/// The house's own profile lets length stand for variety.
fn short_seed(profile: PasswordProfile, policy: &PasswordPolicy) -> bool {
    profile == PasswordProfile::Seed && policy.minimum_password_length < 14
}

fn kind(asked: bool, has: bool, name: &str, argument: &'static str) -> Rule {
    Rule {
        asked: asked.then_some(1),
        has: has.into(),
        at_most: false,
        message: format!("passwords need no {}", name.replace('-', " ")),
        option: format!("--require-{name}"),
        argument,
    }
}

fn judge(
    auditor: &Auditor<'_>,
    account: AccountId,
    judged: &mut Judged<'_>,
    rule: fn(PasswordProfile, &PasswordPolicy) -> Rule,
) {
    let policy = auditor.estate.facts(account).and_then(|facts| facts.password_policy.as_ref());
    let Some(policy) = policy else { return };
    let effective = policy.clone().unwrap_or_default();
    let rule = rule(auditor.settings.password_profile, &effective);
    let Some(asked) = rule.asked else {
        return judged.pass_because("the chosen password profile does not ask for it");
    };
    let is_met = if rule.at_most { rule.has != 0 && rule.has <= asked } else { rule.has >= asked };
    if is_met {
        return judged.pass();
    }
    let root = judged.root().to_owned();
    let source = "password policy";
    judged.tell(&root, "", rule.message, |finding| {
        finding.evidence.push(match policy {
            Some(_) => Evidence::new(format!("{} is {}", rule.argument, rule.has), source),
            None => Evidence::new("there is none, so AWS's default holds", source),
        });
        finding.fix = Some(fix_in_terraform(
            "Tighten the password policy",
            "tighten the password policy",
            vec![format!(
                "aws iam update-account-password-policy {}  # with the other options, which else are reset",
                rule.option
            )],
            &format!("`{}` of aws_iam_account_password_policy", rule.argument),
        ));
    });
}
