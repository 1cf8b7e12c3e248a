//! The account itself: its alias, and its numbers.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html> and
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>.

use super::{find, page};
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::AccountId;
use directory::Tx;
use model::{Account, AccountState, Snapshot, quota};
use std::collections::BTreeMap;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateAccountAlias>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), create_alias),
        Row::write::<ops::DeleteAccountAlias>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), delete_alias),
        Row::read::<ops::ListAccountAliases>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), list_aliases),
        Row::read::<ops::GetAccountSummary>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), summary),
    ]
}

/// An account has one alias at most: a new one takes the place of the old.
fn create_alias(
    at: Allowed<'_, ops::CreateAccountAlias>,
    tx: &mut Tx<'_>,
    input: shape::CreateAccountAliasRequest,
) -> Result<Unit, Fault> {
    check_alias(tx.snapshot(), &input.account_alias)?;
    let account = Account::clone(&at.account_in(tx)?.account);
    tx.put(Account { alias: Some(input.account_alias), ..account });
    Ok(Unit)
}

/// Refuses an alias that is no alias by its form, or that an account of the realm has.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html>.
pub fn check_alias(snapshot: &Snapshot, alias: &str) -> Result<(), Fault> {
    if let Some(rule) = broken_rule(alias) {
        let message = format!("The account alias {alias} is not valid: {rule}.");
        return Err(Fault::of(&errors::INVALID_INPUT, message));
    }
    if snapshot.account_by_alias(alias).is_some() {
        let message = format!("The account alias {alias} already exists.");
        return Err(Fault::of(&errors::ENTITY_ALREADY_EXISTS, message));
    }
    Ok(())
}

/// Which rule on the form of aliases is broken, if one is.
fn broken_rule(alias: &str) -> Option<&'static str> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let rules = [
        ((3..=63).contains(&alias.len()), "it must have 3 to 63 characters"),
        (alias.bytes().all(is_allowed), "it must be of lower-case letters, digits and hyphens"),
        (!alias.starts_with('-') && !alias.ends_with('-'), "it must not begin or end with a hyphen"),
        (!alias.contains("--"), "it must not have two hyphens in a row"),
        (AccountId::parse(alias).is_err(), "it must not look like an account id"),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
}

fn delete_alias(
    at: Allowed<'_, ops::DeleteAccountAlias>,
    tx: &mut Tx<'_>,
    input: shape::DeleteAccountAliasRequest,
) -> Result<Unit, Fault> {
    let account = Account::clone(&at.account_in(tx)?.account);
    if account.alias.as_ref() != Some(&input.account_alias) {
        return Err(find::no_such_entity(format!(
            "The account alias {} cannot be found.",
            input.account_alias
        )));
    }
    tx.put(Account { alias: None, ..account });
    Ok(Unit)
}

fn list_aliases(
    at: Allowed<'_, ops::ListAccountAliases>,
    snapshot: &Snapshot,
    input: shape::ListAccountAliasesRequest,
) -> Result<shape::ListAccountAliasesResponse, Fault> {
    let alias = at.account(snapshot)?.account.alias.clone();
    let page = page::of(alias, input.marker.as_deref(), input.max_items, String::clone)?;
    Ok(shape::ListAccountAliasesResponse {
        is_truncated: Some(page.is_truncated()),
        account_aliases: page.items,
        marker: page.marker,
    })
}

fn summary(
    at: Allowed<'_, ops::GetAccountSummary>,
    snapshot: &Snapshot,
    _: Unit,
) -> Result<shape::GetAccountSummaryResponse, Fault> {
    let numbers = numbers(at.account(snapshot)?);
    // No number here comes near the limit of the type: quotas bound them.
    let entry = |(key, number): (&str, usize)| (key.to_owned(), i32::try_from(number).unwrap_or(i32::MAX));
    let map: BTreeMap<String, i32> = numbers.into_iter().map(entry).collect();
    Ok(shape::GetAccountSummaryResponse { summary_map: Some(map) })
}

/// Versions of all managed policies that AWS lets an account have.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>.
const POLICY_VERSIONS_IN_USE: usize = 10_000;

/// Every key of the summary. The root user has neither password nor keys nor devices here, and kinds of
/// credentials that cannot be made yet are none.
fn numbers(account: &AccountState) -> [(&'static str, usize); 34] {
    [
        ("AccessKeysPerUserQuota", quota::ACCESS_KEYS_PER_USER),
        ("AccountAccessKeysPresent", 0),
        ("AccountMFAEnabled", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", quota::TRUST_POLICY_SIZE),
        ("AttachedPoliciesPerGroupQuota", quota::ATTACHED_POLICIES),
        ("AttachedPoliciesPerRoleQuota", quota::ATTACHED_POLICIES),
        ("AttachedPoliciesPerUserQuota", quota::ATTACHED_POLICIES),
        ("GlobalEndpointTokenVersion", if account.account.settings.v1_tokens { 1 } else { 2 }),
        ("GroupPolicySizeQuota", quota::GROUP_INLINE_SIZE),
        ("Groups", account.groups.len()),
        ("GroupsPerUserQuota", quota::GROUPS_PER_USER),
        ("GroupsQuota", quota::GROUPS),
        ("InstanceProfiles", account.instance_profiles.len()),
        ("InstanceProfilesQuota", quota::INSTANCE_PROFILES),
        ("MFADevices", account.mfa_devices.len()),
        ("MFADevicesInUse", account.mfa_devices.iter().filter(|device| device.enabled.is_some()).count()),
        ("Policies", account.policies.len()),
        ("PoliciesQuota", quota::POLICIES),
        ("PolicySizeQuota", quota::MANAGED_POLICY_SIZE),
        ("PolicyVersionsInUse", account.policies.iter().map(|policy| policy.versions.len()).sum()),
        ("PolicyVersionsInUseQuota", POLICY_VERSIONS_IN_USE),
        ("Providers", account.oidc_providers.len() + account.saml_providers.len()),
        ("RolePolicySizeQuota", quota::ROLE_INLINE_SIZE),
        ("Roles", account.roles.len()),
        ("RolesQuota", quota::ROLES),
        ("ServerCertificates", account.server_certificates.len()),
        ("ServerCertificatesQuota", quota::SERVER_CERTIFICATES),
        ("SigningCertificatesPerUserQuota", quota::SIGNING_CERTIFICATES_PER_USER),
        ("UserPolicySizeQuota", quota::USER_INLINE_SIZE),
        ("Users", account.users.len()),
        ("UsersQuota", quota::USERS),
        ("VersionsPerPolicyQuota", quota::POLICY_VERSIONS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use wire::iam::schema::SUMMARY_KEY_TYPE;

    #[test]
    fn aliases_follow_the_rules() {
        for good in ["abc", "my-company", "1-2", "12345678901", &"a".repeat(63)] {
            assert_eq!(broken_rule(good), None, "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["ab", &long, "Abc", "a_b", "-ab", "ab-", "a--b", "123456789012", "äöü"] {
            assert!(broken_rule(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn the_summary_has_every_key_of_the_model() {
        let id = AccountId::parse("123456789012").unwrap();
        let mut snapshot = Snapshot::default();
        snapshot.put(Account::new(id, "", base::Timestamp::from_seconds(0)).into()).unwrap();
        let keys: BTreeSet<_> =
            numbers(snapshot.account(id).unwrap()).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, SUMMARY_KEY_TYPE.values.iter().copied().collect());
    }
}
