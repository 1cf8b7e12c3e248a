//! Kinds of credentials that cannot be made yet: their lists are empty, and that is the truth.
//!
//! Tools ask for them before they delete a user:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html> and its neighbours.

use super::{find, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use model::{Identity, Snapshot};
use wire::Fault;
use wire::iam::{self as shape, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    let mut rows = of_users();
    rows.extend(of_accounts());
    rows
}

/// Credentials of a user: the user that the input names, or the caller.
fn of_users() -> Vec<Row> {
    vec![
        Row::read::<ops::ListSSHPublicKeys>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            ssh_public_keys,
        ),
        Row::read::<ops::ListSigningCertificates>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            signing_certificates,
        ),
        Row::read::<ops::ListServiceSpecificCredentials>(
            "iam",
            |input, call, snapshot| {
                if input.all_users == Some(true) {
                    return one(Ok(Demand::on(target::user_arn(call, "/", ""))));
                }
                one(target::user_or_self(call, snapshot, input.user_name.as_deref()))
            },
            service_specific_credentials,
        ),
    ]
}

/// Credentials and providers of the account.
fn of_accounts() -> Vec<Row> {
    vec![Row::read::<ops::ListServerCertificates>("iam", anywhere, |_, _, _| {
        Ok(shape::ListServerCertificatesResponse { is_truncated: Some(false), ..Default::default() })
    })]
}

fn anywhere<I>(_: &I, _: &Call, _: &Snapshot) -> Demanded {
    Ok(vec![Demand::anywhere()])
}

fn one(demand: Result<Demand, Fault>) -> Demanded {
    demand.map(|demand| vec![demand])
}

/// The name of the user that is meant; a fault if there is no such user.
fn known(call: &Call, snapshot: &Snapshot, name: Option<&str>) -> Result<String, Fault> {
    if let (None, Identity::Root(account)) = (name, &call.caller.identity) {
        return Ok(account.to_string());
    }
    let name = target::named_or_self(call, name)?;
    find::user(call.account(snapshot)?, &name).map(|user| user.name.clone())
}

fn ssh_public_keys(
    at: Allowed<'_, ops::ListSSHPublicKeys>,
    snapshot: &Snapshot,
    input: shape::ListSSHPublicKeysRequest,
) -> Result<shape::ListSSHPublicKeysResponse, Fault> {
    known(&at, snapshot, input.user_name.as_deref())?;
    Ok(shape::ListSSHPublicKeysResponse {
        ssh_public_keys: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

fn signing_certificates(
    at: Allowed<'_, ops::ListSigningCertificates>,
    snapshot: &Snapshot,
    input: shape::ListSigningCertificatesRequest,
) -> Result<shape::ListSigningCertificatesResponse, Fault> {
    known(&at, snapshot, input.user_name.as_deref())?;
    Ok(shape::ListSigningCertificatesResponse { is_truncated: Some(false), ..Default::default() })
}

fn service_specific_credentials(
    at: Allowed<'_, ops::ListServiceSpecificCredentials>,
    snapshot: &Snapshot,
    input: shape::ListServiceSpecificCredentialsRequest,
) -> Result<shape::ListServiceSpecificCredentialsResponse, Fault> {
    if input.all_users != Some(true) {
        known(&at, snapshot, input.user_name.as_deref())?;
    }
    Ok(shape::ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(Vec::new()),
        ..Default::default()
    })
}
