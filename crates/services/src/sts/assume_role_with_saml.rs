//! `AssumeRoleWithSAML`: a role for whom a SAML identity provider vouches.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>.
//!
//! The request has no signature: the response of the provider is its proof, and [`authn::saml`] verifies it before
//! anything else is done. Of the request itself only the choice among the roles that the provider names counts.

use super::{assume_role, federated, session, session_policies};
use crate::call::{Call, Tools};
use crate::gate::Allowed;
use crate::row::{Row, Stranger, Unproven};
use authn::Authenticated;
use authn::saml::identify::provider_name;
use authn::saml::replay::Use;
use authn::saml::{self, Asked, Refusal};
use base::{ArnRef, Timestamp};
use model::{Outsider, Proof, Role, SamlProvider, Snapshot};
use std::sync::Arc;
use wire::Fault;
use wire::sts::{self as shape, ops};

const ACTION: &str = "sts:AssumeRoleWithSAML";

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::read::<ops::AssumeRoleWithSAML>(
            "sts",
            |input, call, snapshot| {
                let name = claim(federated::outsider(call)?)?.session_name.to_owned();
                federated::demands(call, snapshot, ACTION, &input.role_arn, &name)
            },
            assume,
        )
        .identify::<ops::AssumeRoleWithSAML>(identify),
    ]
}

/// Who brings the response. From an address that has brought much that nobody signed comes no other answer for the rest
/// of the minute than that it is too much; responses that hold are taken all the same.
fn identify(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    input: &shape::AssumeRoleWithSAMLRequest,
) -> Result<Authenticated, Unproven> {
    let (address, now, tools) = (stranger.origin.address, stranger.now, stranger.tools);
    let account = federated::account_of(&input.role_arn)?;
    let may_try = tools.attempts.may_try(address, now);
    let refused = |fault: Fault, is_made_up: bool| {
        if is_made_up {
            tools.attempts.note_failure(address, now);
        }
        Unproven { fault: if may_try { fault } else { Fault::throttling() }, account: Some(account) }
    };
    let provider = provider(stranger, snapshot, input).map_err(|fault| refused(fault, true))?;
    let own = own_endpoint(tools);
    let asked = Asked {
        role: &input.role_arn,
        provider: &input.principal_arn,
        response: input.saml_assertion.expose(),
        region: stranger.region,
        own_endpoint: Some(&own),
        now,
    };
    saml::identify(&asked, provider, &tools.keys).map_err(|refusal| {
        let is_made_up = matches!(refusal, Refusal::Invalid(_));
        refused(refusal.into(), is_made_up)
    })
}

/// The provider, which must be one of the role's account: an account's trust is in its own.
fn provider<'s>(
    stranger: &Stranger<'_>,
    snapshot: &'s Snapshot,
    input: &shape::AssumeRoleWithSAMLRequest,
) -> Result<&'s Arc<SamlProvider>, Fault> {
    let account = federated::account_of(&input.role_arn)?;
    let arn = input.principal_arn.as_str();
    let name = provider_name(arn).ok_or_else(|| Fault::validation("Request ARN is invalid"))?;
    if ArnRef::parse(arn).is_none_or(|parts| parts.account != account.as_str()) {
        return Err(Refusal::Denied.into());
    }
    let found = snapshot.account(account).and_then(|account| account.saml_providers.get(name));
    found
        .filter(|provider| provider.arn(stranger.region.partition).as_str() == arn)
        .ok_or_else(|| Refusal::Invalid("Specified provider doesn't exist".into()).into())
}

/// Where a provider may send its users here: the address that it bears as `Recipient`.
fn own_endpoint(tools: &Tools) -> String {
    format!("{}/saml", tools.endpoint.trim_end_matches('/'))
}

/// What the assertion says of the session that is asked for.
struct Claim<'a> {
    subject_type: &'a str,
    name_qualifier: &'a str,
    session_name: &'a str,
    until: Option<Timestamp>,
    seconds: Option<u32>,
    assertion: &'a str,
    ends: Timestamp,
}

fn claim(outsider: &Outsider) -> Result<Claim<'_>, Fault> {
    match &outsider.proof {
        Proof::Saml { subject_type, name_qualifier, session_name, until, seconds, assertion, ends } => {
            Ok(Claim {
                subject_type,
                name_qualifier,
                session_name,
                until: *until,
                seconds: *seconds,
                assertion,
                ends: *ends,
            })
        }
        Proof::WebIdentity => Err(Fault::internal()),
    }
}

/// The keys that requests of the session have, too.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml>.
fn stays(name: &str) -> bool {
    ["saml:namequalifier", "saml:sub", "saml:sub_type"].contains(&name)
}

fn assume(
    at: Allowed<'_, ops::AssumeRoleWithSAML>,
    snapshot: &Snapshot,
    input: shape::AssumeRoleWithSAMLRequest,
) -> Result<shape::AssumeRoleWithSAMLResponse, Fault> {
    let outsider = federated::outsider(&at)?;
    let claim = claim(outsider)?;
    let role = federated::role(&at, snapshot, &input.role_arn, ACTION)?;
    let wanted = federated::Wanted {
        name: claim.session_name,
        seconds: seconds(&at, input.duration_seconds, role, &claim)?,
        policy: input.policy.as_deref(),
        policy_arns: input.policy_arns.as_deref(),
    };
    let session = federated::session(&at, snapshot, role, &wanted, stays)?;
    let packed_policy_size = session_policies::packed_percent(&session)?;
    // The last thing that can fail, so that a request that is wrong in another way does not use the assertion up.
    use_once(&at, outsider, &claim)?;
    Ok(shape::AssumeRoleWithSAMLResponse {
        credentials: Some(session::credentials(&at, &session)?),
        assumed_role_user: Some(federated::assumed(&at, role, claim.session_name)),
        packed_policy_size,
        subject: Some(outsider.subject.clone()),
        subject_type: Some(claim.subject_type.to_owned()),
        issuer: Some(outsider.issuer.clone()),
        audience: Some(outsider.audience.clone()),
        name_qualifier: Some(claim.name_qualifier.to_owned()),
        source_identity: session.source_identity,
        ..Default::default()
    })
}

/// How long the session lasts: as the request says, or an hour; no longer than the assertion lets it, which makes it
/// shorter and is no error.
fn seconds(call: &Call, wanted: Option<i32>, role: &Role, claim: &Claim<'_>) -> Result<u32, Fault> {
    let wanted = assume_role::seconds(wanted, false, role)?;
    let left = claim.until.map(|until| until.since(call.now.whole_seconds()).as_secs());
    let left = left.map(|left| u32::try_from(left).unwrap_or(u32::MAX).max(1));
    Ok([Some(wanted), claim.seconds, left].into_iter().flatten().min().unwrap_or(wanted))
}

/// An assertion gives one session: who has read it on its way gets none.
fn use_once(call: &Call, outsider: &Outsider, claim: &Claim<'_>) -> Result<(), Fault> {
    match call.tools.used_assertions.take(&outsider.provider, claim.assertion, claim.ends, call.now) {
        Use::First => Ok(()),
        Use::Again => Err(Refusal::invalid("the assertion was used before").into()),
        Use::Full => Err(Fault::throttling()),
    }
}
