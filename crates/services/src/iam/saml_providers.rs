//! SAML providers.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html> and its neighbours.

use super::{encode, find, limits, tags};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::saml::identify::provider_name;
use authn::saml::{DecryptionKey, Metadata};
use base::{Arn, SecretString, Timestamp, UniqueId, Uuid};
use directory::Tx;
use model::snapshot::EntityKey;
use model::table::folded;
use model::{AccountState, AssertionEncryption, SamlPrivateKey, SamlProvider, Snapshot, quota};
use std::sync::Arc;
use std::time::Duration;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// How long metadata holds that does not say so: a hundred years of 365.25 days, as AWS shows it.
const UNLIMITED: Duration = Duration::from_secs(36_525 * 86_400);

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write_prepared::<ops::CreateSAMLProvider, _>("iam", create_demands, prepare_new, create),
        Row::read::<ops::GetSAMLProvider>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.saml_provider_arn),
            get,
        ),
        Row::read::<ops::ListSAMLProviders>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), list),
        Row::write_prepared::<ops::UpdateSAMLProvider, _>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.saml_provider_arn),
            prepare_change,
            update,
        ),
        Row::write::<ops::DeleteSAMLProvider>(
            "iam",
            |input, call, snapshot| on(call, snapshot, &input.saml_provider_arn),
            delete,
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

fn by_arn<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Option<&'a Arc<SamlProvider>> {
    let provider = account.saml_providers.get(provider_name(arn)?)?;
    (provider.arn(call.partition).as_str() == arn).then_some(provider)
}

/// The provider of this ARN.
///
/// # Errors
/// `InvalidInput` if it is no provider's ARN, `NoSuchEntity` if there is none of it.
pub fn named<'a>(call: &Call, account: &'a AccountState, arn: &str) -> Result<&'a Arc<SamlProvider>, Fault> {
    if provider_name(arn).is_none() {
        return Err(invalid(format!("Invalid ARN: {arn}")));
    }
    by_arn(call, account, arn)
        .ok_or_else(|| find::no_such_entity(format!("Manifest not found for arn {arn}")))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::of(&errors::INVALID_INPUT, message)
}

fn create_demands(input: &shape::CreateSAMLProviderRequest, call: &Call, _: &Snapshot) -> Demanded {
    let resource = ["saml-provider/", &input.name];
    let arn = Arn::global(call.partition.id(), "iam", call.account_id().as_str(), resource);
    Ok(tags::on_create(Demand::on(arn), "iam:TagSAMLProvider", input.tags.as_deref()))
}

/// What is read and sealed ahead of the transaction.
struct Ready {
    metadata: Option<Metadata>,
    key: Option<SamlPrivateKey>,
}

fn prepare_new(
    at: Allowed<'_, ops::CreateSAMLProvider>,
    snapshot: &Snapshot,
    input: &shape::CreateSAMLProviderRequest,
) -> Result<Ready, Fault> {
    check_new(at.account(snapshot)?, &input.name)?;
    ready(&at, Some(&input.saml_metadata_document), input.add_private_key.as_ref())
}

fn check_new(account: &AccountState, name: &str) -> Result<(), Fault> {
    if account.saml_providers.get(name).is_some() {
        let message = format!("SAMLProvider {name} already exists.");
        return Err(Fault::of(&errors::ENTITY_ALREADY_EXISTS, message));
    }
    limits::below("SAMLProvidersPerAccount", account.saml_providers.len(), quota::SAML_PROVIDERS)
}

fn prepare_change(
    at: Allowed<'_, ops::UpdateSAMLProvider>,
    snapshot: &Snapshot,
    input: &shape::UpdateSAMLProviderRequest,
) -> Result<Ready, Fault> {
    named(&at, at.account(snapshot)?, &input.saml_provider_arn)?;
    ready(&at, input.saml_metadata_document.as_deref(), input.add_private_key.as_ref())
}

fn ready(call: &Call, document: Option<&str>, pem: Option<&SecretString>) -> Result<Ready, Fault> {
    let read =
        |text| Metadata::parse(text).map_err(|error| invalid(format!("Could not parse metadata: {error}.")));
    let metadata = document.map(read).transpose()?;
    if metadata.as_ref().and_then(|it| it.valid_until).is_some_and(|until| until <= call.now) {
        return Err(invalid("Could not parse metadata: its validUntil has passed."));
    }
    Ok(Ready { metadata, key: pem.map(|pem| sealed(call, pem)).transpose()? })
}

fn sealed(call: &Call, pem: &SecretString) -> Result<SamlPrivateKey, Fault> {
    let key =
        DecryptionKey::from_pem(pem.expose()).map_err(|error| invalid(format!("Invalid key: {error}.")))?;
    let id = fresh_id(call);
    let sealed = key.seal(&call.tools.keys, id.as_str(), &call.entropy).map_err(|_| Fault::internal())?;
    Ok(SamlPrivateKey { id, created: call.now.whole_seconds(), sealed })
}

/// An id as the model has it for providers and their keys: 22 to 64 capital letters and digits.
fn fresh_id(call: &Call) -> UniqueId {
    let random = Uuid::random(&call.entropy);
    UniqueId::from_text(random.as_str().replace('-', "").to_ascii_uppercase())
}

fn create(
    at: Allowed<'_, ops::CreateSAMLProvider>,
    tx: &mut Tx<'_>,
    input: shape::CreateSAMLProviderRequest,
    ready: &Ready,
) -> Result<shape::CreateSAMLProviderResponse, Fault> {
    check_new(at.account_in(tx)?, &input.name)?;
    let metadata = ready.metadata.as_ref().ok_or_else(Fault::internal)?;
    let created = at.now.whole_seconds();
    let mut provider = SamlProvider {
        id: fresh_id(&at),
        account: at.account_id(),
        name: input.name,
        created,
        metadata: String::new(),
        entity_id: String::new(),
        valid_until: created,
        signing_keys: Vec::new(),
        encryption: mode(input.assertion_encryption_mode.as_deref()),
        private_keys: ready.key.iter().cloned().collect(),
        tags: tags::checked(input.tags)?,
    };
    describe(&mut provider, input.saml_metadata_document, metadata, created);
    check_encryption(&provider)?;
    let shown = shape::CreateSAMLProviderResponse {
        saml_provider_arn: Some(provider.arn(at.partition).into()),
        tags: sorted_tags(&provider),
    };
    tx.put(provider);
    Ok(shown)
}

/// Gives a provider its metadata, and what follows from it.
fn describe(provider: &mut SamlProvider, document: String, read: &Metadata, now: Timestamp) {
    provider.metadata = document;
    provider.entity_id.clone_from(&read.entity_id);
    provider.valid_until = read.valid_until.map_or(now + UNLIMITED, Timestamp::whole_seconds);
    provider.signing_keys = read.keys.iter().map(|key| key.der.clone()).collect();
}

/// The model lets in no other names.
fn mode(name: Option<&str>) -> Option<AssertionEncryption> {
    name.and_then(AssertionEncryption::named)
}

/// Who demands encryption must be able to decrypt.
fn check_encryption(provider: &SamlProvider) -> Result<(), Fault> {
    if provider.must_encrypt() && provider.private_keys.is_empty() {
        return Err(invalid("AssertionEncryptionMode Required needs a private key."));
    }
    Ok(())
}

fn sorted_tags(provider: &SamlProvider) -> Option<Vec<shape::Tag>> {
    let mut tags = encode::tags(&provider.tags)?;
    tags.sort_by_key(|tag| folded(&tag.key));
    Some(tags)
}

fn get(
    at: Allowed<'_, ops::GetSAMLProvider>,
    snapshot: &Snapshot,
    input: shape::GetSAMLProviderRequest,
) -> Result<shape::GetSAMLProviderResponse, Fault> {
    let provider = named(&at, at.account(snapshot)?, &input.saml_provider_arn)?;
    let keys = provider
        .private_keys
        .iter()
        .map(|key| shape::SAMLPrivateKey { key_id: Some(key.id.to_string()), timestamp: Some(key.created) });
    let keys: Vec<_> = keys.collect();
    Ok(shape::GetSAMLProviderResponse {
        saml_provider_uuid: Some(provider.id.to_string()),
        saml_metadata_document: Some(provider.metadata.clone()),
        create_date: Some(provider.created),
        valid_until: Some(provider.valid_until),
        tags: sorted_tags(provider),
        assertion_encryption_mode: provider.encryption.map(|mode| mode.as_str().to_owned()),
        private_key_list: (!keys.is_empty()).then_some(keys),
    })
}

fn list(
    at: Allowed<'_, ops::ListSAMLProviders>,
    snapshot: &Snapshot,
    _: shape::ListSAMLProvidersRequest,
) -> Result<shape::ListSAMLProvidersResponse, Fault> {
    let shown = at.account(snapshot)?.saml_providers.iter().map(|provider| shape::SAMLProviderListEntry {
        arn: Some(provider.arn(at.partition).into()),
        valid_until: Some(provider.valid_until),
        create_date: Some(provider.created),
    });
    Ok(shape::ListSAMLProvidersResponse { saml_provider_list: Some(shown.collect()) })
}

fn update(
    at: Allowed<'_, ops::UpdateSAMLProvider>,
    tx: &mut Tx<'_>,
    input: shape::UpdateSAMLProviderRequest,
    ready: &Ready,
) -> Result<shape::UpdateSAMLProviderResponse, Fault> {
    let mut provider = SamlProvider::clone(named(&at, at.account_in(tx)?, &input.saml_provider_arn)?);
    check_change(&input)?;
    if let (Some(document), Some(metadata)) = (input.saml_metadata_document, &ready.metadata) {
        describe(&mut provider, document, metadata, at.now.whole_seconds());
    }
    if let Some(key) = &ready.key {
        limits::below("SAMLPrivateKeysPerProvider", provider.private_keys.len(), quota::SAML_PRIVATE_KEYS)?;
        provider.private_keys.push(key.clone());
    }
    if let Some(id) = &input.remove_private_key {
        let place = provider.private_keys.iter().position(|key| key.id.as_str() == id);
        let missing = || find::no_such_entity(format!("The private key with id {id} cannot be found."));
        provider.private_keys.remove(place.ok_or_else(missing)?);
    }
    if let Some(mode) = mode(input.assertion_encryption_mode.as_deref()) {
        provider.encryption = Some(mode);
    }
    check_encryption(&provider)?;
    let arn = provider.arn(at.partition);
    tx.put(provider);
    Ok(shape::UpdateSAMLProviderResponse { saml_provider_arn: Some(arn.into()) })
}

/// Something is to change, and a key is not to come and another to go at once.
fn check_change(input: &shape::UpdateSAMLProviderRequest) -> Result<(), Fault> {
    if input.add_private_key.is_some() && input.remove_private_key.is_some() {
        return Err(invalid("Add the new private key and remove the old one in separate requests."));
    }
    let changes = [
        input.saml_metadata_document.is_some(),
        input.assertion_encryption_mode.is_some(),
        input.add_private_key.is_some(),
        input.remove_private_key.is_some(),
    ];
    if changes.contains(&true) { Ok(()) } else { Err(invalid("There is nothing to update.")) }
}

/// Roles whose trust names it stay as they are; nobody assumes them by it any more.
fn delete(
    at: Allowed<'_, ops::DeleteSAMLProvider>,
    tx: &mut Tx<'_>,
    input: shape::DeleteSAMLProviderRequest,
) -> Result<Unit, Fault> {
    let provider = Arc::clone(named(&at, at.account_in(tx)?, &input.saml_provider_arn)?);
    tx.remove(&EntityKey::SamlProvider(provider.account, provider.id.clone()));
    Ok(Unit)
}
