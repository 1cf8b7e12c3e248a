//! Signing certificates of users.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html> and its neighbours.

use super::x509::Certificate;
use super::{find, limits, page, target};
use crate::call::Call;
use crate::gate::Allowed;
use crate::row::Row;
use base::Entropy as _;
use directory::Tx;
use model::user_credentials::SigningCertificate;
use model::{KeyStatus, Snapshot, User, quota};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::UploadSigningCertificate>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            upload,
        ),
        Row::read::<ops::ListSigningCertificates>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            list,
        ),
        Row::write::<ops::UpdateSigningCertificate>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            update,
        ),
        Row::write::<ops::DeleteSigningCertificate>(
            "iam",
            |input, call, snapshot| {
                Ok(vec![target::user_or_self(call, snapshot, input.user_name.as_deref())?])
            },
            delete,
        ),
    ]
}

fn upload(
    at: Allowed<'_, ops::UploadSigningCertificate>,
    tx: &mut Tx<'_>,
    input: shape::UploadSigningCertificateRequest,
) -> Result<shape::UploadSigningCertificateResponse, Fault> {
    let name = target::named_or_self(&at, input.user_name.as_deref())?;
    let mut user = User::clone(find::user(at.account_in(tx)?, &name)?);
    let body = input.certificate_body;
    let certificate = Certificate::read_one(&body).ok_or_else(|| malformed(&body))?;
    refuse_known(at.account_in(tx)?, &certificate)?;
    if certificate.not_after <= at.now {
        return Err(Fault::of(&errors::INVALID_CERTIFICATE, "The certificate is invalid: it has expired."));
    }
    let count = user.credentials.certificates.len();
    limits::below("CertificatesPerUser", count, quota::SIGNING_CERTIFICATES_PER_USER)?;
    let made = SigningCertificate {
        id: new_id(&at),
        status: KeyStatus::Active,
        uploaded: at.now.whole_seconds(),
        expires: certificate.not_after,
        body,
    };
    let shown = shown(&user.name, &made);
    user.credentials.certificates.push(made);
    tx.put(user);
    Ok(shape::UploadSigningCertificateResponse { certificate: shown })
}

/// Longest piece of a certificate that a message shows.
const SHOWN: usize = 64;

fn malformed(body: &str) -> Fault {
    let start: String = body.chars().take(SHOWN).collect();
    Fault::of(&errors::MALFORMED_CERTIFICATE, format!("Certificate {start} is malformed."))
}

/// The same certificate belongs to one user of an account at most.
fn refuse_known(account: &model::AccountState, certificate: &Certificate) -> Result<(), Fault> {
    let known = account.users.iter().flat_map(|user| &user.credentials.certificates);
    let mut same = known
        .filter(|known| known.expires == certificate.not_after)
        .filter(|known| Certificate::read_one(&known.body).is_some_and(|known| known.der == certificate.der));
    match same.next() {
        Some(_) => Err(Fault::of(
            &errors::DUPLICATE_CERTIFICATE,
            "The same certificate is associated with an IAM user in the account.",
        )),
        None => Ok(()),
    }
}

/// 32 letters and digits, which make 160 random bits.
fn new_id(call: &Call) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bytes = [0; 32];
    call.entropy.fill(&mut bytes);
    let letters = bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 31)));
    letters.map(|letter| char::from(*letter)).collect()
}

fn shown(user: &str, certificate: &SigningCertificate) -> shape::SigningCertificate {
    shape::SigningCertificate {
        user_name: user.to_owned(),
        certificate_id: certificate.id.clone(),
        certificate_body: certificate.body.clone(),
        status: certificate.status.as_str().to_owned(),
        upload_date: Some(certificate.uploaded),
    }
}

fn list(
    at: Allowed<'_, ops::ListSigningCertificates>,
    snapshot: &Snapshot,
    input: shape::ListSigningCertificatesRequest,
) -> Result<shape::ListSigningCertificatesResponse, Fault> {
    let user = target::holder(&at, at.account(snapshot)?, input.user_name.as_deref())?;
    let all = user.map(|user| user.credentials.certificates.as_slice()).unwrap_or_default();
    let by_age = |known: &&SigningCertificate| format!("{}/{}", known.uploaded.iso(), known.id);
    let mut all: Vec<&SigningCertificate> = all.iter().collect();
    all.sort_by_key(by_age);
    let page = page::of(all, input.marker.as_deref(), input.max_items, by_age)?;
    let name = user.map(|user| user.name.as_str()).unwrap_or_default();
    Ok(shape::ListSigningCertificatesResponse {
        certificates: page.items.iter().map(|known| shown(name, known)).collect(),
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
    })
}

fn update(
    at: Allowed<'_, ops::UpdateSigningCertificate>,
    tx: &mut Tx<'_>,
    input: shape::UpdateSigningCertificateRequest,
) -> Result<Unit, Fault> {
    let (mut user, place) = place(&at, tx, input.user_name.as_deref(), &input.certificate_id)?;
    let status = target::status(&input.status)?;
    if let Some(known) = user.credentials.certificates.get_mut(place) {
        known.status = status;
    }
    tx.put(user);
    Ok(Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteSigningCertificate>,
    tx: &mut Tx<'_>,
    input: shape::DeleteSigningCertificateRequest,
) -> Result<Unit, Fault> {
    let (mut user, place) = place(&at, tx, input.user_name.as_deref(), &input.certificate_id)?;
    user.credentials.certificates.remove(place);
    tx.put(user);
    Ok(Unit)
}

/// A user to be changed, and where its certificate of this id is. The root user has none.
fn place(call: &Call, tx: &Tx<'_>, user: Option<&str>, id: &str) -> Result<(User, usize), Fault> {
    let missing = || find::no_such_entity(format!("The Certificate with id {id} cannot be found."));
    let user = target::holder(call, call.account_in(tx)?, user)?.ok_or_else(missing)?;
    let place = user.credentials.certificates.iter().position(|known| known.id == id);
    Ok((User::clone(user), place.ok_or_else(missing)?))
}
