//! The table of all checks, in the order of the report.

use super::{
    Check, access_analyzer, audit_role, certificate_expired, certificate_expiring, console_mfa,
    console_people, console_unused, external_access, key_age, key_inactive, key_mfa, key_never_used,
    key_on_person, key_on_workload, key_setup, key_two, key_unused, organization_member, password,
    password_age, root_access_key, root_central, root_certificate, root_hardware_mfa, root_mfa, root_use,
    signing_certificate, support_role, unused_group, unused_permission_set, unused_permissions,
    unused_policy, unused_provider, unused_role, unused_user, user_mixed,
};

/// Every check.
pub const ALL: &[&Check] = &[
    // The root user and the account.
    &root_access_key::CHECK,
    &root_mfa::CHECK,
    &root_certificate::CHECK,
    &root_hardware_mfa::CHECK,
    &root_use::CHECK,
    &organization_member::CHECK,
    &root_central::CHECK,
    &access_analyzer::CHECK,
    &audit_role::CHECK,
    &support_role::CHECK,
    // Sign-in of people.
    &console_mfa::CHECK,
    &console_people::CHECK,
    &console_unused::CHECK,
    &key_mfa::CHECK,
    &password::LENGTH,
    &password::REUSE,
    &password::EXPIRY,
    &password::SYMBOLS,
    &password::NUMBERS,
    &password::UPPERCASE,
    &password::LOWERCASE,
    &password_age::CHECK,
    // Long-term credentials.
    &certificate_expired::CHECK,
    &key_age::CHECK,
    &key_never_used::CHECK,
    &key_on_person::CHECK,
    &key_on_workload::CHECK,
    &key_unused::CHECK,
    &certificate_expiring::CHECK,
    &key_setup::CHECK,
    &key_two::CHECK,
    &signing_certificate::CHECK,
    &key_inactive::CHECK,
    // Access from outside.
    &external_access::PUBLIC,
    &external_access::FEDERATED,
    &external_access::ACCOUNT,
    &external_access::ORGANIZATION,
    &external_access::VENDOR,
    &external_access::SERVICE,
    // What nobody uses.
    &unused_role::CHECK,
    &unused_user::CHECK,
    &unused_group::CHECK,
    &unused_permission_set::CHECK,
    &unused_permissions::CHECK,
    &unused_policy::CHECK,
    &unused_provider::CHECK,
    // Guardrails, boundaries, tags, owners.
    &user_mixed::CHECK,
];
