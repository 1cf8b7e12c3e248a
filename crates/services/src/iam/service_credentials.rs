//! Service-specific credentials: user names and passwords, or API keys, for one service each.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html> and its
//! neighbours.
//!
//! Passwords and secrets are shown once and kept as a hash.

use super::{find, limits, page, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use aws_lc_rs::digest::{SHA256, digest};
use base::{Entropy as _, IdKind, SecretString, Timestamp, UniqueId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use directory::Tx;
use model::user_credentials::ServiceCredential;
use model::{AccountState, KeyStatus, Snapshot, User, quota};
use std::sync::Arc;
use wire::iam::{self as shape, ops};
use wire::{Fault, Unit};

/// A service with credentials of its own.
#[derive(Debug, PartialEq, Eq)]
struct Service {
    name: &'static str,
    /// What its API keys begin with; `None` if it has a user name and a password instead.
    api_key: Option<&'static str>,
}

/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html>.
const SERVICES: [Service; 4] = [
    Service { name: "bedrock.amazonaws.com", api_key: Some("ABSK") },
    Service { name: "cassandra.amazonaws.com", api_key: None },
    Service { name: "codecommit.amazonaws.com", api_key: None },
    Service { name: "logs.amazonaws.com", api_key: Some("ACWL") },
];

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateServiceSpecificCredential>(
            "iam",
            |input, call, snapshot| {
                let days = input.credential_age_days.map(|days| days.to_string());
                let user = target::user(call, snapshot, &input.user_name)?;
                let user = user.key("iam:servicespecificcredentialservicename", input.service_name.clone());
                Ok(vec![user.key_if("iam:servicespecificcredentialagedays", days)])
            },
            create,
        ),
        Row::read::<ops::ListServiceSpecificCredentials>(
            "iam",
            |input, call, snapshot| {
                if input.all_users == Some(true) {
                    return Ok(vec![Demand::on(target::user_arn(call, "/", ""))]);
                }
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            list,
        ),
        Row::write::<ops::UpdateServiceSpecificCredential>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            update,
        ),
        Row::write::<ops::ResetServiceSpecificCredential>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            reset,
        ),
        Row::write::<ops::DeleteServiceSpecificCredential>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            delete,
        ),
    ]
}

fn service(name: &str) -> Result<&'static Service, Fault> {
    SERVICES.iter().find(|service| service.name == name).ok_or_else(|| {
        find::no_such_entity(format!("No such service {name} is supported for Service Specific Credentials"))
    })
}

fn create(
    at: Allowed<'_, ops::CreateServiceSpecificCredential>,
    tx: &mut Tx<'_>,
    input: shape::CreateServiceSpecificCredentialRequest,
) -> Result<shape::CreateServiceSpecificCredentialResponse, Fault> {
    let account = at.account_in(tx)?;
    let mut user = User::clone(find::user(account, &input.user_name)?);
    let service = service(&input.service_name)?;
    let own = user.credentials.service_specific.iter().filter(|known| known.service == service.name);
    limits::below("ServiceSpecificCredentialsPerUser", own.count(), quota::SERVICE_CREDENTIALS_PER_USER)?;
    let login = free_login(account, service, &user);
    let secret = new_secret(&at, service, &login);
    let made = ServiceCredential {
        id: UniqueId::generate(IdKind::ServiceCredential, user.account, &at.entropy),
        service: service.name.to_owned(),
        login,
        status: KeyStatus::Active,
        created: at.now.whole_seconds(),
        expires: expiry(&at, service, input.credential_age_days)?,
        hash: hash(&secret),
    };
    let shown = revealed(&user, &made, secret);
    user.credentials.service_specific.push(made);
    tx.put(user);
    Ok(shape::CreateServiceSpecificCredentialResponse { service_specific_credential: Some(shown) })
}

const DAY_SECONDS: i64 = 86_400;

fn expiry(call: &Call, service: &Service, days: Option<i32>) -> Result<Option<Timestamp>, Fault> {
    match days {
        Some(_) if service.api_key.is_none() => Err(Fault::validation(
            "CredentialAgeDays is only valid for services that support long-term API keys.",
        )),
        Some(days) => Ok(Some(Timestamp::from_seconds(call.now.seconds() + i64::from(days) * DAY_SECONDS))),
        None => Ok(None),
    }
}

/// `NAME-at-ACCOUNT`, with a number where that is taken: by another of the user's, or by the namesake that the user
/// was before.
fn free_login(account: &AccountState, service: &Service, user: &User) -> String {
    let all = account.users.iter().flat_map(|user| &user.credentials.service_specific);
    let taken: Vec<&str> =
        all.filter(|known| known.service == service.name).map(|known| known.login.as_str()).collect();
    let plain = std::iter::once(format!("{}-at-{}", user.name, user.account));
    let numbered = (1..).map(|number: u32| format!("{}+{number}-at-{}", user.name, user.account));
    plain.chain(numbered).find(|login| !taken.contains(&login.as_str())).unwrap_or_default()
}

/// Random bytes of a secret: sixty characters of base64, the form of AWS's.
const SECRET_BYTES: usize = 44;

fn new_secret(call: &Call, service: &Service, login: &str) -> SecretString {
    let mut bytes = [0; SECRET_BYTES];
    call.entropy.fill(&mut bytes);
    let text = STANDARD.encode(bytes);
    SecretString::new(match service.api_key {
        Some(start) => format!("{start}{}", STANDARD.encode(format!("{login}:{text}"))),
        None => text,
    })
}

fn hash(secret: &SecretString) -> Vec<u8> {
    digest(&SHA256, secret.expose().as_bytes()).as_ref().to_vec()
}

/// With its password or secret, which no other answer has.
fn revealed(
    user: &User,
    credential: &ServiceCredential,
    secret: SecretString,
) -> shape::ServiceSpecificCredential {
    let metadata = shown(user, credential, credential.created);
    let is_api_key = metadata.service_credential_alias.is_some();
    let (password, secret) = if is_api_key { (None, Some(secret)) } else { (Some(secret), None) };
    shape::ServiceSpecificCredential {
        create_date: metadata.create_date,
        expiration_date: metadata.expiration_date,
        service_name: metadata.service_name,
        service_user_name: metadata.service_user_name,
        service_password: password,
        service_credential_alias: metadata.service_credential_alias,
        service_credential_secret: secret,
        service_specific_credential_id: metadata.service_specific_credential_id,
        user_name: metadata.user_name,
        status: metadata.status,
    }
}

fn shown(
    user: &User,
    credential: &ServiceCredential,
    now: Timestamp,
) -> shape::ServiceSpecificCredentialMetadata {
    let service = SERVICES.iter().find(|service| service.name == credential.service);
    let is_api_key = service.is_some_and(|service| service.api_key.is_some());
    let login = Some(credential.login.clone());
    let (user_name, alias) = if is_api_key { (None, login) } else { (login, None) };
    let status = if credential.is_expired(now) { "Expired" } else { credential.status.as_str() };
    shape::ServiceSpecificCredentialMetadata {
        user_name: user.name.clone(),
        status: status.to_owned(),
        service_user_name: user_name,
        service_credential_alias: alias,
        create_date: credential.created,
        expiration_date: credential.expires,
        service_specific_credential_id: credential.id.to_string(),
        service_name: credential.service.clone(),
    }
}

fn list(
    at: Allowed<'_, ops::ListServiceSpecificCredentials>,
    snapshot: &Snapshot,
    input: shape::ListServiceSpecificCredentialsRequest,
) -> Result<shape::ListServiceSpecificCredentialsResponse, Fault> {
    let wanted = input.service_name.as_deref().map(service).transpose()?;
    let users = users(&at, at.account(snapshot)?, &input)?;
    let of_user = |user: &'_ Arc<User>| {
        let user = Arc::clone(user);
        let own = user.credentials.service_specific.iter();
        let own = own.filter(|known| wanted.is_none_or(|wanted| wanted.name == known.service));
        own.map(|known| shown(&user, known, at.now)).collect::<Vec<_>>()
    };
    let by_age = |one: &shape::ServiceSpecificCredentialMetadata| {
        format!("{}/{}", one.create_date.iso(), one.service_specific_credential_id)
    };
    let mut all: Vec<_> = users.into_iter().flat_map(of_user).collect();
    all.sort_by_key(by_age);
    let page = page::of(all, input.marker.as_deref(), input.max_items, by_age)?;
    Ok(shape::ListServiceSpecificCredentialsResponse {
        is_truncated: Some(page.is_truncated()),
        service_specific_credentials: Some(page.items),
        marker: page.marker,
    })
}

fn users<'a>(
    call: &Call,
    account: &'a AccountState,
    input: &shape::ListServiceSpecificCredentialsRequest,
) -> Result<Vec<&'a Arc<User>>, Fault> {
    match (input.all_users, &input.user_name) {
        (Some(true), Some(_)) => {
            Err(Fault::validation("AllUsers and UserName cannot be specified together."))
        }
        (Some(true), None) => Ok(account.users.iter().collect()),
        (_, name) => Ok(target::holder(call, account, name.as_deref())?.into_iter().collect()),
    }
}

fn update(
    at: Allowed<'_, ops::UpdateServiceSpecificCredential>,
    tx: &mut Tx<'_>,
    input: shape::UpdateServiceSpecificCredentialRequest,
) -> Result<Unit, Fault> {
    let id = &input.service_specific_credential_id;
    let (mut user, place) = place(&at, tx, input.user_name.as_deref(), id)?;
    let status = target::status(&input.status)?;
    if let Some(known) = user.credentials.service_specific.get_mut(place) {
        known.status = status;
    }
    tx.put(user);
    Ok(Unit)
}

fn reset(
    at: Allowed<'_, ops::ResetServiceSpecificCredential>,
    tx: &mut Tx<'_>,
    input: shape::ResetServiceSpecificCredentialRequest,
) -> Result<shape::ResetServiceSpecificCredentialResponse, Fault> {
    let id = &input.service_specific_credential_id;
    let (mut user, place) = place(&at, tx, input.user_name.as_deref(), id)?;
    let mut known = user.credentials.service_specific.remove(place);
    let secret = new_secret(&at, service(&known.service)?, &known.login);
    known.hash = hash(&secret);
    let shown = revealed(&user, &known, secret);
    user.credentials.service_specific.insert(place, known);
    tx.put(user);
    Ok(shape::ResetServiceSpecificCredentialResponse { service_specific_credential: Some(shown) })
}

fn delete(
    at: Allowed<'_, ops::DeleteServiceSpecificCredential>,
    tx: &mut Tx<'_>,
    input: shape::DeleteServiceSpecificCredentialRequest,
) -> Result<Unit, Fault> {
    let id = &input.service_specific_credential_id;
    let (mut user, place) = place(&at, tx, input.user_name.as_deref(), id)?;
    user.credentials.service_specific.remove(place);
    tx.put(user);
    Ok(Unit)
}

/// A user to be changed, and where its credential of this id is. The root user has none.
fn place(call: &Call, tx: &Tx<'_>, user: Option<&str>, id: &str) -> Result<(User, usize), Fault> {
    let missing = || find::no_such_entity(format!("No such credential {id} exists"));
    let user = target::holder(call, call.account_in(tx)?, user)?.ok_or_else(missing)?;
    let place = user.credentials.service_specific.iter().position(|known| known.id.as_str() == id);
    Ok((User::clone(user), place.ok_or_else(missing)?))
}
