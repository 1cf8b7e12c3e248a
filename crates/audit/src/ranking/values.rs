//! The values of the terms, all in one place: `docs/audit.md` shows these tables and a test compares.

use crate::finding::Severity;

/// A value of a term, and the words that stand for it in the documentation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// 0–1.
    pub value: f64,
    /// When it applies.
    pub when: &'static str,
}

const fn value(value: f64, when: &'static str) -> Value {
    Value { value, when }
}

/// Reach: what whoever uses the weakness gets.
pub mod reach {
    use super::{Value, value};

    /// Everything in the account.
    pub const EVERYTHING: Value = value(1.0, "everything in the account");
    /// Identities: whoever changes them can become administrator.
    pub const IDENTITIES: Value = value(0.9, "it can change identities and their policies");
    /// All of the account's sign-ins.
    pub const ALL_USERS: Value = value(0.6, "a setting of the whole account");
    /// Whole services.
    pub const SERVICES: Value = value(0.6, "everything of one or more services");
    /// The resource that lets in.
    pub const RESOURCE: Value = value(0.5, "one resource and what is in it");
    /// Writing on everything of some kinds.
    pub const WIDE: Value = value(0.4, "some actions on every resource");
    /// A few resources.
    pub const NARROW: Value = value(0.25, "some actions on named resources");
    /// What the account does not tell.
    pub const UNKNOWN: Value = value(0.25, "not known from what was given");
    /// Nothing.
    pub const NOTHING: Value = value(0.05, "nothing: no policy allows anything");
    /// All of them, for the documentation.
    pub const ALL: [Value; 9] =
        [EVERYTHING, IDENTITIES, ALL_USERS, SERVICES, RESOURCE, WIDE, NARROW, UNKNOWN, NOTHING];
}

/// The first factor of exposure: how far the weakness opens the door.
pub const fn opening(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 1.0,
        Severity::High => 0.8,
        Severity::Medium => 0.5,
        Severity::Low => 0.25,
        Severity::Info => 0.1,
    }
}

/// The second factor of exposure: how one gets to the door.
pub mod way {
    use super::{Value, value};

    /// Anybody.
    pub const PUBLIC: Value = value(1.0, "anybody on the internet");
    /// Other accounts, organizations, providers.
    pub const STRANGERS: Value = value(0.9, "an account, organization or identity provider that is not ours");
    /// A password without MFA.
    pub const PASSWORD: Value = value(0.9, "a password without MFA");
    /// A long-term key.
    pub const KEY: Value = value(0.85, "an active access key, which works wherever it is copied to");
    /// A workload in the internet.
    pub const PUBLIC_WORKLOAD: Value = value(0.8, "a workload that the internet reaches runs as it");
    /// A service on behalf of anybody.
    pub const DEPUTY: Value = value(0.6, "an AWS service on behalf of any account");
    /// A partner.
    pub const VENDOR: Value = value(0.6, "a vendor that is known by name");
    /// Unknown.
    pub const UNKNOWN: Value = value(0.6, "who gets there is not known from what was given");
    /// Another account of ours.
    pub const SISTER: Value = value(0.55, "another account of ours");
    /// A password with MFA.
    pub const PASSWORD_AND_MFA: Value = value(0.5, "a password with MFA");
    /// A workload.
    pub const WORKLOAD: Value = value(0.5, "a workload runs as it");
    /// Federation.
    pub const SIGN_ON: Value = value(0.45, "people sign in to it by an identity provider");
    /// Within the account.
    pub const INSIDE: Value = value(0.4, "principals of the account");
    /// AWS services.
    pub const SERVICE: Value = value(0.35, "only an AWS service may assume it");
    /// Nobody.
    pub const NOBODY: Value = value(0.15, "nobody: no credentials, nobody trusted, attached to nothing");
    /// All of them, for the documentation.
    pub const ALL: [Value; 15] = [
        PUBLIC,
        STRANGERS,
        PASSWORD,
        KEY,
        PUBLIC_WORKLOAD,
        DEPUTY,
        VENDOR,
        UNKNOWN,
        SISTER,
        PASSWORD_AND_MFA,
        WORKLOAD,
        SIGN_ON,
        INSIDE,
        SERVICE,
        NOBODY,
    ];
}

/// Protection: what it leaves of the risk; several multiply.
pub mod protection {
    use super::{Value, value};

    /// MFA on the way.
    pub const MFA: Value = value(0.5, "every way asks for MFA");
    /// Another condition on the way.
    pub const CONDITIONS: Value = value(0.7, "conditions limit the way");
    /// A boundary.
    pub const BOUNDARY: Value = value(0.7, "a permissions boundary limits every principal concerned");
    /// Guardrails.
    pub const GUARDRAILS: Value = value(0.85, "the organization's policies deny something in the account");
    /// All of them, for the documentation.
    pub const ALL: [Value; 4] = [MFA, CONDITIONS, BOUNDARY, GUARDRAILS];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_value() {
        let page = include_str!("../../../../docs/audit.md");
        for value in reach::ALL.iter().chain(&way::ALL).chain(&protection::ALL) {
            let row = format!("| {} | {} |", value.value, value.when);
            assert!(page.contains(&row), "docs/audit.md lacks: {row}");
            assert!((0.0..=1.0).contains(&value.value));
        }
        for severity in Severity::ALL {
            let row = format!("| {} | {} |", opening(severity), severity.as_str());
            assert!(page.contains(&row), "docs/audit.md lacks: {row}");
        }
    }
}
