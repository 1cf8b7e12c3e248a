//! What an account sets for itself: the version of STS tokens, account properties.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutAccountProperties.html>.

use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use directory::Tx;
use model::{Account, Snapshot};
use std::collections::BTreeSet;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::SetSecurityTokenServicePreferences>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            set_token_version,
        ),
        Row::read::<ops::GetAccountProperties>(
            "iam",
            |_, call, snapshot| {
                let known = &call.account(snapshot)?.account.settings.properties;
                Ok(vec![with_namespaces(known.keys())])
            },
            properties,
        ),
        Row::write::<ops::PutAccountProperties>(
            "iam",
            |input, _, _| Ok(vec![with_namespaces(input.properties.keys())]),
            put_properties,
        ),
    ]
}

/// Tokens are the same in both versions: every region that is served takes them. Only the setting is kept.
fn set_token_version(
    at: Allowed<'_, ops::SetSecurityTokenServicePreferences>,
    tx: &mut Tx<'_>,
    input: shape::SetSecurityTokenServicePreferencesRequest,
) -> Result<Unit, Fault> {
    let mut account = Account::clone(&at.account_in(tx)?.account);
    account.settings.v1_tokens = input.global_endpoint_token_version == "v1Token";
    tx.put(account);
    Ok(Unit)
}

/// `iam:AccountPropertyNamespaces`, of which a request has several.
fn with_namespaces<'k>(keys: impl Iterator<Item = &'k String>) -> Demand {
    let namespaces: BTreeSet<String> = keys.filter_map(|key| namespace(key)).map(str::to_owned).collect();
    Demand::anywhere().values("iam:accountpropertynamespaces", namespaces.into_iter().collect())
}

/// The part before the one `/` of a key; `None` if it is not of the form `Namespace/PropertyName`.
fn namespace(key: &str) -> Option<&str> {
    let (namespace, name) = key.split_once('/')?;
    (!namespace.is_empty() && !name.is_empty() && !name.contains('/')).then_some(namespace)
}

fn properties(
    at: Allowed<'_, ops::GetAccountProperties>,
    snapshot: &Snapshot,
    _: shape::GetAccountPropertiesRequest,
) -> Result<shape::GetAccountPropertiesResponse, Fault> {
    let known = at.account(snapshot)?.account.settings.properties.clone();
    Ok(shape::GetAccountPropertiesResponse { properties: Some(known) })
}

/// Properties that an account has at most; AWS tells no number.
const PROPERTIES: usize = 50;

fn put_properties(
    at: Allowed<'_, ops::PutAccountProperties>,
    tx: &mut Tx<'_>,
    input: shape::PutAccountPropertiesRequest,
) -> Result<shape::PutAccountPropertiesResponse, Fault> {
    let namespaces: BTreeSet<Option<&str>> = input.properties.keys().map(|key| namespace(key)).collect();
    if namespaces.contains(&None) {
        return Err(invalid("A property key must have the form Namespace/PropertyName."));
    }
    if namespaces.len() != 1 {
        return Err(invalid("All properties in a request must belong to the same namespace."));
    }
    let mut account = Account::clone(&at.account_in(tx)?.account);
    account.settings.properties.extend(input.properties);
    if account.settings.properties.len() > PROPERTIES {
        return Err(invalid("The account has too many properties."));
    }
    tx.put(account);
    Ok(shape::PutAccountPropertiesResponse {})
}

fn invalid(message: &str) -> Fault {
    Fault::of(&errors::INVALID_INPUT, message)
}
