//! Server certificates.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html> and its neighbours.
//!
//! The private key is checked against the certificate, sealed, and never shown.

use super::x509::{Certificate, NoKey, PrivateKey};
use super::{encode, find, limits, page, tags, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, Timestamp, UniqueId};
use directory::Tx;
use model::snapshot::EntityKey;
use model::{ServerCertificate, Snapshot, quota};
use std::sync::Arc;
use store::seal::Place;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write_prepared::<ops::UploadServerCertificate, _>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                let arn = target::server_certificate_arn(call, path, &input.server_certificate_name);
                Ok(vec![Demand::on(arn).request_tags(&tags::read(input.tags.as_deref()))])
            },
            check,
            upload,
        ),
        Row::read::<ops::GetServerCertificate>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::server_certificate(call, snapshot, &input.server_certificate_name)?])
            },
            get,
        ),
        Row::read::<ops::ListServerCertificates>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), list),
        Row::write::<ops::UpdateServerCertificate>(
            "iam",
            |input, call, snapshot| {
                let old = target::server_certificate(call, snapshot, &input.server_certificate_name)?;
                Ok(std::iter::once(old).chain(renamed(input, call, snapshot)?).collect())
            },
            update,
        ),
        Row::write::<ops::DeleteServerCertificate>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::server_certificate(call, snapshot, &input.server_certificate_name)?])
            },
            delete,
        ),
    ]
}

/// The right to the new name and path, where they change.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServerCertificate.html>.
fn renamed(
    input: &shape::UpdateServerCertificateRequest,
    call: &Call,
    snapshot: &Snapshot,
) -> Result<Option<Demand>, Fault> {
    let known = call.account(snapshot)?.server_certificates.get(&input.server_certificate_name);
    let Some(known) = known else { return Ok(None) };
    let path = input.new_path.as_deref().unwrap_or(&known.path);
    let name = input.new_server_certificate_name.as_deref().unwrap_or(&known.name);
    let is_same = path == known.path && name == known.name;
    Ok((!is_same)
        .then(|| Demand::on(target::server_certificate_arn(call, path, name)).resource_tags(&known.tags)))
}

/// When the certificate ends, if it, its chain and its key are good: this takes milliseconds.
fn check(
    at: Allowed<'_, ops::UploadServerCertificate>,
    _: &Snapshot,
    input: &shape::UploadServerCertificateRequest,
) -> Result<Timestamp, Fault> {
    let unreadable =
        || malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
    let certificate = Certificate::read_one(&input.certificate_body).ok_or_else(unreadable)?;
    if certificate.not_after <= at.now {
        return Err(malformed(
            "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.",
        ));
    }
    if certificate.not_before > at.now {
        return Err(malformed(
            "Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not been \
             reached.",
        ));
    }
    let key = PrivateKey::read(input.private_key.expose()).map_err(no_key)?;
    if !certificate.is_for(&key) {
        return Err(Fault::of(
            &errors::KEY_PAIR_MISMATCH,
            "The public key certificate and the private key do not match.",
        ));
    }
    if let Some(chain) = &input.certificate_chain {
        check_chain(
            &certificate,
            &Certificate::read_all(chain).filter(|all| !all.is_empty()).ok_or_else(unreadable)?,
        )?;
    }
    Ok(certificate.not_after)
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault::of(&errors::MALFORMED_CERTIFICATE, message)
}

fn no_key(why: NoKey) -> Fault {
    malformed(match why {
        NoKey::Format => "Private Key was in an unrecognized format.",
        NoKey::Encrypted => {
            "Private Key is encrypted. Please upload an unencrypted private key in PEM format."
        }
        NoKey::Invalid => "Invalid Private Key.",
    })
}

/// Each certificate must be signed by the next: the first of the chain has signed the one that it belongs to, whose
/// index AWS gives as -1.
fn check_chain(certificate: &Certificate, chain: &[Certificate]) -> Result<(), Fault> {
    let all: Vec<&Certificate> = std::iter::once(certificate).chain(chain).collect();
    let broken = all.windows(2).position(|pair| match pair {
        [one, next] => !one.is_signed_by(next),
        _ => false,
    });
    match broken {
        None => Ok(()),
        Some(place) => Err(malformed(format!(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
             certificate, followed by any intermediaries in order. The index within the chain of the invalid \
             certificate is: {}",
            i64::try_from(place).unwrap_or_default() - 1
        ))),
    }
}

fn upload(
    at: Allowed<'_, ops::UploadServerCertificate>,
    tx: &mut Tx<'_>,
    input: shape::UploadServerCertificateRequest,
    expires: &Timestamp,
) -> Result<shape::UploadServerCertificateResponse, Fault> {
    let account = at.account_in(tx)?;
    if account.server_certificates.get(&input.server_certificate_name).is_some() {
        return Err(already_exists(&input.server_certificate_name));
    }
    let count = account.server_certificates.len();
    limits::below("ServerCertificatesPerAccount", count, quota::SERVER_CERTIFICATES)?;
    let id = UniqueId::generate(IdKind::Certificate, at.account_id(), &at.entropy);
    let place = Place { table: "server-certificate", key: id.as_str().as_bytes() };
    let sealed = at.tools.keys.seal(place, input.private_key.expose().as_bytes(), &at.entropy);
    let certificate = ServerCertificate {
        account: at.account_id(),
        name: input.server_certificate_name,
        path: find::path(input.path),
        uploaded: at.now.whole_seconds(),
        expires: *expires,
        body: input.certificate_body.trim().to_owned(),
        chain: input.certificate_chain.map(|chain| chain.trim().to_owned()),
        sealed: sealed.map_err(|_| Fault::internal())?,
        tags: tags::checked(input.tags)?,
        id,
    };
    let shown = shape::UploadServerCertificateResponse {
        server_certificate_metadata: Some(metadata(&at, &certificate)),
        tags: encode::tags(&certificate.tags),
    };
    tx.put(certificate);
    Ok(shown)
}

fn already_exists(name: &str) -> Fault {
    let message = format!("The Server Certificate with name {name} already exists.");
    Fault::of(&errors::ENTITY_ALREADY_EXISTS, message)
}

fn metadata(call: &Call, certificate: &ServerCertificate) -> shape::ServerCertificateMetadata {
    shape::ServerCertificateMetadata {
        path: certificate.path.clone(),
        server_certificate_name: certificate.name.clone(),
        server_certificate_id: certificate.id.to_string(),
        arn: certificate.arn(call.partition).into(),
        upload_date: Some(certificate.uploaded),
        expiration: Some(certificate.expires),
    }
}

/// The list of tags is there even if it is empty, unlike those of other entities.
fn get(
    at: Allowed<'_, ops::GetServerCertificate>,
    snapshot: &Snapshot,
    input: shape::GetServerCertificateRequest,
) -> Result<shape::GetServerCertificateResponse, Fault> {
    let certificate = find::server_certificate(at.account(snapshot)?, &input.server_certificate_name)?;
    Ok(shape::GetServerCertificateResponse {
        server_certificate: shape::ServerCertificate {
            server_certificate_metadata: metadata(&at, certificate),
            certificate_body: certificate.body.clone(),
            certificate_chain: certificate.chain.clone(),
            tags: Some(encode::tag_list(&certificate.tags)),
        },
    })
}

fn list(
    at: Allowed<'_, ops::ListServerCertificates>,
    snapshot: &Snapshot,
    input: shape::ListServerCertificatesRequest,
) -> Result<shape::ListServerCertificatesResponse, Fault> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let table = &at.account(snapshot)?.server_certificates;
    let page = page::of_table(table, input.marker.as_deref(), input.max_items, |certificate| {
        model::snapshot::under(certificate, prefix)
    })?;
    Ok(shape::ListServerCertificatesResponse {
        is_truncated: Some(page.is_truncated()),
        server_certificate_metadata_list: page.items.iter().map(|known| metadata(&at, known)).collect(),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateServerCertificate>,
    tx: &mut Tx<'_>,
    input: shape::UpdateServerCertificateRequest,
) -> Result<Unit, Fault> {
    let account = at.account_in(tx)?;
    let known = find::server_certificate(account, &input.server_certificate_name)?;
    let mut certificate = ServerCertificate::clone(known);
    if let Some(name) = input.new_server_certificate_name {
        if account.server_certificates.get(&name).is_some_and(|other| other.id != certificate.id) {
            return Err(already_exists(&name));
        }
        certificate.name = name;
    }
    if let Some(path) = input.new_path {
        certificate.path = path;
    }
    tx.put(certificate);
    Ok(Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteServerCertificate>,
    tx: &mut Tx<'_>,
    input: shape::DeleteServerCertificateRequest,
) -> Result<Unit, Fault> {
    let known = find::server_certificate(at.account_in(tx)?, &input.server_certificate_name)?;
    let known = Arc::clone(known);
    tx.remove(&EntityKey::ServerCertificate(known.account, known.id.clone()));
    Ok(Unit)
}
