//! Centralized root access: which of its features are enabled.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html>.
//!
//! A realm is an organization: its first account is the management account, the others are members, and no account
//! is a delegated administrator. Trusted access and all features are on from the start.

use crate::call::Call;
use crate::demand::Demand;
use crate::first_start::management_account;
use crate::gate::Allowed;
use crate::row::Row;
use base::AccountId;
use directory::Tx;
use model::{OrganizationFeatures, Snapshot};
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::EnableOrganizationsRootCredentialsManagement>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            enable_credentials,
        ),
        Row::write::<ops::DisableOrganizationsRootCredentialsManagement>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            disable_credentials,
        ),
        Row::write::<ops::EnableOrganizationsRootSessions>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            enable_sessions,
        ),
        Row::write::<ops::DisableOrganizationsRootSessions>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            disable_sessions,
        ),
        Row::read::<ops::ListOrganizationsFeatures>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), list),
    ]
}

/// What every one of these operations answers.
type Shown = (Option<String>, Option<Vec<String>>);

fn enable_credentials(
    at: Allowed<'_, ops::EnableOrganizationsRootCredentialsManagement>,
    tx: &mut Tx<'_>,
    _: shape::EnableOrganizationsRootCredentialsManagementRequest,
) -> Result<shape::EnableOrganizationsRootCredentialsManagementResponse, Fault> {
    let (organization_id, enabled_features) =
        change(&at, tx, |features| features.root_credentials_management = true)?;
    Ok(shape::EnableOrganizationsRootCredentialsManagementResponse { organization_id, enabled_features })
}

fn disable_credentials(
    at: Allowed<'_, ops::DisableOrganizationsRootCredentialsManagement>,
    tx: &mut Tx<'_>,
    _: shape::DisableOrganizationsRootCredentialsManagementRequest,
) -> Result<shape::DisableOrganizationsRootCredentialsManagementResponse, Fault> {
    let (organization_id, enabled_features) =
        change(&at, tx, |features| features.root_credentials_management = false)?;
    Ok(shape::DisableOrganizationsRootCredentialsManagementResponse { organization_id, enabled_features })
}

fn enable_sessions(
    at: Allowed<'_, ops::EnableOrganizationsRootSessions>,
    tx: &mut Tx<'_>,
    _: shape::EnableOrganizationsRootSessionsRequest,
) -> Result<shape::EnableOrganizationsRootSessionsResponse, Fault> {
    let (organization_id, enabled_features) = change(&at, tx, |features| features.root_sessions = true)?;
    Ok(shape::EnableOrganizationsRootSessionsResponse { organization_id, enabled_features })
}

fn disable_sessions(
    at: Allowed<'_, ops::DisableOrganizationsRootSessions>,
    tx: &mut Tx<'_>,
    _: shape::DisableOrganizationsRootSessionsRequest,
) -> Result<shape::DisableOrganizationsRootSessionsResponse, Fault> {
    let (organization_id, enabled_features) = change(&at, tx, |features| features.root_sessions = false)?;
    Ok(shape::DisableOrganizationsRootSessionsResponse { organization_id, enabled_features })
}

fn list(
    at: Allowed<'_, ops::ListOrganizationsFeatures>,
    snapshot: &Snapshot,
    _: shape::ListOrganizationsFeaturesRequest,
) -> Result<shape::ListOrganizationsFeaturesResponse, Fault> {
    let management = management(&at, snapshot)?;
    let (organization_id, enabled_features) = shown(management, snapshot.organization_features());
    Ok(shape::ListOrganizationsFeaturesResponse { organization_id, enabled_features })
}

fn change(call: &Call, tx: &mut Tx<'_>, change: fn(&mut OrganizationFeatures)) -> Result<Shown, Fault> {
    let management = management(call, tx.snapshot())?;
    let mut features = tx.snapshot().organization_features();
    change(&mut features);
    tx.put(features);
    Ok(shown(management, features))
}

/// The management account, if it is the caller's.
fn management(call: &Call, snapshot: &Snapshot) -> Result<AccountId, Fault> {
    let management = management_account(snapshot)
        .ok_or_else(|| Fault::of(&errors::ORGANIZATION_NOT_FOUND, "There is no organization."))?;
    if management != call.account_id() {
        return Err(Fault::of(
            &errors::ACCOUNT_NOT_MANAGEMENT_OR_DELEGATED_ADMINISTRATOR,
            format!(
                "Account {} is neither the management account nor a delegated administrator.",
                call.account_id()
            ),
        ));
    }
    Ok(management)
}

fn shown(management: AccountId, features: OrganizationFeatures) -> Shown {
    let enabled = features.enabled().into_iter().map(str::to_owned).collect();
    (Some(organization_id(management)), Some(enabled))
}

/// The realm's id as an organization: made of its management account's, so that it never changes.
pub fn organization_id(management: AccountId) -> String {
    let mut number: u64 = management.as_str().parse().unwrap_or_default();
    let mut digits = Vec::new();
    while number > 0 {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.extend(char::from_digit(digit, 36));
        number /= 36;
    }
    let id: String = digits.iter().rev().collect();
    format!("o-{id:0>10}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organizations_id_has_aws_form() {
        let id = organization_id(AccountId::parse("123456789012").unwrap());
        assert!(id.starts_with("o-") && id.len() == 12 && !id.contains(|c: char| c.is_ascii_uppercase()));
        assert_ne!(id, organization_id(AccountId::parse("123456789013").unwrap()));
    }
}
