//! Outbound web identity federation: whether the account's principals get tokens for others, and who issues them.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOutboundWebIdentityFederation.html> and its
//! neighbours.

use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::issuer_keys::{self, SealedKeys};
use crate::row::{Demanded, Row};
use base::Uuid;
use directory::Tx;
use model::{Account, OutboundFederation, Snapshot};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write_prepared::<ops::EnableOutboundWebIdentityFederation, _>("iam", anywhere, prepare, enable),
        Row::write::<ops::DisableOutboundWebIdentityFederation>("iam", anywhere, disable),
        Row::read::<ops::GetOutboundWebIdentityFederationInfo>("iam", anywhere, info),
    ]
}

fn anywhere(_: &Unit, _: &Call, _: &Snapshot) -> Demanded {
    Ok(vec![Demand::anywhere()])
}

/// Making keys takes long.
fn prepare(
    at: Allowed<'_, ops::EnableOutboundWebIdentityFederation>,
    snapshot: &Snapshot,
    _: &Unit,
) -> Result<SealedKeys, Fault> {
    refuse_enabled(&at.account(snapshot)?.account)?;
    issuer_keys::make(at.account_id(), at.now, &at.tools.keys, &at.entropy).map_err(|_| Fault::internal())
}

fn refuse_enabled(account: &Account) -> Result<(), Fault> {
    if account.outbound.as_ref().is_some_and(|outbound| outbound.enabled) {
        return Err(Fault::of(
            &errors::FEATURE_ENABLED,
            "Outbound web identity federation is already enabled for this account.",
        ));
    }
    Ok(())
}

fn refuse_disabled(account: &Account) -> Result<OutboundFederation, Fault> {
    account.outbound.clone().filter(|outbound| outbound.enabled).ok_or_else(|| {
        Fault::of(
            &errors::FEATURE_DISABLED,
            "Outbound web identity federation is not enabled for this account.",
        )
    })
}

/// The issuer's address stays the same when the feature was enabled before: others trust it.
fn enable(
    at: Allowed<'_, ops::EnableOutboundWebIdentityFederation>,
    tx: &mut Tx<'_>,
    _: Unit,
    keys: &SealedKeys,
) -> Result<shape::EnableOutboundWebIdentityFederationResponse, Fault> {
    let account = Account::clone(&at.account_in(tx)?.account);
    refuse_enabled(&account)?;
    let known = account.outbound.as_ref().map(|outbound| outbound.issuer.clone());
    let issuer = known.unwrap_or_else(|| Uuid::random(&at.entropy).to_string());
    let identifier = at.tools.issuer_url(&issuer);
    issuer_keys::put(tx, at.account_id(), keys);
    tx.put(Account { outbound: Some(OutboundFederation { issuer, enabled: true }), ..account });
    Ok(shape::EnableOutboundWebIdentityFederationResponse { issuer_identifier: Some(identifier) })
}

/// Tokens that were issued stay good until they expire: the keys stay where others look for them.
fn disable(
    at: Allowed<'_, ops::DisableOutboundWebIdentityFederation>,
    tx: &mut Tx<'_>,
    _: Unit,
) -> Result<Unit, Fault> {
    let account = Account::clone(&at.account_in(tx)?.account);
    let outbound = refuse_disabled(&account)?;
    tx.put(Account { outbound: Some(OutboundFederation { enabled: false, ..outbound }), ..account });
    Ok(Unit)
}

fn info(
    at: Allowed<'_, ops::GetOutboundWebIdentityFederationInfo>,
    snapshot: &Snapshot,
    _: Unit,
) -> Result<shape::GetOutboundWebIdentityFederationInfoResponse, Fault> {
    let outbound = refuse_disabled(&at.account(snapshot)?.account)?;
    Ok(shape::GetOutboundWebIdentityFederationInfoResponse {
        issuer_identifier: Some(at.tools.issuer_url(&outbound.issuer)),
        jwt_vending_enabled: Some(true),
    })
}
