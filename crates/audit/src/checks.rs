//! The checks: one table of units, one file each.
//!
//! A check judges one account at a time and tells of each thing that it judges whether it is as it should be. Whoever
//! finds nothing says `pass`; whoever lacks an input says so.

mod abac;
mod access_analyzer;
mod admin_equivalent;
mod admin_workload;
mod attached;
mod audit_role;
mod boundary_creation;
mod boundary_removal;
mod certificate_expired;
mod certificate_expiring;
mod console_mfa;
mod console_people;
mod console_unused;
mod escalation;
mod external_access;
mod full_access;
mod guardrails;
mod inline_policies;
mod inline_same;
mod judged;
mod key_age;
mod key_inactive;
mod key_mfa;
mod key_never_used;
mod key_on_person;
mod key_on_workload;
mod key_setup;
mod key_two;
mod key_unused;
mod kit;
mod kms_duties;
mod mfa_conditions;
mod mfa_hardware;
mod mfa_privileged;
mod not_elements;
mod organization_member;
mod owner;
mod password;
mod password_age;
mod permission_set;
mod policy_lint;
mod policy_versions;
mod read_only_external;
mod resource_wildcard;
mod root_access_key;
mod root_central;
mod root_certificate;
mod root_hardware_mfa;
mod root_mfa;
mod root_use;
mod service_wildcard;
mod signing_certificate;
mod support_role;
mod suspended_account;
mod table;
mod trust_deleted;
mod trust_own;
mod unused_group;
mod unused_permission_set;
mod unused_permissions;
mod unused_policy;
mod unused_provider;
mod unused_role;
mod unused_user;
mod user_mixed;
mod user_no_group;
mod user_policies;
mod wide;
mod wide_actions;

pub use judged::Judged;
pub use table::ALL;

use crate::auditor::Auditor;
use crate::estate::Input;
use crate::finding::Severity;
use base::AccountId;
use serde::Serialize;

/// What a check is about; the grade is told by area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The root user and the account as a whole.
    Account,
    /// Sign-in of people: passwords and MFA.
    SignIn,
    /// Long-term credentials: keys and certificates.
    Credentials,
    /// What principals may do: administrators, wildcards.
    Privilege,
    /// Ways to more permissions than one was given.
    Escalation,
    /// Access from outside.
    External,
    /// What nobody uses.
    Unused,
    /// Owners, guardrails, boundaries, tags.
    Governance,
    /// How policies are written and kept.
    Policies,
}

impl Area {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 9] = [
        Self::Account,
        Self::SignIn,
        Self::Credentials,
        Self::Privilege,
        Self::Escalation,
        Self::External,
        Self::Unused,
        Self::Governance,
        Self::Policies,
    ];

    /// Its name in reports.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Account => "Root user and account",
            Self::SignIn => "Sign-in and MFA",
            Self::Credentials => "Long-term credentials",
            Self::Privilege => "Privileges",
            Self::Escalation => "Escalation paths",
            Self::External => "External access",
            Self::Unused => "Unused access",
            Self::Governance => "Guardrails and ownership",
            Self::Policies => "Policies",
        }
    }
}

/// A check.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its id: `root-access-key`.
    pub id: &'static str,
    /// How it should be, in a sentence: `The root user has no access keys`.
    pub title: &'static str,
    /// How bad it is if it is not; a finding may be less or more.
    pub severity: Severity,
    /// What it is about.
    pub area: Area,
    /// Why it matters.
    pub why: &'static str,
    /// How it is judged.
    pub judged: &'static str,
    /// What to do.
    pub remediation: &'static str,
    /// Pages to read.
    pub references: &'static [&'static str],
    /// What it cannot be judged without.
    pub needs: &'static [Input],
    /// Judges an account whose needed inputs are all there.
    pub run: fn(&Auditor<'_>, AccountId, &mut Judged<'_>),
}

/// The check of this id.
pub fn by_id(id: &str) -> Option<&'static Check> {
    ALL.iter().copied().find(|check| check.id == id)
}
