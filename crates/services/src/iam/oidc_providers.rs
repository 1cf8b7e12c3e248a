//! OpenID Connect providers.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html> and its neighbours.

use super::{encode, find, limits, tags};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::oidc::{BadIssuer, IssuerUrl};
use base::{Arn, UniqueId, Uuid};
use directory::Tx;
use model::snapshot::EntityKey;
use model::table::folded;
use model::{AccountState, Named, OidcProvider, Snapshot, quota};
use std::sync::Arc;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write_prepared::<ops::CreateOpenIDConnectProvider, _>(
            "iam",
            create_demands,
            thumbprints,
            create,
        ),
        Row::read::<ops::GetOpenIDConnectProvider>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.open_id_connect_provider_arn),
            get,
        ),
        Row::read::<ops::ListOpenIDConnectProviders>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), list),
        Row::write::<ops::DeleteOpenIDConnectProvider>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.open_id_connect_provider_arn),
            delete,
        ),
        Row::write::<ops::AddClientIDToOpenIDConnectProvider>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.open_id_connect_provider_arn),
            add_client,
        ),
        Row::write::<ops::RemoveClientIDFromOpenIDConnectProvider>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.open_id_connect_provider_arn),
            remove_client,
        ),
        Row::write::<ops::UpdateOpenIDConnectProviderThumbprint>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.open_id_connect_provider_arn),
            update_thumbprints,
        ),
    ]
}

fn on(call: &Call, snapshot: &Snapshot, arn: &str) -> Demanded {
    Ok(vec![demand(call, snapshot, arn)?])
}

/// A demand on the provider of this ARN.
pub fn demand(call: &Call, snapshot: &Snapshot, arn: &str) -> Result<Demand, Fault> {
    let demand = Demand::on(arn);
    Ok(match by_arn(call, call.account(snapshot)?, arn) {
        Some(provider) => demand.resource_tags(&provider.tags),
        None => demand,
    })
}

/// The provider of exactly this ARN.
fn by_arn<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Option<&'a Arc<OidcProvider>> {
    let (_, name) = arn.split_once(":oidc-provider/")?;
    account.oidc_providers.get(name).filter(|provider| provider.arn(call.partition).as_str() == arn)
}

/// The provider of this ARN.
pub fn named<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Result<&'a Arc<OidcProvider>, Fault> {
    check_arn(arn)?;
    by_arn(call, account, arn)
        .ok_or_else(|| find::no_such_entity(format!("OpenIDConnect Provider not found for arn {arn}")))
}

fn check_arn(arn: &str) -> Result<(), Fault> {
    let parts = base::ArnRef::parse(arn);
    let is_provider = parts.is_some_and(|it| {
        it.service == "iam" && it.region.is_empty() && it.resource.starts_with("oidc-provider/")
    });
    if is_provider { Ok(()) } else { Err(Fault::of(&errors::INVALID_INPUT, format!("Invalid ARN: {arn}"))) }
}

/// The ARN that a new provider will have.
fn new_arn(call: &Call, url: &str) -> String {
    let name = authn::oidc::issuer::name_of(url);
    Arn::global(call.partition.id(), "iam", call.account_id().as_str(), ["oidc-provider/", name]).into()
}

fn create_demands(input: &shape::CreateOpenIDConnectProviderRequest, call: &Call, _: &Snapshot) -> Demanded {
    let demand = Demand::on(new_arn(call, &input.url));
    Ok(tags::on_create(demand, "iam:TagOpenIDConnectProvider", input.tags.as_deref()))
}

/// What is wrong with a new provider before anybody is asked.
fn checked(
    call: &Call,
    account: &AccountState,
    input: &shape::CreateOpenIDConnectProviderRequest,
) -> Result<IssuerUrl, Fault> {
    let fetch = call.tools.issuers.fetch();
    let url = IssuerUrl::parse(&input.url, |host| fetch.may_be_plain(host)).map_err(|error| match error {
        BadIssuer::TooLong => too_long(&input.url),
        BadIssuer::Scheme | BadIssuer::Form => Fault::validation("Invalid Open ID Connect Provider URL"),
    })?;
    if account.oidc_providers.get(url.name()).is_some() {
        let message = format!("Provider with url {} already exists.", input.url);
        return Err(Fault::of(&errors::ENTITY_ALREADY_EXISTS, message));
    }
    limits::below("OpenIdConnectProvidersPerAccount", account.oidc_providers.len(), quota::OIDC_PROVIDERS)?;
    check_thumbprints(input.thumbprint_list.as_deref().unwrap_or_default())?;
    if input.client_id_list.as_ref().is_some_and(|all| all.len() > quota::CLIENT_IDS_PER_PROVIDER) {
        return Err(too_many_clients());
    }
    Ok(url)
}

fn too_long(url: &str) -> Fault {
    Fault::validation(format!(
        "1 validation error detected: Value '{url}' at 'url' failed to satisfy constraint: Member must have length less \
         than or equal to 255"
    ))
}

fn too_many_clients() -> Fault {
    limits::exceeded("ClientIdsPerOpenIdConnectProvider", quota::CLIENT_IDS_PER_PROVIDER)
}

fn check_thumbprints(all: &[String]) -> Result<(), Fault> {
    if all.len() > quota::THUMBPRINTS_PER_PROVIDER {
        return Err(Fault::of(&errors::INVALID_INPUT, "Thumbprint list must contain fewer than 5 entries."));
    }
    let is_hash = |text: &String| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match all.iter().find(|text| !is_hash(text)) {
        Some(text) => {
            Err(Fault::of(&errors::INVALID_INPUT, format!("Thumbprint {text} is not 40 hexadecimal digits.")))
        }
        None => Ok(()),
    }
}

/// What a new provider's server is known by.
#[derive(Debug)]
struct Thumbprints(Vec<String>);

/// The thumbprints of a new provider: those that are given, or the one that its server shows.
fn thumbprints(
    at: Allowed<'_, ops::CreateOpenIDConnectProvider>,
    snapshot: &Snapshot,
    input: &shape::CreateOpenIDConnectProviderRequest,
) -> Result<Thumbprints, Fault> {
    let url = checked(&at, at.account(snapshot)?, input)?;
    if let Some(given) = input.thumbprint_list.as_deref().filter(|given| !given.is_empty()) {
        return Ok(Thumbprints(given.iter().map(|it| it.to_ascii_lowercase()).collect()));
    }
    let shown = at.tools.issuers.fetch().thumbprint(url.as_str()).map_err(|error| {
        let message = format!("Unable to connect to the OpenID Connect provider {}: {error}", url.as_str());
        Fault::of(&errors::OPEN_ID_IDP_COMMUNICATION_ERROR, message)
    })?;
    Ok(Thumbprints(shown.into_iter().collect()))
}

fn create(
    at: Allowed<'_, ops::CreateOpenIDConnectProvider>,
    tx: &mut Tx<'_>,
    input: shape::CreateOpenIDConnectProviderRequest,
    thumbprints: &Thumbprints,
) -> Result<shape::CreateOpenIDConnectProviderResponse, Fault> {
    checked(&at, at.account_in(tx)?, &input)?;
    let mut client_ids: Vec<String> = Vec::new();
    for client in input.client_id_list.unwrap_or_default() {
        if !client_ids.contains(&client) {
            client_ids.push(client);
        }
    }
    let provider = OidcProvider {
        id: UniqueId::from_text(Uuid::random(&at.entropy).as_str()),
        account: at.account_id(),
        url: input.url,
        created: at.now.whole_seconds(),
        client_ids,
        thumbprints: thumbprints.0.clone(),
        tags: tags::checked(input.tags)?,
    };
    let shown = shape::CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(provider.arn(at.partition).into()),
        tags: shown_tags(&provider),
    };
    tx.put(provider);
    Ok(shown)
}

/// Sorted by key; nothing where there are none.
fn shown_tags(provider: &OidcProvider) -> Option<Vec<shape::Tag>> {
    let mut shown = encode::tag_list(&provider.tags);
    shown.sort_by_key(|tag| folded(&tag.key));
    (!shown.is_empty()).then_some(shown)
}

fn get(
    at: Allowed<'_, ops::GetOpenIDConnectProvider>,
    snapshot: &Snapshot,
    input: shape::GetOpenIDConnectProviderRequest,
) -> Result<shape::GetOpenIDConnectProviderResponse, Fault> {
    let provider = named(&at, at.account(snapshot)?, &input.open_id_connect_provider_arn)?;
    Ok(shape::GetOpenIDConnectProviderResponse {
        // Without its scheme, as AWS shows it.
        url: Some(provider.name().to_owned()),
        client_id_list: Some(provider.client_ids.clone()),
        thumbprint_list: Some(provider.thumbprints.clone()),
        create_date: Some(provider.created),
        tags: shown_tags(provider),
    })
}

fn list(
    at: Allowed<'_, ops::ListOpenIDConnectProviders>,
    snapshot: &Snapshot,
    _: shape::ListOpenIDConnectProvidersRequest,
) -> Result<shape::ListOpenIDConnectProvidersResponse, Fault> {
    let entry = |provider: &Arc<OidcProvider>| shape::OpenIDConnectProviderListEntry {
        arn: Some(provider.arn(at.partition).into()),
    };
    let all = at.account(snapshot)?.oidc_providers.iter().map(entry).collect();
    Ok(shape::ListOpenIDConnectProvidersResponse { open_id_connect_provider_list: Some(all) })
}

/// One that is not there is no error, and roles that trust it stay as they are.
fn delete(
    at: Allowed<'_, ops::DeleteOpenIDConnectProvider>,
    tx: &mut Tx<'_>,
    input: shape::DeleteOpenIDConnectProviderRequest,
) -> Result<Unit, Fault> {
    check_arn(&input.open_id_connect_provider_arn)?;
    let found = by_arn(&at, at.account_in(tx)?, &input.open_id_connect_provider_arn).map(Arc::clone);
    if let Some(provider) = found {
        tx.remove(&EntityKey::OidcProvider(provider.account, provider.id.clone()));
    }
    Ok(Unit)
}

/// One that is there already is no error.
fn add_client(
    at: Allowed<'_, ops::AddClientIDToOpenIDConnectProvider>,
    tx: &mut Tx<'_>,
    input: shape::AddClientIDToOpenIDConnectProviderRequest,
) -> Result<Unit, Fault> {
    let found = named(&at, at.account_in(tx)?, &input.open_id_connect_provider_arn)?;
    let mut provider = OidcProvider::clone(found);
    if !provider.client_ids.contains(&input.client_id) {
        if provider.client_ids.len() >= quota::CLIENT_IDS_PER_PROVIDER {
            return Err(too_many_clients());
        }
        provider.client_ids.push(input.client_id);
        tx.put(provider);
    }
    Ok(Unit)
}

/// One that is not there is no error.
fn remove_client(
    at: Allowed<'_, ops::RemoveClientIDFromOpenIDConnectProvider>,
    tx: &mut Tx<'_>,
    input: shape::RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<Unit, Fault> {
    let found = named(&at, at.account_in(tx)?, &input.open_id_connect_provider_arn)?;
    let mut provider = OidcProvider::clone(found);
    provider.client_ids.retain(|known| *known != input.client_id);
    tx.put(provider);
    Ok(Unit)
}

fn update_thumbprints(
    at: Allowed<'_, ops::UpdateOpenIDConnectProviderThumbprint>,
    tx: &mut Tx<'_>,
    input: shape::UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<Unit, Fault> {
    check_thumbprints(&input.thumbprint_list)?;
    let found = named(&at, at.account_in(tx)?, &input.open_id_connect_provider_arn)?;
    let mut provider = OidcProvider::clone(found);
    provider.thumbprints = input.thumbprint_list.iter().map(|it| it.to_ascii_lowercase()).collect();
    tx.put(provider);
    Ok(Unit)
}
